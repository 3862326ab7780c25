/** Fields that a Map has whether its iterations run inline or are executions of their own. */
import { ErrorName } from '../../base/error-names.ts'
import type { Json } from '../../base/json.ts'
import type { Payload } from '../../base/payload.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { showJson } from '../../expr/json-bounds.ts'
import type { EvaluationFailure, FieldValue, MapState } from '../../asl/program.ts'

import { scopeOf } from '../scope.ts'
import type { Frame } from '../state.ts'
import type { Turn } from '../turn.ts'

/** AWS leaves the first `$` of a path into the context object out (recorded: test_state, map context object). */
export const notAnArray = (state: MapState) =>
  `Reference path "${state.items?.text.replace(/^\$\$/, '$') ?? '$'}" must point to array.`

/** ItemsPath or Items, else the effective input itself. */
export function evaluateItems(turn: Turn, frame: Frame, state: MapState, effective: Payload): Result<Json, EvaluationFailure> {
  return state.items ? state.items.evaluate(scopeOf(turn, frame, { input: effective.value })) : ok(effective.value)
}

/** A field that is a whole number, not negative; `otherwise` where it is not written. */
export function evaluateCount(
  turn: Turn,
  frame: Frame,
  field: FieldValue | undefined,
  input: Json,
  otherwise: number,
): Result<number, EvaluationFailure> {
  if (!field) return ok(otherwise)
  const value = field.evaluate(scopeOf(turn, frame, { input }))
  if (!value.ok) return value
  const count = typeof value.value === 'string' ? Number(value.value.trim() || Number.NaN) : value.value
  if (typeof count === 'number' && Number.isInteger(count)) return ok(count)
  return err({
    error: ErrorName.Runtime,
    cause: `The ${field.field} field refers to value ${quoted(value.value)} which is not a valid integer: ${field.text}`,
  })
}

export const quoted = (value: Json) => `"${typeof value === 'string' ? value : showJson(value)}"`
