/**
 * SQS's actions over the shapes of the JSON protocol. The Query protocol is translated to these in query.ts.
 * Source: Amazon SQS API reference.
 */
import { type Json, type JsonObject, setOwn, utf8Length } from '../../base/json.ts'
import { Alarm } from '../../base/alarm.ts'
import { AWS_LIMITS, type ServiceLimits } from '../../base/limits.ts'

import { WireError } from '../../wire/errors.ts'

import { applySchema } from '../kit/database.ts'
import { objectList } from '../kit/input.ts'
import { pageOf } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, NO_TAGS, removeTags } from '../kit/tags.ts'

import { invalidParameter, queryCodeOf, sqsError, tagErrors } from './errors.ts'
import { optionalInteger, optionalText, requiredText, textList, textMap } from './input.ts'
import { Messages } from './messages.ts'
import { MoveTasks } from './move-tasks.ts'
import { PEEKED_MAX, renderPeeked } from './peeking.ts'
import { COMPUTED_ATTRIBUTES, isKnownAttribute, KMS_REUSE } from './queue-attributes.ts'
import { withoutPermission, withPermission } from './queue-policy.ts'
import { type Queue, Queues } from './queues.ts'
import { changeVisibility, deleteByHandle, type Received, type ReceiveRequest, receiveNow } from './receiving.ts'
import { SQS_SCHEMA } from './schema.ts'
import { checkFifoEntry, entryId, numberOf, readNewMessage, storeMessage } from './sending.ts'
import { Waiters } from './waiters.ts'

export type SqsDeps = Pick<ServiceDeps, 'database' | 'region' | 'account' | 'clock' | 'log' | 'limits'>

export interface SqsContext {
  /** `http://host:port`, as the caller addressed us: queue URLs begin with it. */
  readonly origin: string
  /** X-Ray's, of the request. */
  readonly traceHeader: string | undefined
  /** Aborts when nobody waits for a message any more. */
  readonly pollSignal: () => AbortSignal
}

export type SqsOperation = (input: JsonObject, context: SqsContext) => JsonObject | Promise<JsonObject>

const BATCH_MAX = 10
const PURGE_PAUSE_MS = 60_000
const SWEEP_PAUSE_MS = 5
const PAGE_MAX = 1_000
const TOKENS = pageTokens('sqs', () => invalidParameter('Invalid or expired next token.'))
const NONE: JsonObject = {}

export class SqsService {
  readonly #account: string
  readonly #clock: ServiceDeps['clock']
  readonly #queues: Queues
  readonly #messages: Messages
  readonly #waiters: Waiters
  readonly #purgedAt = new Map<string, number>()
  readonly #sweeper: Alarm
  readonly #moveTasks: MoveTasks

