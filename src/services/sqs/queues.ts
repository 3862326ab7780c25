/**
 * The queues themselves: rows of `sqs_queues`, kept in memory as well because every call needs one.
 * Rule kept: the map and the table change together, the table first.
 */
import { getOwn } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'
import type { Instant } from '../../base/time.ts'

import { isQueueArn } from '../../aws/paths.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { invalidParameter, queueDoesNotExist, sqsError } from './errors.ts'
import {
  changeAttributes,
  checkQueueAttributes,
  defaultAttributes,
  foldBooleans,
  type QueueAttributes,
} from './queue-attributes.ts'

export interface Queue {
  readonly id: number
  readonly name: string
  readonly isFifo: boolean
  readonly attributes: QueueAttributes
  readonly tags: ReadonlyMap<string, string>
  readonly createdAt: Instant
  readonly modifiedAt: Instant
}

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string
  readonly maxReceiveCount: number
}

interface QueueRow {
  id: number
  name: string
  attributes: string
  tags: string
  created_at: number
  modified_at: number
}

const NAME = /^[A-Za-z0-9_-]{1,80}$/
const FIFO_NAME = /^[A-Za-z0-9_-]{1,75}\.fifo$/

export class Queues {
  readonly #database: ServicesDatabase
  readonly #arnPrefix: string
  readonly #sql: ReturnType<typeof prepare>
  readonly #byName = new Map<string, Queue>()

  constructor(database: ServicesDatabase, arnPrefix: string) {
    this.#database = database
    this.#arnPrefix = arnPrefix
    this.#sql = prepare(database)
    for (const row of this.#sql.all.all()) this.#byName.set(row.name, toQueue(row))
  }

  arnOf(queue: Queue): string {
    return `${this.#arnPrefix}${queue.name}`
  }

  find(name: string): Queue | undefined {
    return this.#byName.get(name)
  }

  byArn(arn: string): Queue | undefined {
    return arn.startsWith(this.#arnPrefix) ? this.#byName.get(arn.slice(this.#arnPrefix.length)) : undefined
  }

  /** The last segment of a queue URL is the name; a bare name is taken too, as AWS's SDKs let through. Throws QueueDoesNotExist. */
  byUrl(url: string): Queue {
    const queue = this.#byName.get(url.slice(url.lastIndexOf('/') + 1))
    if (!queue) throw queueDoesNotExist()
    return queue
  }

  /** In the order of their names. */
  list(prefix: string): readonly Queue[] {
    return [...this.#byName.values()].filter(({ name }) => name.startsWith(prefix)).sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Queues whose dead letters go to `target`. */
  sourcesOf(target: Queue): readonly Queue[] {
    const arn = this.arnOf(target)
    return this.list('').filter((queue) => redrivePolicyOf(queue)?.deadLetterTargetArn === arn)
  }

  /** The same name with the same attributes gives the queue that is there. Throws QueueNameExists where they differ. */
  create(name: string, given: QueueAttributes, tags: ReadonlyMap<string, string>, now: Instant): Queue {
    const asked = foldBooleans(given)
    const isFifo = asked.get('FifoQueue') === 'true'
    checkName(name, isFifo)
    checkQueueAttributes(asked, isFifo)
    this.#checkRedrive(asked)
    const existing = this.#byName.get(name)
    if (existing) {
      for (const [key, value] of asked) if (existing.attributes.get(key) !== value) throw nameExists(key)
      return existing
    }
    const attributes = changeAttributes(defaultAttributes(isFifo), asked)
    const id = this.#insert(name, attributes, tags, now, now)
    const queue = { id, name, isFifo, attributes, tags, createdAt: now, modifiedAt: now }
    this.#byName.set(name, queue)
    return queue
  }

  setAttributes(queue: Queue, given: QueueAttributes, now: Instant): void {
    const changes = foldBooleans(given)
    checkQueueAttributes(changes, queue.isFifo)
    this.#checkRedrive(changes)
    this.#replace({ ...queue, attributes: changeAttributes(queue.attributes, changes), modifiedAt: now })
  }

  setTags(queue: Queue, tags: ReadonlyMap<string, string>): void {
    this.#replace({ ...queue, tags })
  }

  /**
   * The same queue under a new number, which no message has, nor anything known of messages that were sent. What lies under the
   * old number belongs to nobody; numbers never return.
   */
  renew(queue: Queue): void {
    const { name, attributes, tags, createdAt, modifiedAt } = queue
    const id = this.#database.transaction(() => {
      this.#sql.remove.run(queue.id)
      return this.#insert(name, attributes, tags, createdAt, modifiedAt)
    })
    this.#byName.set(name, { ...queue, id })
  }

  #insert(
    name: string,
    attributes: QueueAttributes,
    tags: ReadonlyMap<string, string>,
    createdAt: number,
    modifiedAt: number,
  ): number {
    return this.#sql.insert.run(name, print(attributes), print(tags), createdAt, modifiedAt).lastInsertRowid
  }

  delete(queue: Queue): void {
    this.#sql.remove.run(queue.id)
    this.#byName.delete(queue.name)
  }

  #replace(queue: Queue): void {
    this.#sql.update.run(print(queue.attributes), print(queue.tags), queue.modifiedAt, queue.id)
    this.#byName.set(queue.name, queue)
  }

