/**
 * Turns a message into stored deliveries: drops FIFO duplicates, asks filter policies, signs once per text.
 * Everything it writes belongs to the commit in which it is called.
 */
import { randomUUID } from 'node:crypto'

import { formatIso } from '../../base/time.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import type { Deliveries } from './deliveries.ts'
import { type Notification, renderConfirmation, type Signature } from './envelope.ts'
import { matchesFilter } from './filter-policy.ts'
import type { Payload } from './payload.ts'
import { payloadFor, type Publication, textFor } from './publishing.ts'
import { CERTIFICATE_PATH, type Signer } from './signer.ts'
import type { Subscription, Topic, Topics } from './topics.ts'

export type PublisherDeps = Pick<ServiceDeps, 'database' | 'endpoint' | 'publicUrl' | 'clock'>

export interface Published {
  readonly messageId: string
  readonly sequenceNumber: string | undefined
}

const DEDUPLICATION_MS = 5 * 60_000

export class Publisher {
  readonly #deps: PublisherDeps
  readonly #topics: Topics
  readonly #deliveries: Deliveries
  readonly #signer: Signer
  readonly #sql: ReturnType<typeof prepare>

  constructor(deps: PublisherDeps, topics: Topics, deliveries: Deliveries, signer: Signer) {
    this.#deps = deps
    this.#topics = topics
    this.#deliveries = deliveries
    this.#signer = signer
    this.#sql = prepare(deps.database)
  }

  /** PEM. */
  get certificate(): string {
    return this.#signer.certificate
  }

  /** Stores one delivery per subscription that wants the message; nothing for a duplicate in a FIFO topic. */
  store(topic: Topic, publication: Publication): Published {
    const now = this.#deps.clock.now()
    const messageId = randomUUID()
    const { deduplicationId, groupId } = publication
    let sequenceNumber: string | undefined
    if (deduplicationId !== undefined) {
      const scope = topic.attributes.get('FifoThroughputScope') === 'MessageGroup' ? (groupId ?? '') : ''
      this.#sql.forget.run(now)
      const earlier = this.#sql.earlier.get(topic.arn, scope, deduplicationId)
      if (earlier) return { messageId: earlier.message_id, sequenceNumber: earlier.sequence }
      sequenceNumber = String(10_000_000_000_000_000_000n + BigInt(this.#sql.nextSequence.get() ?? 0) * 1000n)
      this.#sql.remember.run(topic.arn, scope, deduplicationId, messageId, sequenceNumber, now + DEDUPLICATION_MS)
    }
    const signed = new Map<string, Omit<Notification, 'unsubscribeUrl'>>()
    for (const subscription of this.#topics.subscriptionsOf(topic.arn)) {
      if (!wants(subscription, publication)) continue
      const text = textFor(publication, subscription.protocol)
      const notification = signed.get(text) ?? this.#sign(topic, publication, text, messageId, sequenceNumber)
      signed.set(text, notification)
      const payload = payloadFor(
        subscription,
        { ...notification, unsubscribeUrl: this.#unsubscribeUrl(subscription) },
        publication,
      )
      this.#deliveries.add(subscription.arn, payload, topic.isFifo ? groupId : undefined)
    }
    return { messageId, sequenceNumber }
  }

  #sign(
    topic: Topic,
    publication: Publication,
    message: string,
    messageId: string,
    sequenceNumber: string | undefined,
  ): Omit<Notification, 'unsubscribeUrl'> {
    const timestamp = formatIso(this.#deps.clock.now())
    const fields = [
      ['Message', message],
      ['MessageId', messageId],
      ['Subject', publication.subject],
      ['Timestamp', timestamp],
      ['TopicArn', topic.arn],
      ['Type', 'Notification'],
    ] as const
    return {
      messageId,
      topicArn: topic.arn,
      subject: publication.subject,
      message,
      timestamp,
      attributes: publication.attributes,
      sequenceNumber,
      signature: topic.isFifo ? undefined : this.#signatureOf(topic, fields),
    }
  }

  #signatureOf(topic: Topic, fields: readonly (readonly [string, string | undefined])[]): Signature {
    const version = topic.attributes.get('SignatureVersion') ?? '1'
    return { version, value: this.#signer.sign(fields, version), certUrl: this.#origin() + CERTIFICATE_PATH }
  }

  /** The payload that asks an HTTP endpoint whether it wants the messages. */
  confirmation(topic: Topic, token: string): Payload {
    const origin = this.#origin()
    const query = new URLSearchParams({ Action: 'ConfirmSubscription', TopicArn: topic.arn, Token: token })
    const confirmation = {
      messageId: randomUUID(),
      token,
      topicArn: topic.arn,
      message: `You have chosen to subscribe to the topic ${topic.arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
      subscribeUrl: `${origin}/?${query}`,
      timestamp: formatIso(this.#deps.clock.now()),
    }
    const fields = [
      ['Message', confirmation.message],
      ['MessageId', confirmation.messageId],
      ['SubscribeURL', confirmation.subscribeUrl],
      ['Timestamp', confirmation.timestamp],
      ['Token', token],
      ['TopicArn', topic.arn],
      ['Type', 'SubscriptionConfirmation'],
    ] as const
    const headers = {
      'x-amz-sns-message-type': 'SubscriptionConfirmation',
      'x-amz-sns-message-id': confirmation.messageId,
      'x-amz-sns-topic-arn': topic.arn,
    }
    const body = renderConfirmation({ ...confirmation, signature: this.#signatureOf(topic, fields) })
    return { kind: 'http', headers, body }
  }

  #origin(): string {
    const { endpoint, publicUrl = endpoint } = this.#deps
    return publicUrl().replace(/\/+$/, '')
  }

  #unsubscribeUrl(subscription: Subscription): string {
    return `${this.#origin()}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`
  }
}

const prepare = (database: ServicesDatabase) => ({
  forget: database.prepare<[number]>('DELETE FROM sns_deduplication WHERE until <= ?'),
  earlier: database.prepare<[string, string, string], { message_id: string; sequence: string }>(
    'SELECT message_id, sequence FROM sns_deduplication WHERE topic_arn = ? AND scope = ? AND dedup = ?',
  ),
  remember: database.prepare<[string, string, string, string, string, number]>(
    'INSERT INTO sns_deduplication VALUES (?, ?, ?, ?, ?, ?)',
  ),
  nextSequence: database.prepareValue<[], number>('UPDATE sns_sequence SET value = value + 1 RETURNING value'),
})

function wants(subscription: Subscription, publication: Publication): boolean {
  if (subscription.pendingToken !== undefined) return false
  const text = subscription.attributes.get('FilterPolicy')
  if (text === undefined || text === '') return true
  const isBodyScope = subscription.attributes.get('FilterPolicyScope') === 'MessageBody'
  const subject = { body: textFor(publication, subscription.protocol), attributes: publication.attributes }
  return matchesFilter(text, isBodyScope, subject)
}
