/**
 * Topics and subscriptions: rows, and a copy in memory of each. Rule kept: the table changes first.
 * Source: Amazon SNS API reference, CreateTopic, Subscribe, SetSubscriptionAttributes.
 */
import { getOwn } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { isQueueArn } from '../../aws/paths.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { foldCase } from '../kit/fold-case.ts'

import { invalidParameter } from './errors.ts'
import { checkFilterPolicy, type Refuse } from './filter-policy.ts'

export interface Topic {
  readonly arn: string
  readonly name: string
  readonly isFifo: boolean
  readonly attributes: ReadonlyMap<string, string>
  readonly tags: ReadonlyMap<string, string>
}

export interface Subscription {
  readonly arn: string
  readonly topicArn: string
  readonly protocol: string
  readonly endpoint: string
  readonly attributes: ReadonlyMap<string, string>
  /** While set, the endpoint has still to confirm. */
  readonly pendingToken: string | undefined
}

interface TopicRow {
  arn: string
  attributes: string
  tags: string
}
interface SubscriptionRow {
  arn: string
  topic_arn: string
  protocol: string
  endpoint: string
  attributes: string
  pending_token: string | null
}

const NAME = /^[A-Za-z0-9_-]{1,256}$/
const FIFO_NAME = /^[A-Za-z0-9_-]{1,251}\.fifo$/
export const SETTABLE_BY_SUBSCRIBER = new Set([
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'ReplayPolicy',
  'SubscriptionRoleArn',
])

const print = (map: ReadonlyMap<string, string>): string => JSON.stringify([...map])
const parse = (text: string): ReadonlyMap<string, string> => new Map(JSON.parse(text) as [string, string][])

export class Topics {
  readonly #database: ServicesDatabase
  readonly #sql: ReturnType<typeof prepare>
  readonly #topics = new Map<string, Topic>()
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #byTopic = new Map<string, Set<string>>()

  constructor(database: ServicesDatabase) {
    this.#database = database
    this.#sql = prepare(database)
    for (const row of this.#sql.topics.all()) this.#topics.set(row.arn, newTopic(row.arn, parse(row.attributes), parse(row.tags)))
    for (const row of this.#sql.subscriptions.all()) this.#remember(toSubscription(row))
  }

  topic(arn: string): Topic | undefined {
    return this.#topics.get(arn)
  }

  list(): readonly Topic[] {
    return [...this.#topics.values()]
  }

  putTopic(arn: string, attributes: ReadonlyMap<string, string>, tags: ReadonlyMap<string, string>): Topic {
    this.#sql.putTopic.run(arn, print(attributes), print(tags))
    const topic = newTopic(arn, attributes, tags)
    this.#topics.set(arn, topic)
    return topic
  }

  /** With its subscriptions, and what is known of messages that it was sent. */
  deleteTopic(arn: string): void {
    const subscriptions = this.subscriptionsOf(arn)
    this.#database.transaction(() => {
      this.#sql.deleteTopic.run(arn)
      this.#sql.deleteSubscriptionsOf.run(arn)
      this.#sql.forgetDuplicatesOf.run(arn)
    })
    this.#topics.delete(arn)
    for (const { arn: subscription } of subscriptions) this.#subscriptions.delete(subscription)
    this.#byTopic.delete(arn)
  }

  subscription(arn: string): Subscription | undefined {
    return this.#subscriptions.get(arn)
  }

  subscriptionsOf(topicArn: string): readonly Subscription[] {
    const found: Subscription[] = []
    for (const arn of this.#byTopic.get(topicArn) ?? []) {
      const subscription = this.#subscriptions.get(arn)
      if (subscription) found.push(subscription)
    }
    return found
  }

  allSubscriptions(): readonly Subscription[] {
    return [...this.#subscriptions.values()]
  }

  /** `along` belongs to the same commit. */
  putSubscription(subscription: Subscription, along = () => {}): void {
    const { arn, topicArn, protocol, endpoint, attributes, pendingToken } = subscription
    this.#database.transaction(() => {
      along()
      this.#sql.putSubscription.run(arn, topicArn, protocol, endpoint, print(attributes), pendingToken ?? null)
    })
    this.#remember(subscription)
  }

  deleteSubscription(subscription: Subscription): void {
    this.#sql.deleteSubscription.run(subscription.arn)
    this.#subscriptions.delete(subscription.arn)
    this.#byTopic.get(subscription.topicArn)?.delete(subscription.arn)
  }

