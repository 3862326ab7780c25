import { describe, expect, test } from 'vitest'

import { inPlace, inPlaceInYaml, unknowns, withKnownValues, withQuotedPlaceholders, withStandIns } from './substitutions.ts'

test('what is known is put in as text, before anything is parsed; the rest stays', () => {
  expect(withKnownValues('{"a": ${N}, "b": "${ Name }", "c": "${Other}"}', { N: 5, Name: 'x', Other: { Ref: 'R' } })).toBe(
    '{"a": 5, "b": "x", "c": "${Other}"}',
  )
})

test('bare placeholders become texts, those within texts stay; in place nothing moves', () => {
  const json = '{"a": ${N}, "b": "say \\"${N}\\""}'
  expect(withQuotedPlaceholders(json)).toBe('{"a": "${N}", "b": "say \\"${N}\\""}')
  expect(inPlace(json)).toBe('{"a": "{N", "b": "say \\"${N}\\""}')
  expect(inPlaceInYaml('A: {N: ${N}, L: [${X}]}\nB: a-${N}\nC: ${N}')).toBe('A: {N: "{N", L: ["{X"]}\nB: a-${N}\nC: "{N"')
})

test.each([
  ['{"Resource": "${Fn.Arn}"}', '{"Resource": "arn:aws:lambda:us-east-1:000000000000:function:FnArn"}'],
  ['"arn:${AWS::Partition}:states:::lambda:invoke"', '"arn:aws:states:::lambda:invoke"'],
  ['"arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${Fn}"', '"arn:aws:lambda:us-east-1:000000000000:function:Fn"'],
  ['"$.${Field}.b"', '"$.Field.b"'],
  ['{"${State}": 1}', '{"State": 1}'],
  ['{"Mode": "${M}", "Mood": "a ${M}"}', '{"Mode": "DISTRIBUTED", "Mood": "a M"}'],
  ['"none"', '"none"'],
])('%s is checked as %s', (json, expected) => expect(withStandIns(json)).toBe(expected))

describe('nothing is said', () => {
  const json = '{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":"${N}","Next":"${T}"},"B":{"Type":"Pass","Seconds":1}}}'
  const isUnknown = unknowns(json)
  const finding = (location: string, message = 'm', code = 'SCHEMA_VALIDATION_FAILED') =>
    isUnknown({ severity: 'ERROR', code, message, location })

  test('of what is not known yet', () => {
    expect(finding('/States/A/Seconds')).toBe(true)
    expect(finding('/States/B', 'State "B" is not reachable.', 'MISSING_TRANSITION_TARGET')).toBe(true)
  })

  test('but of all else', () => {
    expect(finding('/States/A')).toBe(false)
    expect(finding('/States/B/Seconds')).toBe(false)
    expect(unknowns('{"StartAt":"A"}')({ severity: 'ERROR', code: 'X', message: 'm', location: '/StartAt' })).toBe(false)
  })
})
