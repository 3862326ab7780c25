/**
 * Event source mappings: which queues are polled for which functions. They are kept in the database, and polled again after a
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
import { DEFAULT_SOURCE, type EventSource, readQueueArn, readSourceSettings, renderSource } from './event-source-settings.ts'
import { parseFunctionName } from './function-name.ts'
import type { Functions } from './functions.ts'
import { MARKERS, readText, readTextMap } from './input.ts'
import { type PollerDeps, QueuePoller } from './queue-poller.ts'
import type { FunctionRecord } from './records.ts'
import { functionArn } from './render.ts'

export interface EventSourcesDeps extends Pick<ServiceDeps, 'database' | 'clock' | 'log' | 'region' | 'account' | 'endpoint'> {
  readonly credentials?: ServiceDeps['credentials']
  readonly functions: Pick<Functions, 'resolve'>
  readonly invoke: PollerDeps['invoke']
  readonly payloadBytesMax: number
}

const PAGE_MAX = 100

export class EventSources {
  readonly #deps: EventSourcesDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #endpoints: Endpoints
  readonly #pollers = new Map<string, QueuePoller>()
  #isClosed = false

  constructor(deps: EventSourcesDeps) {
    this.#deps = deps
    this.#sql = prepare(deps.database)
    const { endpoint, region, credentials } = deps
    this.#endpoints = endpointsAt(() => ({ endpoint: endpoint(), region, credentials: credentials?.() }))
  }

  async create(input: JsonObject): Promise<JsonObject> {
    const queueArn = readQueueArn(input)
    const { record, arn } = this.#target(readText(input, 'FunctionName') ?? '')
    const settings = readSourceSettings(input, DEFAULT_SOURCE, queueArn)
    await this.#checkQueue(queueArn, record.timeoutSeconds)
    const twin = this.#all().find((other) => other.queueArn === queueArn && other.functionArn === arn)
    if (twin) {
      throw lambdaError(
        'ResourceConflictException',
        `An event source mapping with SQS arn (" ${queueArn} ") and function (" ${record.name} ") already exists. Please update or delete the existing mapping with UUID ${twin.uuid}`,
      )
    }
    const tags = tagsObject(addTags(NO_TAGS, tagsOf(readTextMap(input, 'Tags') ?? {}), TAG_ERRORS))
    const made = { ...settings, tags, uuid: randomUUID(), queueArn, functionArn: arn, lastModifiedMs: this.#deps.clock.now() }
    this.#put(made)
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
      (source) => (arn === null || source.queueArn === arn) && (wanted === undefined || source.functionArn === wanted),
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
      ...readSourceSettings(input, before, before.queueArn),
      ...(asked !== undefined && { functionArn: this.#target(asked).arn }),
      lastModifiedMs: this.#deps.clock.now(),
    }
    this.#put(source)
    return renderSource(source, 'Updating')
  }

  delete(uuid: string): JsonObject {
    const source = this.#find(uuid)
    this.#sql.remove.run(uuid)
    void this.#stop(uuid)
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
    await Promise.all([...this.#pollers.keys()].map((uuid) => this.#stop(uuid)))
  }

  /** Batches that are under way go on by what was said before. */
  #put(source: EventSource): void {
    this.#sql.put.run(source.uuid, JSON.stringify(source))
    void this.#stop(source.uuid)
    this.#start(source)
  }

  #start(source: EventSource): void {
    if (this.#isClosed || !source.isEnabled || this.#pollers.has(source.uuid)) return
    const { endpoint } = this.#deps
    const deps = { ...this.#deps, endpoints: this.#endpoints, queueUrl: queueUrl(endpoint(), source.queueArn) }
    this.#pollers.set(source.uuid, new QueuePoller(source, deps))
  }

  async #stop(uuid: string): Promise<void> {
    const poller = this.#pollers.get(uuid)
    this.#pollers.delete(uuid)
    await poller?.close()
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

export const isMappingArn = (text: string): boolean => /^arn:[^:]+:lambda:[^:]*:[^:]*:event-source-mapping:/.test(text)
const uuidIn = (arn: string): string => arn.split(':').at(-1) ?? ''

const prepare = (database: ServicesDatabase) => ({
  all: database.prepareValue<[], string>('SELECT record FROM lambda_event_sources ORDER BY uuid'),
  get: database.prepareValue<[string], string>('SELECT record FROM lambda_event_sources WHERE uuid = ?'),
  put: database.prepare<[string, string]>('INSERT OR REPLACE INTO lambda_event_sources (uuid, record) VALUES (?, ?)'),
  remove: database.prepare<[string]>('DELETE FROM lambda_event_sources WHERE uuid = ?'),
})
