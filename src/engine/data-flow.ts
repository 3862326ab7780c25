/**
 * The way of data through a state, in AWS's order. JSONPath: InputPath, Parameters, the work, ResultSelector, ResultPath,
 * OutputPath; Assign sees the raw result. JSONata: Arguments, the work, then Assign and Output side by side.
 * Source: developer guide, "Transforming data" and "Processing input and output".
 */
import { type Json, setOwn } from '../base/json.ts'
import { Payload } from '../base/payload.ts'
import { ok, type Result } from '../base/result.ts'

import type { EvaluationFailure, FieldValue, ResultPath, State } from '../asl/program.ts'

import { scopeOf, type Seen } from './scope.ts'
import type { Frame } from './state.ts'
import type { Turn } from './turn.ts'

type Outcome<T> = Result<T, EvaluationFailure>

/** The input that the state's own fields work on: InputPath applied. Keeps the caller's spelling where nothing is selected. */
export function effectiveInput(turn: Turn, frame: Frame, state: State, input: Payload): Outcome<Payload> {
  const effective = throughPath(turn, frame, state.inputPath, input)
  if (turn.inspection && effective.ok) turn.inspection.afterInputPath = effective.value
  return effective
}

function throughPath(
  turn: Turn,
  frame: Frame,
  path: FieldValue | null | undefined,
  input: Payload,
  seen: Partial<Seen> = {},
): Outcome<Payload> {
  if (path === undefined || (path !== null && path.text === '$')) return ok(input)
  if (path === null) return ok(Payload.ofValue({}))
  return payload(path.evaluate(scopeOf(turn, frame, { ...seen, input: input.value })))
}

/** Parameters or Arguments; the effective input itself where there are none (JSONata Tasks without Arguments too). */
export function evaluateParameters(
  turn: Turn,
  frame: Frame,
  state: State & { readonly parameters: FieldValue | undefined },
  effective: Payload,
  token?: string,
): Outcome<Payload> {
  const { parameters } = state
  const shaped = parameters
    ? payload(parameters.evaluate(scopeOf(turn, frame, { input: effective.value, token })))
    : ok(effective)
  if (turn.inspection && shaped.ok)
    turn.inspection[state.queryLanguage === 'JSONata' ? 'afterArguments' : 'afterParameters'] = shaped.value
  return shaped
}

const payload = (result: Outcome<Json>): Outcome<Payload> => (result.ok ? ok(Payload.ofValue(result.value)) : result)

const NOTHING_ASSIGNED = ok(undefined)

export interface Exit {
  readonly output: Payload
  readonly assigned: Payload | undefined
}

interface Shaped {
  readonly resultSelector?: FieldValue | undefined
  readonly resultPath?: ResultPath | null | undefined
}

/** What leaves a state that did some work, and what it assigns. `raw` is the state's own input. */
export function exitWithResult(turn: Turn, frame: Frame, state: State & Shaped, raw: Payload, result: Payload): Outcome<Exit> {
  if (turn.inspection) turn.inspection.result = result
  if (state.queryLanguage === 'JSONata')
    return exitJsonata(turn, frame, state, { input: raw.value, result: result.value }, result)
  // Without Assign a text that passes through is not parsed.
  const assigned = state.assign ? evaluateAssign(turn, frame, state.assign, { input: result.value }) : NOTHING_ASSIGNED
  if (!assigned.ok) return assigned
  const selected = state.resultSelector
    ? payload(state.resultSelector.evaluate(scopeOf(turn, frame, { input: result.value })))
    : ok(result)
  if (!selected.ok) return selected
  if (turn.inspection) turn.inspection.afterResultSelector = selected.value
  const merged = mergeResult(state.resultPath, raw, selected.value)
  if (!merged.ok) return merged
  if (turn.inspection) turn.inspection.afterResultPath = merged.value
  const output = throughPath(turn, frame, state.outputPath, merged.value)
  return output.ok ? ok({ output: output.value, assigned: assigned.value }) : output
}

/** What leaves a state that works on its input alone: Wait, Choice, Succeed. `shown` is the effective input. */
export function exitWithInput(turn: Turn, frame: Frame, state: State, shown: Payload): Outcome<Exit> {
  if (state.queryLanguage === 'JSONata') return exitJsonata(turn, frame, state, { input: shown.value }, shown)
  const assigned = state.assign ? evaluateAssign(turn, frame, state.assign, { input: shown.value }) : NOTHING_ASSIGNED
  if (!assigned.ok) return assigned
  const output = throughPath(turn, frame, state.outputPath, shown)
  return output.ok ? ok({ output: output.value, assigned: assigned.value }) : output
}

export interface JsonataExit {
  readonly assign: FieldValue | undefined
  readonly output: FieldValue | undefined
}

/** Assign and Output see the same things; without Output, `otherwise` leaves. */
export function exitJsonata(turn: Turn, frame: Frame, fields: JsonataExit, seen: Seen, otherwise: Payload): Outcome<Exit> {
  const assigned = evaluateAssign(turn, frame, fields.assign, seen)
  if (!assigned.ok) return assigned
  if (!fields.output) return ok({ output: otherwise, assigned: assigned.value })
  const output = payload(fields.output.evaluate(scopeOf(turn, frame, seen)))
  return output.ok ? ok({ output: output.value, assigned: assigned.value }) : output
}

export function evaluateAssign(
  turn: Turn,
  frame: Frame,
  assign: FieldValue | undefined,
  seen: Seen,
): Outcome<Payload | undefined> {
  return assign ? payload(assign.evaluate(scopeOf(turn, frame, seen))) : ok(undefined)
}

/** ResultPath: the result takes the input's place, goes into it, or is dropped. */
export function mergeResult(path: ResultPath | null | undefined, raw: Payload, result: Payload): Outcome<Payload> {
  if (path === null) return ok(raw)
  if (path === undefined || path.isRoot) return ok(result)
  return payload(path.write(raw.value, result.value))
}

/** `{Error, Cause}` as catchers and `$states.errorOutput` see it. A failure without a name shows both as null (recorded: callback). */
export function errorOutput(failure: { readonly error?: string | undefined; readonly cause?: string | undefined }): Json {
  const output: Record<string, Json> = {}
  setOwn(output, 'Error', failure.error ?? null)
  if (failure.cause !== undefined || failure.error === undefined) setOwn(output, 'Cause', failure.cause ?? null)
  return output
}
