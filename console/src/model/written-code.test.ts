import { expect, test } from 'vitest'

import { begin, isUnsaved, lookedAt, saved, write } from './written-code.ts'

const served = (revision: string, text: string) => ({ revision, texts: new Map([['index.mjs', text]]) })
const FIRST = begin(served('1', 'one'))

test('what is not written on becomes what the server has', () => {
  expect(isUnsaved(FIRST)).toBe(false)
  expect(lookedAt(FIRST, served('2', 'two'))).toEqual(begin(served('2', 'two')))
  const back = write(write(FIRST, 'index.mjs', 'x'), 'index.mjs', 'one')
  expect(isUnsaved(back)).toBe(false)
})

test('what is written outlives a change on the server, and is not taken for one of it', () => {
  const written = lookedAt(write(FIRST, 'index.mjs', 'mine'), served('2', 'two'))
  expect(isUnsaved(written)).toBe(true)
  expect(written.texts.get('index.mjs')).toBe('mine')
  expect(written.base.revision).toBe('1')
  expect(written.seen.revision).toBe('2')
})

test('a new file is not saved, even if it is empty', () => {
  expect(isUnsaved(write(FIRST, 'lib/a.mjs', ''))).toBe(true)
})

test('what is written while it is saved stays', () => {
  const sent = write(FIRST, 'index.mjs', 'sent')
  const after = saved(write(sent, 'index.mjs', 'later'), { revision: '2', texts: sent.texts })
  expect(isUnsaved(after)).toBe(true)
  expect(after.base.revision).toBe('2')
  expect(isUnsaved(saved(sent, { revision: '2', texts: sent.texts }))).toBe(false)
})
