/**
 * The way of data through a state, in AWS's order. JSONPath: InputPath, Parameters, the work, ResultSelector, ResultPath,
 * OutputPath; Assign sees the raw result. JSONata: Arguments, the work, then Assign and Output side by side.
 * Source: developer guide, "Transforming data" and "Processing input and output".
 */
import { ErrorName } from '../base/error-names.ts'
import type { Failure } from '../base/failure.ts'
import { isObject, type Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'
import { ok } from '../base/result.ts'

import type { FieldValue, ResultPath, State } from '../asl/program.ts'

import type { Seen } from './scope.ts'
import type { Outcome, Visit } from './visit.ts'

/** The input that the state's own fields work on: InputPath applied. Keeps the caller's spelling where nothing is selected. */
export function effectiveInput(visit: Visit): Outcome<Payload> {
  const { inspection } = visit.turn
  const effective = throughPath(visit, visit.state.inputPath, visit.input)
  if (inspection && effective.ok) inspection.afterInputPath = effective.value
  return effective
}

function throughPath(visit: Visit, path: FieldValue | null | undefined, input: Payload): Outcome<Payload> {
  if (path === undefined || (path !== null && path.text === '$')) return ok(input)
  if (path === null) return ok(Payload.ofValue({}))
  return payload(visit.evaluate(path, input.exact))
}

interface Shaping {
  readonly parameters: FieldValue | undefined
}

/** Parameters or Arguments; the effective input itself where there are none (JSONata Tasks without Arguments too). */
export function evaluateParameters(visit: Visit<State & Shaping>, effective: Payload, token?: string): Outcome<Payload> {
  const { parameters } = visit.state
  const { inspection } = visit.turn
  const shaped = parameters ? payload(parameters.evaluate(visit.scope({ input: effective.exact, token }))) : ok(effective)
  if (inspection && shaped.ok) inspection[visit.isJsonata ? 'afterArguments' : 'afterParameters'] = shaped.value
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

/** What leaves a state that did some work, and what it assigns. */
export function exitWithResult(visit: Visit<State & Shaped>, result: Payload): Outcome<Exit> {
  const { state, input } = visit
  const { inspection } = visit.turn
  if (inspection) inspection.result = result
  if (visit.isJsonata) return exitJsonata(visit, state, { input: input.exact, result: result.exact }, result)
  // Without Assign a text that passes through is not parsed.
  const assigned = state.assign ? evaluateAssign(visit, state.assign, { input: result.exact }) : NOTHING_ASSIGNED
  if (!assigned.ok) return assigned
  const selected = state.resultSelector ? payload(visit.evaluate(state.resultSelector, result.exact)) : ok(result)
  if (!selected.ok) return selected
  if (inspection) inspection.afterResultSelector = selected.value
  const merged = mergeResult(state.resultPath, input, selected.value)
  if (!merged.ok) return merged
  if (inspection) inspection.afterResultPath = merged.value
  const output = throughPath(visit, state.outputPath, merged.value)
  return output.ok ? ok({ output: output.value, assigned: assigned.value }) : output
}

/** What leaves a state that works on its input alone: Wait, Choice, Succeed. `effective` is what InputPath let through. */
export function exitWithInput(visit: Visit, effective: Payload, fields: ExitFields = visit.state): Outcome<Exit> {
  if (visit.isJsonata) return exitJsonata(visit, fields, { input: effective.exact }, effective)
  const assigned = fields.assign ? evaluateAssign(visit, fields.assign, { input: effective.exact }) : NOTHING_ASSIGNED
  if (!assigned.ok) return assigned
  const output = throughPath(visit, visit.state.outputPath, effective)
  return output.ok ? ok({ output: output.value, assigned: assigned.value }) : output
}

export interface ExitFields {
  readonly assign: FieldValue | undefined
  /** JSONata only. */
  readonly output: FieldValue | undefined
}

/** Assign and Output see the same things; without Output, `otherwise` leaves. */
export function exitJsonata(visit: Visit, fields: ExitFields, seen: Seen, otherwise: Payload): Outcome<Exit> {
  const assigned = evaluateAssign(visit, fields.assign, seen)
  if (!assigned.ok) return assigned
  if (!fields.output) return ok({ output: otherwise, assigned: assigned.value })
  const output = payload(fields.output.evaluate(visit.scope(seen)))
  return output.ok ? ok({ output: output.value, assigned: assigned.value }) : output
}

export function evaluateAssign(visit: Visit, assign: FieldValue | undefined, seen: Seen): Outcome<Payload | undefined> {
  if (!assign) return NOTHING_ASSIGNED
  const assigned = assign.evaluate(visit.scope(seen))
  if (!assigned.ok) return assigned
  return isObject(assigned.value) && Object.keys(assigned.value).length === 0 ? NOTHING_ASSIGNED : payload(assigned)
}

/** ResultPath: the result takes the input's place, goes into it, or is dropped. */
export function mergeResult(path: ResultPath | null | undefined, raw: Payload, result: Payload): Outcome<Payload> {
  if (path === null) return ok(raw)
  if (path === undefined || path.isRoot) return ok(result)
  return payload(path.write(raw.exact, result.exact))
}

/** `{Error, Cause}` as catchers and `$states.errorOutput` see it: what is absent is null, but the cause of a time-out is empty. */
export function errorOutput({ error, cause }: Failure): Json {
  const isTimeout = error === ErrorName.Timeout || error === ErrorName.HeartbeatTimeout
  return { Error: error ?? null, Cause: cause ?? (isTimeout ? '' : null) }
}
