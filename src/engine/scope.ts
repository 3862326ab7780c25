/** What the expressions of a state see: its input, the context object, the variables of its frame and of the frames around. */
import type { Json } from '../base/json.ts'

import type { EvaluationScope } from '../asl/program.ts'

import { contextObject } from './context-object.ts'
import type { ExecutionState, Frame } from './state.ts'
import type { Turn } from './turn.ts'

export interface Seen {
  /** `$` */
  readonly input: Json
  /** `$states.result` and `$states.errorOutput`, where a field may see them. */
  readonly result?: Json
  readonly errorOutput?: Json
  readonly token?: string | undefined
  /** Members that only this field's context object has (`Map.Item`). */
  readonly context?: Readonly<Record<string, Json>>
}

export function scopeOf(turn: Turn, frame: Frame, seen: Seen): EvaluationScope {
  const { state } = turn
  let built: Json | undefined
  const context = () => (built ??= turn.givenContext ?? { ...contextObject(state, frame, seen.token), ...seen.context })
  return {
    input: seen.input,
    context,
    states: () => ({
      input: frame.active?.input.exact ?? seen.input,
      context: context(),
      ...(seen.result !== undefined && { result: seen.result }),
      ...(seen.errorOutput !== undefined && { errorOutput: seen.errorOutput }),
    }),
    variable: (name) => findVariable(state, frame, name),
    draws: turn.draws,
    work: turn.work,
    jsonata: turn.limits.jsonata,
  }
}

/** A variable of the frame, else of the frames around it. */
function findVariable(state: ExecutionState, frame: Frame, name: string): Json | undefined {
  for (let at: Frame | undefined = frame; at; at = at.parent === undefined ? undefined : state.frames.get(at.parent)) {
    const value = at.variables.get(name)
    if (value !== undefined) return value
  }
  return undefined
}

/** All variables that a frame sees, the inner ones before the outer. */
export function visibleVariables(state: ExecutionState, frame: Frame): Record<string, Json> {
  const outer = frame.parent === undefined ? undefined : state.frames.get(frame.parent)
  return { ...(outer && visibleVariables(state, outer)), ...Object.fromEntries(frame.variables) }
}
