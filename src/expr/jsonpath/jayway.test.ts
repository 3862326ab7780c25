import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

import type { Json } from '../../base/json.ts'
import { compilePath } from './path.ts'

interface Row {
  readonly path: string
  readonly data: Json
  readonly value?: Json
  /** The exception's class and text. */
  readonly error?: string
  readonly refused?: unknown
}

const readRows = (name: string): Row[] =>
  gunzipSync(readFileSync(new URL(`jayway/${name}.jsonl.gz`, import.meta.url)))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)

/** Failures of Java itself: of a cast, of reading a number. That the read fails is all that is promised then. */
const isOfJava = (error: string): boolean => !/^(?:PathNotFound|InvalidPath)Exception: /.test(error)

const theirs = ({ value, error, refused }: Row): string => {
  if (refused !== undefined) return 'refused'
  if (error === undefined) return JSON.stringify(value)
  return isOfJava(error) ? 'error' : `error ${error.replace(/^\w+: /, '')}`
}

function ours({ path, data, error }: Row): string {
  const compiled = compilePath(path)
  if (!compiled.ok) return 'refused'
  const found = compiled.value.selectIn(data)
  if (found.ok) return JSON.stringify(found.value)
  return error !== undefined && isOfJava(error) ? 'error' : `error ${found.error.missing}`
}

test.each([
  ['table', 2500],
  ['around', 1833],
])('every row of %s is answered as Jayway answers it', (name, count) => {
  const rows = readRows(name)
  expect(rows.length).toBe(count)
  const differing = rows.filter((row) => ours(row) !== theirs(row))
  expect(differing.map((row) => ({ ...row, ours: ours(row) }))).toEqual([])
})
