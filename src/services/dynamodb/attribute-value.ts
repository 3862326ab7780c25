/**
 * Attribute values: what they are, when DynamoDB takes them, how large they are, and how they compare.
 * Source: Amazon DynamoDB developer guide, "Supported data types", "Item sizes and formats", "Comparison operator and function
 * reference"; texts as DynamoDB answers them.
 */
import { getOwn } from '../../base/json.ts'

import { compareDecimals, type Decimal, parseDecimal, printDecimal, ZERO } from './decimal.ts'
import { validationError } from './errors.ts'

export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  /** Base64. */
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: boolean }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item }

/** Names may be anything: read them by `attributeOf`. */
export type Item = { readonly [name: string]: AttributeValue }

export type ValueType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'BS' | 'L' | 'M'
export const VALUE_TYPES: readonly ValueType[] = ['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M']

export function typeOf(value: AttributeValue): ValueType {
  for (const type in value) return type as ValueType
  throw validationError(EMPTY)
}

export const attributeOf = (item: Item, name: string): AttributeValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined

const EMPTY = 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'
const SEVERAL = 'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes'
const INVALID = 'One or more parameter values were invalid'

/** The value with its numbers as DynamoDB tells them. Throws ValidationException; `prefix` stands before its text. */
export function checkValue(value: AttributeValue, prefix = ''): AttributeValue {
  const types = Object.keys(value)
  const fail = (message: string) => validationError(prefix + message)
  if (types.length === 0) throw fail(EMPTY)
  if (types.length > 1) throw fail(SEVERAL)
  if ('N' in value) return { N: checkNumber(value.N, fail) }
  if ('NULL' in value && !value.NULL) throw fail(`${INVALID}: Null attribute value types must have the value of true`)
  if ('SS' in value) return { SS: checkSet(value.SS, 'An string set  may not be empty', fail) }
  if ('BS' in value) return { BS: checkSet(value.BS, 'Binary sets should not be empty', fail, 'of type BS') }
  if ('NS' in value) {
    if (value.NS.length === 0) throw fail(`${INVALID}: An number set  may not be empty`)
    const numbers = value.NS.map((text) => checkNumber(text, fail))
    if (new Set(numbers).size < numbers.length) throw fail('Input collection contains duplicates')
    return { NS: numbers }
  }
  if ('L' in value) return { L: value.L.map((one) => checkValue(one, prefix)) }
  if ('M' in value) return { M: checkItem(value.M, prefix) }
  return value
}

/** Each of its values. */
export function checkItem(item: Item, prefix = ''): Item {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, checkValue(value, prefix)]))
}

type Fail = (message: string) => Error

function checkNumber(text: string, fail: Fail): string {
  const decimal = parseDecimal(text)
  if (typeof decimal === 'string') throw fail(decimal)
  return printDecimal(decimal)
}

function checkSet(set: readonly string[], empty: string, fail: Fail, kind = ' '): readonly string[] {
  if (set.length === 0) throw fail(`${INVALID}: ${empty}`)
  if (new Set(set).size < set.length) throw fail(`${INVALID}: Input collection [${set.join(', ')}]${kind}contains duplicates.`)
  return set
}

/** Of a number that has been checked. */
export function decimalOf(text: string): Decimal {
  const decimal = parseDecimal(text)
  return typeof decimal === 'string' ? ZERO : decimal
}

// ---- size

/** In bytes, as DynamoDB counts them. */
export const itemBytes = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0)

function valueBytes(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S)
  if ('N' in value) return numberBytes(value.N)
  if ('B' in value) return Buffer.byteLength(value.B, 'base64')
  if ('SS' in value) return value.SS.reduce((sum, one) => sum + Buffer.byteLength(one), 0)
  if ('NS' in value) return value.NS.reduce((sum, one) => sum + numberBytes(one), 0)
  if ('BS' in value) return value.BS.reduce((sum, one) => sum + Buffer.byteLength(one, 'base64'), 0)
  if ('L' in value) return 3 + value.L.reduce((sum, one) => sum + 1 + valueBytes(one), 0)
  if ('M' in value) return 3 + Object.keys(value.M).length + itemBytes(value.M)
  return 1
}

/** Two digits a byte, and one for the exponent. */
function numberBytes(text: string): number {
  const { isNegative, digits, exponent } = decimalOf(text)
  if (digits === '') return 1
  const isOdd = digits.length % 2 !== 0 || exponent % 2 !== 0
  return 1 + Math.ceil(digits.length / 2) + (isOdd ? 0 : 1) + (isNegative ? 1 : 0)
}

// ---- comparison

export function isEqual(a: AttributeValue, b: AttributeValue): boolean {
  if ('S' in a) return 'S' in b && a.S === b.S
  if ('N' in a) return 'N' in b && a.N === b.N
  if ('B' in a) return 'B' in b && a.B === b.B
  if ('BOOL' in a) return 'BOOL' in b && a.BOOL === b.BOOL
  if ('NULL' in a) return 'NULL' in b
  if ('L' in a) return 'L' in b && a.L.length === b.L.length && a.L.every((one, at) => isEqualOr(one, b.L[at]))
  if ('M' in a) return 'M' in b && isSameItem(a.M, b.M)
  const [one, other] = [membersOf(a), membersOf(b)]
  if (typeOf(a) !== typeOf(b) || !one || !other || one.length !== other.length) return false
  return one.every((member) => other.includes(member))
}

const isEqualOr = (a: AttributeValue, b: AttributeValue | undefined): boolean => b !== undefined && isEqual(a, b)

export function isSameItem(a: Item, b: Item): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length && names.every((name) => isEqualOr(a[name] as AttributeValue, attributeOf(b, name)))
  )
}

/** Of a set. */
export const membersOf = (value: AttributeValue): readonly string[] | undefined =>
  'SS' in value ? value.SS : 'NS' in value ? value.NS : 'BS' in value ? value.BS : undefined

/** Less than 0, 0 or more; undefined where the two have no order. */
export function compareValues(a: AttributeValue, b: AttributeValue): number | undefined {
  if ('N' in a && 'N' in b) return compareDecimals(decimalOf(a.N), decimalOf(b.N))
  if ('S' in a && 'S' in b) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S))
  if ('B' in a && 'B' in b) return Buffer.compare(Buffer.from(a.B, 'base64'), Buffer.from(b.B, 'base64'))
  return undefined
}

export function beginsWith(value: AttributeValue, start: AttributeValue): boolean {
  if ('S' in value && 'S' in start) return value.S.startsWith(start.S)
  if (!('B' in value && 'B' in start)) return false
  const wanted = Buffer.from(start.B, 'base64')
  return Buffer.from(value.B, 'base64').subarray(0, wanted.length).equals(wanted)
}

export function contains(value: AttributeValue, part: AttributeValue): boolean {
  if ('L' in value) return value.L.some((one) => isEqual(one, part))
  if ('S' in value) return 'S' in part && value.S.includes(part.S)
  if ('B' in value) return 'B' in part && Buffer.from(value.B, 'base64').includes(Buffer.from(part.B, 'base64'))
  const type = typeOf(value)
  const member = getOwn(part, type.slice(0, 1))
  return type.length === 2 && type.endsWith('S') && typeof member === 'string' && membersOf(value)?.includes(member) === true
}

/** What `size` gives; undefined of what has none. */
export function sizeOf(value: AttributeValue): number | undefined {
  if ('S' in value) return value.S.length
  if ('B' in value) return Buffer.byteLength(value.B, 'base64')
  if ('L' in value) return value.L.length
  if ('M' in value) return Object.keys(value.M).length
  return membersOf(value)?.length
}
