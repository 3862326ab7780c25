/**
 * A mock file as Step Functions Local has it: test cases of state machines, which name for some of the states the response that
 * stands for their service, and the responses. A response says what each call of a state in an execution gets, by the call's
 * number from 0: over all visits, attempts and iterations.
 * Source: AWS developer guide, "Using mocked service integrations for testing in Step Functions Local".
 */
import type { Failure } from '../../base/failure.ts'
import type { Json } from '../../base/json.ts'

export type MockedOutcome =
  | { readonly kind: 'succeeded'; readonly output: Json }
  | { readonly kind: 'failed'; readonly failure: Failure }

export interface MockedResponse {
  readonly name: string
  /** In order, from call 0 on, without holes. */
  readonly outcomes: readonly { readonly first: number; readonly last: number; readonly outcome: MockedOutcome }[]
}

/** Responses by state. */
export type TestCase = ReadonlyMap<string, MockedResponse>

/** Test cases by state machine and name. */
export type MockConfig = ReadonlyMap<string, ReadonlyMap<string, TestCase>>

/** Undefined: the file says nothing of so late a call. */
export const outcomeOf = ({ outcomes }: MockedResponse, callIndex: number): MockedOutcome | undefined =>
  outcomes.find(({ first, last }) => first <= callIndex && callIndex <= last)?.outcome

/** The test case, or the sentence that says why there is none. */
export function findTestCase(config: MockConfig, machine: string, testCase: string): TestCase | string {
  const cases = config.get(machine)
  if (!cases) return `It has no state machine '${machine}' ${among(config.keys())}. Add it under StateMachines.`
  return (
    cases.get(testCase) ??
    `Its state machine '${machine}' has no test case '${testCase}' ${among(cases.keys())}. Add it under TestCases, or start one of those.`
  )
}

/** What a call fails with for which a response has nothing. */
export function missingOutcome({ name, outcomes }: MockedResponse, state: string, callIndex: number): string {
  const last = outcomes.at(-1)?.last ?? 0
  return `The response '${name}' has nothing for call ${callIndex} of state '${state}': it ends with ${last}. Add "${last + 1}" to it, or a range such as "${last + 1}-${callIndex + 1}".`
}

const SHOWN = 8

/** `(it has 'A', 'B')`. */
export function among(names: Iterable<string>): string {
  const all = [...names]
  if (all.length === 0) return '(it has none)'
  const more = all.length > SHOWN ? ` and ${all.length - SHOWN} more` : ''
  return `(it has ${all
    .slice(0, SHOWN)
    .map((name) => `'${name}'`)
    .join(', ')}${more})`
}
