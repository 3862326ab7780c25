/**
 * What operations take: the types and bounds of their members, as DynamoDB checks them before it looks at any table, in its words.
 * What is not known is dropped, as DynamoDB does it.
 * Source: Amazon DynamoDB API reference; texts as DynamoDB answers them.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { AttributeValue } from './attribute-value.ts'
import { typeError, validationError } from './errors.ts'

export interface Bounds {
  readonly isRequired?: boolean
  /** Of a number; of a text or a list its length. */
  readonly min?: number
  readonly max?: number
  readonly pattern?: string
  readonly values?: readonly string[]
  /** Of a table, in the operations on tables: looked at before all else, in words of its own. */
  readonly isNameOfTable?: boolean
}

export type Shape =
  | ({ readonly kind: 'text' | 'whole' | 'flag' } & Bounds)
  | ({ readonly kind: 'value' | 'json' } & Bounds)
  | ({ readonly kind: 'list' | 'map'; readonly of: Shape } & Bounds)
  | ({ readonly kind: 'struct'; readonly members: Members } & Bounds)
export type Members = { readonly [name: string]: Shape }

/** What is read of a shape. */
export type Read<S extends Shape> = S extends { kind: 'struct'; members: infer M extends Members }
  ? ReadMembers<M>
  : S extends { kind: 'list'; of: infer E extends Shape }
    ? readonly Read<E>[]
    : S extends { kind: 'map'; of: infer E extends Shape }
      ? { readonly [name: string]: Read<E> }
      : S extends { kind: 'text' }
        ? string
        : S extends { kind: 'whole' }
          ? number
          : S extends { kind: 'flag' }
            ? boolean
            : S extends { kind: 'value' }
              ? AttributeValue
              : JsonObject

export type ReadMembers<M extends Members> = {
  readonly [N in keyof M]: M[N] extends { isRequired: true } ? Read<M[N]> : Read<M[N]> | undefined
}

// ---- makers

export const text = <const B extends Bounds = Record<never, never>>(bounds?: B) => ({ kind: 'text', ...(bounds as B) }) as const
export const whole = <const B extends Bounds = Record<never, never>>(bounds?: B) => ({ kind: 'whole', ...(bounds as B) }) as const
export const flag = { kind: 'flag' } as const
/** An object that is looked at elsewhere. */
export const json = { kind: 'json' } as const
export const value = { kind: 'value' } as const
export const list = <const S extends Shape, const B extends Bounds = Record<never, never>>(of: S, bounds?: B) =>
  ({ kind: 'list', of, ...(bounds as B) }) as const
export const map = <const S extends Shape, const B extends Bounds = Record<never, never>>(of: S, bounds?: B) =>
  ({ kind: 'map', of, ...(bounds as B) }) as const
export const struct = <const M extends Members, const B extends Bounds = Record<never, never>>(members: M, bounds?: B) =>
  ({ kind: 'struct', members, ...(bounds as B) }) as const

const FAULTS_MAX = 10

/** The members of an input. Throws SerializationException or ValidationException. */
export function readInput<const M extends Members>(members: M, input: JsonObject): ReadMembers<M> {
  const read = readMembers(members, input)
  checkNames(members, read)
  const faults: string[] = []
  checkMembers(members, read, '', faults)
  if (faults.length > 0)
    throw validationError(`${faults.length} validation error${faults.length > 1 ? 's' : ''} detected: ${faults.join('; ')}`)
  // Each member was read as its shape says.
  return read as ReadMembers<M>
}

// ---- types

type Known = Record<string, unknown>

function readMembers(members: Members, input: JsonObject): Known {
  const read: Known = {}
  for (const [name, shape] of Object.entries(members)) {
    const given = getOwn(input, name) ?? null
    if (given !== null) read[name] = readShape(shape, given)
  }
  return read
}

function readShape(shape: Shape, given: Json): unknown {
  switch (shape.kind) {
    case 'text':
      if (typeof given !== 'string') throw wrongType(given, 'String')
      return given
    case 'whole':
      if (typeof given !== 'number') throw wrongType(given, 'Integer')
      return Math.floor(given)
    case 'flag':
      return readFlag(given)
    case 'list':
      if (!isArray(given)) throw isObject(given) ? typeError(STRUCTURE) : typeError('Unexpected field type')
      return given.map((one) => readShape(shape.of, one))
    case 'map':
      if (!isObject(given)) throw notAnObject(given)
      return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, readShape(shape.of, one)]))
    case 'struct':
      if (!isObject(given)) throw notAnObject(given)
      return readMembers(shape.members, given)
    case 'json':
      if (!isObject(given)) throw notAnObject(given)
      return given
    case 'value':
      return readValue(given)
  }
}

const STRUCTURE = 'Start of structure or map found where not expected'

const notAnObject = (given: Json) =>
  typeError(isArray(given) ? 'Unrecognized collection type class com.amazonaws.dynamodb.v20120810' : 'Unexpected field type')

function wrongType(given: Json, wanted: string) {
  if (isArray(given)) return typeError(`Unrecognized collection type class java.lang.${wanted}`)
  if (isObject(given)) return typeError(STRUCTURE)
  return typeError(`${tokenOf(given)} cannot be converted to ${wanted}`)
}

