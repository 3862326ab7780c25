/** Each code of our own advice has a page, each page a code; the example after shows nothing that the one before did. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ADVICE_CODES } from '../src/asl/rules/index.ts'

const PAGES = join(import.meta.dirname, '../docs/rules')

test('docs/rules has a page for each code, and no other', () => {
  const pages = readdirSync(PAGES).filter((name) => name !== 'README.md')
  expect(pages.sort()).toEqual(ADVICE_CODES.map((code) => `${code}.md`).sort())
})

test.each(ADVICE_CODES)('%s: says why, shows before and after, and how to hide it', (code) => {
  const text = readFileSync(join(PAGES, `${code}.md`), 'utf8')
  expect(text).toMatch(new RegExp(`^# ${code}: \\w`))
  expect(text.match(/```json/g)).toHaveLength(2)
  expect(text).toContain(`--ignore ${code}`)
  expect(text).toContain(`regente-ignore ${code}`)
})
