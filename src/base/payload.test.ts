import { describe, expect, test } from 'vitest'

import { Payload } from './payload.ts'

describe('a payload', () => {
  test.each(['1.0', '-0', '1e3', '9007199254740993', '0.10000000000000000000001', '[1.50,{"a":[-0.0]}]', '{"2":1.0,"1":1E400}'])(
    'of the text %s has numbers to compute with, and prints as it is spelled',
    (text) => {
      const payload = Payload.ofText(text)
      expect(payload.value).toEqual(JSON.parse(text))
      expect(Payload.ofValue(payload.exact).text).toBe(text)
      expect(Payload.ofValue(payload.exact).value).toEqual(JSON.parse(text))
    },
  )

  test.each(['{"a":[1,-2.5,"x,1.0,y"],"b":1234567890123456}', '[0.1,1e+21]', '"1.0"'])('of the text %s has one value', (text) => {
    const payload = Payload.ofText(text)
    expect(payload.value).toBe(payload.exact)
  })

  test.each([
    `[${'1'.repeat(1_000_000)}]`,
    `[1.${'0'.repeat(1_000_000)}1]`,
    `{"a":${' '.repeat(1_000_000)}1}`,
    `["${'[1, '.repeat(250_000)}"]`,
    `${'['.repeat(1_000)}1.0${']'.repeat(1_000)}`,
    '{"__proto__":1.0,"rawJSON":2.0}',
  ])('is read in time that grows with its text alone: %.40s', (text) => {
    const payload = Payload.ofText(text)
    expect(Payload.ofValue(payload.exact).text).toBe(text.replaceAll(/ {2,}/g, ''))
    expect(payload.value).toEqual(JSON.parse(text))
  })
})
