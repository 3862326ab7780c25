/** docs/api.md lists the operations that there are, and names tests that call them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { OPERATIONS } from '../src/api/handler.ts'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const rows = [...read('docs/api.md').matchAll(/^\| `(\w+)` \|[^|]*\| ?([^|]*?) ?\|$/gm)].map(([, name = '', tests = '']) => ({
  name,
  tests,
}))
const spellings = (name: string) => [
  name,
  name.charAt(0).toLowerCase() + name.slice(1),
  name.replace(/(?!^)([A-Z])/g, '_$1').toLowerCase(),
  name.replace(/(?!^)([A-Z])/g, '-$1').toLowerCase(),
]

test('every operation has a row, and every row an operation', () => {
  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(OPERATIONS).sort())
})

test('the SDK test calls each of them', () => {
  const sdk = read('test/clients/sdk.test.ts')
  expect(rows.filter(({ name }) => !spellings(name).some((spelling) => sdk.includes(`sfn.${spelling}(`)))).toEqual([])
})

test('the files that hold an operation are there, and those of the clients call it', () => {
  for (const { name, tests } of rows) {
    for (const [, path = ''] of tests.matchAll(/`([^`]+)`/g)) {
      const text = read(path)
      if (path.startsWith('test/'))
        expect(
          spellings(name).some((spelling) => text.includes(spelling)),
          `${name} in ${path}`,
        ).toBe(true)
    }
  }
})
