/**
 * Queries of metrics, as GetMetricData takes them and alarms keep them: of a metric's statistic, or of an expression over others.
 * Source: CloudWatch API reference, MetricDataQuery.
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { objectList } from '../kit/input.ts'

import { constraintError, missingParameter, validation } from './errors.ts'
import { readDimensions, readFlag, readPeriod, readText, readUnit, requireText } from './input.ts'
import { type Expression, MathError, parseMath } from './math-parser.ts'
import { evaluateMath, type MathScope, type MathValue, type Series } from './metric-math.ts'
import { floorTo, type Metric, type MetricStore } from './metric-store.ts'
import { statisticNamed } from './statistics.ts'

interface QueryHead {
  readonly id: string
  readonly label: string | undefined
  readonly isReturned: boolean
}

export type MetricQuery = QueryHead &
  (
    | {
        readonly kind: 'metric'
        readonly metric: Metric
        readonly stat: string
        readonly periodSeconds: number
        readonly unit: string | undefined
      }
    | { readonly kind: 'expression'; readonly expression: Expression; readonly periodSeconds: number | undefined }
  )

export interface QueryResult {
  readonly query: MetricQuery
  readonly series: readonly Series[]
}

const QUERIES_MAX = 500
const DEFAULT_PERIOD = 60

/** Throws ValidationError. `member` holds the list. */
export function readQueries(input: JsonObject, member: string): readonly MetricQuery[] {
  const queries = objectList(input, member).map((one, index) => readQuery(one, `${member}.member.${index + 1}`))
  if (queries.length === 0) throw missingParameter(member)
  if (queries.length > QUERIES_MAX) throw validation(`The collection ${member} must not have a size greater than ${QUERIES_MAX}.`)
  const ids = queries.map(({ id }) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw validation(`The values for parameter id in ${member} are not unique: ${twice}.`)
  return queries
}

function readQuery(input: JsonObject, at: string): MetricQuery {
  const id = requireText(input, 'Id', 255)
  if (!/^[a-z]\w*$/.test(id))
    throw validation(`The value ${id} for parameter ${at}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`)
  const head = { id, label: readText(input, 'Label'), isReturned: readFlag(input, 'ReturnData', true) }
  const stat = getOwn(input, 'MetricStat')
  const expression = readText(input, 'Expression', 2048)
  if (isObject(stat) === (expression !== undefined))
    throw validation(`Exactly one of ${at}.MetricStat and ${at}.Expression must be given.`)
  if (expression !== undefined)
    return { ...head, kind: 'expression', expression: parsed(expression, id), periodSeconds: readPeriod(input) }
  return { ...head, kind: 'metric', ...readStat(isObject(stat) ? stat : {}) }
}

function readStat(input: JsonObject) {
  const metric = getOwn(input, 'Metric')
  if (!isObject(metric)) throw missingParameter('MetricStat.Metric')
  const stat = requireText(input, 'Stat')
  if (!statisticNamed(stat)) throw constraintError(stat, 'Stat', 'Member must be a statistic that the local CloudWatch has')
  const periodSeconds = readPeriod(input)
  if (periodSeconds === undefined) throw missingParameter('MetricStat.Period')
  return {
    metric: {
      namespace: requireText(metric, 'Namespace', 255),
      name: requireText(metric, 'MetricName', 255),
      dimensions: readDimensions(metric),
    },
    stat,
    periodSeconds,
    unit: readUnit(input),
  }
}

function parsed(expression: string, id: string): Expression {
  return told(id, () => parseMath(expression))
}

function told<T>(id: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof MathError) throw validation(`Error in expression '${id}': ${error.message}`)
    throw error
  }
}

/** The statistic in each period of the span that has it. */
export function seriesOf(
  store: MetricStore,
  { metric, stat, periodSeconds, unit }: Extract<MetricQuery, { kind: 'metric' }>,
  span: { readonly fromMs: number; readonly toMs: number },
): Series {
  const statistic = statisticNamed(stat)
  const points = new Map<number, number>()
  for (const { atMs, aggregate } of store.points(metric, { ...span, periodSeconds, unit })) {
    const value = statistic?.(aggregate)
    if (value !== undefined) points.set(atMs, value)
  }
  return { label: metric.name, periodSeconds, points }
}

/** All queries whose data is returned, in their order. Throws ValidationError for expressions that come to nothing. */
export function runQueries(
  store: MetricStore,
  queries: readonly MetricQuery[],
  span: { readonly fromMs: number; readonly toMs: number },
): readonly QueryResult[] {
  const values = new Map<string, MathValue>()
  const underWay = new Set<string>()
  const scope: MathScope = {
    ...span,
    periodSeconds: queries.find(({ kind }) => kind === 'metric')?.periodSeconds ?? DEFAULT_PERIOD,
    valueOf: (id) => {
      const query = queries.find((one) => one.id === id)
      return query && workOut(query)
    },
    metrics: () => queries.flatMap((query) => (query.kind === 'metric' ? listOf(workOut(query), query.id) : [])),
  }

  function workOut(query: MetricQuery): MathValue {
    const known = values.get(query.id)
    if (known) return known
    if (underWay.has(query.id)) throw new MathError(`it refers to itself by way of ${query.id}`)
    underWay.add(query.id)
    const value: MathValue =
      query.kind === 'metric'
        ? { kind: 'series', series: seriesOf(store, query, alignedTo(query.periodSeconds, span)) }
        : evaluateMath(query.expression, { ...scope, periodSeconds: query.periodSeconds ?? scope.periodSeconds })
    underWay.delete(query.id)
    values.set(query.id, value)
    return value
  }

  return queries
    .filter(({ isReturned }) => isReturned)
    .map((query) => ({ query, series: told(query.id, () => listOf(workOut(query), query.id)) }))
}

function listOf(value: MathValue, id: string): readonly Series[] {
  if (value.kind === 'series') return [value.series]
  if (value.kind === 'list') return value.items
  throw new MathError(`${id} is no time series; TIME_SERIES makes one of a number`)
}

/** A period that has begun is looked at as a whole. */
const alignedTo = (periodSeconds: number, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }) => ({
  fromMs: floorTo(fromMs, periodSeconds * 1000),
  toMs,
})