  readonly operations: ReadonlyMap<string, SqsOperation> = new Map<string, SqsOperation>([
    ['CreateQueue', (input, context) => this.#createQueue(input, context)],
    ['DeleteQueue', (input) => this.#deleteQueue(input)],
    ['GetQueueUrl', (input, context) => this.#getQueueUrl(input, context)],
    ['ListQueues', (input, context) => this.#listQueues(input, context)],
    ['ListDeadLetterSourceQueues', (input, context) => this.#listSources(input, context)],
    ['GetQueueAttributes', (input) => this.#getAttributes(input)],
    ['SetQueueAttributes', (input) => this.#setAttributes(input)],
    ['PurgeQueue', (input) => this.#purge(input)],
    ['SendMessage', (input, context) => this.#send(input, context)],
    ['SendMessageBatch', (input, context) => this.#sendBatch(input, context)],
    ['ReceiveMessage', (input, context) => this.#receive(input, context)],
    ['DeleteMessage', (input) => this.#delete(input)],
    ['DeleteMessageBatch', (input) => this.#deleteBatch(input)],
    ['ChangeMessageVisibility', (input) => this.#changeVisibility(input)],
    ['ChangeMessageVisibilityBatch', (input) => this.#changeVisibilityBatch(input)],
    ['TagQueue', (input) => this.#tag(input)],
    ['UntagQueue', (input) => this.#untag(input)],
    ['ListQueueTags', (input) => this.#listTags(input)],
    ['AddPermission', (input) => this.#addPermission(input)],
    ['RemovePermission', (input) => this.#removePermission(input)],
    ['StartMessageMoveTask', (input) => this.#moveTasks.start(input)],
    ['ListMessageMoveTasks', (input) => this.#moveTasks.list(input)],
    ['CancelMessageMoveTask', (input) => this.#moveTasks.cancel(input)],
  ])

  readonly #limits: ServiceLimits

  constructor(deps: SqsDeps) {
    applySchema(deps.database, SQS_SCHEMA)
    this.#account = deps.account
    this.#clock = deps.clock
    this.#limits = deps.limits ?? AWS_LIMITS.services
    this.#queues = new Queues(deps.database, `arn:aws:sqs:${deps.region}:${deps.account}:`)
    this.#messages = new Messages(deps.database)
    const { clock, log } = deps
    this.#sweeper = new Alarm({ clock, log, complaint: 'purged messages could not be removed', work: () => this.#sweep() })
    this.#sweeper.ring()
    this.#waiters = new Waiters(deps, (queue) => this.#messages.nextVisibleAt(queue, deps.clock.now()))
    const [queues, messages] = [this.#queues, this.#messages]
    this.#moveTasks = new MoveTasks({ ...deps, queues, messages, wake: (queue) => this.#waiters.wake(queue) })
  }

  close(): void {
    this.#sweeper.close()
    this.#moveTasks.close()
    this.#waiters.release()
  }

  /** Messages of purged and deleted queues go a few at a time, however many there are. */
  #sweep(): void {
    if (this.#messages.sweep()) this.#sweeper.setFor(this.#clock.now() + SWEEP_PAUSE_MS)
  }

  /** Messages as they lie, after the row `after`; none of them is received. Throws QueueDoesNotExist. */
  peek(queueUrl: string, after: number): JsonObject {
    const now = this.#clock.now()
    return renderPeeked(this.#messages.peek(this.#queues.byUrl(queueUrl).id, after, now, PEEKED_MAX + 1), now)
  }

  /** Removes one message by its row, received or not. Throws QueueDoesNotExist. */
  discard(queueUrl: string, id: number): void {
    const queue = this.#queues.byUrl(queueUrl)
    if (this.#messages.find(queue.id, id)) this.#messages.remove(id)
    this.#waiters.wake(queue.id)
  }

  #urlOf(queue: Queue, context: SqsContext): string {
    return `${context.origin}/${this.#account}/${queue.name}`
  }

  #queueOf(input: JsonObject): Queue {
    return this.#queues.byUrl(requiredText(input, 'QueueUrl'))
  }

  #createQueue(input: JsonObject, context: SqsContext): JsonObject {
    const name = requiredText(input, 'QueueName')
    const tags = addTags(NO_TAGS, textMap(input, 'tags') ?? textMap(input, 'Tags') ?? NO_TAGS, tagErrors(name))
    const queue = this.#queues.create(name, textMap(input, 'Attributes') ?? new Map(), tags, this.#clock.now())
    return { QueueUrl: this.#urlOf(queue, context) }
  }

  #deleteQueue(input: JsonObject): JsonObject {
    const queue = this.#queueOf(input)
    this.#queues.delete(queue)
    this.#purgedAt.delete(queue.name)
    this.#waiters.release(queue.id)
    this.#sweeper.ring()
    return NONE
  }

  #getQueueUrl(input: JsonObject, context: SqsContext): JsonObject {
    const queue = this.#queues.byUrl(requiredText(input, 'QueueName'))
    return { QueueUrl: this.#urlOf(queue, context) }
  }

  #listQueues(input: JsonObject, context: SqsContext): JsonObject {
    return this.#page(this.#queues.list(optionalText(input, 'QueueNamePrefix') ?? ''), 'QueueUrls', input, context)
  }

  #listSources(input: JsonObject, context: SqsContext): JsonObject {
    return this.#page(this.#queues.sourcesOf(this.#queueOf(input)), 'queueUrls', input, context)
  }

  /** A page begins after the queue that the token names; tokens are given only to those who ask for pages. */
  #page(queues: readonly Queue[], member: string, input: JsonObject, context: SqsContext): JsonObject {
    const max = optionalInteger(input, 'MaxResults', 1, PAGE_MAX)
    const token = optionalText(input, 'NextToken')
    const { items, next } = pageOf(queues, { token, tokens: TOKENS, size: max ?? PAGE_MAX, nameOf: ({ name }) => name })
    return {
      ...((items.length > 0 || member === 'queueUrls') && { [member]: items.map((queue) => this.#urlOf(queue, context)) }),
      ...(max !== undefined && next !== undefined && { NextToken: next }),
    }
  }

  #getAttributes(input: JsonObject): JsonObject {
    const queue = this.#queueOf(input)
    const names = textList(input, 'AttributeNames')
    const unknown = names.find((name) => !isKnownAttribute(name))
    if (unknown !== undefined) throw sqsError('InvalidAttributeName', `Unknown Attribute ${unknown}.`)
    const wants = (name: string) => names.includes('All') || names.includes(name)
    const chosen: Record<string, Json> = {}
    const shown = queue.attributes.has('KmsMasterKeyId') ? new Map([KMS_REUSE, ...queue.attributes]) : queue.attributes
    for (const [name, value] of shown) if (wants(name)) chosen[name] = value
    if (COMPUTED_ATTRIBUTES.some(wants)) {
      for (const [name, value] of this.#computedAttributes(queue)) if (wants(name)) chosen[name] = value
    }
    return Object.keys(chosen).length === 0 ? NONE : { Attributes: chosen }
  }

  #computedAttributes(queue: Queue): readonly (readonly [string, string])[] {
    const counts = this.#messages.count(queue.id, this.#clock.now())
    return [
      ['QueueArn', this.#queues.arnOf(queue)],
      ['ApproximateNumberOfMessages', String(counts.visible)],
      ['ApproximateNumberOfMessagesNotVisible', String(counts.inFlight)],
      ['ApproximateNumberOfMessagesDelayed', String(counts.delayed)],
      ['CreatedTimestamp', String(Math.floor(queue.createdAt / 1000))],
      ['LastModifiedTimestamp', String(Math.floor(queue.modifiedAt / 1000))],
    ]
  }

  #setAttributes(input: JsonObject): JsonObject {
    const queue = this.#queueOf(input)
    this.#queues.setAttributes(queue, textMap(input, 'Attributes') ?? new Map(), this.#clock.now())
    return NONE
  }

  #purge(input: JsonObject): JsonObject {
    const queue = this.#queueOf(input)
    const now = this.#clock.now()
    if (now - (this.#purgedAt.get(queue.name) ?? 0) < PURGE_PAUSE_MS) {
      throw sqsError('PurgeQueueInProgress', `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`, 403)
    }
    this.#queues.renew(queue)
    this.#purgedAt.set(queue.name, now)
    this.#waiters.release(queue.id)
    this.#sweeper.ring()
    return NONE
  }

  async #send(input: JsonObject, context: SqsContext): Promise<JsonObject> {
    const queue = this.#queueOf(input)
    const now = this.#clock.now()
    const message = readNewMessage(queue, input, { now, limits: this.#limits, traceHeader: context.traceHeader })
    const answer = await this.#messages.inGroup(() => storeMessage(this.#messages, queue, message, now))
    this.#waiters.wake(queue.id)
    return answer
  }

  async #sendBatch(input: JsonObject, context: SqsContext): Promise<JsonObject> {
    const queue = this.#queueOf(input)
    const now = this.#clock.now()
    const entries = readEntries(input)
    const bytes = entries.reduce((sum, entry) => sum + utf8Length(optionalText(entry, 'MessageBody') ?? ''), 0)
    const bytesMax = this.#limits.sqsBytesMax
    if (bytes > bytesMax)
      throw sqsError(
        'BatchRequestTooLong',
        `Batch requests cannot be longer than ${bytesMax} bytes. You have sent ${bytes} bytes.`,
      )
    if (queue.isFifo) for (const entry of entries) checkFifoEntry(queue, entry)
    const sending = { now, limits: this.#limits, traceHeader: context.traceHeader }
    const answer = await this.#messages.inGroup(() =>
      eachEntry(entries, (entry) => storeMessage(this.#messages, queue, readNewMessage(queue, entry, sending), now)),
    )
    this.#waiters.wake(queue.id)
    return answer
  }

  async #receive(input: JsonObject, context: SqsContext): Promise<JsonObject> {
    const queue = this.#queueOf(input)
    const request: ReceiveRequest = {
      limit: optionalInteger(input, 'MaxNumberOfMessages', 1, 10) ?? 1,
      visibilitySeconds: optionalInteger(input, 'VisibilityTimeout', 0, 43_200) ?? numberOf(queue, 'VisibilityTimeout'),
      systemNames: [...textList(input, 'AttributeNames'), ...textList(input, 'MessageSystemAttributeNames')],
      attributeNames: textList(input, 'MessageAttributeNames'),
    }
    const waitSeconds =
      optionalInteger(input, 'WaitTimeSeconds', 0, 20, 'Must be >= 0 and <= 20, if provided') ??
      numberOf(queue, 'ReceiveMessageWaitTimeSeconds')
    let found = this.#given(await this.#messages.inGroup(() => this.#attempt(queue, request)))
    if (found.length === 0 && waitSeconds > 0) {
      await this.#waiters.wait(queue.id, waitSeconds * 1000, context.pollSignal(), () => {
        found = this.#given(this.#attempt(queue, request))
        return found.length > 0
      })
    }
    return found.length === 0 ? NONE : { Messages: found }
  }

  #attempt(queue: Queue, request: ReceiveRequest): Received {
    return receiveNow(this.#messages, this.#queues, queue, request, this.#clock.now(), this.#account)
  }

  /** Once that is committed. */
  #given({ messages, deadLettered }: Received): readonly JsonObject[] {
    if (deadLettered) this.#waiters.wake(deadLettered.id)
    return messages
  }

  async #delete(input: JsonObject): Promise<JsonObject> {
    const queue = this.#queueOf(input)
    const handle = requiredText(input, 'ReceiptHandle')
    await this.#messages.inGroup(() => deleteByHandle(this.#messages, queue, handle, this.#clock.now()))
    if (queue.isFifo) this.#waiters.wake(queue.id)
    return NONE
  }

  async #deleteBatch(input: JsonObject): Promise<JsonObject> {
    const queue = this.#queueOf(input)
    const entries = readEntries(input)
    const now = this.#clock.now()
    const answer = await this.#messages.inGroup(() =>
      eachEntry(entries, (entry) => {
        deleteByHandle(this.#messages, queue, requiredText(entry, 'ReceiptHandle'), now)
        return NONE
      }),
    )
    if (queue.isFifo) this.#waiters.wake(queue.id)
    return answer
  }

  async #changeVisibility(input: JsonObject): Promise<JsonObject> {
    const queue = this.#queueOf(input)
    await this.#messages.inGroup(() => this.#changeOne(queue, input))
    this.#waiters.wake(queue.id)
    return NONE
  }

  async #changeVisibilityBatch(input: JsonObject): Promise<JsonObject> {
    const queue = this.#queueOf(input)
    const entries = readEntries(input)
    const answer = await this.#messages.inGroup(() => eachEntry(entries, (entry) => this.#changeOne(queue, entry)))
    this.#waiters.wake(queue.id)
    return answer
  }

  #changeOne(queue: Queue, input: JsonObject): JsonObject {
    const seconds = optionalInteger(input, 'VisibilityTimeout', 0, 43_200)
    if (seconds === undefined) throw invalidParameter('The request must contain the parameter VisibilityTimeout.')
    changeVisibility(this.#messages, queue, requiredText(input, 'ReceiptHandle'), seconds, this.#clock.now())
    return NONE
  }

  #addPermission(input: JsonObject): JsonObject {
    const queue = this.#queueOf(input)
    return this.#setPolicy(queue, withPermission(queue.attributes.get('Policy'), input, this.#queues.arnOf(queue)))
  }

  #removePermission(input: JsonObject): JsonObject {
    const queue = this.#queueOf(input)
    return this.#setPolicy(queue, withoutPermission(queue.attributes.get('Policy'), input))
  }

  #setPolicy(queue: Queue, policy: string): JsonObject {
    this.#queues.setAttributes(queue, new Map([['Policy', policy]]), this.#clock.now())
    return NONE
  }

  #tag(input: JsonObject): JsonObject {
    const queue = this.#queueOf(input)
    this.#queues.setTags(queue, addTags(queue.tags, textMap(input, 'Tags') ?? NO_TAGS, tagErrors(queue.name)))
    return NONE
  }

  #untag(input: JsonObject): JsonObject {
    const queue = this.#queueOf(input)
    this.#queues.setTags(queue, removeTags(queue.tags, textList(input, 'TagKeys')))
    return NONE
  }

  #listTags(input: JsonObject): JsonObject {
    const { tags } = this.#queueOf(input)
    if (tags.size === 0) return NONE
    const rendered: Record<string, Json> = {}
    for (const [key, value] of tags) setOwn(rendered, key, value)
    return { Tags: rendered }
  }
}

const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/

/** One to ten entries with distinct ids. */
function readEntries(input: JsonObject): readonly JsonObject[] {
  const entries = objectList(input, 'Entries')
  if (entries.length === 0)
    throw sqsError('EmptyBatchRequest', 'There should be at least one SendMessageBatchRequestEntry in the request.')
  if (entries.length > BATCH_MAX) {
    throw sqsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${BATCH_MAX}. You have sent ${entries.length}.`,
    )
  }
  const seen = new Set<string>()
  for (const entry of entries) {
    const id = entryId(entry)
    if (!ENTRY_ID.test(id)) {
      throw sqsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      )
    }
    if (seen.has(id)) throw sqsError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`)
    seen.add(id)
  }
  return entries
}

/** One bad entry fails alone; the others go through. */
function eachEntry(entries: readonly JsonObject[], act: (entry: JsonObject) => JsonObject): JsonObject {
  const successful: JsonObject[] = []
  const failed: JsonObject[] = []
  for (const entry of entries) {
    try {
      successful.push({ Id: entryId(entry), ...act(entry) })
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      failed.push({ Id: entryId(entry), Code: queryCodeOf(error.code), Message: error.message, SenderFault: true })
    }
  }
  return { ...(successful.length > 0 && { Successful: successful }), ...(failed.length > 0 && { Failed: failed }) }
}
