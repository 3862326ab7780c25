/**
 * Event patterns: the language in which rules of EventBridge and filter policies of SNS say which messages they want.
 * A pattern's members must all match, the values of a list are alternatives, `$or` are alternatives of whole patterns.
 * Where the event has an array, one of its elements must match (all members of an object in the same element).
 * The two services read it with small differences: a dialect each.
 * Source: EventBridge user guide, "Creating event patterns", "Comparison operators"; Amazon SNS developer guide, "Amazon SNS
 * subscription filter policies".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { matchesOperator } from './pattern-operators.ts'

export interface PatternDialect {
  /** The error for a reason. */
  readonly refuse: (reason: string) => Error
  readonly depthMax: number
  readonly tooDeep: string
  /** Said of `$or` with fewer than two alternatives; where nothing is said, such a `$or` is a member like any other. */
  readonly fewAlternatives?: string
  /** Said of a pattern without members within another; where nothing is said, it matches every object. */
  readonly emptyPattern?: string
  /** Where patterns may not be nested. */
  readonly refuseNesting?: () => Error
  /** Said of a condition without an operator. */
  readonly noOperator: string
  /** The operators there are, and what is said against the value of one, if anything. */
  readonly operators: Readonly<Record<string, (value: Json) => string | undefined>>
  /** Whether `exists` holds of what was found. */
  readonly exists: (found: Json | undefined) => boolean
  /** Whether `anything-but` holds of the values that were found. */
  readonly anythingBut: (values: readonly Json[], isRefused: (value: Json) => boolean) => boolean
  /** Where the event has no object, a nested pattern is held against an empty one: it may ask for absence. */
  readonly seesAbsentObjects: boolean
}

/** Throws what the dialect says of a pattern that is none. */
export function checkPattern(pattern: JsonObject, dialect: PatternDialect, depth = 1): void {
  const { refuse, depthMax, tooDeep } = dialect
  if (depth > depthMax) throw refuse(tooDeep)
  for (const [name, wanted] of Object.entries(pattern)) {
    if (isAlternatives(name, wanted, dialect)) checkAlternatives(wanted, dialect, depth)
    else if (isArray(wanted)) checkConditions(wanted, dialect)
    else if (isObject(wanted)) checkNested(wanted, dialect, depth)
    else throw refuse(`"${name}" must be an object or an array`)
  }
}

/** Whether a member stands for alternatives of whole patterns. */
export const isAlternatives = (
  name: string,
  wanted: Json,
  { fewAlternatives }: PatternDialect,
): wanted is readonly JsonObject[] =>
  name === '$or' && isArray(wanted) && wanted.every(isObject) && (wanted.length > 1 || fewAlternatives !== undefined)

function checkAlternatives(patterns: readonly JsonObject[], dialect: PatternDialect, depth: number): void {
  const { refuse, fewAlternatives } = dialect
  if (patterns.length < 2 && fewAlternatives !== undefined) throw refuse(fewAlternatives)
  for (const pattern of patterns) checkPattern(pattern, dialect, depth + 1)
}

function checkNested(pattern: JsonObject, dialect: PatternDialect, depth: number): void {
  const { refuse, refuseNesting, emptyPattern } = dialect
  if (emptyPattern !== undefined && Object.keys(pattern).length === 0) throw refuse(emptyPattern)
  checkPattern(pattern, dialect, depth + 1)
  if (refuseNesting) throw refuseNesting()
}

function checkConditions(conditions: readonly Json[], dialect: PatternDialect): void {
  if (conditions.length === 0) throw dialect.refuse('Empty arrays are not allowed')
  for (const condition of conditions) checkCondition(condition, dialect)
}

function checkCondition(condition: Json, { refuse, operators, noOperator }: PatternDialect): void {
  if (isArray(condition)) throw refuse('Match value must be String, number, true, false, or null')
  if (!isObject(condition)) return
  const [first, ...others] = Object.entries(condition)
  if (first === undefined) throw refuse(noOperator)
  if (others.length > 0) throw refuse('Only one key allowed in match expression')
  const [name, value] = first
  if (!Object.hasOwn(operators, name)) throw refuse(`Unrecognized match type ${name}`)
  const fault = operators[name]?.(value)
  if (fault !== undefined) throw refuse(fault)
}

/** `event` is the whole of it, or any part. The pattern has been checked. */
export function matchesPattern(pattern: JsonObject, event: JsonObject, dialect: PatternDialect): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    if (isAlternatives(name, wanted, dialect)) return wanted.some((one) => matchesPattern(one, event, dialect))
    const found = getOwn(event, name)
    if (isArray(wanted)) return matchesAny(wanted, found, dialect)
    return isObject(wanted) && matchesNested(wanted, found, dialect)
  })
}

function matchesAny(conditions: readonly Json[], found: Json | undefined, dialect: PatternDialect): boolean {
  const values = valuesOf(found)
  const plain: ReadonlySet<Json> = new Set(values)
  return conditions.some((condition) =>
    isObject(condition) ? matchesCondition(condition, found, values, dialect) : plain.has(condition),
  )
}

function matchesNested(pattern: JsonObject, found: Json | undefined, dialect: PatternDialect): boolean {
  const objects = valuesOf(found).filter(isObject)
  if (objects.length === 0) return dialect.seesAbsentObjects && matchesPattern(pattern, {}, dialect)
  return objects.some((object) => matchesPattern(pattern, object, dialect))
}

const valuesOf = (found: Json | undefined): readonly Json[] => {
  if (found === undefined) return []
  return isArray(found) ? found.flatMap(valuesOf) : [found]
}

/** `values`: those of `found`. */
function matchesCondition(
  condition: JsonObject,
  found: Json | undefined,
  values: readonly Json[],
  dialect: PatternDialect,
): boolean {
  const [name = '', wanted = null] = Object.entries(condition)[0] ?? []
  switch (name) {
    case 'exists':
      return dialect.exists(found) === wanted
    case 'anything-but':
      return dialect.anythingBut(values, (value) => isRefused(wanted, value))
    default:
      return values.some((value) => matchesOperator(name, wanted, value))
  }
}

/** `refused` is a value, a condition, or a list of those. */
function isRefused(refused: Json, value: Json): boolean {
  if (isArray(refused)) return refused.some((one) => isRefused(one, value))
  if (!isObject(refused)) return refused === value
  return Object.entries(refused).some(([name, wanted]) => matchesOperator(name, wanted, value))
}
