/**
 * Polls one stream of DynamoDB for one function, over the wire as on AWS.
 *
 * 1. Records of a shard are handed over in their order, a batch at a time; a child shard's after all of its parent's.
 * 2. How far a shard was read is written after its records were taken or given up: at least once, over crashes too.
 * 3. Where reading begins is a place that is written before the mapping is answered, so that nothing written since is missed.
 * 4. A batch that fails is tried again after a pause that grows, as often and as long as the mapping says; then it is told, and
 *    reading goes on behind it.
 * 5. An idle stream is asked again after a pause that grows to `IDLE`: its API has no long poll.
 */
import { randomUUID } from 'node:crypto'

import { growingPause } from '../../base/growing-pause.ts'
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { callJson } from '../../aws/call.ts'
import { orThrow } from '../../aws/failure.ts'
import { SERVICES } from '../../aws/services.ts'

import { objectList } from '../kit/input.ts'
import { pause } from '../kit/pause.ts'
import { isWanted } from '../kit/source-filter.ts'

import { type EventSource, filtersOf, type StreamSettings } from './event-source-settings.ts'
import type { PolledDeps } from './polling.ts'
import { eventsOf } from './source-events.ts'
import { doneCount, givenUpRecord, sequenceOf, type StreamRecord, writtenAt } from './stream-batch.ts'
import type { StreamPlaces } from './stream-places.ts'

/** Of DynamoDB, under a target of its own. */
const STREAMS = SERVICES.dynamodbstreams
const RECORDS_MAX = 1000
const PAUSE = { firstMs: 500, longestMs: 60_000 }
const IDLE = { firstMs: 100, longestMs: 1_000 }
const TIMEOUT_MS = 30_000
/** The first failure may be the end of the server itself. */
const COMPLAINED_AT = 2
/** Of a shard that was read to its end. */
const END = 'END'
const BEGINNING = 'TRIM_HORIZON'

export interface StreamPollerDeps extends PolledDeps {
  readonly places: StreamPlaces
}

interface Shard {
  readonly id: string
  readonly parent: string | undefined
}

export class StreamPoller {
  readonly #source: EventSource
  readonly #settings: StreamSettings
  readonly #deps: StreamPollerDeps
  readonly #patterns: readonly JsonObject[]
  readonly #end = new AbortController()
  readonly #polling: Promise<void>

  constructor(source: EventSource, settings: StreamSettings, deps: StreamPollerDeps) {
    this.#source = source
    this.#settings = settings
    this.#deps = deps
    this.#patterns = filtersOf(source.filterCriteria)
    this.#polling = this.#poll()
  }

  /** Reads nothing more, and waits for the batch that is under way. */
  async close(): Promise<void> {
    this.#end.abort()
    await this.#polling
  }

