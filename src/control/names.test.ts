import { expect, test } from 'vitest'

import { checkName } from './names.ts'

const refusalOf = (name: string) => {
  try {
    checkName(name)
    return undefined
  } catch (error) {
    return error
  }
}

test.each(['a', 'a'.repeat(80), 'a-b_c.d', 'Ünïcode', '名前', 'a(b)', "it's", '!@=+', '😀'])('%j is a name', (name) => {
  expect(refusalOf(name)).toBeUndefined()
})

// Source: API reference, CreateStateMachine: white space, brackets, wildcards, special and control characters.
const REFUSED = [
  ...'<>{}[]?*"#%\\^|~`$&,;:/',
  ' ',
  '\t',
  '\n',
  '\u00a0',
  '\u0000',
  '\u001f',
  '\u007f',
  '\u009f',
  '\ufffe',
  '\uffff',
]
test.each(REFUSED)('a name with %j is refused, wherever it stands', (letter) => {
  for (const name of [letter, `${letter}a`, `a${letter}b`, `a${letter}`])
    expect(refusalOf(name)).toMatchObject({ code: 'InvalidName', status: 400, message: `Invalid Name: '${name}'` })
})

test.each(['', 'a'.repeat(81), '\ud800', 'a\ud83d'])('%j is no name', (name) => {
  expect(refusalOf(name)).toMatchObject({ code: 'InvalidName' })
})
