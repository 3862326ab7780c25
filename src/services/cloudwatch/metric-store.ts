/**
 * Metrics and their data points in the database.
 * 1. Whatever is put counts into its minute; what is of high resolution counts into its second as well, for as long as those are
 *    kept. So a span of whole minutes is read from minutes alone.
 * 2. What is too old goes when something new is put, at most once an hour.
 */
import type { Clock } from '../../base/clock.ts'
import { isArray } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { integer, nullable, real, row, text } from '../../sqlite/row.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'

import type { Dimensions } from './input.ts'
import { CLOUDWATCH_SCHEMA } from './schema.ts'
import { type Aggregate, type Distribution, merge } from './statistics.ts'

export interface Metric {
  readonly namespace: string
  readonly name: string
  readonly dimensions: Dimensions
}

export interface Datum {
  readonly metric: Metric
  readonly atMs: number
  readonly unit: string
  readonly aggregate: Aggregate
  readonly isHighResolution: boolean
}

export interface MetricRow {
  readonly id: number
  readonly namespace: string
  readonly name: string
  /** JSON text of pairs. */
  readonly dimensions: string
  readonly lastMs: number
}

interface PointRow {
  readonly at: number
  readonly unit: string
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly distribution: string | null
}

export interface Span {
  /** The beginning is in it, the end is not. */
  readonly fromMs: number
  readonly toMs: number
  readonly periodSeconds: number
  /** All where none is named. */
  readonly unit?: string | undefined
}

export interface Point {
  readonly atMs: number
  readonly unit: string
  readonly aggregate: Aggregate
}

const METRIC = row<MetricRow>({ id: integer, namespace: text, name: text, dimensions: text, lastMs: integer })
const POINT = row<PointRow>({
  at: integer,
  unit: text,
  count: real,
  sum: real,
  min: real,
  max: real,
  distribution: nullable(text),
})

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const KEPT_MS = { 1: 3 * HOUR_MS, 60: 15 * 24 * HOUR_MS } as const

export class MetricStore {
  readonly #database: ServicesDatabase
  readonly #clock: Clock
  readonly #sql: ReturnType<typeof prepare>
  #sweptMs = Number.NEGATIVE_INFINITY

  constructor(database: ServicesDatabase, clock: Clock) {
    applySchema(database, CLOUDWATCH_SCHEMA)
    this.#database = database
    this.#clock = clock
    this.#sql = prepare(database)
  }

  /** All of them or none. */
  put(data: readonly Datum[]): void {
    this.#database.transaction(() => {
      for (const datum of data) this.#putOne(datum)
      this.#sweep()
    })
  }

  /** In the order of their ids, those after `after`. */
  metrics(
    after: number,
    { namespace, name }: { namespace?: string | undefined; name?: string | undefined },
  ): Generator<MetricRow> {
    return this.#sql.metrics.iterate(after, namespace ?? null, namespace ?? null, name ?? null, name ?? null)
  }

  /** What was put in each period that has anything, oldest first. Periods begin at whole multiples since 1970. */
  points({ namespace, name, dimensions }: Metric, { fromMs, toMs, periodSeconds, unit }: Span): readonly Point[] {
    const metric = this.#sql.metric.get(namespace, name, JSON.stringify(dimensions))
    if (!metric) return []
    const resolution = periodSeconds < 60 ? 1 : 60
    const found = new Map<string, Point>()
    for (const point of this.#sql.points.all(metric.id, resolution, fromMs, toMs, unit ?? null, unit ?? null)) {
      const atMs = floorTo(point.at, periodSeconds * 1000)
      const key = `${atMs} ${point.unit}`
      const known = found.get(key)
      const aggregate = readPoint(point)
      found.set(key, { atMs, unit: point.unit, aggregate: known ? merge(known.aggregate, aggregate) : aggregate })
    }
    return [...found.values()]
  }

  #putOne({ metric: { namespace, name, dimensions }, atMs, unit, aggregate, isHighResolution }: Datum): void {
    const pairs = JSON.stringify(dimensions)
    const now = this.#clock.now()
    this.#sql.putMetric.run(namespace, name, pairs, now)
    const id = this.#sql.metric.get(namespace, name, pairs)?.id ?? 0
    this.#count(id, 60, floorTo(atMs, MINUTE_MS), unit, aggregate)
    if (isHighResolution && atMs > now - KEPT_MS[1]) this.#count(id, 1, floorTo(atMs, 1000), unit, aggregate)
  }

  #count(metric: number, resolution: number, at: number, unit: string, aggregate: Aggregate): void {
    const known = this.#sql.point.get(metric, resolution, at, unit)
    const { count, sum, min, max, distribution } = known ? merge(readPoint(known), aggregate) : aggregate
    this.#sql.putPoint.run(
      metric,
      resolution,
      at,
      unit,
      count,
      sum,
      min,
      max,
      distribution ? JSON.stringify([...distribution]) : null,
    )
  }

  #sweep(): void {
    const now = this.#clock.now()
    if (now - this.#sweptMs < HOUR_MS) return
    this.#sweptMs = now
    for (const resolution of [1, 60] as const) this.#sql.removePoints.run(resolution, now - KEPT_MS[resolution])
    this.#sql.removeMetrics.run(now - KEPT_MS[60])
  }
}