  async #poll(): Promise<void> {
    const { signal } = this.#end
    for (let failures = 0; !signal.aborted; ) {
      try {
        const shards = await shardsOf(this.#source.sourceArn, this.#deps)
        const open = shards.filter(
          ({ id, parent }) => this.#isOpen(id) && !shards.some((one) => one.id === parent && this.#isOpen(one.id)),
        )
        await Promise.all(open.map(({ id }) => this.#readShard(id)))
        failures = 0
        if (open.length === 0) await this.#pause(PAUSE.longestMs)
      } catch (error) {
        if (signal.aborted) return
        failures++
        if (failures === COMPLAINED_AT) this.#complain('a stream cannot be polled', error)
        await this.#pause(growingPause(failures, PAUSE))
      }
    }
  }

  #isOpen(shardId: string): boolean {
    return this.#deps.places.get(this.#source.uuid, shardId) !== END
  }

  /** Until its end, which comes when it has been split, or until polling ends. */
  async #readShard(shardId: string): Promise<void> {
    const { places } = this.#deps
    const { uuid, sourceArn } = this.#source
    let iterator: string | undefined
    let idle = 0
    while (!this.#end.signal.aborted) {
      iterator ??= await iteratorAt(sourceArn, shardId, places.get(uuid, shardId) ?? BEGINNING, this.#deps)
      if (iterator === undefined) return places.put(uuid, shardId, END)
      const gathered = await this.#gather(iterator)
      iterator = gathered.next
      const last = gathered.records.at(-1)
      if (last) {
        await this.#handOver(shardId, gathered.records)
        if (this.#end.signal.aborted) return
        places.put(uuid, shardId, sequenceOf(last))
      }
      if (iterator === undefined) return places.put(uuid, shardId, END)
      idle = last ? 0 : idle + 1
      if (!last) await this.#pause(growingPause(idle, IDLE))
    }
  }

  /** Up to a batch within the window; without one, what a read finds. */
  async #gather(from: string): Promise<{ readonly records: readonly StreamRecord[]; readonly next: string | undefined }> {
    const { batchSize, windowSeconds } = this.#source
    const { clock } = this.#deps
    const records: StreamRecord[] = []
    let next: string | undefined = from
    let endsAt = Number.POSITIVE_INFINITY
    while (next !== undefined && records.length < batchSize && !this.#end.signal.aborted) {
      const limit = Math.min(batchSize - records.length, RECORDS_MAX)
      const read: ReadRecords = await readRecords(next, limit, this.#deps)
      records.push(...read.records)
      next = read.next
      if (records.length === 0 || windowSeconds === 0) break
      if (endsAt === Number.POSITIVE_INFINITY) endsAt = clock.elapsed() + windowSeconds * 1000
      if (clock.elapsed() >= endsAt) break
      if (read.records.length === 0) await this.#pause(Math.min(IDLE.longestMs, endsAt - clock.elapsed()))
    }
    return { records, next }
  }

  /** Returns when all of them were taken or given up, or polling has ended. */
  async #handOver(shardId: string, records: readonly StreamRecord[]): Promise<void> {
    const wanted = records.filter((record) => isWanted(record, this.#patterns))
    const withSource = (record: StreamRecord): JsonObject => ({ ...record, eventSourceARN: this.#source.sourceArn })
    for (const { items } of eventsOf(wanted, withSource, this.#deps.payloadBytesMax))
      await this.#handBatch(shardId, items, withSource)
  }

  async #handBatch(
    shardId: string,
    all: readonly StreamRecord[],
    withSource: (record: StreamRecord) => JsonObject,
  ): Promise<void> {
    const { invoke } = this.#deps
    const { functionArn, reportsFailures } = this.#source
    // What is left of the batch, tried one piece after another.
    const pieces: Piece[] = [{ records: all, failures: 0 }]
    let unreached = 0
    for (let piece = pieces.shift(); piece !== undefined && !this.#end.signal.aborted; piece = pieces.shift()) {
      const { records, failures } = piece
      if (failures + unreached > 0 && this.#isTooOld(records)) {
        this.#giveUp(shardId, 'RecordAgeExceeded', failures, records)
        continue
      }
      const event = JSON.stringify({ Records: records.map(withSource) })
      const outcome = await invoke(functionArn, event).catch((error: unknown) => {
        if (unreached === 0) this.#complain('records of a stream could not be handed over', error)
        return undefined
      })
      if (outcome === undefined) {
        // A function that cannot be called now has not failed at them.
        pieces.unshift(piece)
        await this.#pause(growingPause(++unreached, PAUSE))
        continue
      }
      unreached = 0
      const done = outcome.hasFailed ? 0 : doneCount(records, outcome.answer, reportsFailures)
      const left = records.slice(done)
      const again = left.length === 0 ? [] : this.#piecesAfter(shardId, left, done > 0 ? 1 : failures + 1)
      pieces.unshift(...again)
      if (again.length > 0 && done === 0) await this.#pause(growingPause(failures + 1, PAUSE))
    }
  }

  /** What is tried again of records that a function has failed so many times. */
  #piecesAfter(shardId: string, left: readonly StreamRecord[], failures: number): readonly Piece[] {
    const { bisects, retryAttempts } = this.#settings
    if (bisects && left.length > 1) {
      const half = Math.ceil(left.length / 2)
      return [left.slice(0, half), left.slice(half)].map((records) => ({ records, failures: 0 }))
    }
    if (retryAttempts < 0 || failures <= retryAttempts) return [{ records: left, failures }]
    this.#giveUp(shardId, 'RetryAttemptsExhausted', failures, left)
    return []
  }

  #isTooOld(records: readonly StreamRecord[]): boolean {
    const { recordAgeSeconds } = this.#settings
    const oldest = records[0] === undefined ? 0 : writtenAt(records[0])
    return recordAgeSeconds >= 0 && this.#deps.clock.now() / 1000 - oldest > recordAgeSeconds
  }

  #giveUp(
    shardId: string,
    condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded',
    invokeCount: number,
    records: readonly StreamRecord[],
  ): void {
    const { functionArn, sourceArn: streamArn, uuid } = this.#source
    const { results, clock, log } = this.#deps
    log.warn('records of a stream were given up', { stream: streamArn, function: functionArn, condition, count: records.length })
    if (this.#settings.onFailure === undefined) return
    const at = clock.now()
    const record = givenUpRecord({
      requestId: randomUUID(),
      functionArn,
      streamArn,
      shardId,
      condition,
      invokeCount,
      records,
      at,
    })
    results.tell(this.#settings.onFailure, { kind: 'batch', record, folder: `${uuid}/${shardId}` })
  }

  #pause(ms: number): Promise<void> {
    return pause(this.#deps.clock, ms, this.#end.signal)
  }

  #complain(message: string, error: unknown): void {
    const { sourceArn, functionArn } = this.#source
    this.#deps.log.warn(message, { stream: sourceArn, function: functionArn, error: String(error) })
  }
}

interface Piece {
  readonly records: readonly StreamRecord[]
  /** How often a function has failed at it. */
  readonly failures: number
}

interface ReadRecords {
  readonly records: readonly StreamRecord[]
  /** Undefined where the shard has ended. */
  readonly next: string | undefined
}

type Calls = Pick<PolledDeps, 'endpoints'>

const ask = async ({ endpoints }: Calls, action: string, input: JsonObject): Promise<JsonObject> =>
  orThrow(await callJson(endpoints, STREAMS, action, input, { timeoutMs: TIMEOUT_MS })).body

async function readRecords(ShardIterator: string, Limit: number, calls: Calls): Promise<ReadRecords> {
  const answer = await ask(calls, 'GetRecords', { ShardIterator, Limit })
  const next = getOwn(answer, 'NextShardIterator')
  return { records: objectList(answer, 'Records'), next: typeof next === 'string' ? next : undefined }
}

async function shardsOf(StreamArn: string, calls: Calls): Promise<readonly Shard[]> {
  const shards: Shard[] = []
  for (let after: string | undefined; ; ) {
    const answer = await ask(calls, 'DescribeStream', { StreamArn, ...(after !== undefined && { ExclusiveStartShardId: after }) })
    const described = getOwn(answer, 'StreamDescription')
    const description = isObject(described) ? described : {}
    for (const shard of objectList(description, 'Shards')) {
      const parent = getOwn(shard, 'ParentShardId')
      shards.push({ id: String(getOwn(shard, 'ShardId')), parent: typeof parent === 'string' ? parent : undefined })
    }
    const last = getOwn(description, 'LastEvaluatedShardId')
    if (typeof last !== 'string') return shards
    after = last
  }
}

/** Undefined where what stands there is gone, and all behind it. */
async function iteratorAt(StreamArn: string, ShardId: string, place: string, calls: Calls): Promise<string | undefined> {
  const at =
    place === BEGINNING ? { ShardIteratorType: BEGINNING } : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: place }
  const called = await callJson(
    calls.endpoints,
    STREAMS,
    'GetShardIterator',
    { StreamArn, ShardId, ...at },
    { timeoutMs: TIMEOUT_MS },
  )
  // What was not read in 24 hours is gone: on with what there is.
  if (!called.ok && called.error.kind === 'service' && called.error.code === 'TrimmedDataAccessException')
    return iteratorAt(StreamArn, ShardId, BEGINNING, calls)
  const iterator = getOwn(orThrow(called).body, 'ShardIterator')
  return typeof iterator === 'string' ? iterator : undefined
}

/**
 * Where reading begins behind all that is there now: behind the last record of each shard, or at the beginning of one that has none.
 * Throws what the stream refuses.
 */
export async function latestPlaces(streamArn: string, calls: Calls): Promise<ReadonlyMap<string, string>> {
  const places = new Map<string, string>()
  for (const { id } of await shardsOf(streamArn, calls)) {
    places.set(id, BEGINNING)
    let iterator = await iteratorAt(streamArn, id, BEGINNING, calls)
    while (iterator !== undefined) {
      const read = await readRecords(iterator, RECORDS_MAX, calls)
      const last = read.records.at(-1)
      if (last) places.set(id, sequenceOf(last))
      if (read.next === undefined) places.set(id, END)
      iterator = last ? read.next : undefined
    }
  }
  return places
}

/** Throws what the stream refuses. */
export async function checkStream(streamArn: string, calls: Calls): Promise<void> {
  await shardsOf(streamArn, calls)
}
