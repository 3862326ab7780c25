/** docs/security.md names a test for each guarantee: it exists, by that name. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const named = [...read('docs/security.md').matchAll(/\| `([\w./-]+\.test\.ts)`: ([^|]+?) \|$/gm)]

test('each guarantee has a test', () => expect(named.length).toBeGreaterThan(10))

test.each(named.map(([, path = '', name = '']) => [path, name] as const))('%s has the test "%s"', (path, name) =>
  expect(read(path)).toContain(name),
)
