/** CloudWatch's actions on metrics. Source: CloudWatch API reference. */
import type { Clock } from '../../base/clock.ts'
import { getOwn, isArray, isObject, type JsonObject } from '../../base/json.ts'

import { objectList } from '../kit/input.ts'
import { cutPage } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'

import { constraintError, invalidCombination, invalidToken, invalidValue, missingParameter, validation } from './errors.ts'
import {
  type Dimensions,
  numberIn,
  readDimensions,
  readNumber,
  readOneOf,
  readPeriod,
  readText,
  readTexts,
  readTime,
  readUnit,
  readWhole,
  renderDimensions,
  requireText,
  requireTime,
  SECOND_MS,
} from './input.ts'
import { readQueries, runQueries } from './metric-queries.ts'
import { type Datum, dimensionsIn, floorTo, type MetricRow, type MetricStore } from './metric-store.ts'
import { type Aggregate, ofValues, STATISTICS, statisticNamed } from './statistics.ts'

const DATA_MAX = 1000
const VALUES_MAX = 150
const PAGE = 500
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const STATISTICS_POINTS_MAX = 1440
const DATA_POINTS_MAX = 100_800
const TOKENS = pageTokens('monitoring', invalidToken)

export class Metrics {
  readonly #store: MetricStore
  readonly #clock: Clock

