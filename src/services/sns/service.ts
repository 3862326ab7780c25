/**
 * SNS's actions, in the terms of the Query protocol.
 * A message and all its deliveries are stored in one commit before Publish answers; the outbox carries them afterwards.
 * Source: Amazon SNS API reference.
 */
import { randomBytes, randomUUID } from 'node:crypto'

import type { JsonObject } from '../../base/json.ts'
import { AWS_LIMITS } from '../../base/limits.ts'

import type { CallContext } from '../../wire/aws-json.ts'
import type { QueryOperation } from '../../wire/aws-query.ts'
import { headerOf } from '../../wire/http.ts'
import { element, type Xml } from '../../wire/xml.ts'

import { applySchema } from '../kit/database.ts'
import { objectList, textList } from '../kit/input.ts'
import { pageOf } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, NO_TAGS, removeTags } from '../kit/tags.ts'

import { checkBatch, checkEndpoint, checkTopicAttribute } from './checks.ts'
import { Deliveries } from './deliveries.ts'
import { invalidAttribute, invalidParameter, notFound, TAG_ERRORS } from './errors.ts'
import { optionalText, readTags, requiredArn, requiredText, textMap } from './input.ts'
import type { Mailbox } from './mailbox.ts'
import { type Published, Publisher } from './publisher.ts'
import { type Publishing, readPublication } from './publishing.ts'
import { SNS_SCHEMA } from './schema.ts'
import { openSigner } from './signer.ts'
import { smsOperations } from './sms.ts'
import { withoutPermission, withPermission } from './topic-permissions.ts'
import { defaultPolicy, EFFECTIVE_DELIVERY_POLICY } from './topic-policy.ts'
import {
  checkSubscriptionAttributes,
  checkTopicName,
  foldBooleans,
  SETTABLE_BY_SUBSCRIBER,
  type Subscription,
  type Topic,
  Topics,
} from './topics.ts'

/** `endpoint` is where queues and functions are called, `publicUrl` where links in messages lead. */
export type SnsServiceDeps = Omit<ServiceDeps, 'directory'> & { readonly mailbox: Mailbox }

export class SnsService {
  readonly #deps: SnsServiceDeps
  readonly #topics: Topics
  readonly #deliveries: Deliveries
  #publisher: Promise<Publisher> | undefined

  readonly operations: ReadonlyMap<string, QueryOperation>

