/** Parallel: runs its branches side by side on one input; their outputs make an array in the order of the branches. */
import { assert } from '../../base/assert.ts'
import type { Failure } from '../../base/failure.ts'
import { PRINTED_BYTES_MAX } from '../../base/limits.ts'
import { Payload } from '../../base/payload.ts'
import { err, ok, type Result } from '../../base/result.ts'

import type { MapState, ParallelState } from '../../asl/program.ts'

import { effectiveInput, evaluateParameters, exitWithResult } from '../data-flow.ts'
import { exitState, failEvaluation } from '../fail.ts'
import { printProblem, unprintable } from '../leave.ts'
import type { Fork } from '../state.ts'
import type { Visit } from '../visit.ts'

export function enterParallel(visit: Visit<ParallelState>): void {
  const { turn, frame, state } = visit
  const effective = effectiveInput(visit)
  const input = effective.ok ? evaluateParameters(visit, effective.value) : effective
  if (!input.ok) return failEvaluation(visit, input.error)
  const problem = printProblem(state.name, input.value)
  if (problem) return visit.failExecution(problem)
  turn.count(input.value)
  visit.emit({ type: 'ParallelStateStarted' })
  const started = frame.previousEventId
  state.branches.forEach((branch, index) => {
    if (turn.isOver) return
    const child = turn.state.nextFrame
    visit.note({ type: 'FrameOpened', child, index, startAt: branch.startAt, input: input.value }, started)
    turn.ready.push(child)
  })
}

export function joinParallel(visit: Visit<ParallelState>, fork: Fork): void {
  if (fork.finished < fork.total) return
  visit.emit({ type: 'ParallelStateSucceeded' })
  leaveJoined(visit, fork)
}

/** What the branches or iterations have come to is the state's result. */
export function leaveJoined(visit: Visit<ParallelState | MapState>, fork: Fork): void {
  const outputs = joinOutputs(visit.state.name, fork)
  if (!outputs.ok) return visit.failExecution(outputs.error)
  exitState(visit, exitWithResult(visit, outputs.value), visit.state.next)
}

/** The array of all outputs, each in its own spelling; a failure when it is more than can be printed. */
function joinOutputs(name: string, fork: Fork): Result<Payload, Failure> {
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
