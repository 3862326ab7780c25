/** Fields that a Map has whether its iterations run inline or are executions of their own. */
import { ErrorName } from '../../base/error-names.ts'
import type { Json } from '../../base/json.ts'
import { numberOf } from '../../base/numeral.ts'
import type { Payload } from '../../base/payload.ts'
import { err, ok } from '../../base/result.ts'

import { showJson } from '../../expr/json-bounds.ts'
import type { FieldValue, MapState } from '../../asl/program.ts'

import type { Outcome, Visit } from '../visit.ts'

/** Why the items are none. AWS leaves the first `$` of a path into the context object out (recorded: test_state, map context object). */
export function notAnArray(visit: Visit<MapState>, items: Json): Outcome<never> {
  if (visit.isJsonata) {
    const cause = `Map state input must be an array but was: ${showJson(items)}`
    return err({ error: ErrorName.QueryEvaluationError, cause })
  }
  const path = visit.state.items?.text.replace(/^\$\$/, '$') ?? '$'
  return err({ error: ErrorName.Runtime, cause: `Reference path "${path}" must point to array.` })
}

/** ItemsPath or Items, else the effective input itself. */
export function evaluateItems(visit: Visit<MapState>, effective: Payload): Outcome<Json> {
  const { items } = visit.state
  return items ? visit.evaluate(items, effective.exact) : ok(effective.exact)
}

/** A field that is a whole number; 0 where it is not written. */
export function evaluateCount(visit: Visit, field: FieldValue | undefined, input: Json): Outcome<number> {
  if (!field) return ok(0)
  const value = visit.evaluate(field, input)
  if (!value.ok) return value
  const given = numberOf(value.value)
  const count = typeof given === 'string' ? Number(given.trim() || Number.NaN) : given
  if (typeof count === 'number' && Number.isInteger(count)) return ok(count)
  return err({
    error: ErrorName.Runtime,
    cause: `The ${field.field} field refers to value ${quoted(value.value)} which is not a valid integer: ${field.text}`,
  })
}

/** How many iterations may run at once; 0 is as many as there are. */
export function evaluateConcurrency(visit: Visit<MapState>, input: Json): Outcome<number> {
  const count = evaluateCount(visit, visit.state.maxConcurrency, input)
  if (!count.ok || count.value >= 0) return count
  return err({ error: ErrorName.Runtime, cause: 'MaxConcurrency cannot be negative.' })
}

export const quoted = (value: Json) => `"${typeof value === 'string' ? value : showJson(value)}"`