  readonly #own: readonly (readonly [string, QueryOperation])[] = [
    ['CreateTopic', (input) => this.#createTopic(input)],
    ['DeleteTopic', (input) => this.#deleteTopic(input)],
    ['ListTopics', (input) => this.#listTopics(input)],
    ['GetTopicAttributes', (input) => this.#getTopicAttributes(input)],
    ['SetTopicAttributes', (input) => this.#setTopicAttributes(input)],
    ['Subscribe', (input) => this.#subscribe(input)],
    ['ConfirmSubscription', (input) => this.#confirm(input)],
    ['Unsubscribe', (input) => this.#unsubscribe(input)],
    ['ListSubscriptions', (input) => this.#listSubscriptions(this.#topics.allSubscriptions(), input)],
    [
      'ListSubscriptionsByTopic',
      (input) => this.#listSubscriptions(this.#topics.subscriptionsOf(this.#topicOf(input).arn), input),
    ],
    ['GetSubscriptionAttributes', (input) => this.#getSubscriptionAttributes(input)],
    ['SetSubscriptionAttributes', (input) => this.#setSubscriptionAttributes(input)],
    ['Publish', (input, context) => this.#publish(input, context)],
    ['PublishBatch', (input, context) => this.#publishBatch(input, context)],
    ['TagResource', (input) => this.#tag(input)],
    ['UntagResource', (input) => this.#untag(input)],
    ['ListTagsForResource', (input) => this.#listTags(input)],
    ['AddPermission', (input) => this.#addPermission(input)],
    ['RemovePermission', (input) => this.#removePermission(input)],
  ]

  constructor(deps: SnsServiceDeps) {
    this.#deps = deps
    applySchema(deps.database, SNS_SCHEMA)
    this.operations = new Map([...this.#own, ...smsOperations(deps.database)])
    this.#topics = new Topics(deps.database)
    this.#deliveries = new Deliveries(deps, this.#topics)
  }

  /** Carries on with what an earlier process left undelivered. Call when `endpoint()` answers. */
  resume(): void {
    this.#deliveries.pump()
  }

  close(): void {
    this.#deliveries.close()
  }

  /** With which signatures are verified; PEM. */
  async certificate(): Promise<string> {
    return (await this.#openPublisher()).certificate
  }

  #openPublisher(): Promise<Publisher> {
    this.#publisher ??= openSigner(this.#deps.database, this.#deps.seal)
      .then((signer) => new Publisher(this.#deps, this.#topics, this.#deliveries, signer))
      .catch((error: unknown) => {
        // There was no room for the key: whoever comes next tries again.
        this.#publisher = undefined
        throw error
      })
    return this.#publisher
  }

  // Topics

  #topicOf(input: JsonObject, name = 'TopicArn'): Topic {
    const topic = this.#topics.topic(requiredArn(input, name))
    if (!topic) throw notFound('Topic')
    return topic
  }

  #createTopic(input: JsonObject): Xml {
    const name = requiredText(input, 'Name')
    const attributes = foldBooleans(textMap(input, 'Attributes'))
    const tags = addTags(NO_TAGS, readTags(input), TAG_ERRORS)
    checkTopicName(name, attributes.get('FifoTopic') === 'true')
    for (const key of attributes.keys()) checkTopicAttribute(key)
    const arn = `arn:aws:sns:${this.#deps.region}:${this.#deps.account}:${name}`
    const existing = this.#topics.topic(arn)
    if (!existing) this.#topics.putTopic(arn, attributes, tags)
    else {
      for (const [key, value] of attributes) {
        if (existing.attributes.get(key) !== value) {
          throw invalidParameter('Attributes Reason: Topic already exists with different attributes')
        }
      }
      for (const [key, value] of tags) {
        if (existing.tags.get(key) !== value) throw invalidParameter('Tags Reason: Topic already exists with different tags')
      }
    }
    return element('TopicArn', arn)
  }

  #deleteTopic(input: JsonObject): undefined {
    this.#topics.deleteTopic(requiredArn(input, 'TopicArn'))
    return undefined
  }

  #listTopics(input: JsonObject): readonly Xml[] {
    const { page, next } = pageByArn(this.#topics.list(), input)
    return [
      element(
        'Topics',
        page.map(({ arn }) => element('member', element('TopicArn', arn))),
      ),
      ...next,
    ]
  }

  #getTopicAttributes(input: JsonObject): Xml {
    const topic = this.#topicOf(input)
    const subscriptions = this.#topics.subscriptionsOf(topic.arn)
    const pending = subscriptions.filter(({ pendingToken }) => pendingToken !== undefined).length
    const attributes = new Map([
      ['TopicArn', topic.arn],
      ['Owner', this.#deps.account],
      ['DisplayName', ''],
      ['Policy', defaultPolicy(topic.arn, this.#deps.account)],
      ['EffectiveDeliveryPolicy', EFFECTIVE_DELIVERY_POLICY],
      ['SubscriptionsConfirmed', String(subscriptions.length - pending)],
      ['SubscriptionsPending', String(pending)],
      ['SubscriptionsDeleted', '0'],
      ...(topic.isFifo ? [['ContentBasedDeduplication', 'false'] as const] : []),
      ...topic.attributes,
    ])
    return renderMap(attributes)
  }

  #setTopicAttributes(input: JsonObject): undefined {
    const topic = this.#topicOf(input)
    const name = requiredText(input, 'AttributeName')
    checkTopicAttribute(name)
    if (name === 'FifoTopic') throw invalidParameter('AttributeName')
    const value = optionalText(input, 'AttributeValue') ?? ''
    const attributes = new Map(foldBooleans(new Map([...topic.attributes, [name, value]])))
    if (value === '') attributes.delete(name)
    this.#topics.putTopic(topic.arn, attributes, topic.tags)
    return undefined
  }

  #addPermission(input: JsonObject): undefined {
    const topic = this.#topicOf(input)
    return this.#setPolicy(topic, withPermission(this.#policyOf(topic), input, topic.arn))
  }

  #removePermission(input: JsonObject): undefined {
    const topic = this.#topicOf(input)
    return this.#setPolicy(topic, withoutPermission(this.#policyOf(topic), input))
  }

  #policyOf({ arn, attributes }: Topic): string {
    return attributes.get('Policy') ?? defaultPolicy(arn, this.#deps.account)
  }

  #setPolicy(topic: Topic, policy: string): undefined {
    this.#topics.putTopic(topic.arn, new Map([...topic.attributes, ['Policy', policy]]), topic.tags)
    return undefined
  }

  // Subscriptions

  async #subscribe(input: JsonObject): Promise<Xml> {
    const topic = this.#topicOf(input)
    const protocol = requiredText(input, 'Protocol')
    const endpoint = optionalText(input, 'Endpoint') ?? ''
    checkEndpoint(protocol, endpoint, topic)
    const attributes = foldBooleans(textMap(input, 'Attributes'))
    checkSubscriptionAttributes(attributes, { topicArn: topic.arn, endpoint }, invalidAttribute)
    const wantsArn = optionalText(input, 'ReturnSubscriptionArn') === 'true'
    const existing = this.#topics.subscriptionsOf(topic.arn).find((one) => one.protocol === protocol && one.endpoint === endpoint)
    if (existing) {
      for (const [key, value] of attributes) {
        if (existing.attributes.get(key) !== value) {
          throw invalidParameter('Attributes Reason: Subscription already exists with different attributes')
        }
      }
      return renderSubscribed(existing, wantsArn)
    }
    const pendingToken = /^https?$/.test(protocol) ? randomBytes(64).toString('hex') : undefined
    const arn = `${topic.arn}:${randomUUID()}`
    const subscription: Subscription = { arn, topicArn: topic.arn, protocol, endpoint, attributes, pendingToken }
    const confirmation = pendingToken === undefined ? undefined : (await this.#openPublisher()).confirmation(topic, pendingToken)
    this.#topics.putSubscription(subscription, () => {
      if (confirmation !== undefined) this.#deliveries.add(arn, confirmation, undefined)
    })
    this.#deliveries.pump()
    return renderSubscribed(subscription, wantsArn)
  }

  #confirm(input: JsonObject): Xml {
    const topic = this.#topicOf(input)
    const token = requiredText(input, 'Token')
    const subscription = this.#topics.subscriptionsOf(topic.arn).find(({ pendingToken }) => pendingToken === token)
    if (!subscription) throw invalidParameter('Token')
    this.#topics.putSubscription({ ...subscription, pendingToken: undefined })
    return element('SubscriptionArn', subscription.arn)
  }

  #unsubscribe(input: JsonObject): undefined {
    const subscription = this.#topics.subscription(requiredArn(input, 'SubscriptionArn'))
    if (subscription) this.#topics.deleteSubscription(subscription)
    return undefined
  }

  #listSubscriptions(subscriptions: readonly Subscription[], input: JsonObject): readonly Xml[] {
    const { page, next } = pageByArn(subscriptions, input)
    const members = page.map((one) =>
      element('member', [
        element('TopicArn', one.topicArn),
        element('Protocol', one.protocol),
        element('SubscriptionArn', one.pendingToken === undefined ? one.arn : 'PendingConfirmation'),
        element('Owner', this.#deps.account),
        element('Endpoint', one.endpoint),
      ]),
    )
    return [element('Subscriptions', members), ...next]
  }

  #subscriptionOf(input: JsonObject): Subscription {
    const subscription = this.#topics.subscription(requiredArn(input, 'SubscriptionArn'))
    if (!subscription) throw notFound('Subscription')
    return subscription
  }

  #getSubscriptionAttributes(input: JsonObject): Xml {
    const one = this.#subscriptionOf(input)
    const attributes = new Map([
      ['SubscriptionArn', one.arn],
      ['TopicArn', one.topicArn],
      ['Protocol', one.protocol],
      ['Endpoint', one.endpoint],
      ['Owner', this.#deps.account],
      ['RawMessageDelivery', 'false'],
      ['PendingConfirmation', String(one.pendingToken !== undefined)],
      ['ConfirmationWasAuthenticated', String(one.pendingToken === undefined)],
      ['SubscriptionPrincipal', `arn:aws:iam::${this.#deps.account}:root`],
      ...(one.attributes.has('FilterPolicy') ? [['FilterPolicyScope', 'MessageAttributes'] as const] : []),
      ...one.attributes,
    ])
    return renderMap(attributes)
  }

  #setSubscriptionAttributes(input: JsonObject): undefined {
    const subscription = this.#subscriptionOf(input)
    const name = requiredText(input, 'AttributeName')
    if (!SETTABLE_BY_SUBSCRIBER.has(name)) throw invalidParameter('AttributeName')
    const value = optionalText(input, 'AttributeValue') ?? ''
    const attributes = new Map(foldBooleans(new Map([...subscription.attributes, [name, value]])))
    checkSubscriptionAttributes(attributes, subscription, invalidParameter)
    if (value === '' || (name === 'FilterPolicy' && value.trim() === '{}')) attributes.delete(name)
    this.#topics.putSubscription({ ...subscription, attributes })
    return undefined
  }

  // Publishing

  #publishing({ req }: CallContext): Publishing {
    const bytesMax = (this.#deps.limits ?? AWS_LIMITS.services).snsBytesMax
    return { bytesMax, traceHeader: headerOf(req.headers, 'x-amzn-trace-id') }
  }

  async #publish(input: JsonObject, context: CallContext): Promise<readonly Xml[]> {
    const phone = optionalText(input, 'PhoneNumber')
    const target = optionalText(input, 'TopicArn') ?? optionalText(input, 'TargetArn')
    if (target === undefined && phone !== undefined) return [element('MessageId', this.#publishToPhone(phone, input, context))]
    if (target === undefined) throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter')
    if (PUSH_ENDPOINT.test(target)) throw invalidParameter('TargetArn Reason: No endpoint found for the target arn specified')
    const topic = this.#topicOf(input, optionalText(input, 'TopicArn') === undefined ? 'TargetArn' : 'TopicArn')
    const publication = readPublication(input, topic, this.#publishing(context))
    const publisher = await this.#openPublisher()
    const published = await this.#commit(topic, () => publisher.store(topic, publication))
    this.#deliveries.pump()
    return renderPublished(published)
  }

  /** Together with others. Where nobody hears of it there is nothing to write. */
  #commit<T>(topic: Topic, work: () => T): T | Promise<T> {
    const isHeard = topic.isFifo || this.#topics.subscriptionsOf(topic.arn).length > 0
    return isHeard ? this.#deps.database.inGroup(work) : work()
  }

  #publishToPhone(phone: string, input: JsonObject, context: CallContext): string {
    if (!/^\+?[\d\-. ()]{4,24}$/.test(phone)) throw invalidParameter(`PhoneNumber Reason: ${phone} is not valid to publish to`)
    const { message } = readPublication(input, undefined, this.#publishing(context))
    const messageId = randomUUID()
    this.#deps.log.info('SMS', { to: phone, text: message, messageId })
    return messageId
  }

  /** AWS takes a batch wholly or, where it says anything against one of its messages, not at all. */
  async #publishBatch(input: JsonObject, context: CallContext): Promise<readonly Xml[]> {
    const topic = this.#topicOf(input)
    const entries = objectList(input, 'PublishBatchRequestEntries')
    const publishing = this.#publishing(context)
    checkBatch(entries, publishing.bytesMax)
    const publications = entries.map((entry, i) => readPublication(entry, topic, { ...publishing, position: i + 1 }))
    const publisher = await this.#openPublisher()
    const published = await this.#commit(topic, () => publications.map((publication) => publisher.store(topic, publication)))
    this.#deliveries.pump()
    const members = published.map((one, i) =>
      element('member', [element('Id', optionalText(entries[i] ?? {}, 'Id') ?? ''), ...renderPublished(one)]),
    )
    return [element('Successful', members), element('Failed')]
  }

  // Tags

  #taggedOf(input: JsonObject): Topic {
    const topic = this.#topics.topic(requiredText(input, 'ResourceArn'))
    if (!topic) throw notFound('Resource')
    return topic
  }

  #tag(input: JsonObject): readonly Xml[] {
    const topic = this.#taggedOf(input)
    const tags = addTags(topic.tags, readTags(input), TAG_ERRORS)
    this.#topics.putTopic(topic.arn, topic.attributes, tags)
    return []
  }

  #untag(input: JsonObject): readonly Xml[] {
    const topic = this.#taggedOf(input)
    this.#topics.putTopic(topic.arn, topic.attributes, removeTags(topic.tags, textList(input, 'TagKeys')))
    return []
  }

  #listTags(input: JsonObject): Xml {
    const { tags } = this.#taggedOf(input)
    return element(
      'Tags',
      [...tags].map(([key, value]) => element('member', [element('Key', key), element('Value', value)])),
    )
  }
}

const renderPublished = ({ messageId, sequenceNumber }: Published): readonly Xml[] => [
  element('MessageId', messageId),
  ...(sequenceNumber === undefined ? [] : [element('SequenceNumber', sequenceNumber)]),
]

const renderSubscribed = (subscription: Subscription, wantsArn: boolean): Xml =>
  element('SubscriptionArn', subscription.pendingToken === undefined || wantsArn ? subscription.arn : 'pending confirmation')

const renderMap = (map: ReadonlyMap<string, string>): Xml =>
  element(
    'Attributes',
    [...map].map(([key, value]) => element('entry', [element('key', key), element('value', value)])),
  )

/** Of a phone; there are none here. */
const PUSH_ENDPOINT = /^arn:aws[\w-]*:sns:[^:]*:[^:]*:endpoint\//
const PAGE = 100
const TOKENS = pageTokens('sns', () => invalidParameter('NextToken'))

/** 100 at a time, in the order of their ARNs. */
function pageByArn<T extends { readonly arn: string }>(
  all: readonly T[],
  input: JsonObject,
): { page: readonly T[]; next: readonly Xml[] } {
  const token = optionalText(input, 'NextToken')
  const sorted = all.toSorted((a, b) => (a.arn < b.arn ? -1 : 1))
  const { items, next } = pageOf(sorted, { token, tokens: TOKENS, size: PAGE, nameOf: ({ arn }) => arn })
  return { page: items, next: next === undefined ? [] : [element('NextToken', next)] }
}
