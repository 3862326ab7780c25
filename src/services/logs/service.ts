/**
 * CloudWatch Logs on one machine: its operations, over the log store. Source: CloudWatch Logs API reference.
 * `append` is for rooms of Regente that write logs themselves (functions, executions): it never fails and never waits.
 */
import { Alarm } from '../../base/alarm.ts'
import { isArray, isObject, type JsonObject } from '../../base/json.ts'

import { applySchema } from '../kit/database.ts'
import { picked } from '../kit/input.ts'
import { cutPage } from '../kit/page.ts'
import { addTags, NO_TAGS, removeTags, type Tags, tagsObject, tagsOf } from '../kit/tags.ts'

import {
  constraintError,
  groupExists,
  groupNotFound,
  invalidParameter,
  logsError,
  streamExists,
  streamNotFound,
  TAG_ERRORS,
} from './errors.ts'
import { judgeEvents, readEvents } from './event-batch.ts'
import { type MessageFilter, parseFilterPattern, PatternError } from './filter-pattern.ts'
import {
  groupOfArn,
  readFlag,
  readGroup,
  readGroupName,
  readStreamName,
  readTags,
  readText,
  readTexts,
  readWhole,
} from './input.ts'
import { LogFilters, type LogFiltersDeps } from './log-filters.ts'
import {
  DAY_MS,
  type EventRange,
  type EventRow,
  type GroupRow,
  type LogEvent,
  LogStore,
  PAGE_BYTES_MAX,
  type StreamRow,
} from './log-store.ts'
import { eventId, LIST_TOKENS, parseEventToken, printEventToken } from './page-token.ts'
import { LOGS_SCHEMA } from './schema.ts'

export type LogsDeps = LogFiltersDeps

const PAGE_EVENTS_MAX = 10_000
const SCAN_ROWS = 100
const SCAN_TURNS_MAX = 500
/** After so long a search lets others have their turn: a regular expression over long messages takes its time. */
const BREATH_MS = 10
const SWEEP_PAUSE_MS = 60_000
const FAR = { timestamp: Number.MAX_SAFE_INTEGER, id: Number.MAX_SAFE_INTEGER }
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]

export class LogsService {
  readonly #deps: LogsDeps
  readonly #store: LogStore
  readonly #filters: LogFilters
  readonly #sweeper: Alarm
  #isClosed = false

  constructor(deps: LogsDeps) {
    this.#deps = deps
    const { database, clock, log } = deps
    applySchema(database, LOGS_SCHEMA)
    this.#filters = new LogFilters(deps)
    this.#store = new LogStore(database, clock, log, (...stored) => this.#filters.onEvents(...stored))
    this.#sweeper = new Alarm({ clock, log, complaint: 'old log events could not be removed', work: () => this.#sweep() })
    this.#sweeper.ring()
  }

