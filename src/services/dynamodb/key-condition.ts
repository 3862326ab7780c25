/**
 * Key conditions of a query: one partition, and a stretch of its sort keys.
 * Source: Amazon DynamoDB developer guide, "Key condition expressions for the Query operation"; texts as DynamoDB answers them.
 */
import { type AttributeValue, attributeOf, isEqual, type Item, typeOf } from './attribute-value.ts'
import { type Condition, isMet, type Operand } from './condition.ts'
import { invalidValues, validationError } from './errors.ts'
import type { Path } from './expression-tokens.ts'
import { joined, type LegacyOperator, type LegacyTest } from './item-input.ts'
import { type Bounds, LAST_KEY } from './item-store.ts'
import { NO_RANGE, rangeBytes, successorOf } from './key-bytes.ts'
import { keyAttributes, type KeySchema } from './table.ts'

/** By the name of the key. */
export type KeyTests = ReadonlyMap<string, LegacyTest>

export interface Stretch {
  readonly hash: AttributeValue
  readonly range: LegacyTest | undefined
}

const OPERATORS = { '=': 'EQ', '<': 'LT', '<=': 'LE', '>': 'GT', '>=': 'GE' } as const
const TURNED = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const

/** What a KeyConditionExpression says. Throws ValidationException. */
export function keyTestsOf(condition: Condition): KeyTests {
  const tests = new Map<string, LegacyTest>()
  collect(condition, tests)
  return tests
}

function collect(condition: Condition, tests: Map<string, LegacyTest>): void {
  if (condition.kind === 'and') {
    collect(condition.left, tests)
    collect(condition.right, tests)
    return
  }
  const test = testOf(condition)
  if (tests.has(test.name)) throw validationError('KeyConditionExpressions must only contain one condition per key')
  tests.set(test.name, test)
}

const invalidOperator = (name: string) => validationError(`Invalid operator used in KeyConditionExpression: ${name}`)

function testOf(condition: Condition): LegacyTest {
  switch (condition.kind) {
    case 'and':
    case 'or':
    case 'not':
    case 'in':
      throw invalidOperator(condition.kind.toUpperCase())
    case 'between':
      return toTest('BETWEEN', condition.operand, [condition.low, condition.high], 'BETWEEN')
    case 'function':
      if (condition.name !== 'begins_with') throw invalidOperator(condition.name)
      return toTest('BEGINS_WITH', condition.args[0], condition.args.slice(1), 'begins_with')
    case 'compare': {
      const { comparator, left, right } = condition
      if (comparator === '<>') throw invalidOperator(comparator)
      if (left.kind === 'path' && right.kind === 'path')
        throw validationError('Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition')
      return left.kind === 'path'
        ? toTest(OPERATORS[comparator], left, [right])
        : toTest(OPERATORS[TURNED[comparator]], right, [left])
    }
  }
}

function toTest(operator: LegacyOperator, key: Operand | undefined, operands: readonly Operand[], called?: string): LegacyTest {
  if ([key, ...operands].some((operand) => operand?.kind === 'function'))
    throw validationError('KeyConditionExpressions cannot contain nested operations')
  if (key?.kind !== 'path') {
    throw validationError(
      called === undefined
        ? 'Invalid condition in KeyConditionExpression: No key attribute specified'
        : `Invalid condition in KeyConditionExpression: ${called} operator must have the key attribute as its first operand`,
    )
  }
  const values = operands.flatMap((operand) => (operand.kind === 'value' && operand.value ? [operand.value] : []))
  if (values.length < operands.length)
    throw validationError('Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition')
  return { name: nameOf(key.path), operator, values }
}

function nameOf([name, ...rest]: Path): string {
  if (rest.length > 0) throw validationError('KeyConditionExpressions cannot have conditions on nested attributes')
  return name
}

/** What of the keys is asked for. Throws ValidationException where that is not one partition and one stretch. */
export function checkKeyTests(keys: KeySchema, tests: KeyTests): Stretch {
  for (const attribute of keyAttributes(keys)) {
    const isHash = attribute === keys.hash
    if (isHash && !keys.range && tests.size > 1) throw validationError('Query key condition not supported')
    const test = tests.get(attribute.name)
    if (!test) {
      if (isHash || tests.size > 1) throw validationError(`Query condition missed key schema element: ${attribute.name}`)
      continue
    }
    if (['NULL', 'NOT_NULL', 'NE', 'CONTAINS', 'NOT_CONTAINS', 'IN'].includes(test.operator))
      throw validationError('Attempted conditional constraint is not an indexable operation')
    if (test.values.some((value) => typeOf(value) !== attribute.type))
      throw invalidValues('Condition parameter type does not match schema type')
    if (isHash && test.operator !== 'EQ') throw validationError('Query key condition not supported')
    if (test.operator !== 'BEGINS_WITH' && test.values.some((value) => rangeBytes(value).length === 0))
      throw invalidValues(
        `The AttributeValue for a key attribute cannot contain an empty ${attribute.type === 'B' ? 'binary' : 'string'} value. Key: ${attribute.name}`,
      )
  }
  const hash = tests.get(keys.hash.name)?.values[0]
  if (!hash) throw validationError(`Query condition missed key schema element: ${keys.hash.name}`)
  return { hash, range: keys.range && tests.get(keys.range.name) }
}

/** That a page begins where the conditions hold. Throws ValidationException. */
export function checkStartsWithin(keys: KeySchema, tests: KeyTests, start: Item): void {
  const hash = attributeOf(start, keys.hash.name)
  const wanted = tests.get(keys.hash.name)?.values[0]
  const isSame = hash !== undefined && wanted !== undefined && isEqual(hash, wanted)
  const range = keys.range && tests.get(keys.range.name)
  if (!range) {
    if (!isSame) throw validationError('The provided starting key is outside query boundaries based on provided conditions')
    return
  }
  const condition = joined([range], undefined)
  if (condition && !isMet(condition, start))
    throw validationError('The provided starting key does not match the range key predicate')
  if (!isSame) throw validationError('The query can return at most one row and cannot be restarted')
}

const behind = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.of(0)])

/** The stretch of sort keys that a test lets through. */
export function boundsOf(test: LegacyTest | undefined): Bounds {
  const [low, high] = (test?.values ?? []).map(rangeBytes)
  const all = { lower: NO_RANGE, upper: LAST_KEY }
  if (!low) return all
  switch (test?.operator) {
    case 'EQ':
      return { lower: low, upper: behind(low) }
    case 'LT':
      return { ...all, upper: low }
    case 'LE':
      return { ...all, upper: behind(low) }
    case 'GT':
      return { ...all, lower: behind(low) }
    case 'GE':
      return { ...all, lower: low }
    case 'BEGINS_WITH':
      return { lower: low, upper: successorOf(low) ?? LAST_KEY }
    case 'BETWEEN':
      return { lower: low, upper: high ? behind(high) : LAST_KEY }
    default:
      return all
  }
}
