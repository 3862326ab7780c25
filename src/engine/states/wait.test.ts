import { describe, expect, test } from 'vitest'

import { machine, only, play } from '../testing/play.ts'
import { nextDue } from '../state.ts'

const wait = (fields: object, input = {}) => play(only('W', { Type: 'Wait', ...fields }), input)
const JSONATA = { QueryLanguage: 'JSONata' }
const at = (ms: number) => new Date(ms).toISOString()
const place = "An error occurred while executing the state 'W' (entered at the event id #2). "

describe('a Wait', () => {
  test.each([
    ['Seconds', { Seconds: 10 }, {}],
    ['SecondsPath', { SecondsPath: '$.s' }, { s: 10 }],
    ['SecondsPath of the context object', { SecondsPath: '$$.Execution.Input.s' }, { s: 10 }],
    ['Timestamp', { Timestamp: at(10_000) }, {}],
    ['TimestampPath', { TimestampPath: '$.t' }, { t: at(10_000) }],
    ['Seconds by JSONata', { ...JSONATA, Seconds: '{% $states.input.s * 2 %}' }, { s: 5 }],
    ['Timestamp by JSONata', { ...JSONATA, Timestamp: '{% $states.input.t %}' }, { t: at(10_000) }],
  ])('of %s is over then, and not before', (_, fields, input) => {
    const flow = wait(fields, input)
    expect(nextDue(flow.state)).toBe(10_000)
    flow.pass(9.999)
    expect(flow.state.status).toBe('RUNNING')
    flow.pass(0.001)
    expect(flow.state.status).toBe('SUCCEEDED')
    expect(flow.output(), 'its input').toEqual(input)
    expect(flow.last('StateExited').at).toBe(10_000)
  })

  test.each([{ Seconds: 0 }, { Timestamp: at(0) }, { Timestamp: '1969-12-31T23:59:59Z' }])('of %j is over at once', (fields) => {
    expect(wait(fields).state.status).toBe('SUCCEEDED')
  })

  test('knows time zones', () => {
    expect(nextDue(wait({ Timestamp: '1970-01-01T02:00:10+02:00' }).state)).toBe(10_000)
  })

  test('waits 2^31 - 1 seconds and not one more', () => {
    expect(nextDue(wait({ SecondsPath: '$.s' }, { s: 2 ** 31 - 1 }).state)).toBe((2 ** 31 - 1) * 1_000)
    expect(wait({ SecondsPath: '$.s' }, { s: 2 ** 31 }).end()).toEqual({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: `${place}Wait state delay is too long.`,
    })
  })

  test('fires once: a timer that rings early or twice changes nothing', () => {
    const flow = play(machine({ W: { Type: 'Wait', Seconds: 10, Next: 'V' }, V: { Type: 'Wait', Seconds: 10, End: true } }))
    flow.send({ type: 'TimerFired' })
    expect(flow.entered()).toEqual(['W'])
    flow.pass(10)
    flow.send({ type: 'TimerFired' })
    expect(flow.entered()).toEqual(['W', 'V'])
    expect(nextDue(flow.state)).toBe(20_000)
  })

  test('takes its input through InputPath and OutputPath', () => {
    const flow = wait({ Seconds: 1, InputPath: '$.a', OutputPath: '$.b' }, { a: { b: 7 } })
    flow.pass(1)
    expect(flow.output()).toBe(7)
  })
})

describe('a Wait that cannot tell its time fails:', () => {
  test.each([
    [{ SecondsPath: '$.s' }, { s: -1 }, 'The SecondsPath parameter references a negative value: $.s == -1'],
    [{ SecondsPath: '$.s' }, { s: 1.5 }, 'The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5'],
    [{ SecondsPath: '$.s' }, { s: '1' }, 'The SecondsPath parameter cannot be parsed as a long value: $.s == 1'],
    [
      { TimestampPath: '$.t' },
      { t: 'soon' },
      'The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == soon',
    ],
    [
      { TimestampPath: '$.t' },
      { t: 5 },
      'The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.t == 5',
    ],
  ])('%j of %j', (fields, input, cause) => {
    const flow = wait(fields, input)
    expect(flow.end()).toEqual({ status: 'FAILED', error: 'States.Runtime', cause: place + cause })
  })

  test.each([
    [{ Seconds: '{% -1 %}' }, 'Seconds', 'The Seconds field is a negative value: -1'],
    [{ Seconds: '{% 1.5 %}' }, 'Seconds', 'The Seconds field cannot be parsed as a long value: 1.5'],
    [
      { Seconds: '{% "1" %}' },
      'Seconds',
      `The JSONata expression '"1"' specified for the field 'Seconds' returned an unexpected result type. Expected 'number', but was 'string' for value: "1"`,
    ],
    [
      { Timestamp: '{% "soon" %}' },
      'Timestamp',
      'The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: soon',
    ],
  ])('by JSONata %j, told as an event of its own', (fields, location, cause) => {
    const flow = wait({ ...JSONATA, ...fields })
    expect(flow.last('EvaluationFailed')).toMatchObject({ location, state: 'W', cause: place + cause })
    expect(flow.end()).toEqual({ status: 'FAILED', error: 'States.QueryEvaluationError', cause: place + cause })
  })
})