function tokenOf(given: Json): string {
  if (typeof given === 'boolean') return given ? 'TRUE_VALUE' : 'FALSE_VALUE'
  if (typeof given === 'number') return Number.isInteger(given) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE'
  return 'STRING_VALUE'
}

function readFlag(given: Json): boolean {
  if (typeof given === 'boolean') return given
  if (typeof given !== 'string') throw wrongType(given, 'Boolean')
  const word = given.toUpperCase()
  if (['TRUE', '1', 'YES'].includes(word)) return true
  if (['FALSE', '0', 'NO'].includes(word)) return false
  throw typeError('Unexpected token received from parser')
}

/** With the members that a value may have; what is in them is looked at by `checkValue`. */
function readValue(given: Json): Known {
  if (!isObject(given)) throw typeError('Unexpected value type in payload')
  const read: Known = {}
  for (const [type, content] of Object.entries(given)) {
    const reader = VALUE_READERS.get(type)
    if (reader && content !== null) read[type] = reader(content)
  }
  return read
}

const textOf = (given: Json): unknown => readShape({ kind: 'text' }, given)
const listOf = (given: Json, read: (one: Json) => unknown): unknown[] => {
  if (!isArray(given)) throw isObject(given) ? typeError(STRUCTURE) : typeError('Unexpected field type')
  return given.map(read)
}

const VALUE_READERS: ReadonlyMap<string, (given: Json) => unknown> = new Map([
  ['S', textOf],
  ['N', textOf],
  ['B', bytesOf],
  ['BOOL', readFlag],
  ['NULL', readFlag],
  ['SS', (given) => listOf(given, textOf)],
  ['NS', (given) => listOf(given, textOf)],
  ['BS', (given) => listOf(given, bytesOf)],
  ['L', (given) => listOf(given, readValue)],
  [
    'M',
    (given) => {
      if (!isObject(given)) throw notAnObject(given)
      return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, readValue(one)]))
    },
  ],
])

function bytesOf(given: Json): unknown {
  if (typeof given === 'boolean' || typeof given === 'number')
    throw typeError('only base-64-encoded strings are convertible to bytes')
  if (typeof given !== 'string') throw wrongType(given, 'String')
  if (given.length % 4 !== 0)
    throw typeError(`Base64 encoded length is expected a multiple of 4 bytes but found: ${given.length}`)
  if (Buffer.from(given, 'base64').toString('base64') !== given)
    throw typeError('Invalid last non-pad Base64 character dectected')
  return given
}

// ---- bounds

function checkNames(members: Members, read: Known): void {
  for (const [name, { isNameOfTable, min = 0, max = 0 }] of Object.entries(members)) {
    if (isNameOfTable !== true) continue
    const found = read[name]
    if (found === undefined) throw validationError(`The parameter '${name}' is required but was not present in the request`)
    if (lengthOf(found) < min || lengthOf(found) > max)
      throw validationError(`${name} must be at least ${min} characters long and at most ${max} characters long`)
  }
}

function checkMembers(members: Members, read: Known, parent: string, faults: string[]): void {
  for (const [name, shape] of Object.entries(members)) {
    const at = `${parent}${name.charAt(0).toLowerCase()}${name.slice(1)}`
    const found = read[name]
    if (found !== undefined) checkShape(shape, found, at, faults)
    else if (shape.isRequired === true && faults.length < FAULTS_MAX)
      faults.push(`Value null at '${at}' failed to satisfy constraint: Member must not be null`)
  }
}

function checkShape(shape: Shape, found: unknown, at: string, faults: string[]): void {
  const fail = (constraint: string) => {
    if (faults.length < FAULTS_MAX) faults.push(`Value '${shown(found)}' at '${at}' failed to satisfy constraint: ${constraint}`)
  }
  checkBounds(shape, found, fail)
  if (shape.kind === 'list')
    for (const [place, one] of (found as unknown[]).entries()) checkShape(shape.of, one, `${at}.${place + 1}.member`, faults)
  if (shape.kind === 'map')
    for (const [name, one] of Object.entries(found as Known)) checkShape(shape.of, one, `${at}.${name}.member`, faults)
  if (shape.kind === 'struct') checkMembers(shape.members, found as Known, `${at}.`, faults)
}

function checkBounds({ kind, min, max, pattern, values }: Shape, found: unknown, fail: (constraint: string) => void): void {
  const size = kind === 'whole' ? Number(found) : lengthOf(found)
  const measure = kind === 'whole' ? 'value' : 'length'
  if (values && !values.includes(String(found))) fail(`Member must satisfy enum value set: [${values.join(', ')}]`)
  if (pattern !== undefined && !new RegExp(`^${pattern}$`).test(String(found)))
    fail(`Member must satisfy regular expression pattern: ${pattern}`)
  if (min !== undefined && size < min) fail(`Member must have ${measure} greater than or equal to ${min}`)
  if (max !== undefined && size > max) fail(`Member must have ${measure} less than or equal to ${max}`)
}

const lengthOf = (found: unknown): number =>
  typeof found === 'string' || Array.isArray(found) ? found.length : Object.keys(found as Known).length

const shown = (found: unknown): string =>
  Array.isArray(found)
    ? `[${found.map(shown).join(', ')}]`
    : typeof found === 'object' && found !== null
      ? JSON.stringify(found)
      : String(found)
