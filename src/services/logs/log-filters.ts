/**
 * Filters of log groups: subscriptions, which hand what they match to a function, and metric filters, which put what they make of
 * events into CloudWatch. What is to be sent is stored in the commit of the events: at least once.
 * Source: CloudWatch Logs API reference, PutSubscriptionFilter, PutMetricFilter and their like; user guide, "Real-time processing of
 * log data with subscriptions".
 */
import { gzipSync } from 'node:zlib'

import { growingPause } from '../../base/growing-pause.ts'
import { getOwn, isArray, isObject, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { WireError } from '../../wire/errors.ts'
import { SERVICES } from '../../aws/services.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { endingOf } from '../kit/delivery.ts'
import { objectList, picked } from '../kit/input.ts'
import { type Ending, Outbox, type OutboxRow } from '../kit/outbox.ts'
import { pageOf } from '../kit/page.ts'
import { Senders } from '../kit/senders.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { constraintError, invalidParameter, logsError } from './errors.ts'
import { type MessageFilter, parseFilterPattern, PatternError } from './filter-pattern.ts'
import { readText, readTexts, readWhole } from './input.ts'
import { type MetricSource, metricSource } from './metric-data.ts'
import type { GroupRow, StreamRow, StoredEvent } from './log-store.ts'
import { eventId, LIST_TOKENS } from './page-token.ts'

export type LogFiltersDeps = Pick<ServiceDeps, 'database' | 'clock' | 'log' | 'region' | 'account' | 'endpoint' | 'credentials'>

type Kind = 'subscription' | 'metric'

interface Filter {
  readonly groupId: number
  readonly kind: Kind
  readonly name: string
  /** As the API shows it. */
  readonly data: JsonObject
  readonly matches: MessageFilter
  /** Of a metric filter. */
  readonly metric?: MetricSource | undefined
}

interface Row extends OutboxRow {
  /** Of a function; METRICS for a call of PutMetricData. */
  readonly arn: string
  readonly message: string
  readonly madeMs: number
  readonly dueMs: number
}

const SUBSCRIPTIONS_MAX = 2
const METRICS_MAX = 100
const PAGE_MAX = 50
/** Of the messages of one event: packed and written as text it is less than an asynchronous call takes. */
const EVENT_BYTES_MAX = 128 * 1024
const AGE_MS_MAX = 86_400_000
const PAUSE = { firstMs: 1_000, longestMs: 600_000 }
const SHARE = 8
const METRICS = 'metrics'

export class LogFilters {
  readonly #deps: LogFiltersDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #outbox: Outbox<Row>
  /** Of each group, because each event is held against them. */
  readonly #filters = new Map<number, Filter[]>()

  constructor(deps: LogFiltersDeps) {
    const { database, clock, log, endpoint, region, credentials } = deps
    const senders = new Senders({ endpoint, region, credentials })
    this.#deps = deps
    this.#sql = prepare(database)
    for (const { groupId, kind, name, record } of this.#sql.all.all()) {
      const data = JSON.parse(record) as JsonObject
      const matches = parseFilterPattern(String(data['filterPattern'] ?? ''))
      this.#remember({ groupId, kind, name, data, matches, metric: kind === 'metric' ? keptSource(data, matches) : undefined })
    }
    this.#outbox = new Outbox<Row>({
      database,
      clock,
      log,
      table: 'log_deliveries',
      columns: ['arn', 'message', 'madeMs', 'dueMs'],
      due: 'dueMs',
      receiver: 'arn',
      share: SHARE,
      attempt: (row) => this.#attempt(senders, row),
    })
  }

  /** Carries on with what was left. When the endpoint answers. */
  resume(): void {
    this.#outbox.pump()
  }

  close(): void {
    this.#outbox.close()
  }

  /** Hears of events within the commit that stores them. */
  onEvents(group: GroupRow, stream: StreamRow, events: readonly StoredEvent[]): void {
    for (const { kind, name, data, matches, metric } of this.#filters.get(group.id) ?? []) {
      for (const call of metric?.(events) ?? []) this.#queue(METRICS, JSON.stringify(call))
      if (kind !== 'subscription') continue
      const found = events.filter(({ message }) => matches(message))
      for (const slice of slicesOf(found)) this.#send(group, stream, name, String(data['destinationArn']), slice)
    }
  }

  #send(group: GroupRow, stream: StreamRow, filter: string, arn: string, events: readonly StoredEvent[]): void {
    const data = {
      messageType: 'DATA_MESSAGE',
      owner: this.#deps.account,
      logGroup: group.name,
      logStream: stream.name,
      subscriptionFilters: [filter],
      logEvents: events.map((event) => ({ id: eventId(event), timestamp: event.timestamp, message: event.message })),
    }
    this.#queue(arn, JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(data)).toString('base64') } }))
  }

  #queue(arn: string, message: string): void {
    const now = this.#deps.clock.now()
    this.#outbox.add({ arn, message, madeMs: now, dueMs: now })
    this.#outbox.pump()
  }

  async #attempt(senders: Senders, row: Row): Promise<Ending> {
    const { clock, log } = this.#deps
    const pauseMs = () => (clock.now() - row.madeMs < AGE_MS_MAX ? growingPause(row.attempts + 1, PAUSE) : undefined)
    if (row.arn === METRICS) {
      const result = await senders.toAction(SERVICES.cloudwatch, 'PutMetricData', objectOf(row.message) ?? {})
      return endingOf(result, {
        pauseMs,
        giveUp: async (reason) => log.warn('metrics of log events could not be put', { reason }),
      })
    }
    return endingOf(await senders.toFunction(row.arn, row.message), {
      pauseMs,
      giveUp: async (reason) => log.warn('log events could not be handed to a function', { function: row.arn, reason }),
    })
  }

  // ---- operations

  putSubscription(group: GroupRow, input: JsonObject): JsonObject {
    const destinationArn = readText(input, 'destinationArn')
    if (destinationArn === undefined) throw constraintError(undefined, 'destinationArn', 'Member must not be null')
    if (!/^arn:[^:]+:lambda:[^:]*:\d{12}:function:/.test(destinationArn))
      throw invalidParameter(`Regente's subscription filters call functions alone; ${destinationArn} is none.`)
    const more = picked(input, ['roleArn', 'distribution', 'applyOnTransformedLogs'])
    return this.#put(group, 'subscription', input, { distribution: 'ByLogStream', ...more, destinationArn })
  }

  putMetric(group: GroupRow, input: JsonObject): JsonObject {
    const given = getOwn(input, 'metricTransformations')
    const metricTransformations = isArray(given) ? given.filter(isObject) : []
    if (metricTransformations.length !== 1)
      throw constraintError('[...]', 'metricTransformations', 'Member must have length equal to 1')
    for (const member of ['metricName', 'metricNamespace', 'metricValue'])
      if (typeof metricTransformations[0]?.[member] !== 'string')
        throw constraintError(undefined, `metricTransformations.1.member.${member}`, 'Member must not be null')
    return this.#put(group, 'metric', input, { metricTransformations })
  }

  #put(group: GroupRow, kind: Kind, input: JsonObject, more: JsonObject): JsonObject {
    const name = readText(input, 'filterName', 512)
    if (name === undefined || !/^[^:*]+$/.test(name))
      throw constraintError(name, 'filterName', 'Member must satisfy regular expression pattern: [^:*]*')
    const filterPattern = readText(input, 'filterPattern', 1024)
    if (filterPattern === undefined) throw constraintError(undefined, 'filterPattern', 'Member must not be null')
    const matches = readMatcher(filterPattern)
    const others = this.#of(group, kind).filter((filter) => filter.name !== name)
    if (others.length >= (kind === 'subscription' ? SUBSCRIPTIONS_MAX : METRICS_MAX))
      throw logsError('LimitExceededException', 'Resource limit exceeded.')
    const before = this.#of(group, kind).find((filter) => filter.name === name)
    const creationTime = getOwn(before?.data ?? {}, 'creationTime') ?? this.#deps.clock.now()
    const data = { filterName: name, logGroupName: group.name, filterPattern, ...more, creationTime }
    const metric = kind === 'metric' ? metricSource(filterPattern, transformationIn(data), matches) : undefined
    this.#sql.put.run(group.id, kind, name, JSON.stringify(data))
    this.#forget(group.id, kind, name)
    this.#remember({ groupId: group.id, kind, name, data, matches, metric })
    return {}
  }

  delete(group: GroupRow, kind: Kind, input: JsonObject): JsonObject {
    const name = readText(input, 'filterName', 512) ?? ''
    if (!this.#of(group, kind).some((filter) => filter.name === name))
      throw logsError('ResourceNotFoundException', `The specified ${kind} filter does not exist.`)
    this.#sql.remove.run(group.id, kind, name)
    this.#forget(group.id, kind, name)
    return {}
  }

  /** Of a group, or of all. */
  describe(
    kind: Kind,
    group: GroupRow | undefined,
    input: JsonObject,
  ): { readonly filters: readonly JsonObject[]; readonly next: string | undefined } {
    const prefix = readText(input, 'filterNamePrefix', 512) ?? ''
    const [metric, namespace] = [readText(input, 'metricName'), readText(input, 'metricNamespace')]
    const all = group ? this.#of(group, kind) : [...this.#filters.values()].flat().filter((filter) => filter.kind === kind)
    const found = all
      .filter(({ name }) => name.startsWith(prefix))
      .filter(({ data }) => metric === undefined || isOfMetric(data, metric, namespace))
      .map((filter) => ({ ...filter, place: `${filter.name} ${filter.groupId}` }))
      .sort((a, b) => (a.place < b.place ? -1 : 1))
    const size = readWhole(input, 'limit', 1, PAGE_MAX) ?? PAGE_MAX
    const token = readText(input, 'nextToken')
    const { items, next } = pageOf(found, { token, tokens: LIST_TOKENS, size, nameOf: ({ place }) => place })
    return { filters: items.map(({ data }) => data), next }
  }

  testMetric(input: JsonObject): JsonObject {
    const matches = readMatcher(readText(input, 'filterPattern', 1024) ?? '')
    const messages = readTexts(input, 'logEventMessages') ?? []
    return {
      matches: messages.flatMap((eventMessage, index) =>
        matches(eventMessage) ? [{ eventNumber: index + 1, eventMessage, extractedValues: {} }] : [],
      ),
    }
  }

  /** How many metric filters a group has. */
  metricCount(group: GroupRow): number {
    return this.#of(group, 'metric').length
  }

  /** The group has gone. */
  forgetGroup(group: GroupRow): void {
    this.#sql.removeGroup.run(group.id)
    this.#filters.delete(group.id)
  }

  #of(group: GroupRow, kind: Kind): readonly Filter[] {
    return (this.#filters.get(group.id) ?? []).filter((filter) => filter.kind === kind)
  }

  #remember(filter: Filter): void {
    this.#filters.set(filter.groupId, [...(this.#filters.get(filter.groupId) ?? []), filter])
  }

  #forget(groupId: number, kind: Kind, name: string): void {
    const left = (this.#filters.get(groupId) ?? []).filter((filter) => filter.kind !== kind || filter.name !== name)
    this.#filters.set(groupId, left)
  }
}