  #remember(subscription: Subscription): void {
    this.#subscriptions.set(subscription.arn, subscription)
    const arns = this.#byTopic.get(subscription.topicArn)
    if (arns) arns.add(subscription.arn)
    else this.#byTopic.set(subscription.topicArn, new Set([subscription.arn]))
  }
}

const prepare = (database: ServicesDatabase) => ({
  topics: database.prepare<[], TopicRow>('SELECT * FROM sns_topics'),
  putTopic: database.prepare<[string, string, string]>('INSERT OR REPLACE INTO sns_topics VALUES (?, ?, ?)'),
  deleteTopic: database.prepare<[string]>('DELETE FROM sns_topics WHERE arn = ?'),
  subscriptions: database.prepare<[], SubscriptionRow>('SELECT * FROM sns_subscriptions'),
  putSubscription: database.prepare<[string, string, string, string, string, string | null]>(
    'INSERT OR REPLACE INTO sns_subscriptions VALUES (?, ?, ?, ?, ?, ?)',
  ),
  deleteSubscription: database.prepare<[string]>('DELETE FROM sns_subscriptions WHERE arn = ?'),
  deleteSubscriptionsOf: database.prepare<[string]>('DELETE FROM sns_subscriptions WHERE topic_arn = ?'),
  forgetDuplicatesOf: database.prepare<[string]>('DELETE FROM sns_deduplication WHERE topic_arn = ?'),
})

function newTopic(arn: string, attributes: ReadonlyMap<string, string>, tags: ReadonlyMap<string, string>): Topic {
  const name = arn.slice(arn.lastIndexOf(':') + 1)
  return { arn, name, isFifo: name.endsWith('.fifo'), attributes, tags }
}

const toSubscription = (row: SubscriptionRow): Subscription => ({
  arn: row.arn,
  topicArn: row.topic_arn,
  protocol: row.protocol,
  endpoint: row.endpoint,
  attributes: parse(row.attributes),
  pendingToken: row.pending_token ?? undefined,
})

export function checkTopicName(name: string, isFifo: boolean): void {
  if (isFifo ? FIFO_NAME.test(name) : NAME.test(name)) return
  throw invalidParameter(
    isFifo
      ? 'Topic Name Reason: Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.'
      : 'Topic Name',
  )
}

const BOOLEANS = new Set(['RawMessageDelivery', 'FifoTopic', 'ContentBasedDeduplication'])

/** The attributes with the truth of those that are true or false in small letters. */
export const foldBooleans = (attributes: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  foldCase(attributes, BOOLEANS)

/** Throws what `refuse` makes of an attribute of a subscription that SNS would refuse. */
export function checkSubscriptionAttributes(
  attributes: ReadonlyMap<string, string>,
  { topicArn, endpoint }: Pick<Subscription, 'topicArn' | 'endpoint'>,
  refuse: Refuse,
): void {
  for (const name of attributes.keys()) if (!SETTABLE_BY_SUBSCRIBER.has(name)) throw refuse('AttributeName')
  const scope = attributes.get('FilterPolicyScope')
  if (scope !== undefined && scope !== 'MessageAttributes' && scope !== 'MessageBody') {
    throw refuse(`FilterPolicyScope: Invalid value [${scope}]. Please use either MessageBody or MessageAttributes`)
  }
  const raw = attributes.get('RawMessageDelivery')
  if (raw !== undefined && !/^(true|false)$/i.test(raw))
    throw refuse(`RawMessageDelivery: Invalid value [${raw}]. Must be true or false.`)
  const policy = attributes.get('FilterPolicy')
  if (policy !== undefined && policy !== '') checkFilterPolicy(policy, scope === 'MessageBody', refuse)
  const redrive = attributes.get('RedrivePolicy')
  if (redrive !== undefined && redrive !== '')
    checkRedrivePolicy(redrive, topicArn.endsWith('.fifo') && endpoint.endsWith('.fifo'), refuse)
}

function checkRedrivePolicy(text: string, isFifo: boolean, refuse: Refuse): void {
  const policy = objectOf(text)
  if (!policy) throw refuse('RedrivePolicy: failed to parse JSON.')
  const arn = getOwn(policy, 'deadLetterTargetArn')
  if (typeof arn !== 'string' || !isQueueArn(arn)) throw refuse('RedrivePolicy: deadLetterTargetArn is an invalid arn')
  if (isFifo && !arn.endsWith('.fifo'))
    throw refuse('RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.')
}
