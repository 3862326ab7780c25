/** What stands in for services and workers where an execution was started with a test case: `stateMachineArn#TestCase`. */
import { ErrorName } from '../../base/error-names.ts'
import { failure } from '../../base/failure.ts'

import type { Program } from '../../asl/program.ts'

import { among, findTestCase, missingOutcome, type MockConfig, type MockedOutcome, outcomeOf } from './mock-config.ts'

export interface MockedCall {
  readonly stateMachineName: string
  readonly testCase: string
  readonly state: string
  /** Which of the state's calls in its execution, from 0: over all visits, attempts and iterations. */
  readonly callIndex: number
}

export interface TaskMocks {
  /** Why a test case cannot be started, in a sentence; undefined where it can. */
  problemOf(machine: { readonly name: string; readonly program: Program }, testCase: string): Promise<string | undefined>
  /** Undefined: the state is not mocked. A call for which there is no response fails. */
  answerOf(call: MockedCall): MockedOutcome | undefined
}

/** By a file's contents. A state that the definition does not have is refused: its real namesake would be called instead. */
export function testCaseProblem(
  config: MockConfig,
  { name, program }: { readonly name: string; readonly program: Program },
  testCase: string,
): string | undefined {
  const found = findTestCase(config, name, testCase)
  if (typeof found === 'string') return found
  for (const state of found.keys()) {
    const type = program.states.get(state)?.type
    if (type === 'Task') continue
    const tasks = [...program.states].filter(([, { type }]) => type === 'Task').map(([task]) => task)
    const is = type === undefined ? 'is no state of' : `is a ${type} state of`
    return `Its test case '${testCase}' names '${state}', which ${is} '${name}'. Only Task states are mocked ${among(tasks)}, those within Map and Parallel states too.`
  }
  return undefined
}

/** By a file's contents. */
export function answerOf(config: MockConfig, call: MockedCall): MockedOutcome | undefined {
  const { stateMachineName, testCase, state, callIndex } = call
  const found = findTestCase(config, stateMachineName, testCase)
  if (typeof found === 'string') return failed(found)
  const response = found.get(state)
  if (!response) return undefined
  return outcomeOf(response, callIndex) ?? failed(missingOutcome(response, state, callIndex))
}

/** No Retry and no Catch takes it: what is wrong is the test. */
const failed = (problem: string): MockedOutcome => ({
  kind: 'failed',
  failure: failure(ErrorName.Runtime, `The mock file cannot answer. ${problem}`),
})
