/**
 * JSONata's own test suite, release 2.0.6, where it has been unpacked (../../../../shared/jsonata-suite). Each case runs
 * with the bounds that it states, or with none to speak of: AWS's own bounds are tested in hostile.test.ts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

import type { Json } from '../../base/json.ts'
import { parseJsonata } from './ast.ts'
import { compileProgram } from './program.ts'
import { UnsupportedPattern } from './regex.ts'
import { toJson } from './result.ts'
import type { Value } from './value.ts'

interface Case {
  readonly id: string
  readonly expr: string
  readonly data?: Json
  readonly dataset?: string | null
  readonly bindings?: Record<string, Json>
  readonly result?: Json
  readonly undefinedResult?: boolean
  readonly code?: string
  readonly token?: string
  readonly error?: { readonly code: string; readonly token?: string; readonly message?: string }
  readonly unordered?: boolean
  readonly depth?: number
}

const SUITE = new URL('../../../../shared/jsonata-suite/', import.meta.url)

/** Cases that differ on AWS or here on purpose, with the reason. */
const DIFFERENT: Readonly<Record<string, string>> = {}

const noLimits = { depth: 100_000, steps: 50_000_000, valueBytes: 1e9, allocatedBytes: 2e9 }

function outcomeOf(test: Case): { result?: unknown; code?: string | undefined; message?: string } {
  const parsed = parseJsonata(test.expr)
  if (!parsed.ok) return { code: parsed.error.code }
  const input = test.dataset === undefined || test.dataset === null ? test.data : dataset(test.dataset)
  const draws = { uuid: () => '', next: Math.random, now: Date.now() }
  const computed = compileProgram(parsed.value).run(
    {
      variable: (name) => test.bindings?.[name],
      draws,
      limits: { ...noLimits, ...(test.depth !== undefined && { depth: test.depth, steps: 20_000_000 }) },
    },
    input as Value,
  )
  if (!computed.ok) return { code: computed.code ?? 'U1001', message: computed.message }
  const json = toJson(computed.value)
  return { result: json }
}

const datasets = new Map<string, Json>()
function dataset(name: string): Json {
  const known = datasets.get(name)
  if (known !== undefined) return known
  const read = JSON.parse(readFileSync(new URL(`datasets/${name}.json`, SUITE), 'utf8')) as Json
  datasets.set(name, read)
  return read
}

describe.skipIf(!existsSync(SUITE))('the JSONata 2.0.6 suite', () => {
  const groups = existsSync(SUITE) ? readdirSync(new URL('groups/', SUITE)) : []
  describe.each(groups)('%s', (group) => {
    const cases = JSON.parse(readFileSync(new URL(`groups/${group}`, SUITE), 'utf8')) as Case[]
    for (const test of cases) {
      const reason = DIFFERENT[test.id]
      const usesEval = /\$eval\b/.test(test.expr)
      it.skipIf(reason !== undefined)(`${test.id}${reason === undefined ? '' : `: ${reason}`}`, () => {
        let outcome: ReturnType<typeof outcomeOf>
        try {
          outcome = outcomeOf(test)
        } catch (thrown) {
          if (thrown instanceof UnsupportedPattern) expect.fail(thrown.message)
          throw thrown
        }
        const code = test.error?.code ?? test.code
        if (usesEval) expect(outcome.code).toBe('T1006')
        else if (code !== undefined) {
          expect(outcome.code, JSON.stringify(outcome)).toBe(code)
          // Tokens and messages of errors are part of the text.
          if (test.error?.message !== undefined) expect(outcome.message).toContain(test.error.message)
          if (test.error?.token !== undefined) expect(outcome.message).toContain(test.error.token)
        } else if (test.undefinedResult) expect(outcome).toEqual({ result: undefined })
        else if (test.unordered) expect(sorted(outcome.result)).toEqual(sorted(test.result))
        else expect(outcome).toEqual({ result: test.result })
      })
    }
  })
})

const sorted = (value: unknown): unknown =>
  Array.isArray(value) ? [...value].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : value
