import { expect, test } from 'vitest'

import { showText } from './shown-text.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

test('a text with some odd bytes in it is a text', () => {
  expect(showText(bytesOf('a,b\r\n1,\u0000\u0000 broken line\n2,é\tok\n'))).toEqual({
    text: 'a,b\r\n1,\ufffd\ufffd broken line\n2,é\tok\n',
    strange: 2,
    isBinary: false,
  })
  expect(showText(Uint8Array.of(0x6f, 0x6c, 0xe1, ...bytesOf(' Latin-1, not UTF-8')))).toMatchObject({
    strange: 1,
    isBinary: false,
  })
})

test('what is no text is told to be none, and can be looked at nevertheless', () => {
  const { isBinary, text } = showText(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0, 8, 0))
  expect([isBinary, text.startsWith('PK')]).toEqual([true, true])
})

test('a character that is cut in two by the end of the piece is not counted', () => {
  expect(showText(bytesOf('olá').subarray(0, 3))).toEqual({ text: 'ol', strange: 0, isBinary: false })
})
