/** Which commands of an execution with a test case its mock file stands for. */
import { expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { AWS_LIMITS } from '../base/limits.ts'

import type { Command } from '../engine/command.ts'
import { IDENTITY, run } from '../engine/flow-in-test.ts'
import { type ExecutionState, newExecutionState } from '../engine/state.ts'
import { step } from '../engine/step.ts'

import type { MockedCall, TaskMocks } from '../control/mock-config/task-mocks.ts'

import { isTaskCommand, signalOfMock } from './mocked-tasks.ts'

const TASK = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: { TopicArn: 't', Message: 'm' } }

/** A first turn with a test case. */
function begun(definition: object): { readonly state: ExecutionState; readonly commands: readonly Command[] } {
  const { state: like } = run(JSON.parse(JSON.stringify(definition)))
  const state = newExecutionState(like.program, { ...IDENTITY, testCase: 'C' }, like.input, like.startAt)
  const { commands } = step(state, { type: 'Start', at: like.startAt, seed: '0'.repeat(32) }, AWS_LIMITS)
  return { state, commands }
}

function mocksOf(states: readonly string[]): TaskMocks & { readonly calls: MockedCall[] } {
  const calls: MockedCall[] = []
  return {
    calls,
    problemOf: async () => undefined,
    answerOf(call) {
      calls.push(call)
      return states.includes(call.state) ? { kind: 'succeeded', output: call.callIndex } : undefined
    },
  }
}

const signals = ({ state, commands }: ReturnType<typeof begun>, mocks: TaskMocks | undefined) =>
  commands.filter(isTaskCommand).map((command) => signalOfMock(state, 'C', mocks, command))

test('branches of one state count on, and each call keeps its number', () => {
  const Each = { Type: 'Map', ItemProcessor: { StartAt: 'Ship', States: { Ship: { ...TASK, End: true } } }, End: true }
  const flow = begun({ StartAt: 'In', States: { In: { Type: 'Pass', Result: [1, 2], Next: 'Each' }, Each } })
  const mocks = mocksOf(['Ship'])
  for (let i = 0; i < 2; i++) {
    expect(signals(flow, mocks)).toMatchObject([0, 1].map((value) => ({ type: 'TaskMocked', answer: { output: { value } } })))
  }
  expect(mocks.calls[1]).toEqual({ stateMachineName: 'm', testCase: 'C', state: 'Ship', callIndex: 1 })
})

test('a state that the file does not name is left to its service', () => {
  expect(signals(begun({ StartAt: 'T', States: { T: { ...TASK, End: true } } }), mocksOf([]))).toEqual([undefined])
})

test('without a file nothing is called', () => {
  const [signal] = signals(begun({ StartAt: 'T', States: { T: { ...TASK, End: true } } }), undefined)
  expect(signal).toMatchObject({ answer: { kind: 'failed', failure: { error: 'States.Runtime' } } })
})

test('a task whose sibling has failed within the turn is called by nobody', () => {
  const branch = (name: string, state: object) => ({ StartAt: name, States: { [name]: state } })
  const Both = {
    Type: 'Parallel',
    Branches: [branch('T', { ...TASK, End: true }), branch('F', { Type: 'Fail', Error: 'E' })],
    Catch: [{ ErrorEquals: ['E'], Next: 'Rest' }],
    End: true,
  }
  const flow = begun({ StartAt: 'Both', States: { Both, Rest: { Type: 'Wait', Seconds: 9, End: true } } })
  expect(signals(flow, mocksOf(['T']))).toEqual(['gone'])
})

test('an activity that is mocked need not be there', () => {
  const flow = begun({
    StartAt: 'A',
    States: { A: { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:a', End: true } },
  })
  expect(signals(flow, mocksOf(['A']))).toEqual([{ type: 'ActivityFound', frame: asId(0) }])
  expect(signals(flow, mocksOf([]))).toEqual([undefined])
})
