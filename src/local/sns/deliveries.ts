/**
 * What becomes of SNS's deliveries: to which endpoint each goes, how often it is tried, and where it ends when nobody takes it.
 * Source: Amazon SNS developer guide, "Message delivery retries", "Dead-letter queues".
 */
import type { Clock } from '../../base/clock.ts'
import { parseJson } from '../../base/json-bounds.ts'
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import type { LocalDatabase } from '../database.ts'

import { type Delivery, Outbox, type SendResult } from './outbox.ts'
import { pauseForAws, pauseForHttp, pauseForMail } from './retry-policy.ts'
import { parsePayload, Senders, type SendersDeps } from './senders.ts'
import type { Subscription, Topics } from './topics.ts'

export function createDeliveries(
  deps: SendersDeps & { readonly database: LocalDatabase; readonly clock: Clock },
  topics: Topics,
): Outbox {
  const senders = new Senders(deps)
  const { database, clock, log } = deps
  return new Outbox({
    ...{ database, clock, log },
    send: (delivery) => send(senders, topics, delivery),
    pauseBefore: (delivery) => pauseBefore(topics, delivery),
    giveUp: (delivery, reason) => giveUp(log, senders, topics, delivery, reason),
  })
}

async function send(senders: Senders, topics: Topics, delivery: Delivery): Promise<SendResult> {
  const subscription = topics.subscription(delivery.subscriptionArn)
  const payload = parsePayload(delivery.payload)
  if (!subscription || !payload) return { kind: 'delivered' }
  return senders.send(subscription, payload)
}

function pauseBefore(topics: Topics, delivery: Delivery): number | undefined {
  const subscription = topics.subscription(delivery.subscriptionArn)
  const protocol = subscription?.protocol ?? ''
  if (protocol === 'sqs' || protocol === 'lambda') return pauseForAws(delivery.attempts)
  if (protocol.startsWith('email')) return pauseForMail(delivery.attempts)
  const topic = subscription && topics.topic(subscription.topicArn)
  return pauseForHttp(delivery.attempts, subscription?.attributes.get('DeliveryPolicy'), topic?.attributes.get('DeliveryPolicy'))
}

/** To the subscription's dead-letter queue, if it has one; else it is lost, and said so. */
async function giveUp(log: Log, senders: Senders, topics: Topics, delivery: Delivery, reason: string): Promise<void> {
  const subscription = topics.subscription(delivery.subscriptionArn)
  const target = subscription && deadLetterTargetOf(subscription)
  const message = target === undefined ? undefined : deadLetterOf(delivery)
  const result = target !== undefined && message ? await senders.toQueue(target, message) : undefined
  const isKept = result?.kind === 'delivered'
  const fields = {
    subscriptionArn: delivery.subscriptionArn,
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
