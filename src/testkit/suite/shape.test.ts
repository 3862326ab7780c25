import { describe, expect, test } from 'vitest'

import { type JsonSchema, SUITE_SCHEMA } from './schema.ts'
import { shapeProblems } from './shape.ts'

const told = (value: unknown) =>
  shapeProblems(value, SUITE_SCHEMA, { isForeign: (member) => typeof member === 'function' }).map(({ message }) => message)
const inCase = (more: object) => told({ file: 'a', cases: [{ name: 'n', ...more }] })

describe('a suite that is none', () => {
  test.each([
    [1, ['The suite must be an object, not 1.']],
    [{}, ["The suite has no 'cases'."]],
    [{ cases: [] }, ['cases is an empty list.']],
    [{ cases: [{}] }, ["cases[0] has no 'name'."]],
    [{ cases: [{ name: '' }] }, ['cases[0].name is empty.']],
    [{ cases: [{ name: 1 }] }, ['cases[0].name must be a text, not 1.']],
    [{ case: [], cases: [{ name: 'n' }] }, ["The suite has no member 'case'. Did you mean 'cases'?"]],
    [{ type: 'EXPRES', cases: [{ name: 'n' }] }, ["type must be STANDARD or EXPRESS, not 'EXPRES'. Did you mean 'EXPRESS'?"]],
    [{ seed: -1, cases: [{ name: 'n' }] }, ['seed must be 0 or more, not -1.']],
    [{ seed: 1.5, cases: [{ name: 'n' }] }, ['seed must be a whole number, not 1.5.']],
  ])('%j', (value, messages) => {
    expect(told(value)).toEqual(messages)
  })

  test.each([
    [
      { mocks: { 'Each/Ship': { Payload: 1 } } },
      "cases[0].mocks['Each/Ship'] has no member 'Payload'. What the task gets for an answer stands below return.",
    ],
    [{ mocks: { T: { thorw: 'E' } } }, "cases[0].mocks.T has no member 'thorw'. Did you mean 'throw'?"],
    [
      { mocks: { T: 'calback' } },
      "cases[0].mocks.T must be callback, an object or a list, not 'calback'. Did you mean 'callback'?",
    ],
    [{ mocks: { T: { cause: 'c' } } }, "cases[0].mocks.T has 'cause' without 'throw'."],
    [{ mocks: { T: [{ delay: '1 s' }] } }, "cases[0].mocks.T[0] has 'delay' without 'then'."],
    [{ mocks: { T: {} } }, 'cases[0].mocks.T is empty: it takes return, throw, cause, delay, then, handler, name.'],
    [{ steps: [{ advance: '1 s', reached: 'T' }] }, 'cases[0].steps[0] says 2 things at once. Make each an item of its own.'],
    [{ steps: ['halt'] }, "cases[0].steps[0] must be stop or an object, not 'halt'."],
    [
      { expect: { states: { T: { status: 'SUCCEEDED' } } } },
      "cases[0].expect.states.T.status must be running, succeeded, caught, failed or aborted, not 'SUCCEEDED'.",
    ],
  ])('in a case: %j', (more, message) => {
    expect(inCase(more)[0]).toContain(message)
  })
})

test('a suite says all that a suite can', () => {
  const mock = [{ return: null }, { throw: 'E', cause: '' }, { delay: 1, then: { handler: './a.ts', name: 'main' } }]
  const steps = [
    'stop',
    { stop: {} },
    { advance: 5 },
    { succeed: 'T' },
    { succeed: { state: 'T', output: 1 } },
    { heartbeat: 'T' },
  ]
  const expectation = { output: undefined, outputContains: 1, path: ['T'], states: { 'T[0]/A': { input: 1, retries: 0 } } }
  expect(inCase({ input: null, mocks: { T: mock, U: 'callback' }, steps, expect: expectation, only: true, skip: 'r' })).toEqual(
    [],
  )
})

test('mocks of code are taken as they are', () => {
  const answer = () => 1
  expect(inCase({ mocks: { T: answer } })).toEqual([])
})

test('every reference of the schema leads somewhere, and every member says what it is for', () => {
  const visit = (schema: JsonSchema): void => {
    const name = schema.$ref?.replace('#/$defs/', '')
    if (name !== undefined) expect(Object.keys(SUITE_SCHEMA.$defs)).toContain(name)
    for (const [member, row] of Object.entries(schema.properties ?? {})) {
      expect(row.description ?? row.$ref, member).toBeTruthy()
      visit(row)
    }
    if (schema.items) visit(schema.items)
    if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties)
  }
  visit(SUITE_SCHEMA)
  Object.values(SUITE_SCHEMA.$defs).forEach(visit)
})
