/** Parallel: runs its branches side by side on one input; their outputs make an array in the order of the branches. */
import { assert } from '../../base/assert.ts'
import type { Failure } from '../../base/failure.ts'
import { PRINTED_BYTES_MAX } from '../../base/limits.ts'
import { Payload } from '../../base/payload.ts'
import { err, ok, type Result } from '../../base/result.ts'

import type { ParallelState } from '../../asl/program.ts'

import { activeOf } from '../apply.ts'
import { effectiveInput, evaluateParameters, exitWithResult } from '../data-flow.ts'
import { failEvaluation } from '../fail.ts'
import { leaveState, printProblem, unprintable } from '../leave.ts'
import type { Fork, Frame } from '../state.ts'
import type { Turn } from '../turn.ts'

export function enterParallel(turn: Turn, frame: Frame, state: ParallelState): void {
  const effective = effectiveInput(turn, frame, state, activeOf(frame).input)
  const input = effective.ok ? evaluateParameters(turn, frame, state, effective.value) : effective
  if (!input.ok) return failEvaluation(turn, frame, input.error)
  const problem = printProblem(state.name, input.value)
  if (problem) return turn.failExecution(frame, problem)
  turn.count(input.value)
  turn.emit(frame, { type: 'ParallelStateStarted' })
  const started = frame.previousEventId
  state.branches.forEach((branch, index) => {
    if (turn.isOver) return
    const child = turn.state.nextFrame
    turn.note(frame, { type: 'FrameOpened', child, index, startAt: branch.startAt, input: input.value }, started)
    turn.ready.push(child)
  })
}

export function joinParallel(turn: Turn, frame: Frame, state: ParallelState, fork: Fork): void {
  if (fork.finished < fork.total) return
  turn.emit(frame, { type: 'ParallelStateSucceeded' })
  const outputs = joinOutputs(state.name, fork)
  if (!outputs.ok) return turn.failExecution(frame, outputs.error)
  const exit = exitWithResult(turn, frame, state, activeOf(frame).input, outputs.value)
  if (exit.ok) leaveState(turn, frame, exit.value, state.next)
  else failEvaluation(turn, frame, exit.error)
}

/** The array of all outputs, each in its own spelling; a failure when it is more than can be printed. */
export function joinOutputs(name: string, fork: Fork): Result<Payload, Failure> {
  let chars = 0
  const texts: string[] = []
  for (const output of fork.outputs) {
    assert(output, 'every branch has ended with an output')
    chars += output.text.length + 1
    if (chars > PRINTED_BYTES_MAX) return err(unprintable(name))
    texts.push(output.text)
  }
  return ok(Payload.ofText(`[${texts.join(',')}]`))
}
