/**
 * Binds the fields of a state to expressions: literal, path, intrinsic, payload template or JSONata. Each is compiled once;
 * what cannot be compiled is told to `problems`. Texts of failures as recorded (conformance: base, scenarios, timeouts).
 */
import { ErrorName } from '../base/error-names.ts'
import type { Json } from '../base/json.ts'
import { plainNumbers } from '../base/plain-numbers.ts'
import { err, ok } from '../base/result.ts'

import { invalidPath, NULL_INPUT, readsNull } from '../expr/expression.ts'
import type { JsonataExpression } from '../expr/jsonata/expression.ts'
import { evaluateField, evaluateTypedField, type JsonataType } from '../expr/jsonata/field.ts'
import { compileJsonataTemplate, delimiterProblem, isJsonataText, jsonataSource } from '../expr/jsonata/template.ts'
import { compileReferencePath } from '../expr/jsonpath/reference.ts'
import { compileTemplate } from '../expr/template.ts'

import type { Expressions } from './expressions.ts'
import type { EvaluationScope, FieldValue, ResultPath } from './program.ts'

/** Where a field stands (`/States/A/Parameters`) and what is wrong with it. */
export interface FieldProblem {
  readonly location: string
  readonly message: string
  readonly code?: string
}

export interface Binding {
  readonly location: string
  /** What the state has: a result (Task, Parallel, Map), an error (its catchers). */
  readonly offers?: 'result' | 'errorOutput'
  readonly problems: FieldProblem[]
  readonly expressions: Expressions
  /** Tells which variables the state mentions. */
  mention(variables: readonly string[]): void
}

export function literalField(field: string, value: Json): FieldValue {
  const result = ok(value)
  return { field, text: typeof value === 'string' ? value : JSON.stringify(value), isConstant: true, evaluate: () => result }
}

/** InputPath, OutputPath, ItemsPath, …SecondsPath: a path whose miss is told as AWS tells it. */
export function pathField(binding: Binding, field: string, text: string): FieldValue | undefined {
  const compiled = binding.expressions.path(text)
  if (!compiled.ok) return refuse(binding, field, 'Value must be a valid JSONPath.')
  const path = compiled.value
  binding.mention(path.variables())
  return {
    field,
    text,
    isConstant: false,
    evaluate(scope) {
      if (readsNull(path, scope)) return err(NULL_INPUT)
      const found = path.select(scope)
      if (found.ok) return found
      if (field === 'SecondsPath' || field === 'TimestampPath') {
        return err({ error: ErrorName.Runtime, cause: `The ${field} parameter does not reference an input value: ${text}` })
      }
      return err(invalidPath(path, found.error.missing))
    },
  }
}

/** ErrorPath, CausePath, `RoleArn.$`: a path or an intrinsic call. */
export function expressionField(binding: Binding, field: string, text: string): FieldValue | undefined {
  const compiled = binding.expressions.expression(text)
  if (!compiled.ok) return refuse(binding, field, 'The value is not a valid JSONPath or intrinsic function expression')
  const expression = compiled.value
  binding.mention(expression.variables())
  return { field, text, isConstant: false, evaluate: (scope) => expression.evaluate(scope, field) }
}

/** Parameters, ResultSelector, ItemSelector, Assign of JSONPath states. */
export function templateField(binding: Binding, field: string, value: Json): FieldValue | undefined {
  const compiled = compileTemplate(value, binding.expressions.expression)
  if (!compiled.ok) {
    for (const { pointer, message } of compiled.error)
      binding.problems.push({ location: `${binding.location}/${field}${pointer}`, message })
    return undefined
  }
  const template = compiled.value
  binding.mention(template.variables())
  return { field, text: '', isConstant: !template.isDynamic, evaluate: (scope) => template.evaluate(scope) }
}

/** Arguments, Output, Assign, ItemSelector of JSONata states; `location` is how AWS names the field in failures. */
export function jsonataField(binding: Binding, field: string, value: Json, location = field): FieldValue | undefined {
  const compiled = compileJsonataTemplate(value, binding.expressions.jsonata)
  if (!compiled.ok) {
    for (const { pointer, problem } of compiled.error) {
      binding.problems.push({ location: `${binding.location}/${field}${pointer}`, message: problem.message, code: problem.code })
    }
    return undefined
  }
  const template = compiled.value
  for (const expression of template.expressions) {
    binding.mention(expression.variables)
    refuseMisplaced(binding, field, expression)
  }
  return {
    field,
    text: typeof value === 'string' ? value : JSON.stringify(value),
    isConstant: template.expressions.length === 0,
    evaluate: (scope) => template.evaluate(jsonataScope(scope), location),
  }
}

/** A JSONata field that takes one type only: Seconds, Items, Condition. */
export function typedJsonataField(
  binding: Binding,
  field: string,
  value: Json,
  expected: JsonataType | 'any',
  location = field,
): FieldValue | undefined {
  const problem = delimiterProblem(value)
  if (problem) return refuse(binding, field, problem.message, problem.code)
  if (!isJsonataText(value) || typeof value !== 'string') return literalField(field, plainNumbers(value))
  const compiled = binding.expressions.jsonata(jsonataSource(value))
  if (!compiled.ok) {
    for (const { code, message } of compiled.error)
      binding.problems.push({ location: `${binding.location}/${field}`, message, code })
    return undefined
  }
  const expression = compiled.value
  binding.mention(expression.variables)
  refuseMisplaced(binding, field, expression)
  return {
    field,
    text: value,
    isConstant: false,
    evaluate: (scope) =>
      expected === 'any'
        ? evaluateField(expression, location, jsonataScope(scope))
        : evaluateTypedField(expression, location, expected, jsonataScope(scope)),
  }
}

/** `$states.result` is there once the work is done, `$states.errorOutput` in a catcher: in Output and Assign alone. */
function refuseMisplaced(binding: Binding, field: string, { statesFields }: JsonataExpression): void {
  for (const name of ['result', 'errorOutput'] as const) {
    if (!statesFields.includes(name)) continue
    if (binding.offers === name && (field === 'Output' || field === 'Assign')) continue
    binding.problems.push({
      location: `${binding.location}/${field}`,
      code: 'UNSUPPORTED_JSONATA_EXPRESSION',
      message: `Reference to '$states.${name}' is not supported in the field '${field}'.`,
    })
  }
}

export function resultPathField(binding: Binding, field: string, text: string): ResultPath | undefined {
  const compiled = compileReferencePath(text)
  if (!compiled.ok) return refuse(binding, field, 'Value is not a Reference Path')
  const path = compiled.value
  return { text, isRoot: path.steps.length === 0 && path.root === 'input', write: (target, value) => path.write(target, value) }
}

function jsonataScope(scope: EvaluationScope) {
  const { draws, work, jsonata: limits } = scope
  return { states: () => scope.states(), variable: (name: string) => scope.variable(name), draws, work, limits }
}

function refuse(binding: Binding, field: string, message: string, code?: string): undefined {
  binding.problems.push({ location: `${binding.location}/${field}`, message, ...(code !== undefined && { code }) })
  return undefined
}
