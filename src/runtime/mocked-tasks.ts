/**
 * Tasks of an execution that was started with a test case: its mock file answers those of the states that it names, all others
 * call the real thing. Which response it is, the log tells: a restart takes none twice. What such an execution asks for while no
 * file can be asked fails: nobody who tests wants the real thing to be called instead.
 */
import { ErrorName } from '../base/error-names.ts'
import { failure } from '../base/failure.ts'
import { Payload } from '../base/payload.ts'

import type { Command } from '../engine/command.ts'
import type { MockedAnswer, SignalBody } from '../engine/signal.ts'
import type { ExecutionState } from '../engine/state.ts'

import type { TaskMocks } from '../control/mock-config/task-mocks.ts'

type TaskCommand = Extract<Command, { readonly type: 'RunTask' | 'FindActivity' | 'OfferActivity' }>

export const isTaskCommand = (command: Command): command is TaskCommand =>
  command.type === 'RunTask' || command.type === 'FindActivity' || command.type === 'OfferActivity'

/**
 * What a command comes to in the place of being carried out. Undefined: its state is not mocked. `gone`: what asked for it is over
 * (a sibling has failed within the turn), and which state that was, nobody can say any more.
 */
export function signalOfMock(
  { frames, identity: { stateMachineName } }: Pick<ExecutionState, 'frames' | 'identity'>,
  testCase: string,
  mocks: TaskMocks | undefined,
  command: TaskCommand,
): SignalBody | 'gone' | undefined {
  const { frame } = command
  const active = frames.get(frame)?.active
  if (!active) return 'gone'
  const place = { stateMachineName, testCase, state: active.name }
  // An activity that a mock stands for need not be there.
  if (command.type === 'FindActivity')
    return mocks?.answerOf({ ...place, callIndex: 0 }) ? { type: 'ActivityFound', frame } : undefined
  const { task } = active
  if (task?.id !== command.task) return 'gone'
  const answer = mocks ? mocks.answerOf({ ...place, callIndex: task.callIndex ?? 0 }) : withoutFile(testCase)
  if (!answer) return undefined
  const { kind } = answer
  return {
    type: 'TaskMocked',
    frame,
    task: task.id,
    answer: kind === 'succeeded' ? { kind, output: Payload.ofValue(answer.output) } : answer,
  }
}

const withoutFile = (testCase: string): Extract<MockedAnswer, { kind: 'failed' }> => ({
  kind: 'failed',
  failure: failure(
    ErrorName.Runtime,
    `The execution was started with the test case '${testCase}', and this server has no mock file. Start it with --mock-config FILE.`,
  ),
})
