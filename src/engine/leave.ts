/** Leaving a state: its Exited event, where the frame goes on, and what the end of a frame means to the one around it. */
import { assert } from '../base/assert.ts'
import { ErrorName } from '../base/error-names.ts'
import { type Failure, failure } from '../base/failure.ts'
import { JSON_DEPTH_MAX } from '../base/json-size.ts'
import { PRINTED_BYTES_MAX } from '../base/limits.ts'
import { Payload } from '../base/payload.ts'

import type { Exit } from './data-flow.ts'
import { activeOf, type Frame } from './state.ts'
import type { Turn } from './turn.ts'
import type { Visit } from './visit.ts'

/** Exits to `next`, or ends the frame without one. */
export function leaveState(visit: Visit, exit: Exit, next: string | undefined, previousEventId?: number): void {
  const { turn, frame } = visit
  const { name, type } = visit.active
  assert(type !== 'Fail', 'a Fail state is not left')
  const problem = (exit.assigned && assignProblem(turn, name, exit.assigned)) ?? payloadProblem(turn, name, exit.output)
  if (problem) return visit.failExecution(problem)
  turn.count(exit.output)
  if (exit.assigned) turn.count(exit.assigned)
  visit.emit(
    {
      type: 'StateExited',
      stateType: type,
      name,
      output: exit.output,
      ...(exit.assigned && { assigned: exit.assigned }),
      ...(next !== undefined && { next }),
    } as const,
    previousEventId,
  )
  if (turn.isOver) return
  if (next !== undefined) turn.ready.push(frame.id)
  else endFrame(turn, frame)
}

/** Why a state or task may not put this out: it is larger than the limits allow, or nests too deeply to be read again. */
export const payloadProblem = ({ limits }: Turn, name: string, payload: Payload): Failure | undefined =>
  sizeProblem(name, payload, limits.payloadBytesMax, `${RESULT}${limits.payloadNote}`)

/** What a state makes on its way may be larger than what it puts out, but not more than this process can print. */
export const printProblem = (name: string, payload: Payload): Failure | undefined =>
  sizeProblem(name, payload, PRINTED_BYTES_MAX, UNPRINTABLE)

export const unprintable = (name: string): Failure => dataLimitExceeded(name, UNPRINTABLE)

function assignProblem(turn: Turn, name: string, assigned: Payload): Failure | undefined {
  const { assignBytesMax, payloadNote } = turn.limits
  const told = `${VARIABLES}${payloadNote}`
  return (
    sizeProblem(name, assigned, assignBytesMax, told) ??
    (areVariablesOversize(turn, assigned) ? dataLimitExceeded(name, told) : undefined)
  )
}

const SIZE = 'with a size exceeding the maximum number of bytes service limit.'
const RESULT = `returned a result ${SIZE}`
const UNPRINTABLE = `${RESULT} Regente prints at most ${PRINTED_BYTES_MAX} bytes.`
const VARIABLES = `assigned variables ${SIZE}`

function sizeProblem(name: string, payload: Payload, bytesMax: number, told: string): Failure | undefined {
  const fit = payload.fit(bytesMax)
  if (fit === 'fits') return undefined
  return dataLimitExceeded(name, fit === 'large' ? told : `made JSON that nests more than ${JSON_DEPTH_MAX} levels deep.`)
}

const dataLimitExceeded = (name: string, told: string): Failure =>
  failure(ErrorName.DataLimitExceeded, `The state/task '${name}' ${told}`)

/** What was assigned so far bounds what the variables hold, so they are measured only when it could be too much. */
function areVariablesOversize(turn: Turn, assigned: Payload): boolean {
  const { state, limits } = turn
  if (state.assignedBytes + assigned.bytes <= limits.variablesBytesMax) return false
  let bytes = assigned.bytes
  for (const { variables } of state.frames.values()) {
    for (const value of variables.values()) {
      const payload = Payload.ofValue(value)
      turn.count(payload)
      bytes += payload.bytes
    }
  }
  return bytes > limits.variablesBytesMax
}

function endFrame(turn: Turn, frame: Frame): void {
  if (frame.parent === undefined) {
    assert(frame.output, 'a frame that ended has an output')
    turn.emit(frame, { type: 'ExecutionSucceeded', output: frame.output })
    return
  }
  const parent = turn.state.frames.get(frame.parent)
  assert(parent, 'a branch has a parent')
  const { name, type } = activeOf(parent)
  if (type === 'Map') turn.emit(frame, { type: 'MapIterationSucceeded', name, index: frame.index })
  if (!turn.isOver) turn.childEnded(parent)
}