function readMatcher(pattern: string): MessageFilter {
  try {
    return parseFilterPattern(pattern)
  } catch (error) {
    if (error instanceof PatternError) throw invalidParameter(error.message)
    throw error
  }
}

const transformationIn = (data: JsonObject): JsonObject => objectList(data, 'metricTransformations')[0] ?? {}

/** One that was kept before its value was looked at may have none, and puts nothing. */
function keptSource(data: JsonObject, matches: MessageFilter): MetricSource | undefined {
  try {
    return metricSource(String(data['filterPattern'] ?? ''), transformationIn(data), matches)
  } catch (error) {
    if (error instanceof WireError) return undefined
    throw error
  }
}

function isOfMetric(data: JsonObject, name: string, namespace: string | undefined): boolean {
  const given = getOwn(data, 'metricTransformations')
  const transformations = isArray(given) ? given.filter(isObject) : []
  return transformations.some(
    (one) => one['metricName'] === name && (namespace === undefined || one['metricNamespace'] === namespace),
  )
}

/** As many to an event as it may hold. */
function slicesOf(events: readonly StoredEvent[]): readonly (readonly StoredEvent[])[] {
  const slices: StoredEvent[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const event of events) {
    const size = Buffer.byteLength(event.message) + 100
    if (bytes + size > EVENT_BYTES_MAX) {
      slices.push([])
      bytes = 0
    }
    slices.at(-1)?.push(event)
    bytes += size
  }
  return slices
}

const prepare = (database: ServicesDatabase) => ({
  all: database.prepare<[], { groupId: number; kind: Kind; name: string; record: string }>(
    'SELECT groupId, kind, name, record FROM log_filters ORDER BY name',
  ),
  put: database.prepare<[number, Kind, string, string]>(
    'INSERT OR REPLACE INTO log_filters (groupId, kind, name, record) VALUES (?, ?, ?, ?)',
  ),
  remove: database.prepare<[number, Kind, string]>('DELETE FROM log_filters WHERE groupId = ? AND kind = ? AND name = ?'),
  removeGroup: database.prepare<[number]>('DELETE FROM log_filters WHERE groupId = ?'),
})
