/**
 * What becomes of SNS's deliveries: to which endpoint each goes, how often it is tried, and where it ends when nobody takes it.
 * Source: Amazon SNS developer guide, "Message delivery retries", "Dead-letter queues".
 */
import { getOwn } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'
import type { Log } from '../../base/log.ts'

import { endingOf } from '../kit/delivery.ts'
import { type Ending, OVER, Outbox, type OutboxRow } from '../kit/outbox.ts'
import { Senders, type SendersDeps } from '../kit/senders.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import type { Mailbox } from './mailbox.ts'
import { deadLetterOf, parsePayload, type Payload, sendPayload } from './payload.ts'
import { pauseForAws, pauseForHttp, pauseForMail } from './retry-policy.ts'
import type { Subscription, Topics } from './topics.ts'

interface Row extends OutboxRow {
  readonly subscription_arn: string
  /** Subscription and message group, where the topic is FIFO. */
  readonly lane: string | null
  /** A Payload, printed. */
  readonly payload: string
  readonly due_at: number
}

/** Of one subscription. A lane leaves in its order. */
const SHARE = 4
/** As in the index. */
const RECEIVER = 'coalesce(lane, subscription_arn)'

export type DeliveriesDeps = SendersDeps & Pick<ServiceDeps, 'database' | 'clock' | 'log'> & { readonly mailbox: Mailbox }

export class Deliveries {
  readonly #deps: DeliveriesDeps
  readonly #topics: Topics
  readonly #senders: Senders
  readonly #outbox: Outbox<Row>

  constructor(deps: DeliveriesDeps, topics: Topics) {
    const { database, clock, log } = deps
    this.#deps = deps
    this.#topics = topics
    this.#senders = new Senders(deps)
    this.#outbox = new Outbox<Row>({
      database,
      clock,
      log,
      table: 'sns_deliveries',
      columns: ['subscription_arn', 'lane', 'payload', 'due_at'],
      due: 'due_at',
      receiver: RECEIVER,
      share: SHARE,
      isOrdered: (receiver) => receiver.includes('|'),
      attempt: (row) => this.#attempt(row),
    })
  }

  /** Call inside the commit of the message; then `pump()`. */
  add(subscriptionArn: string, payload: Payload, groupId: string | undefined): void {
    this.#outbox.add({
      subscription_arn: subscriptionArn,
      lane: groupId === undefined ? null : `${subscriptionArn}|${groupId}`,
      payload: JSON.stringify(payload),
      due_at: this.#deps.clock.now(),
    })
  }

  pump(): void {
    this.#outbox.pump()
  }

  close(): void {
    this.#outbox.close()
  }

  async #attempt(row: Row): Promise<Ending> {
    const subscription = this.#topics.subscription(row.subscription_arn)
    const payload = parsePayload(row.payload)
    if (!subscription || !payload) return OVER
    return endingOf(await sendPayload(this.#senders, this.#deps, subscription, payload), {
      pauseMs: () => this.#pauseBefore(subscription, row.attempts),
      giveUp: (reason) => giveUp(this.#deps.log, this.#senders, subscription, payload, reason),
    })
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
async function giveUp(log: Log, senders: Senders, subscription: Subscription, payload: Payload, reason: string): Promise<void> {
  const target = deadLetterTargetOf(subscription)
  const result = target === undefined ? undefined : await senders.toQueue(target, deadLetterOf(payload))
  const isKept = result?.kind === 'delivered'
  const fields = {
    subscriptionArn: subscription.arn,
    reason,
    ...(target !== undefined && { deadLetterQueue: target, isKept }),
  }
  log.warn('an SNS message could not be delivered', fields)
}

function deadLetterTargetOf({ attributes }: Subscription): string | undefined {
  const policy = objectOf(attributes.get('RedrivePolicy') ?? '')
  const arn = policy && getOwn(policy, 'deadLetterTargetArn')
  return typeof arn === 'string' ? arn : undefined
}
