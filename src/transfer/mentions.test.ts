import { expect, test } from 'vitest'

import { mapTexts, mentionsIn, piecesOf } from './mentions.ts'

const known = new Map([
  ['arn:aws:lambda:eu-west-1:111122223333:function:price', 'price'],
  ['arn:aws:dynamodb:eu-west-1:111122223333:table/stock', 'stock'],
  ['https://sqs.eu-west-1.amazonaws.com/111122223333/orders', 'orders'],
])
const find = (token: string) => known.get(token)
const shown = (text: string): string =>
  piecesOf(text, find)
    .map((piece) => (typeof piece === 'string' ? piece : `<${piece.mention}>`))
    .join('')

test('what is known is found in the midst of a text, with what stands behind it', () => {
  expect(shown('{"Resource":"arn:aws:lambda:eu-west-1:111122223333:function:price:live"}')).toBe('{"Resource":"<price>:live"}')
  expect(shown('arn:aws:dynamodb:eu-west-1:111122223333:table/stock/index/*')).toBe('<stock>/index/*')
  expect(shown("{% 'https://sqs.eu-west-1.amazonaws.com/111122223333/orders' %}")).toBe("{% '<orders>' %}")
})

test('a name that another begins with is not taken for it', () => {
  const text = 'arn:aws:lambda:eu-west-1:111122223333:function:prices'
  expect(shown(text)).toBe(text)
})

test('all texts of a value are looked at, and names of members stay', () => {
  const arn = 'arn:aws:lambda:eu-west-1:111122223333:function:price'
  expect([...mentionsIn({ [arn]: ['x', { a: arn }, 7] }, find)]).toEqual(['price'])
  expect(mapTexts({ a: ['x', 7, null] }, (text) => text.toUpperCase())).toEqual({ a: ['X', 7, null] })
})
