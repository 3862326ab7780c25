import { expect, test } from 'vitest'

import { readPlainScalar } from './plain-scalar.ts'
import { parseTemplate } from './template.ts'

test.each([
  ['yes', true],
  ['On', true],
  ['OFF', false],
  ['no', false],
  ['nO', undefined],
  ['y', undefined],
  ['N', undefined],
  ['0123', 83],
  ['-017', -15],
  ['0', undefined],
  ['00', 0],
  ['012345678901', '012345678901'],
  ['0o17', '0o17'],
  ['1_000', 1000],
  ['-1_0.5_0', -10.5],
  ['0b1_0', 2],
  ['0x1_F', 31],
  ['1:30', 90],
  ['22:22', 1342],
  ['80:443', undefined],
  ['10.0.0.1', undefined],
  ['2010-09-09', undefined],
  ['1e3', undefined],
  ['1_x', undefined],
  ['_1', undefined],
])('%s', (written, expected) => {
  expect(readPlainScalar(written)).toEqual(expected)
})

const propertiesOf = (text: string) =>
  parseTemplate(`Resources: {A: {Type: T, Properties: {${text}}}}`, 't.yaml').resources.get('A')?.properties

test('names, quoted texts and what has a tag are as they are written', () => {
  expect(propertiesOf('on: on, "yes": "yes", no: !Ref Off, a: !!str no, b: [0123, No]')).toEqual({
    on: true,
    yes: 'yes',
    no: { Ref: 'Off' },
    a: 'no',
    b: [83, false],
  })
})

test('what is too large for a number is a text, null is null', () => {
  expect(propertiesOf('a: 12e4567, b: ~, c: , d: null, e: .inf')).toEqual({ a: '12e4567', b: null, c: null, d: null, e: '.inf' })
})

test('the numbers of a definition are spelled as they are written', () => {
  const properties = propertiesOf('Definition: {f: 1.0, big: 9007199254740993, e: 1e3, on: on, n: 5, o: 010}, Timeout: 3.0')
  expect(JSON.stringify(properties)).toBe(
    '{"Definition":{"f":1.0,"big":9007199254740993,"e":1e3,"on":true,"n":5,"o":8},"Timeout":3}',
  )
})
