/** Mock files, good and bad: what is said of each, and where. */
import { describe, expect, test } from 'vitest'

import { outcomeOf } from './mock-config.ts'
import { describeProblem, readMockConfig } from './read.ts'

/** A file of one test case, whose state A has the response R. */
const fileOf = (response: unknown, more: object = {}) =>
  JSON.stringify({
    StateMachines: { M: { TestCases: { C: { A: 'R' } } } },
    MockedResponses: { R: response },
    ...more,
  })
const told = (text: string) => readMockConfig(text).problems.map((problem) => describeProblem('f', problem))
const THROW = { Throw: { Error: 'E', Cause: 'why' } }

describe('a file is refused', () => {
  test.each([
    ['', 'f:1:1: The file is empty. It holds {"StateMachines": {…}, "MockedResponses": {…}}.'],
    ['{\n  "StateMachines": }', 'f:2:20: This is no JSON: '],
    ['[]', 'f:1:1: The file is an object: {"StateMachines": {…}, "MockedResponses": {…}}.'],
    ['{"StateMachines": {}}', 'f:1:1: The file has no MockedResponses. Add "MockedResponses": {}.'],
    [
      '{"StateMachines": {},\n "MockedResponses": {},\n "MockedResponse": {}}',
      "f:3:2: The file has no member 'MockedResponse'. It may have StateMachines and MockedResponses.",
    ],
    ['{"StateMachines": [], "MockedResponses": {}}', 'f:1:19: StateMachines is an object of state machines by name.'],
    [
      '{"StateMachines": {"M": {"Cases": {}, "TestCases": {}}}, "MockedResponses": {}}',
      "f:1:26: The state machine 'M' has no member 'Cases'. It may have TestCases.",
    ],
    [
      '{"StateMachines": {"M": {"TestCases": {"C": {"A": 1}}}}, "MockedResponses": {}}',
      `f:1:51: The state 'A' is given the name of a response: "A": "Name".`,
    ],
    [
      '{"StateMachines": {"M": {"TestCases": {"C": {"A": "R"}}}}, "MockedResponses": {}}',
      "f:1:51: There is no response 'R' in MockedResponses (it has none). Add it there, or name one of those.",
    ],
    [
      '{"StateMachines": {}, "StateMachines": {}, "MockedResponses": {}}',
      "f:1:23: 'StateMachines' stands here a second time. Take one of the two away.",
    ],
  ])('%s', (text, expected) => {
    expect(told(text)[0]).toContain(expected)
    expect(readMockConfig(text).config).toBeUndefined()
  })

  test.each([
    [{}, "The response 'R' is empty. Say what call 0 gets"],
    [{ first: { Return: 1 } }, `'first' is no call and no range of calls. Write "0" for the first`],
    [{ '2-0': { Return: 1 } }, `The range '2-0' ends before it begins. Write "0-2".`],
    [{ 1: { Return: 1 } }, `The response 'R' has nothing for call 0, but for '1'. Add "0".`],
    [{ 0: { Return: 1 }, '4-5': THROW }, `The response 'R' has nothing for call 1, but for '4-5'. Add "1-3".`],
    [
      { '0-2': { Return: 1 }, '2-3': THROW },
      "'2-3' and an earlier range of the response 'R' are both for call 2. Let it begin with 3.",
    ],
    [{ 0: {} }, 'Call 0 has neither Return nor Throw.'],
    [{ 0: { Return: 1, ...THROW } }, 'Call 0 has both Return and Throw.'],
    [{ 0: { return: 1 } }, "Call 0 has no member 'return'. It may have Return and Throw."],
    [{ 0: { Throw: { Cause: 'why' } } }, 'Throw has no Error. Add "Error": "States.TaskFailed", say.'],
    [{ 0: { Throw: { Error: 404 } } }, 'Error is a text. Put it in quotes.'],
    [{ 0: { Throw: 'E' } }, 'Throw of call 0 is an object'],
    [[1], "The response 'R' is an object of answers by call"],
  ])('for the response %j', (response, expected) => {
    const text = fileOf(response)
    expect(told(text).join('\n')).toContain(expected)
    expect(readMockConfig(text).config).toBeUndefined()
  })

  test('with all that is wrong with it, in the order of the text', () => {
    const text =
      '{"StateMachines": {"M": {"TestCases": {"C": {"A": "X", "B": "Y"}}}},\n"MockedResponses": {"Z": {"1": {"Return": 1}}}}'
    expect(readMockConfig(text).problems.map(({ severity, line }) => [severity, line])).toEqual([
      ['error', 1],
      ['error', 1],
      ['warning', 2],
      ['error', 2],
    ])
  })
})

test('a response that no test case uses is a warning', () => {
  const text = '{"StateMachines": {},\n "MockedResponses": {"R": {"0": {"Return": null}}}}'
  expect(told(text)).toEqual(["f:2:22: No test case uses the response 'R'. Take it away, or name it in one."])
  expect(readMockConfig(text).config).toBeDefined()
})

test('calls are counted from 0, and ranges may stand in any order', () => {
  const { config, problems } = readMockConfig(
    `\uFEFF${fileOf({ '3': { Return: { ok: true } }, '1-2': THROW, '0': { Return: 'first' } })}`,
  )
  expect(problems).toEqual([])
  const response = config?.get('M')?.get('C')?.get('A')
  const failed = { kind: 'failed', failure: { error: 'E', cause: 'why' } }
  expect([0, 1, 2, 3, 4].map((call) => response && outcomeOf(response, call))).toEqual([
    { kind: 'succeeded', output: 'first' },
    failed,
    failed,
    { kind: 'succeeded', output: { ok: true } },
    undefined,
  ])
})

test('what a name says is a name and no member of every object', () => {
  const { config, problems } = readMockConfig(
    '{"StateMachines": {"constructor": {"TestCases": {"__proto__": {"toString": "valueOf"}}}}, "MockedResponses": {"valueOf": {"0": {"Return": 1}}}}',
  )
  expect(problems).toEqual([])
  expect(config?.get('constructor')?.get('__proto__')?.get('toString')?.name).toBe('valueOf')
})
