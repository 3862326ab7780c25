import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import type { Json } from '../base/json.ts'

import { checkDefinition } from './check.ts'
import { compileDefinition } from './compile.ts'
import { drawGraph } from './graph.ts'
import { mutate } from './mutate.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')
const definitions = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.asl.json'))
  .map((path) => JSON.parse(readFileSync(join(EXAMPLES, path), 'utf8')) as Json)

test('2,000 broken definitions are judged, compiled and drawn without an exception, and what is judged good compiles', () => {
  expect(definitions.length).toBeGreaterThan(3)
  for (let i = 0; i < 2_000; i++) {
    const broken = mutate(definitions[i % definitions.length] ?? {}, `seed ${i}`, 1 + (i % 4))
    const text = JSON.stringify(broken)
    const found = checkDefinition(text, { type: i % 2 === 0 ? 'STANDARD' : 'EXPRESS', advice: true })
    const compiled = compileDefinition(text)
    if (!found.some(({ severity }) => severity === 'ERROR')) expect(compiled.ok, `seed ${i}: ${text}`).toBe(true)
    if (typeof broken === 'object' && broken !== null && !Array.isArray(broken)) drawGraph(broken as Record<string, Json>)
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
})
