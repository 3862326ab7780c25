/**
 * What a metric filter says of events, as calls of PutMetricData: a value for each event that matches, the default value for each
 * that does not. An event that lacks the number, or a dimension, says nothing.
 * Source: CloudWatch Logs API reference, MetricTransformation; user guide, "Publishing numerical values found in log entries",
 * "Publishing dimensions with metrics".
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { invalidParameter } from './errors.ts'
import { parseFields } from './field-pattern.ts'
import { type MessageFilter, PatternError } from './filter-pattern.ts'
import { parseSelector } from './json-pattern.ts'
import type { LogEvent } from './log-store.ts'

/** Of events to the inputs of PutMetricData. */
export type MetricSource = (events: readonly LogEvent[]) => readonly JsonObject[]

type Value = (message: string) => string | undefined

interface Point {
  readonly seconds: number
  readonly dimensions: readonly JsonObject[]
  /** How often each value was said. */
  readonly counts: Map<number, number>
}

const DIMENSIONS_MAX = 3
/** Of one call, and of one datum. */
const DATA_MAX = 500
const VALUES_MAX = 150
const CHARS_MAX = 255

/** Throws AWS's refusals. */
export function metricSource(pattern: string, transformation: JsonObject, matches: MessageFilter): MetricSource {
  const numberOf = numberIn(pattern, String(transformation['metricValue']))
  const dimensions = dimensionsIn(pattern, transformation)
  const other = getOwn(transformation, 'defaultValue')
  const fallback = typeof other === 'number' ? other : undefined
  if (fallback !== undefined && dimensions.length > 0)
    throw invalidParameter('Invalid metric transformation: dimensions and default value are mutually exclusive properties')
  return (events) => {
    const points = new Map<string, Point>()
    for (const { message, timestamp } of events) {
      const isMatch = matches(message)
      const value = isMatch ? numberOf(message) : fallback
      const said = isMatch ? dimensions.map(([Name, at]) => ({ Name, Value: at(message)?.slice(0, CHARS_MAX) ?? '' })) : []
      if (value === undefined || said.some(({ Value }) => Value === '')) continue
      const seconds = Math.floor(timestamp / 1000)
      const place = JSON.stringify([seconds, said])
      const point = points.get(place) ?? { seconds, dimensions: said, counts: new Map() }
      points.set(place, point)
      point.counts.set(value, (point.counts.get(value) ?? 0) + 1)
    }
    return callsOf(transformation, [...points.values()])
  }
}

/** A number as it is written, or that of the event. */
function numberIn(pattern: string, text: string): (message: string) => number | undefined {
  const number = toNumber(text)
  if (number !== undefined) return () => number
  const value = valueIn(pattern, text)
  if (!value)
    throw invalidParameter(`Invalid metric transformation: the value ${text} is neither a number nor a field of the pattern`)
  return (message) => toNumber(value(message) ?? '')
}

function toNumber(text: string): number | undefined {
  const number = Number(text)
  return text.trim() === '' || !Number.isFinite(number) ? undefined : number
}

function dimensionsIn(pattern: string, transformation: JsonObject): readonly (readonly [name: string, value: Value])[] {
  const given = getOwn(transformation, 'dimensions')
  const entries = isObject(given) ? Object.entries(given) : []
  if (entries.length > DIMENSIONS_MAX)
    throw invalidParameter(`Invalid metric transformation: at most ${DIMENSIONS_MAX} dimensions are allowed`)
  if (entries.length > 0 && !/^\s*[[{]/.test(pattern))
    throw invalidParameter('The specified filter pattern does not support dimensions')
  return entries.map(([name, selector]) => {
    const value = valueIn(pattern, String(selector))
    if (!value) throw invalidParameter(`Invalid metric transformation: the dimension ${name} is no field of the pattern`)
    return [name, value]
  })
}

/** `$.member` of a JSON pattern, `$field` of a space-delimited one. Undefined for what is neither. */
function valueIn(pattern: string, selector: string): Value | undefined {
  const text = pattern.trim()
  try {
    if (text.startsWith('{') && selector.startsWith('$')) return parseSelector(selector)
    return text.startsWith('[') && selector.startsWith('$') ? parseFields(text).fieldNamed(selector.slice(1)) : undefined
  } catch (error) {
    if (error instanceof PatternError) return undefined
    throw error
  }
}

function callsOf(transformation: JsonObject, points: readonly Point[]): readonly JsonObject[] {
  const data = points.flatMap(({ seconds, dimensions, counts }) =>
    slicesOf([...counts], VALUES_MAX).map((values) => ({
      MetricName: String(transformation['metricName']),
      Timestamp: seconds,
      Unit: String(getOwn(transformation, 'unit') ?? 'None'),
      Values: values.map(([value]) => value),
      Counts: values.map(([, count]) => count),
      ...(dimensions.length > 0 && { Dimensions: dimensions }),
    })),
  )
  const Namespace = String(transformation['metricNamespace'])
  return slicesOf(data, DATA_MAX).map((MetricData) => ({ Namespace, MetricData }))
}

const slicesOf = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size))
