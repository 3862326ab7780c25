import { expect, test } from 'vitest'

import { countComments, printSource } from './print.ts'
import { type Notation, readSource } from './source.ts'

const printed = (text: string, notation: Notation) => printSource(readSource(text), notation)

const YAML = `# what it is
StartAt:   A # the first
States:
    A:
        # why
        Type: Pass
        Result: 1.10
        Next: ${'long '.repeat(30)}
`

test('YAML that is laid out anew keeps its comments, numbers and long lines', () => {
  expect(printed(YAML, 'YAML')).toBe(
    YAML.replace('StartAt:   A', 'StartAt: A')
      .replaceAll(/^( +)/gm, (indent) => ' '.repeat(indent.length / 2))
      .replace(/ +\n$/, '\n'),
  )
  expect(countComments(readSource(YAML))).toBe(3)
  expect(countComments(readSource('{"a": "# none"}'))).toBe(0)
})

test('from one notation to the other and back, numbers keep their spelling', () => {
  const json =
    '{"key":35260112345678901234550010000012341000012345,"price":1.10,"list":[-0.0,{},[]],"text":"1.10","no":"no","null":null}'
  const yaml = printed(json, 'YAML')
  expect(yaml).toContain('key: 35260112345678901234550010000012341000012345\nprice: 1.10\n')
  expect(printed(yaml, 'JSON').replaceAll(/\s/g, '')).toBe(json)
})

test('what is no number in JSON becomes one', () => {
  expect(printed('a: 0x1F\nb: +1\nc: .5\nd: &x 1.50\ne: *x\n', 'JSON').replaceAll(/\s/g, '')).toBe(
    '{"a":31,"b":1,"c":0.5,"d":1.50,"e":1.5}',
  )
})
