/** Reads members of a request with CloudWatch's constraints. */
import { getOwn, type Json, type JsonObject } from '../../base/json.ts'
import { type Instant, toInstant } from '../../base/time.ts'

import { inputReaders, objectList } from '../kit/input.ts'
import type { Tags } from '../kit/tags.ts'

import { constraintError, invalidValue, missingParameter } from './errors.ts'

const { readText, readWhole, readTexts } = inputReaders({
  charsMax: 10_240,
  wrongType: (member, wanted) => invalidValue(`The parameter ${member} must be ${wanted}.`),
  constraint: constraintError,
})
export { readText, readTexts, readWhole }

/** The unit of all times here, as the wire has them. */
export const SECOND_MS = 1000

export function requireText(input: JsonObject, member: string, max?: number): string {
  const text = readText(input, member, max)
  if (text === undefined || text === '') throw missingParameter(member)
  return text
}

export function readFlag(input: JsonObject, member: string, initially: boolean): boolean {
  const value = getOwn(input, member)
  return typeof value === 'boolean' ? value : initially
}

/** `called` is how messages name it: `MetricData.member.1.Value`. */
export function readNumber(input: JsonObject, member: string, called = member): number | undefined {
  const value = getOwn(input, member) ?? undefined
  return value === undefined ? undefined : numberIn(value, called)
}

export function numberIn(value: Json, called: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw invalidValue(`The value ${shown(value)} for parameter ${called} is invalid.`)
  return value
}

const shown = (value: Json): string =>
  typeof value === 'number' || typeof value === 'string' ? String(value) : JSON.stringify(value)

/** Given as seconds; undefined where it is absent. */
export function readTime(input: JsonObject, member: string, called = member): Instant | undefined {
  const value = getOwn(input, member) ?? undefined
  return value === undefined ? undefined : toInstant(numberIn(value, called) * SECOND_MS)
}

export function requireTime(input: JsonObject, member: string): Instant {
  const time = readTime(input, member)
  if (time === undefined) throw missingParameter(member)
  return time
}

export function readOneOf<T extends string>(input: JsonObject, member: string, values: readonly T[]): T | undefined {
  const text = readText(input, member)
  const found = values.find((value) => value === text)
  if (text !== undefined && found === undefined)
    throw constraintError(text, member, `Member must satisfy enum value set: [${values.join(', ')}]`)
  return found
}

export const readTags = (input: JsonObject): Tags =>
  new Map(objectList(input, 'Tags').map((tag) => [readText(tag, 'Key') ?? '', readText(tag, 'Value') ?? '']))

/** A name and a value each, in the order of the names: so they tell metrics apart. */
export type Dimensions = readonly (readonly [name: string, value: string])[]

const DIMENSIONS_MAX = 30

export function readDimensions(input: JsonObject, called = 'Dimensions'): Dimensions {
  const list = objectList(input, 'Dimensions')
  if (list.length > DIMENSIONS_MAX)
    throw invalidValue(`The collection ${called} must not have a size greater than ${DIMENSIONS_MAX}.`)
  return list
    .map((one) => [requireText(one, 'Name', 255), requireText(one, 'Value', 1024)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

export const renderDimensions = (dimensions: Dimensions): JsonObject[] => dimensions.map(([Name, Value]) => ({ Name, Value }))

const UNITS: ReadonlySet<string> = new Set(
  `Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits Terabits
   Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second Terabytes/Second Bits/Second Kilobits/Second
   Megabits/Second Gigabits/Second Terabits/Second Count/Second None`.split(/\s+/),
)

export function readUnit(input: JsonObject): string | undefined {
  const unit = readText(input, 'Unit')
  if (unit !== undefined && !UNITS.has(unit))
    throw constraintError(unit, 'Unit', `Member must satisfy enum value set: [${[...UNITS].join(', ')}]`)
  return unit
}

const PERIODS_BELOW_MINUTE: ReadonlySet<number> = new Set([1, 5, 10, 20, 30])

/** In seconds. */
export function readPeriod(input: JsonObject): number | undefined {
  const period = readWhole(input, 'Period', 1, 86_400 * 7)
  if (period !== undefined && period % 60 !== 0 && !PERIODS_BELOW_MINUTE.has(period))
    throw invalidValue(`The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60`)
  return period
}
