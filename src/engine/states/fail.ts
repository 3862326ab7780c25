/** Fail: ends its frame with an error and a cause, given or evaluated. Either may be missing. */
import { failure } from '../../base/failure.ts'
import { ok } from '../../base/result.ts'

import { showJson } from '../../expr/json-bounds.ts'
import type { FailState, FieldValue } from '../../asl/program.ts'

import { failEvaluation, failState } from '../fail.ts'
import type { Outcome, Visit } from '../visit.ts'

export function enterFail(visit: Visit<FailState>): void {
  const error = evaluateText(visit, visit.state.error)
  if (!error.ok) return failEvaluation(visit, error.error)
  const cause = evaluateText(visit, visit.state.cause)
  if (!cause.ok) return failEvaluation(visit, cause.error)
  failState(visit, failure(error.value, cause.value))
}

function evaluateText(visit: Visit, field: FieldValue | undefined): Outcome<string | undefined> {
  if (!field) return ok(undefined)
  const result = visit.evaluate(field, visit.input.exact)
  if (!result.ok) return result
  return ok(typeof result.value === 'string' ? result.value : showJson(result.value))
}
