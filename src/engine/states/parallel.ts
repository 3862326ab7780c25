/** Parallel: runs its branches side by side on one input; their outputs make an array in the order of the branches. */
import { assert } from '../../base/assert.ts'
import { Payload } from '../../base/payload.ts'

import type { ParallelState } from '../../asl/program.ts'

import { activeOf } from '../apply.ts'
import { effectiveInput, evaluateParameters, exitWithResult } from '../data-flow.ts'
import { failEvaluation } from '../fail.ts'
import { leaveState } from '../leave.ts'
import type { Fork, Frame } from '../state.ts'
import type { Turn } from '../turn.ts'

export function enterParallel(turn: Turn, frame: Frame, state: ParallelState): void {
  const effective = effectiveInput(turn, frame, state, activeOf(frame).input)
  const input = effective.ok ? evaluateParameters(turn, frame, state, effective.value) : effective
  if (!input.ok) return failEvaluation(turn, frame, input.error)
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
  const exit = exitWithResult(turn, frame, state, activeOf(frame).input, joinOutputs(fork))
  if (exit.ok) leaveState(turn, frame, exit.value, state.next)
  else failEvaluation(turn, frame, exit.error)
}

/** The array of all outputs, each in its own spelling. */
export function joinOutputs(fork: Fork): Payload {
  const texts = fork.outputs.map((output) => {
    assert(output, 'every branch has ended with an output')
    return output.text
  })
  return Payload.ofText(`[${texts.join(',')}]`)
}