export const floorTo = (atMs: number, stepMs: number): number => atMs - (((atMs % stepMs) + stepMs) % stepMs)

export function dimensionsIn({ dimensions }: MetricRow): Dimensions {
  const pairs = jsonOf(dimensions)
  return isArray(pairs)
    ? pairs.map((pair) => (isArray(pair) ? ([String(pair[0]), String(pair[1])] as const) : (['', ''] as const)))
    : []
}

const readPoint = ({ count, sum, min, max, distribution }: PointRow): Aggregate => ({
  count,
  sum,
  min,
  max,
  distribution: distribution === null ? undefined : distributionIn(distribution),
})

function distributionIn(pairs: string): Distribution {
  const list = jsonOf(pairs)
  return new Map(isArray(list) ? list.map((pair) => (isArray(pair) ? [Number(pair[0]), Number(pair[1])] : [0, 0])) : [])
}

type Text = string | null
const POINT_COLUMNS = 'at, unit, count, sum, min, max, distribution'

const prepare = (database: ServicesDatabase) => ({
  putMetric: database.prepare<[string, string, string, number]>(
    `INSERT INTO cloudwatch_metrics (namespace, name, dimensions, lastMs) VALUES (?, ?, ?, ?)
     ON CONFLICT (namespace, name, dimensions) DO UPDATE SET lastMs = excluded.lastMs`,
  ),
  metric: database.prepare<[string, string, string], MetricRow>(
    'SELECT * FROM cloudwatch_metrics WHERE namespace = ? AND name = ? AND dimensions = ?',
    METRIC,
  ),
  metrics: database.prepare<[number, Text, Text, Text, Text], MetricRow>(
    `SELECT * FROM cloudwatch_metrics WHERE id > ? AND (? IS NULL OR namespace = ?) AND (? IS NULL OR name = ?) ORDER BY id`,
    METRIC,
  ),
  removeMetrics: database.prepare<[number]>('DELETE FROM cloudwatch_metrics WHERE lastMs < ?'),
  point: database.prepare<[number, number, number, string], PointRow>(
    `SELECT ${POINT_COLUMNS} FROM cloudwatch_data WHERE metric = ? AND resolution = ? AND at = ? AND unit = ?`,
    POINT,
  ),
  points: database.prepare<[number, number, number, number, Text, Text], PointRow>(
    `SELECT ${POINT_COLUMNS} FROM cloudwatch_data
     WHERE metric = ? AND resolution = ? AND at >= ? AND at < ? AND (? IS NULL OR unit = ?) ORDER BY at`,
    POINT,
  ),
  putPoint: database.prepare<[number, number, number, string, number, number, number, number, Text]>(
    `INSERT INTO cloudwatch_data (metric, resolution, at, unit, count, sum, min, max, distribution)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (metric, resolution, at, unit) DO UPDATE SET
       count = excluded.count, sum = excluded.sum, min = excluded.min, max = excluded.max, distribution = excluded.distribution`,
  ),
  removePoints: database.prepare<[number, number]>('DELETE FROM cloudwatch_data WHERE resolution = ? AND at < ?'),
})