  #checkRedrive(attributes: QueueAttributes): void {
    const text = attributes.get('RedrivePolicy')
    if (text === undefined || text === '') return
    const policy = parseRedrivePolicy(text)
    const refuse = (reason: string) => invalidParameter(`Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`)
    if (!policy) throw refuse('Redrive policy does not contain mandatory attribute: maxReceiveCount or deadLetterTargetArn.')
    if (!Number.isInteger(policy.maxReceiveCount) || policy.maxReceiveCount < 1 || policy.maxReceiveCount > 1000) {
      throw refuse('Invalid value for maxReceiveCount: must be between 1 and 1000.')
    }
    if (!isQueueArn(policy.deadLetterTargetArn)) throw refuse('Invalid value for deadLetterTargetArn.')
    if (!this.byArn(policy.deadLetterTargetArn)) throw refuse('Dead letter target does not exist.')
  }
}

const prepare = (database: ServicesDatabase) => ({
  all: database.prepare<[], QueueRow>('SELECT * FROM sqs_queues'),
  insert: database.prepare<[string, string, string, number, number]>(
    'INSERT INTO sqs_queues (name, attributes, tags, created_at, modified_at) VALUES (?, ?, ?, ?, ?)',
  ),
  update: database.prepare<[string, string, number, number]>(
    'UPDATE sqs_queues SET attributes = ?, tags = ?, modified_at = ? WHERE id = ?',
  ),
  remove: database.prepare<[number]>('DELETE FROM sqs_queues WHERE id = ?'),
})

const print = (map: ReadonlyMap<string, string>): string => JSON.stringify([...map])

export function redrivePolicyOf(queue: Queue): RedrivePolicy | undefined {
  const text = queue.attributes.get('RedrivePolicy')
  return text === undefined ? undefined : parseRedrivePolicy(text)
}

function parseRedrivePolicy(text: string): RedrivePolicy | undefined {
  const value = objectOf(text)
  if (!value) return undefined
  const deadLetterTargetArn = getOwn(value, 'deadLetterTargetArn')
  const count = getOwn(value, 'maxReceiveCount')
  if (typeof deadLetterTargetArn !== 'string' || (typeof count !== 'string' && typeof count !== 'number')) return undefined
  return { deadLetterTargetArn, maxReceiveCount: Number(count) }
}

function checkName(name: string, isFifo: boolean): void {
  if (isFifo && !FIFO_NAME.test(name)) {
    throw invalidParameter(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    )
  }
  if (!isFifo && !NAME.test(name)) {
    throw invalidParameter('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length')
  }
}

const nameExists = (attribute: string) =>
  sqsError('QueueNameExists', `A queue already exists with the same name and a different value for attribute ${attribute}`)

function toQueue(row: QueueRow): Queue {
  return {
    id: row.id,
    name: row.name,
    isFifo: row.name.endsWith('.fifo'),
    attributes: new Map(JSON.parse(row.attributes) as [string, string][]),
    tags: new Map(JSON.parse(row.tags) as [string, string][]),
    createdAt: row.created_at as Instant,
    modifiedAt: row.modified_at as Instant,
  }
}
