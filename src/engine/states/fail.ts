/** Fail: ends its frame with an error and a cause, given or evaluated. Either may be missing. */
import { failure } from '../../base/failure.ts'

import { showJson } from '../../expr/json-bounds.ts'
import type { FailState, FieldValue } from '../../asl/program.ts'

import { activeOf } from '../apply.ts'
import { failEvaluation, failState } from '../fail.ts'
import { scopeOf } from '../scope.ts'
import type { Frame } from '../state.ts'
import type { Turn } from '../turn.ts'

export function enterFail(turn: Turn, frame: Frame, state: FailState): void {
  const error = evaluateText(turn, frame, state.error)
  if (!error.ok) return failEvaluation(turn, frame, error.error)
  const cause = evaluateText(turn, frame, state.cause)
  if (!cause.ok) return failEvaluation(turn, frame, cause.error)
  failState(turn, frame, failure(error.value, cause.value))
}

function evaluateText(turn: Turn, frame: Frame, field: FieldValue | undefined) {
  if (!field) return { ok: true, value: undefined } as const
  const result = field.evaluate(scopeOf(turn, frame, { input: activeOf(frame).input.value }))
  if (!result.ok) return result
  return { ok: true, value: typeof result.value === 'string' ? result.value : showJson(result.value) } as const
}
