/** Leaving a state: its Exited event, where the frame goes on, and what the end of a frame means to the one around it. */
import { assert } from '../base/assert.ts'
import { ErrorName } from '../base/error-names.ts'
import { failure } from '../base/failure.ts'
import { utf8Length } from '../base/json.ts'
import type { Payload } from '../base/payload.ts'

import { activeOf } from './apply.ts'
import type { Exit } from './data-flow.ts'
import type { Frame } from './state.ts'
import type { Turn } from './turn.ts'

/** Exits to `next`, or ends the frame without one. */
export function leaveState(
  turn: Turn,
  frame: Frame,
  exit: Exit,
  next: string | undefined,
  previousEventId = frame.previousEventId,
): void {
  const { name, type } = activeOf(frame)
  if (exit.assigned && areVariablesOversize(turn, exit.assigned)) {
    return turn.failExecution(
      frame,
      failure(
        ErrorName.DataLimitExceeded,
        `The state/task '${name}' assigned variables with a size exceeding the maximum number of bytes service limit.`,
      ),
    )
  }
  if (isOversize(turn, exit.output)) {
    return turn.failExecution(
      frame,
      failure(
        ErrorName.DataLimitExceeded,
        `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      ),
    )
  }
  turn.emit(
    frame,
    {
      ...{ type: 'StateExited', stateType: type, name, output: exit.output },
      ...(exit.assigned && { assigned: exit.assigned }),
      ...(next !== undefined && { next }),
    } as const,
    previousEventId,
  )
  if (turn.isOver) return
  if (next !== undefined) turn.ready.push(frame.id)
  else endFrame(turn, frame)
}

/** True when AWS would refuse the payload for its size. */
export const isOversize = (turn: Turn, payload: Payload): boolean => isLarger(payload, turn.limits.payloadBytesMax)

/** Short texts are not measured byte by byte. */
const isLarger = (payload: Payload, max: number) => payload.text.length * 3 > max && payload.bytes > max

/** What was assigned so far bounds what the variables hold, so they are measured only when it could be too much. */
function areVariablesOversize({ state, limits }: Turn, assigned: Payload): boolean {
  if (isLarger(assigned, limits.assignBytesMax)) return true
  if (state.assignedBytes + assigned.bytes <= limits.variablesBytesMax) return false
  let bytes = assigned.bytes
  for (const { variables } of state.frames.values()) {
    for (const value of variables.values()) bytes += utf8Length(JSON.stringify(value))
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
