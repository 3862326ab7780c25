/**
 * Reads the shapes that `@aws-sdk` clients carry, to rename members and convert values between Step Functions' PascalCase
 * JSON and what a client takes and gives. A client without shapes gets its members in PascalCase as they are.
 * The numbers are those of @smithy/core's schema notation: 1 list, 2 map, 3 structure, -3 error, 4 union, 0 simple;
 * as bare references 21 blob, 42 streaming blob, 4-7 timestamps, 64 | x list, 128 | x map.
 */
import { isArray, isObject, type Json, setOwn } from '../../base/json.ts'
import { printInOrder } from '../../base/member-order.ts'
import { numberOf } from '../../base/numeral.ts'
import { plainNumbers } from '../../base/plain-numbers.ts'
import { formatContextTime, toInstant } from '../../base/time.ts'

import { pascal } from '../casing.ts'

const LIST = 1
const MAP = 2
const STRUCTURES = new Set([3, -3, 4])
const BLOB = 21
const STREAMING_BLOB = 42
const STRING = 0
const TIMESTAMPS = new Set([4, 5, 6, 7])
const LIST_OF = 64
const MAP_OF = 128

/** A schema as the client spells it: a number, an array, a function that gives one, or a pair with traits. */
export type SchemaRef = unknown

interface Shape {
  readonly kind: 'structure' | 'list' | 'map' | 'blob' | 'stream' | 'timestamp' | 'text' | 'other'
  readonly members?: ReadonlyMap<string, SchemaRef>
  readonly element?: SchemaRef
}

/** Both schemas of a command of a client: what goes in and what comes out. */
export function commandSchemas(command: unknown): { input: SchemaRef; output: SchemaRef } | undefined {
  const schema: unknown = typeof command === 'object' && command !== null && 'schema' in command ? command.schema : undefined
  return Array.isArray(schema) && schema[0] === 9 ? { input: schema[4], output: schema[5] } : undefined
}

function shapeOf(ref: SchemaRef): Shape {
  let at = ref
  for (let i = 0; i < 8; i++) {
    if (typeof at === 'function') at = (at as () => unknown)()
    else if (Array.isArray(at) && at.length === 2) at = at[0]
    else if (Array.isArray(at) && at[0] === 0) at = at[4]
    else break
  }
  if (typeof at === 'number') return numberShape(at)
  if (!Array.isArray(at)) return { kind: 'other' }
  const kind: unknown = at[0]
  if (kind === LIST) return { kind: 'list', element: at[4] }
  if (kind === MAP) return { kind: 'map', element: at[5] }
  if (typeof kind === 'number' && STRUCTURES.has(kind)) {
    const names = at[4] as readonly string[]
    const refs = at[5] as readonly unknown[]
    return { kind: 'structure', members: new Map(names.map((name, i) => [name, refs[i]])) }
  }
  return { kind: 'other' }
}

function numberShape(code: number): Shape {
  if (code === BLOB) return { kind: 'blob' }
  if (code === STREAMING_BLOB) return { kind: 'stream' }
  if (TIMESTAMPS.has(code)) return { kind: 'timestamp' }
  if (code === STRING) return { kind: 'text' }
  if (code >= MAP_OF) return { kind: 'map', element: code - MAP_OF }
  if (code >= LIST_OF) return { kind: 'list', element: code - LIST_OF }
  return { kind: 'other' }
}

/**
 * Parameters, with numbers as they were spelled, to a command's input: member names by the shape, dates to Date, texts and bytes from whatever
 * JSON was given, all else as plain values.
 */
export function toClientInput(value: Json, ref: SchemaRef): unknown {
  const shape = shapeOf(ref)
  switch (shape.kind) {
    case 'structure':
      return isObject(value) ? structureInput(value, shape.members ?? new Map()) : value
    case 'list':
      return isArray(value) ? value.map((item) => toClientInput(item, shape.element)) : value
    case 'map':
      return isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toClientInput(item, shape.element)]))
        : value
    case 'timestamp':
      return timeOf(numberOf(value))
    case 'blob':
      return Buffer.from(typeof value === 'string' ? value : printInOrder(value))
    case 'stream':
      return Buffer.from(printInOrder(value))
    case 'text':
      return isObject(value) || isArray(value) ? printInOrder(value) : numberOf(value)
    case 'other':
      return plainNumbers(value)
  }
}

const timeOf = (value: Json | number) =>
  typeof value === 'string' ? new Date(value) : typeof value === 'number' ? new Date(value * 1000) : value

function structureInput(value: { readonly [key: string]: Json }, members: ReadonlyMap<string, SchemaRef>): unknown {
  const byPascal = new Map([...members].map(([name, ref]) => [pascal(name), [name, ref] as const]))
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      const [name, ref] = byPascal.get(key) ?? byPascal.get(pascal(key)) ?? [key, undefined]
      return [name, ref === undefined ? plainNumbers(member) : toClientInput(member, ref)]
    }),
  )
}

/** What a client gave, to JSON: members in PascalCase, dates as ISO 8601, bytes and streams as text. */
export async function fromClientOutput(value: unknown, ref: SchemaRef): Promise<Json | undefined> {
  if (value === undefined || typeof value === 'function') return undefined
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return formatContextTime(toInstant(value.getTime()))
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (typeof value !== 'object') return undefined
  if ('transformToString' in value && typeof value.transformToString === 'function') {
    return String(await (value as { transformToString(): Promise<string> }).transformToString())
  }
  const shape = ref === undefined ? undefined : shapeOf(ref)
  if (Array.isArray(value)) {
    const items = await Promise.all(value.map((item) => fromClientOutput(item, shape?.element)))
    return items.map((item) => item ?? null)
  }
  const isMap = shape?.kind === 'map'
  const members: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) {
    if (name === '$metadata') continue
    const converted = await fromClientOutput(member, isMap ? shape.element : shape?.members?.get(name))
    if (converted !== undefined) setOwn(members, isMap ? name : pascal(name), converted)
  }
  return members
}
