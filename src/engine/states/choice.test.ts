import { describe, expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import type { Json } from '../../base/json.ts'

import { machine, play } from '../testing/play.ts'

const END = { Type: 'Succeed' }
const choice = (fields: object, input: Json = {}) =>
  play(machine({ C: { Type: 'Choice', ...fields }, A: END, B: END, D: END }), input)
const wentTo = (fields: object, input: Json) => choice(fields, input).entered()[1]
const JSONATA = { QueryLanguage: 'JSONata' }

describe('a Choice', () => {
  const n = (rule: object, Next: string) => ({ Variable: '$.n', ...rule, Next })

  test('goes by the first rule that matches, else to Default', () => {
    const Choices = [n({ NumericGreaterThan: 10 }, 'A'), n({ NumericGreaterThan: 5 }, 'B')]
    expect(wentTo({ Choices, Default: 'D' }, { n: 11 })).toBe('A')
    expect(wentTo({ Choices, Default: 'D' }, { n: 10 })).toBe('B')
    expect(wentTo({ Choices, Default: 'D' }, { n: 5 })).toBe('D')
  })

  test('joins and turns rules', () => {
    const isA = { Variable: '$.s', StringEquals: 'a' }
    const isBig = { Variable: '$.n', NumericGreaterThan: 1 }
    const by = (rule: object, input: Json) => wentTo({ Choices: [{ ...rule, Next: 'A' }], Default: 'D' }, input)
    const both = { s: 'a', n: 2 }
    const one = { s: 'a', n: 1 }
    expect(by({ And: [isA, isBig] }, both)).toBe('A')
    expect(by({ And: [isA, isBig] }, one)).toBe('D')
    expect(by({ Or: [isA, isBig] }, one)).toBe('A')
    expect(by({ Or: [isA, isBig] }, { s: 'b', n: 1 })).toBe('D')
    expect(by({ Not: isA }, both)).toBe('D')
    expect(by({ Not: { And: [isA, isBig] } }, one)).toBe('A')
  })

  test('looks no further than the rule that matched', () => {
    const Choices = [n({ NumericGreaterThan: 1 }, 'A'), { Variable: '$.none', NumericGreaterThan: 1, Next: 'B' }]
    expect(wentTo({ Choices }, { n: 2 })).toBe('A')
    expect(choice({ Choices }, { n: 0 }).end()).toMatchObject({ status: 'FAILED', error: 'States.Runtime' })
  })

  test('compares only what is of the kind that is asked for', () => {
    const by = (rule: object, value: Json) => wentTo({ Choices: [n(rule, 'A')], Default: 'D' }, { n: value })
    expect(by({ NumericEquals: 1 }, '1')).toBe('D')
    expect(by({ StringEquals: '1' }, 1)).toBe('D')
    expect(by({ BooleanEquals: false }, null)).toBe('D')
    expect(by({ IsNull: true }, null)).toBe('A')
    expect(by({ TimestampEquals: '2026-01-01T00:00:00Z' }, '2026-01-01T01:00:00+01:00')).toBe('A')
  })

  test('asks whether something is there without needing it', () => {
    const by = (isPresent: boolean, input: Json) => wentTo({ Choices: [n({ IsPresent: isPresent }, 'A')], Default: 'D' }, input)
    expect(by(true, { n: null })).toBe('A')
    expect(by(true, {})).toBe('D')
    expect(by(false, {})).toBe('A')
  })

  test('without a rule that matches and without Default fails in AWS words', () => {
    expect(choice({ Choices: [n({ NumericEquals: 1 }, 'A')] }, { n: 2 }).end()).toEqual({
      status: 'FAILED',
      error: 'States.NoChoiceMatched',
      cause:
        "An error occurred while executing the state 'C' (entered at the event id #2). Failed to transition out of the state. The state did not point to a next state.",
    })
  })

  test.each<[string, object, Json]>([
    ['$.n', { NumericEquals: 1 }, {}],
    ['$.n', { IsNull: true }, { m: 1 }],
    ['$.z', { NumericEqualsPath: '$.z' }, { n: 1 }],
  ])('fails where what it compares is not there: %s', (path, rule, input) => {
    expect(choice({ Choices: [n(rule, 'A')], Default: 'D' }, input).end()).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: `An error occurred while executing the state 'C' (entered at the event id #2). Invalid path '${path}': The choice state's condition path references an invalid value.`,
    })
  })

  test('compares nothing of an input that is null', () => {
    const by = (rule: object) => choice({ Choices: [{ ...rule, Next: 'A' }], Default: 'D' }, null)
    const cause = /Unable to apply Path transformation to null or empty input\.$/
    for (const rule of [
      { Variable: '$', IsNull: true },
      { Variable: '$.n', NumericEquals: 1 },
    ])
      expect(by(rule).end()).toMatchObject({ error: 'States.Runtime', cause: expect.stringMatching(cause) })
    expect(by({ Variable: '$.n', IsPresent: true }).entered()[1]).toBe('D')
    expect(by({ Variable: '$$.Execution.Name', StringEquals: 'e' }).entered()[1]).toBe('A')
  })

  test('hands its effective input on', () => {
    const Choices = [n({ NumericEquals: 1 }, 'A')]
    expect(choice({ InputPath: '$.in', OutputPath: '$.o', Choices }, { in: { n: 1, o: 'out' } }).output()).toBe('out')
  })
})

describe('a Choice by JSONata', () => {
  const on = (Condition: string, Next: string, more: object = {}) => ({ Condition, Next, ...more })

  test('goes by the first condition that is true', () => {
    const Choices = [on('{% $states.input.n > 10 %}', 'A'), on('{% $states.input.n > 5 %}', 'B')]
    expect(wentTo({ ...JSONATA, Choices, Default: 'D' }, { n: 11 })).toBe('A')
    expect(wentTo({ ...JSONATA, Choices, Default: 'D' }, { n: 6 })).toBe('B')
    expect(wentTo({ ...JSONATA, Choices, Default: 'D' }, { n: 1 })).toBe('D')
  })

  test('fails where a condition is neither true nor false', () => {
    for (const value of ['1', '"true"', '[]', 'null']) {
      const flow = choice({ ...JSONATA, Choices: [on(`{% ${value} %}`, 'A')], Default: 'D' })
      expect(flow.end(), value).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' })
    }
  })

  test('puts out and assigns what its rule says, and else what the state says', () => {
    const Choices = [on('{% $states.input.n = 1 %}', 'A', { Output: 'of the rule', Assign: { by: 'rule' } })]
    const fields = { ...JSONATA, Choices, Output: 'of the state', Assign: { by: 'state' }, Default: 'D' }
    const byRule = choice(fields, { n: 1 })
    expect(byRule.output()).toBe('of the rule')
    expect(byRule.state.frames.get(asId(0))?.variables).toEqual(new Map([['by', 'rule']]))
    const byState = choice(fields, { n: 2 })
    expect(byState.output()).toBe('of the state')
    expect(byState.state.frames.get(asId(0))?.variables).toEqual(new Map([['by', 'state']]))
  })
})