  constructor(store: MetricStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  putMetricData(input: JsonObject): JsonObject {
    const namespace = readNamespace(input)
    const own = objectList(input, 'MetricData')
    const ofEntities = objectList(input, 'EntityMetricData').flatMap((entity) => objectList(entity, 'MetricData'))
    const data = [...own, ...ofEntities]
    if (data.length === 0) throw missingParameter('MetricData')
    if (data.length > DATA_MAX) throw invalidValue(`The collection MetricData must not have a size greater than ${DATA_MAX}.`)
    this.#store.put(data.map((datum, index) => this.#readDatum(datum, namespace, `MetricData.member.${index + 1}`)))
    return {}
  }

  #readDatum(input: JsonObject, namespace: string, at: string): Datum {
    const atMs = readTime(input, 'Timestamp', `${at}.Timestamp`) ?? this.#clock.now()
    if (atMs < this.#clock.now() - 14 * DAY_MS)
      throw invalidValue(`The parameter ${at}.Timestamp must specify a time no more than two weeks in the past.`)
    if (atMs > this.#clock.now() + 2 * HOUR_MS)
      throw invalidValue(`The parameter ${at}.Timestamp must specify a time no more than two hours in the future.`)
    return {
      metric: {
        namespace,
        name: requireText(input, 'MetricName', 255),
        dimensions: readDimensions(input, `${at}.Dimensions`),
      },
      atMs,
      unit: readUnit(input) ?? 'None',
      aggregate: readAggregate(input, at),
      isHighResolution: readWhole(input, 'StorageResolution', 1, 60) === 1,
    }
  }

  /** Newest first unless asked otherwise. */
  getMetricData(input: JsonObject): JsonObject {
    const queries = readQueries(input, 'MetricDataQueries')
    const span = readSpan(input)
    const isAscending = readOneOf(input, 'ScanBy', ['TimestampDescending', 'TimestampAscending']) === 'TimestampAscending'
    const shortest = Math.min(...queries.map(({ periodSeconds }) => periodSeconds ?? Number.POSITIVE_INFINITY))
    if ((span.toMs - span.fromMs) / (shortest * SECOND_MS) > DATA_POINTS_MAX)
      throw validation(
        `You have requested more than ${DATA_POINTS_MAX} datapoints. Ask for a longer Period, or a shorter time range.`,
      )
    const results = runQueries(this.#store, queries, span)
    return {
      MetricDataResults: results.flatMap(({ query, series }) =>
        series.map(({ label, points }) => {
          const ordered = isAscending ? [...points] : [...points].reverse()
          return {
            Id: query.id,
            Label: query.label ?? (query.kind === 'metric' || series.length > 1 ? label : query.id),
            Timestamps: ordered.map(([time]) => time / SECOND_MS),
            Values: ordered.map(([, value]) => value),
            StatusCode: 'Complete',
          }
        }),
      ),
      Messages: [],
    }
  }

  getMetricStatistics(input: JsonObject): JsonObject {
    const metric = {
      namespace: readNamespace(input),
      name: requireText(input, 'MetricName', 255),
      dimensions: readDimensions(input),
    }
    const periodSeconds = readPeriod(input)
    if (periodSeconds === undefined) throw missingParameter('Period')
    const { fromMs, toMs } = readSpan(input)
    const statistics = readTexts(input, 'Statistics') ?? []
    const extended = readTexts(input, 'ExtendedStatistics') ?? []
    if (statistics.length + extended.length === 0) throw missingParameter('Statistics')
    checkStatistics(statistics, extended)
    const points = Math.ceil((toMs - fromMs) / (periodSeconds * SECOND_MS))
    if (points > STATISTICS_POINTS_MAX)
      throw invalidCombination(
        `You have requested up to ${points.toLocaleString('en-US')} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
      )
    const span = { fromMs: floorTo(fromMs, periodSeconds * SECOND_MS), toMs, periodSeconds, unit: readUnit(input) }
    return {
      Label: metric.name,
      Datapoints: this.#store.points(metric, span).map(({ atMs, unit, aggregate }) => {
        const shown = extended.flatMap((name) => {
          const value = statisticNamed(name)?.(aggregate)
          return value === undefined ? [] : [[name, value] as const]
        })
        return {
          Timestamp: atMs / SECOND_MS,
          ...Object.fromEntries(statistics.map((name) => [name, statisticNamed(name)?.(aggregate) ?? 0])),
          Unit: unit,
          ...(shown.length > 0 && { ExtendedStatistics: Object.fromEntries(shown) }),
        }
      }),
    }
  }

  listMetrics(input: JsonObject): JsonObject {
    const filters = objectList(input, 'Dimensions').map((one) => [requireText(one, 'Name'), readText(one, 'Value')] as const)
    const after = Number(TOKENS.placeOf(readText(input, 'NextToken')) || 0)
    const isRecent = readText(input, 'RecentlyActive') === 'PT3H'
    const since = isRecent ? this.#clock.now() - 3 * HOUR_MS : Number.NEGATIVE_INFINITY
    const wanted = { namespace: readText(input, 'Namespace'), name: readText(input, 'MetricName') }
    const found: MetricRow[] = []
    for (const metric of this.#store.metrics(after, wanted)) {
      if (found.length > PAGE) break
      if (metric.lastMs >= since && hasDimensions(dimensionsIn(metric), filters)) found.push(metric)
    }
    const { items, last } = cutPage(found, PAGE)
    return {
      Metrics: items.map((metric) => ({
        Namespace: metric.namespace,
        MetricName: metric.name,
        Dimensions: renderDimensions(dimensionsIn(metric)),
      })),
      ...(last && { NextToken: TOKENS.print([String(last.id)]) }),
    }
  }
}

const hasDimensions = (dimensions: Dimensions, filters: readonly (readonly [string, string | undefined])[]): boolean =>
  filters.every(([name, value]) => dimensions.some(([one, its]) => one === name && (value === undefined || value === its)))

function readNamespace(input: JsonObject): string {
  const namespace = requireText(input, 'Namespace', 255)
  if (namespace.startsWith(':'))
    throw constraintError(namespace, 'Namespace', 'Member must satisfy regular expression pattern: [^:].*')
  return namespace
}

function readSpan(input: JsonObject): { readonly fromMs: number; readonly toMs: number } {
  const [fromMs, toMs] = [requireTime(input, 'StartTime'), requireTime(input, 'EndTime')]
  if (fromMs >= toMs) throw invalidCombination('The parameter StartTime must be less than the parameter EndTime.')
  return { fromMs, toMs }
}

function checkStatistics(statistics: readonly string[], extended: readonly string[]): void {
  const known: readonly string[] = STATISTICS
  const wrong = statistics.find((name) => !known.includes(name))
  if (wrong !== undefined)
    throw constraintError(wrong, 'Statistics', `Member must satisfy enum value set: [${STATISTICS.join(', ')}]`)
  const unknown = extended.find((name) => known.includes(name) || !statisticNamed(name))
  if (unknown !== undefined) throw invalidValue(`The value ${unknown} for parameter ExtendedStatistics is not supported.`)
}

/** One value, many with their counts, or what somebody has worked out of them. */
function readAggregate(input: JsonObject, at: string): Aggregate {
  const value = readNumber(input, 'Value', `${at}.Value`)
  const statistics = getOwn(input, 'StatisticValues')
  const values = getOwn(input, 'Values')
  const given = [value !== undefined && 'Value', isArray(values) && 'Values', isObject(statistics) && 'StatisticValues'].filter(
    (name) => name !== false,
  )
  if (given.length > 1)
    throw invalidCombination(
      `The parameters ${at}.${given[0]} and ${at}.${given[1]} are mutually exclusive and you have specified both.`,
    )
  if (value !== undefined) return ofValues(new Map([[value, 1]]))
  if (isObject(statistics)) return readStatistics(statistics, `${at}.StatisticValues`)
  if (!isArray(values)) throw missingParameter(`${at}.Value`)
  return readValues(values, getOwn(input, 'Counts'), at)
}

function readStatistics(input: JsonObject, at: string): Aggregate {
  const read = (member: string): number => {
    const number = readNumber(input, member, `${at}.${member}`)
    if (number === undefined) throw missingParameter(`${at}.${member}`)
    return number
  }
  return { count: read('SampleCount'), sum: read('Sum'), min: read('Minimum'), max: read('Maximum'), distribution: undefined }
}

function readValues(values: readonly unknown[], counts: unknown, at: string): Aggregate {
  if (values.length === 0 || values.length > VALUES_MAX)
    throw invalidValue(`The collection ${at}.Values must have between 1 and ${VALUES_MAX} values.`)
  if (isArray(counts) && counts.length !== values.length)
    throw invalidValue(`The parameters ${at}.Values and ${at}.Counts must be of the same size.`)
  const distribution = new Map<number, number>()
  values.forEach((value, index) => {
    const number = numberIn(isNumber(value) ? value : String(value), `${at}.Values`)
    const count = isArray(counts) ? numberIn(counts[index] ?? 1, `${at}.Counts`) : 1
    distribution.set(number, (distribution.get(number) ?? 0) + count)
  })
  return ofValues(distribution)
}

const isNumber = (value: unknown): value is number => typeof value === 'number'
