/**
 * Event source mappings: which queues and streams are polled for which functions. They are kept in the database, and polled again after a
 * restart. Source: AWS Lambda API reference, "EventSourceMapping" operations; texts of the service.
 */
import { randomUUID } from 'node:crypto'

import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { callJson } from '../../aws/call.ts'
import { type Endpoints, endpointsAt } from '../../aws/endpoints.ts'
import { queueUrl } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { pageOf } from '../kit/page.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, NO_TAGS, removeTags, tagsObject, tagsOf } from '../kit/tags.ts'

import { lambdaError, TAG_ERRORS } from './errors.ts'
import {
  defaultSource,
  type EventSource,
  isStreamArn,
  readSourceArn,
  readSourceSettings,
  renderSource,
  type Transition,
} from './event-source-settings.ts'
import { parseFunctionName } from './function-name.ts'
import type { Functions } from './functions.ts'
import { MARKERS, readText, readTextMap } from './input.ts'
import type { PollingDeps } from './polling.ts'
import { pollQueue } from './queue-source.ts'
import type { FunctionRecord } from './records.ts'
import { functionArn } from './render.ts'
import { StreamPlaces } from './stream-places.ts'
import { checkStream, latestPlaces, StreamPoller } from './stream-poller.ts'

export interface EventSourcesDeps extends PollingDeps, Pick<ServiceDeps, 'database' | 'account'> {
  readonly credentials?: ServiceDeps['credentials']
  readonly functions: Pick<Functions, 'resolve'>
}

/** Whoever polls for one mapping. */
interface Poller {
  /** Receives nothing more, and waits for what is under way. */
  close(): Promise<void>
}

const PAGE_MAX = 100

export class EventSources {
  readonly #deps: EventSourcesDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #endpoints: Endpoints
  readonly #pollers = new Map<string, Poller>()
  readonly #stopping = new Set<Promise<void>>()
  readonly #places: StreamPlaces
  #isClosed = false

  constructor(deps: EventSourcesDeps) {
    this.#deps = deps
    this.#sql = prepare(deps.database)
    this.#places = new StreamPlaces(deps.database)
    const { endpoint, region, credentials } = deps
    this.#endpoints = endpointsAt(() => ({ endpoint: endpoint(), region, credentials: credentials?.() }))
  }