  /** Group and stream are made when missing. */
  append(group: string, stream: string, events: readonly LogEvent[]): void {
    if (!this.#isClosed) this.#store.append(group, stream, events)
  }

  /** Carries on with what was to be sent. When the endpoint answers. */
  resume(): void {
    this.#filters.resume()
  }

  close(): void {
    this.#store.close()
    this.#filters.close()
    this.#isClosed = true
    this.#sweeper.close()
  }

  // ---- groups ----

  createLogGroup(input: JsonObject): JsonObject {
    const name = readGroupName(input)
    const tags = addTags(NO_TAGS, readTags(input), TAG_ERRORS)
    const kmsKeyId = readText(input, 'kmsKeyId')
    this.#store.flush()
    if (this.#store.group(name)) throw groupExists()
    this.#store.createGroup(name, { class: readText(input, 'logGroupClass') ?? 'STANDARD', kmsKeyId, tags: printTags(tags) })
    return {}
  }

  deleteLogGroup(input: JsonObject): JsonObject {
    const group = this.#group(readGroupName(input))
    this.#store.deleteGroup(group)
    this.#filters.forgetGroup(group)
    this.#sweeper.ring()
    return {}
  }

  describeLogGroups(input: JsonObject): JsonObject {
    const limit = readWhole(input, 'limit', 1, 50) ?? 50
    const prefix = readText(input, 'logGroupNamePrefix', 512)
    const pattern = readText(input, 'logGroupNamePattern', 512)
    if (prefix !== undefined && pattern !== undefined) {
      throw invalidParameter('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.')
    }
    const token = readText(input, 'nextToken')
    const after = token === undefined ? '' : String(LIST_TOKENS.parse(token)[0])
    const groups = this.#store.groups({ prefix, pattern, class: readText(input, 'logGroupClass'), after, limit: limit + 1 })
    const { items, last } = cutPage(groups, limit)
    return {
      logGroups: items.map((group) => this.#renderGroup(group)),
      ...(last && { nextToken: LIST_TOKENS.print([last.name]) }),
    }
  }

  /** The newer list, which shows less. */
  listLogGroups(input: JsonObject): JsonObject {
    const { logGroups, ...next } = this.describeLogGroups(input)
    const shown = (isArray(logGroups) ? logGroups.filter(isObject) : []).map((group) =>
      picked(group, ['logGroupName', 'logGroupArn', 'logGroupClass']),
    )
    return { logGroups: shown, ...next }
  }

  // ---- filters ----

  putSubscriptionFilter(input: JsonObject): JsonObject {
    return this.#filters.putSubscription(this.#group(readGroupName(input)), input)
  }

  describeSubscriptionFilters(input: JsonObject): JsonObject {
    const { filters, next } = this.#filters.describe('subscription', this.#group(readGroupName(input)), input)
    return { subscriptionFilters: filters, ...(next !== undefined && { nextToken: next }) }
  }

  deleteSubscriptionFilter(input: JsonObject): JsonObject {
    return this.#filters.delete(this.#group(readGroupName(input)), 'subscription', input)
  }

  putMetricFilter(input: JsonObject): JsonObject {
    return this.#filters.putMetric(this.#group(readGroupName(input)), input)
  }

  describeMetricFilters(input: JsonObject): JsonObject {
    const group = readText(input, 'logGroupName') === undefined ? undefined : this.#group(readGroupName(input))
    const { filters, next } = this.#filters.describe('metric', group, input)
    return { metricFilters: filters, ...(next !== undefined && { nextToken: next }) }
  }

  deleteMetricFilter(input: JsonObject): JsonObject {
    return this.#filters.delete(this.#group(readGroupName(input)), 'metric', input)
  }

  testMetricFilter(input: JsonObject): JsonObject {
    return this.#filters.testMetric(input)
  }

  putRetentionPolicy(input: JsonObject): JsonObject {
    const group = this.#group(readGroupName(input))
    const days = readWhole(input, 'retentionInDays', 1, 3653)
    if (days === undefined || !RETENTION_DAYS.includes(days)) {
      throw constraintError(days, 'retentionInDays', `Member must satisfy enum value set: [${RETENTION_DAYS.join(', ')}]`)
    }
    this.#store.setGroup(group, { retentionDays: days })
    this.#sweeper.ring()
    return {}
  }

  deleteRetentionPolicy(input: JsonObject): JsonObject {
    this.#store.setGroup(this.#group(readGroupName(input)), { retentionDays: null })
    return {}
  }

  // ---- tags ----

  tagLogGroup(input: JsonObject): JsonObject {
    return this.#tag(readGroupName(input), readTags(input))
  }

  untagLogGroup(input: JsonObject): JsonObject {
    return this.#untag(readGroupName(input), readTexts(input, 'tags', 50) ?? [])
  }

  listTagsLogGroup(input: JsonObject): JsonObject {
    return { tags: parseTags(this.#group(readGroupName(input))) }
  }

  tagResource(input: JsonObject): JsonObject {
    return this.#tag(groupOfArn(readText(input, 'resourceArn') ?? ''), readTags(input))
  }

  untagResource(input: JsonObject): JsonObject {
    return this.#untag(groupOfArn(readText(input, 'resourceArn') ?? ''), readTexts(input, 'tagKeys', 50) ?? [])
  }

  listTagsForResource(input: JsonObject): JsonObject {
    return { tags: parseTags(this.#group(groupOfArn(readText(input, 'resourceArn') ?? ''))) }
  }

  // ---- streams ----

  createLogStream(input: JsonObject): JsonObject {
    const name = readStreamName(input)
    const group = this.#group(readGroupName(input))
    if (this.#store.stream(group, name)) throw streamExists()
    this.#store.createStream(group, name)
    return {}
  }

  deleteLogStream(input: JsonObject): JsonObject {
    const group = this.#group(readGroupName(input))
    this.#store.deleteStream(group, this.#stream(group, readStreamName(input)))
    return {}
  }

  describeLogStreams(input: JsonObject): JsonObject {
    const group = this.#group(readGroup(input))
    const limit = readWhole(input, 'limit', 1, 50) ?? 50
    const prefix = readText(input, 'logStreamNamePrefix', 512)
    const orderBy = readText(input, 'orderBy') ?? 'LogStreamName'
    if (orderBy !== 'LogStreamName' && orderBy !== 'LastEventTime') {
      throw constraintError(orderBy, 'orderBy', 'Member must satisfy enum value set: [LogStreamName, LastEventTime]')
    }
    const byTime = orderBy === 'LastEventTime'
    if (byTime && prefix !== undefined) throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.')
    const token = readText(input, 'nextToken')
    const offset = token === undefined ? 0 : Number(LIST_TOKENS.parse(token)[0])
    const streams = this.#store.streams(group, {
      prefix,
      byTime,
      descending: readFlag(input, 'descending'),
      offset,
      limit: limit + 1,
    })
    const { items, last } = cutPage(streams, limit)
    return {
      logStreams: items.map((stream) => this.#renderStream(group, stream)),
      ...(last && { nextToken: LIST_TOKENS.print([offset + limit]) }),
    }
  }

  // ---- events ----

  putLogEvents(input: JsonObject): JsonObject {
    const group = this.#group(readGroupName(input))
    const stream = this.#stream(group, readStreamName(input))
    const events = readEvents(input)
    const now = this.#deps.clock.now()
    const { taken, rejected } = judgeEvents(events, now, group.retentionDays)
    if (taken.length > 0) this.#store.put(group, stream, taken)
    const nextSequenceToken = String(now).padStart(56, '4')
    return { nextSequenceToken, ...(Object.keys(rejected).length > 0 && { rejectedLogEventsInfo: rejected }) }
  }

  getLogEvents(input: JsonObject): JsonObject {
    const group = this.#group(readGroup(input))
    const stream = this.#stream(group, readStreamName(input))
    const limit = readWhole(input, 'limit', 1, PAGE_EVENTS_MAX) ?? PAGE_EVENTS_MAX
    const range = this.#range(input, group, 1)
    const given = readText(input, 'nextToken')
    const token = given === undefined ? undefined : parseEventToken(given)
    const isForward = token ? token.direction === 'forward' : readFlag(input, 'startFromHead')
    const rows = isForward
      ? this.#store.eventsAfter(stream, range, token ?? { timestamp: -1, id: 0 }, limit)
      : this.#store.eventsBefore(stream, range, token ?? FAR, limit)
    const first = rows[0]
    const last = rows.at(-1)
    const place = token ?? (isForward ? { timestamp: range.fromMs, id: 0 } : { timestamp: this.#deps.clock.now(), id: 0 })
    return {
      events: rows.map(({ timestamp, message, ingestionMs }) => ({ timestamp, message, ingestionTime: ingestionMs })),
      nextForwardToken: printEventToken('forward', last ?? place),
      nextBackwardToken: printEventToken('backward', first ?? place),
    }
  }

  /** Scans a bounded number of events per call; a page may be short, or empty, and still have a next one. */
  async filterLogEvents(input: JsonObject): Promise<JsonObject> {
    const group = this.#group(readGroup(input))
    const limit = readWhole(input, 'limit', 1, PAGE_EVENTS_MAX) ?? PAGE_EVENTS_MAX
    const range = this.#range(input, group, 0)
    const takes = readPattern(input)
    const isWanted = this.#streamChoice(input, group)
    const token = readText(input, 'nextToken')
    const [timestamp = -1, id = 0] = token === undefined ? [] : LIST_TOKENS.parse(token).map(Number)
    let position = { timestamp, id }
    const events: JsonObject[] = []
    let bytes = 0
    let breathedAt = this.#deps.clock.now()
    for (let turn = 0; turn < SCAN_TURNS_MAX; turn++) {
      const rows = this.#store.groupEvents(group, range, position, SCAN_ROWS)
      for (const row of rows) {
        if (this.#deps.clock.now() - breathedAt >= BREATH_MS) {
          await new Promise((resolve) => setImmediate(resolve))
          breathedAt = this.#deps.clock.now()
        }
        const name = isWanted(row.streamId)
        if (name !== undefined && takes(row.message)) {
          bytes += Buffer.byteLength(row.message)
          if (bytes > PAGE_BYTES_MAX && events.length > 0) return filterPage(events, position)
          events.push(renderFiltered(row, name))
        }
        position = { timestamp: row.timestamp, id: row.id }
        if (events.length >= limit) return filterPage(events, position)
      }
      if (rows.length < SCAN_ROWS) return filterPage(events)
    }
    return filterPage(events, position)
  }

  // ---- resource policies ----

  putResourcePolicy(input: JsonObject): JsonObject {
    const name = readText(input, 'policyName') ?? ''
    return { resourcePolicy: renderPolicy(this.#store.putPolicy(name, readText(input, 'policyDocument', 5120) ?? '')) }
  }

  describeResourcePolicies(): JsonObject {
    return { resourcePolicies: this.#store.policies().map(renderPolicy) }
  }

  deleteResourcePolicy(input: JsonObject): JsonObject {
    const name = readText(input, 'policyName') ?? ''
    if (!this.#store.deletePolicy(name)) throw logsError('ResourceNotFoundException', `Policy with name [${name}] does not exist`)
    return {}
  }

  // ---- inner ----

  #group(name: string): GroupRow {
    this.#store.flush()
    const group = this.#store.group(name)
    if (!group) throw groupNotFound()
    return group
  }

  #stream(group: GroupRow, name: string): StreamRow {
    const stream = this.#store.stream(group, name)
    if (!stream) throw streamNotFound()
    return stream
  }

  /** From startTime to endTime, `endExtra` telling whether the end belongs to it (FilterLogEvents) or not; never before retention. */
  #range(input: JsonObject, group: GroupRow, endShift: 0 | 1): EventRange {
    const startMs = readWhole(input, 'startTime', 0, Number.MAX_SAFE_INTEGER) ?? 0
    const endMs = readWhole(input, 'endTime', 0, Number.MAX_SAFE_INTEGER) ?? Number.MAX_SAFE_INTEGER
    if (endMs < startMs) throw invalidParameter('End time should be greater than or equal to start time.')
    const oldestMs = group.retentionDays === null ? 0 : this.#deps.clock.now() - group.retentionDays * DAY_MS
    return { fromMs: Math.max(startMs, oldestMs), toMs: endShift === 1 ? endMs : Math.min(endMs + 1, Number.MAX_SAFE_INTEGER) }
  }

  /** The name of a stream that is asked for, or undefined. */
  #streamChoice(input: JsonObject, group: GroupRow): (streamId: number) => string | undefined {
    const names = readTexts(input, 'logStreamNames', 100)
    const prefix = readText(input, 'logStreamNamePrefix', 512)
    if (names !== undefined && prefix !== undefined) {
      throw invalidParameter('LogStream names and LogStream name prefix are mutually exclusive parameters.')
    }
    const known = new Map<number, string | undefined>()
    for (const name of names ?? []) known.set(this.#stream(group, name).id, name)
    return (streamId) => {
      if (names !== undefined || known.has(streamId)) return known.get(streamId)
      const name = this.#store.streamName(streamId)
      known.set(streamId, prefix === undefined || name.startsWith(prefix) ? name : undefined)
      return known.get(streamId)
    }
  }

  #tag(name: string, tags: Tags): JsonObject {
    const group = this.#group(name)
    this.#store.setGroup(group, { tags: printTags(addTags(tagsOf(parseTags(group)), tags, TAG_ERRORS)) })
    return {}
  }

  #untag(name: string, keys: readonly string[]): JsonObject {
    const group = this.#group(name)
    this.#store.setGroup(group, { tags: printTags(removeTags(tagsOf(parseTags(group)), keys)) })
    return {}
  }

  #arn(group: string): string {
    return `arn:aws:logs:${this.#deps.region}:${this.#deps.account}:log-group:${group}`
  }

  #renderGroup(group: GroupRow): JsonObject {
    return {
      logGroupName: group.name,
      creationTime: group.createdMs,
      ...(group.retentionDays !== null && { retentionInDays: group.retentionDays }),
      metricFilterCount: this.#filters.metricCount(group),
      arn: `${this.#arn(group.name)}:*`,
      storedBytes: group.storedBytes,
      ...(group.kmsKeyId !== null && { kmsKeyId: group.kmsKeyId }),
      logGroupClass: group.class,
      logGroupArn: this.#arn(group.name),
    }
  }

  #renderStream(group: GroupRow, stream: StreamRow): JsonObject {
    return {
      logStreamName: stream.name,
      creationTime: stream.createdMs,
      ...(stream.firstEventMs !== null && { firstEventTimestamp: stream.firstEventMs }),
      ...(stream.lastEventMs !== null && { lastEventTimestamp: stream.lastEventMs }),
      ...(stream.lastIngestionMs !== null && {
        lastIngestionTime: stream.lastIngestionMs,
        uploadSequenceToken: String(stream.lastIngestionMs).padStart(56, '4'),
      }),
      arn: `${this.#arn(group.name)}:log-stream:${stream.name}`,
      storedBytes: 0,
    }
  }

  /** Retention at work, in small steps: now, and every minute. */
  #sweep(): void {
    const isMore = this.#store.sweep()
    this.#sweeper.setFor(this.#deps.clock.now() + (isMore ? 10 : SWEEP_PAUSE_MS))
  }
}

function readPattern(input: JsonObject): MessageFilter {
  const text = readText(input, 'filterPattern', 1024)
  if (text === undefined) return () => true
  try {
    return parseFilterPattern(text)
  } catch (error) {
    if (error instanceof PatternError) throw invalidParameter('Invalid filter pattern')
    throw error
  }
}

const renderFiltered = (row: EventRow, logStreamName: string): JsonObject => ({
  logStreamName,
  timestamp: row.timestamp,
  message: row.message,
  ingestionTime: row.ingestionMs,
  eventId: eventId(row),
})

const filterPage = (events: JsonObject[], next?: { timestamp: number; id: number }): JsonObject => ({
  events,
  searchedLogStreams: [],
  ...(next && { nextToken: LIST_TOKENS.print([next.timestamp, next.id]) }),
})

const renderPolicy = (policy: { name: string; document: string; updatedMs: number }): JsonObject => ({
  policyName: policy.name,
  policyDocument: policy.document,
  lastUpdatedTime: policy.updatedMs,
})

const parseTags = (group: GroupRow): Record<string, string> => JSON.parse(group.tags) as Record<string, string>
const printTags = (tags: Tags): string => JSON.stringify(tagsObject(tags))
