/**
 * Whether a mocked result could be what the service answers. Members that the model does not know are let be, as AWS does
 * (recorded: test_state, field validation modes). Tells the first that is wrong.
 */
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

import type { OutputModel } from './model.ts'
import type { PlainType, Shape } from './shape.ts'

/** STRICT also misses what is required; NONE checks nothing. */
export type FieldValidationMode = 'STRICT' | 'PRESENT' | 'NONE'

/** What is wrong with `result`, in AWS's words; undefined when it fits. */
export function checkResult(result: Json, output: OutputModel, mode: FieldValidationMode): string | undefined {
  if (mode === 'NONE') return undefined
  const problem = checkShape(result, output.shape, 'Result', output, mode)
  return problem === undefined ? undefined : `Mock result schema validation error: ${problem}`
}

function checkShape(
  value: Json,
  shapeName: string,
  field: string,
  output: OutputModel,
  mode: FieldValidationMode,
): string | undefined {
  const shape = getOwn(output.model.shapes, shapeName) as Shape | undefined
  if (shape === undefined || shape === 'document') return undefined
  if (typeof shape === 'string') return checkPlain(value, { type: shape }, field)
  switch (shape.type) {
    case 'structure': {
      if (!isObject(value)) return `Field '${field}' must be an object`
      const missing = mode === 'STRICT' ? shape.required?.find((name) => getOwn(value, name) === undefined) : undefined
      if (missing !== undefined) return `Required field '${missing}' is missing`
      return firstProblem(Object.entries(shape.members), ([name, of]) => {
        const member = getOwn(value, name)
        return member === undefined || output.free.has(name) ? undefined : checkShape(member, of, name, output, mode)
      })
    }
    case 'list':
      if (!isArray(value)) return `Field '${field}' must be an array`
      return firstProblem(value, (item) => checkShape(item, shape.member, field, output, mode))
    case 'map':
      if (!isObject(value)) return `Field '${field}' must be an object`
      return firstProblem(Object.values(value), (item) => checkShape(item, shape.value, field, output, mode))
    default:
      return checkPlain(value, shape, field)
  }
}

type Plain = { readonly type: PlainType; readonly min?: number; readonly max?: number; readonly enum?: readonly string[] }

/** Times and blobs are texts in a result. */
const JSON_TYPE: Readonly<Record<PlainType, 'string' | 'number' | 'boolean'>> = {
  string: 'string',
  timestamp: 'string',
  blob: 'string',
  number: 'number',
  boolean: 'boolean',
}

function checkPlain(value: Json, shape: Plain, field: string): string | undefined {
  const wanted = JSON_TYPE[shape.type]
  if (typeof value !== wanted) return `Field '${field}' must be a ${wanted}`
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = shape
  if (typeof value === 'number') {
    if (value < min) return `Field '${field}' is less than the minimum value`
    return value > max ? `Field '${field}' is greater than the maximum value` : undefined
  }
  if (typeof value !== 'string') return undefined
  if (shape.enum && !shape.enum.includes(value)) return `Field '${field}' is not an expected value`
  if (value.length < min) return `Field '${field}' is smaller than the minimum length`
  return value.length > max ? `Field '${field}' is larger than the maximum length` : undefined
}

function firstProblem<T>(items: Iterable<T>, check: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = check(item)
    if (problem !== undefined) return problem
  }
  return undefined
}