  async create(input: JsonObject): Promise<JsonObject> {
    const sourceArn = readSourceArn(input)
    const { record, arn } = this.#target(readText(input, 'FunctionName') ?? '')
    const settings = readSourceSettings(input, defaultSource(sourceArn), sourceArn)
    const tags = tagsObject(addTags(NO_TAGS, tagsOf(readTextMap(input, 'Tags') ?? {}), TAG_ERRORS))
    const places = await this.#checkSource(sourceArn, settings.stream?.startingPosition, record.timeoutSeconds)
    const twin = this.#all().find((other) => other.sourceArn === sourceArn && other.functionArn === arn)
    if (twin) {
      const kind = isStreamArn(sourceArn) ? 'Dynamo' : 'SQS'
      throw lambdaError(
        'ResourceConflictException',
        `An event source mapping with ${kind} arn (" ${sourceArn} ") and function (" ${record.name} ") already exists. Please update or delete the existing mapping with UUID ${twin.uuid}`,
      )
    }
    const made = { ...settings, tags, uuid: randomUUID(), sourceArn, functionArn: arn, lastModifiedMs: this.#deps.clock.now() }
    this.#deps.database.transaction(() => {
      for (const [shard, place] of places) this.#places.put(made.uuid, shard, place)
      this.#sql.put.run(made.uuid, JSON.stringify(made))
    })
    this.#start(made)
    return renderSource(made, 'Creating')
  }

  get(uuid: string): JsonObject {
    return renderSource(this.#find(uuid))
  }

  list(query: URLSearchParams): JsonObject {
    const arn = query.get('EventSourceArn')
    const asked = query.get('FunctionName')
    const name = asked === null ? undefined : parseFunctionName(asked)
    const wanted = name && functionArn(this.#deps, name.name, name.qualifier)
    const found = this.#all().filter(
      (source) => (arn === null || source.sourceArn === arn) && (wanted === undefined || source.functionArn === wanted),
    )
    const token = query.get('Marker') ?? undefined
    const { items, next } = pageOf(found, { token, tokens: MARKERS, size: PAGE_MAX, nameOf: ({ uuid }) => uuid })
    return { EventSourceMappings: items.map((source) => renderSource(source)), ...(next !== undefined && { NextMarker: next }) }
  }

  update(uuid: string, input: JsonObject): JsonObject {
    const before = this.#find(uuid)
    const asked = readText(input, 'FunctionName')
    const source: EventSource = {
      ...before,
      ...readSourceSettings(input, before, before.sourceArn),
      ...(asked !== undefined && { functionArn: this.#target(asked).arn }),
      lastModifiedMs: this.#deps.clock.now(),
    }
    this.#put(source)
    return renderSource(source, transitionOf(before, source))
  }

  delete(uuid: string): JsonObject {
    const source = this.#find(uuid)
    this.#deps.database.transaction(() => {
      this.#sql.remove.run(uuid)
      this.#places.forget(uuid)
    })
    this.#stop(uuid, () => this.#places.forget(uuid))
    return renderSource(source, 'Deleting')
  }

  listTags(arn: string): JsonObject {
    return { Tags: this.#find(uuidIn(arn)).tags ?? {} }
  }

  tag(arn: string, input: JsonObject): void {
    const source = this.#find(uuidIn(arn))
    const tags = addTags(tagsOf(source.tags ?? {}), tagsOf(readTextMap(input, 'Tags') ?? {}), TAG_ERRORS)
    this.#sql.put.run(source.uuid, JSON.stringify({ ...source, tags: tagsObject(tags) }))
  }

  untag(arn: string, keys: readonly string[]): void {
    const source = this.#find(uuidIn(arn))
    const tags = tagsObject(removeTags(tagsOf(source.tags ?? {}), keys))
    this.#sql.put.run(source.uuid, JSON.stringify({ ...source, tags }))
  }

  /** Polls for all mappings that are enabled. When the endpoint answers; the second time changes nothing. */
  resume(): void {
    for (const source of this.#all()) this.#start(source)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const uuid of this.#pollers.keys()) this.#stop(uuid, () => {})
    await Promise.all(this.#stopping)
  }

  /** Batches that are under way go on by what was said before; those of a stream are over before the next is read. */
  #put(source: EventSource): void {
    this.#sql.put.run(source.uuid, JSON.stringify(source))
    this.#stop(source.uuid, () => this.#startAgain(source.uuid))
    if (!source.stream) this.#start(source)
  }

  /** By what is said of it now. */
  #startAgain(uuid: string): void {
    const record = this.#isClosed ? undefined : this.#sql.get.get(uuid)
    if (record !== undefined) this.#start(JSON.parse(record) as EventSource)
  }

  #start(source: EventSource): void {
    if (this.#isClosed || !source.isEnabled || this.#pollers.has(source.uuid)) return
    const deps = { ...this.#deps, endpoints: this.#endpoints }
    const { stream } = source
    const poller = stream ? new StreamPoller(source, stream, { ...deps, places: this.#places }) : pollQueue(source, deps)
    this.#pollers.set(source.uuid, poller)
  }

  /** `after` is done when what was under way is over. */
  #stop(uuid: string, after: () => void): void {
    const poller = this.#pollers.get(uuid)
    this.#pollers.delete(uuid)
    const stopped = Promise.resolve(poller?.close()).then(() => {
      this.#stopping.delete(stopped)
      after()
    })
    this.#stopping.add(stopped)
  }

  /** Where each shard of a stream is to be read from, as far as that is not its beginning. */
  async #checkSource(
    arn: string,
    position: 'TRIM_HORIZON' | 'LATEST' | undefined,
    timeoutSeconds: number,
  ): Promise<ReadonlyMap<string, string>> {
    const calls = { endpoints: this.#endpoints }
    if (position === undefined) await this.#checkQueue(arn, timeoutSeconds)
    try {
      if (position === 'LATEST') return await latestPlaces(arn, calls)
      if (position === 'TRIM_HORIZON') await checkStream(arn, calls)
      return new Map()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const message = `Stream not found: ${arn}. DynamoDB says: ${reason}`
      throw lambdaError('InvalidParameterValueException', message, { cause })
    }
  }

  /** AWS refuses a queue that is not there, and one that would give a message out again while the function is at it. */
  async #checkQueue(arn: string, timeoutSeconds: number): Promise<void> {
    const input = { QueueUrl: queueUrl(this.#deps.endpoint(), arn), AttributeNames: ['VisibilityTimeout'] }
    const called = await callJson(this.#endpoints, SERVICES.sqs, 'GetQueueAttributes', input)
    if (!called.ok) {
      const { error } = called
      const [code, message] =
        error.kind === 'service' ? [error.code, error.message] : ['Unavailable', 'The queue does not answer.']
      throw lambdaError(
        'InvalidParameterValueException',
        `Error occurred while ReceiveMessage. SQS Error Code: ${code}. SQS Error Message: ${message}`,
      )
    }
    const attributes = getOwn(called.value.body, 'Attributes')
    const seconds = Number(isObject(attributes) ? getOwn(attributes, 'VisibilityTimeout') : 30)
    if (seconds < timeoutSeconds) {
      throw lambdaError(
        'InvalidParameterValueException',
        `Queue visibility timeout: ${seconds} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
      )
    }
  }

  /** The function that is named, and its ARN with the qualifier that it is named with. Throws ResourceNotFoundException. */
  #target(named: string): { readonly record: FunctionRecord; readonly arn: string } {
    const { record } = this.#deps.functions.resolve(named)
    return { record, arn: functionArn(this.#deps, record.name, parseFunctionName(named).qualifier) }
  }

  #find(uuid: string): EventSource {
    const record = this.#sql.get.get(uuid)
    if (record === undefined) throw lambdaError('ResourceNotFoundException', 'The resource you requested does not exist.')
    return JSON.parse(record) as EventSource
  }

  #all(): readonly EventSource[] {
    return this.#sql.all.all().map((record) => JSON.parse(record) as EventSource)
  }
}

const transitionOf = (before: EventSource, after: EventSource): Transition =>
  before.isEnabled === after.isEnabled ? 'Updating' : after.isEnabled ? 'Enabling' : 'Disabling'

export const isMappingArn = (text: string): boolean => /^arn:[^:]+:lambda:[^:]*:[^:]*:event-source-mapping:/.test(text)
const uuidIn = (arn: string): string => arn.split(':').at(-1) ?? ''

const prepare = (database: ServicesDatabase) => ({
  all: database.prepareValue<[], string>('SELECT record FROM lambda_event_sources ORDER BY uuid'),
  get: database.prepareValue<[string], string>('SELECT record FROM lambda_event_sources WHERE uuid = ?'),
  put: database.prepare<[string, string]>('INSERT OR REPLACE INTO lambda_event_sources (uuid, record) VALUES (?, ?)'),
  remove: database.prepare<[string]>('DELETE FROM lambda_event_sources WHERE uuid = ?'),
})
