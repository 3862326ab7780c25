/**
 * What becomes of SNS's deliveries: to which endpoint each goes, how often it is tried, and where it ends when nobody takes it.
 * Source: Amazon SNS developer guide, "Message delivery retries", "Dead-letter queues".
 */
import type { Clock } from '../../base/clock.ts'
import { parseJson } from '../../base/json-bounds.ts'
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import type { LocalDatabase } from '../database.ts'
import { type Ending, OVER, Outbox } from '../outbox.ts'

import { pauseForAws, pauseForHttp, pauseForMail } from './retry-policy.ts'
import { parsePayload, Senders, type SendersDeps } from './senders.ts'
import type { Subscription, Topics } from './topics.ts'

interface Delivery {
  readonly id: number
  readonly subscription_arn: string
  /** Subscription and message group, where the topic is FIFO. */
  readonly lane: string | null
  /** Printed by the sender that will carry it (see senders.ts). */
  readonly payload: string
  readonly attempts: number
}

/** Of one subscription. A lane leaves in its order. */
const SHARE = 4
const RECEIVER = 'coalesce(lane, subscription_arn)'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS sns_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT, subscription_arn TEXT NOT NULL, lane TEXT, payload TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS sns_deliveries_due ON sns_deliveries (due_at, id);
  DROP INDEX IF EXISTS sns_deliveries_lane;
  CREATE INDEX IF NOT EXISTS sns_deliveries_receiver ON sns_deliveries (${RECEIVER}, due_at, id);
  CREATE INDEX IF NOT EXISTS sns_deliveries_order ON sns_deliveries (${RECEIVER}, id);`

export type DeliveriesDeps = SendersDeps & { readonly database: LocalDatabase; readonly clock: Clock }

export class Deliveries {
  readonly #deps: DeliveriesDeps
  readonly #topics: Topics
  readonly #senders: Senders
  readonly #outbox: Outbox<Delivery>

  constructor(deps: DeliveriesDeps, topics: Topics) {
    const { database, clock, log } = deps
    this.#deps = deps
    this.#topics = topics
    this.#senders = new Senders(deps)
    database.exec(SCHEMA)
    this.#outbox = new Outbox<Delivery>({
      database,
      clock,
      log,
      table: 'sns_deliveries',
      due: 'due_at',
      receiver: RECEIVER,
      share: SHARE,
      isOrdered: (receiver) => receiver.includes('|'),
      attempt: (delivery) => this.#attempt(delivery),
    })
  }

  /** Call inside the commit of the message; then `pump()`. */
  add(subscriptionArn: string, payload: string, groupId: string | undefined): void {
    const lane = groupId === undefined ? null : `${subscriptionArn}|${groupId}`
    this.#deps.database
      .prepare('INSERT INTO sns_deliveries (subscription_arn, lane, payload, due_at) VALUES (?, ?, ?, ?)')
      .run(subscriptionArn, lane, payload, this.#deps.clock.now())
  }

  pump(): void {
    this.#outbox.pump()
  }

  close(): void {
    this.#outbox.close()
  }

  async #attempt(delivery: Delivery): Promise<Ending> {
    const subscription = this.#topics.subscription(delivery.subscription_arn)
    const payload = parsePayload(delivery.payload)
    if (!subscription || !payload) return OVER
    const result = await this.#senders.send(subscription, payload)
    if (result.kind === 'delivered') return OVER
    const pauseMs = result.kind === 'again' ? this.#pauseBefore(subscription, delivery.attempts) : undefined
    if (pauseMs !== undefined) return { kind: 'again', pauseMs, counts: true }
    await giveUp(this.#deps.log, this.#senders, subscription, delivery, result.reason)
    return OVER
  }

  /** Milliseconds; undefined gives the delivery up. */
  #pauseBefore(subscription: Subscription, attempts: number): number | undefined {
    const { protocol, topicArn, attributes } = subscription
    if (protocol === 'sqs' || protocol === 'lambda') return pauseForAws(attempts)
    if (protocol.startsWith('email')) return pauseForMail(attempts)
    const topic = this.#topics.topic(topicArn)
    return pauseForHttp(attempts, attributes.get('DeliveryPolicy'), topic?.attributes.get('DeliveryPolicy'))
  }
}

/** To the subscription's dead-letter queue, if it has one; else it is lost, and said so. */
async function giveUp(log: Log, senders: Senders, subscription: Subscription, delivery: Delivery, reason: string): Promise<void> {
  const target = deadLetterTargetOf(subscription)
  const message = target === undefined ? undefined : deadLetterOf(delivery)
  const result = target !== undefined && message ? await senders.toQueue(target, message) : undefined
  const isKept = result?.kind === 'delivered'
  const fields = {
    subscriptionArn: subscription.arn,
    reason,
    ...(target !== undefined && { deadLetterQueue: target, isKept }),
  }
  log.warn('an SNS message could not be delivered', fields)
}

function deadLetterTargetOf(subscription: Subscription): string | undefined {
  try {
    const policy = parseJson(subscription.attributes.get('RedrivePolicy') ?? 'null')
    const arn = isObject(policy) ? getOwn(policy, 'deadLetterTargetArn') : undefined
    return typeof arn === 'string' ? arn : undefined
  } catch {
    return undefined
  }
}

function deadLetterOf(delivery: Delivery): JsonObject | undefined {
  const payload = parsePayload(delivery.payload)
  switch (payload?.kind) {
    case 'sqs':
      return payload.message
    case 'lambda':
      return { MessageBody: payload.event }
    case 'http':
      return { MessageBody: payload.body }
    case 'mail':
    case 'sms':
      return { MessageBody: payload.text }
    default:
      return undefined
  }
}
