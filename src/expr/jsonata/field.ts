/**
 * One expression in one field of a state: its value, or the failure that AWS reports for it. Texts as recorded from AWS
 * (test/conformance: evaluate_jsonata, assign, scenarios) and as measured in floci-io/floci#2736; the caller puts the
 * sentence about the state before them.
 */
import { isArray, type Json } from '../../base/json.ts'
import { numberOf } from '../../base/numeral.ts'
import { err, ok, type Result } from '../../base/result.ts'
import { showJson } from '../json-bounds.ts'
import type { JsonataExpression, JsonataOutcome, JsonataScope } from './expression.ts'

export interface QueryEvaluationFailure {
  readonly error: 'States.QueryEvaluationError'
  /** Without "An error occurred while executing the state '…' (entered at the event id #…). ". */
  readonly cause: string
  /** The field that it happened in: `Output/result`, `Arguments/a[0]`. */
  readonly location: string
}

export type JsonataType = 'array' | 'object' | 'string' | 'number' | 'boolean' | 'null'

export function evaluateField(
  expression: JsonataExpression,
  location: string,
  scope: JsonataScope,
): Result<Json, QueryEvaluationFailure> {
  const outcome = expression.evaluate(scope)
  return outcome.kind === 'value' ? ok(outcome.value) : err(failed(expression, location, troubleOf(outcome)))
}

/** The same for a field that takes one type only. */
export function evaluateTypedField(
  expression: JsonataExpression,
  location: string,
  expected: JsonataType,
  scope: JsonataScope,
): Result<Json, QueryEvaluationFailure> {
  const result = evaluateField(expression, location, scope)
  if (!result.ok) return result
  const value = numberOf(result.value)
  return typeOfJson(value) === expected ? ok(value) : err(unexpectedType(expression, location, expected, value))
}

function unexpectedType(
  expression: JsonataExpression,
  location: string,
  expected: JsonataType,
  value: Json,
): QueryEvaluationFailure {
  const found = `Expected '${expected}', but was '${typeOfJson(value)}' for value: ${showJson(value)}`
  return failed(expression, location, `returned an unexpected result type. ${found}`)
}

function typeOfJson(value: Json): JsonataType {
  if (value === null) return 'null'
  if (isArray(value)) return 'array'
  return typeof value as JsonataType
}

function failed(expression: JsonataExpression, location: string, trouble: string): QueryEvaluationFailure {
  const cause = `The JSONata expression '${expression.text}' specified for the field '${location}' ${trouble}`
  return { error: 'States.QueryEvaluationError', cause, location }
}

function troubleOf(outcome: Exclude<JsonataOutcome, { kind: 'value' }>): string {
  switch (outcome.kind) {
    case 'undefined':
      return 'returned nothing (undefined).'
    case 'unsupported':
      return 'returned an unsupported result type.'
    default: {
      const { code, message } = outcome
      return `threw an error during evaluation${code === undefined ? `: ${message}` : `. ${code}: ${message}`}`
    }
  }
}
