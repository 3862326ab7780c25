/**
 * What a delivery carries to its subscription, and by which way it goes there.
 * Source: Amazon SNS developer guide, "HTTP/HTTPS headers", "Dead-letter queues".
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import { DELIVERED, type SendResult } from '../kit/delivery.ts'
import type { Senders } from '../kit/senders.ts'

import type { Mailbox } from './mailbox.ts'
import type { Subscription } from './topics.ts'

/** Printed into the row of its delivery. */
export type Payload =
  | { readonly kind: 'sqs'; readonly message: JsonObject }
  | { readonly kind: 'lambda'; readonly event: string }
  | { readonly kind: 'http'; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | { readonly kind: 'mail'; readonly id: string; readonly subject: string; readonly text: string }
  | { readonly kind: 'sms'; readonly text: string }

export function parsePayload(text: string): Payload | undefined {
  const value = JSON.parse(text) as Json
  return isObject(value) && typeof value['kind'] === 'string' ? (value as unknown as Payload) : undefined
}

export interface MessageWays {
  readonly mailbox: Mailbox
  readonly log: Log
}

const URL_HEADERS = {
  'content-type': 'text/plain; charset=UTF-8',
  'user-agent': 'Amazon Simple Notification Service Agent',
}

export function sendPayload(
  senders: Senders,
  { mailbox, log }: MessageWays,
  { arn, endpoint }: Subscription,
  payload: Payload,
): Promise<SendResult> {
  switch (payload.kind) {
    case 'sqs':
      return senders.toQueue(endpoint, payload.message)
    case 'lambda':
      return senders.toFunction(endpoint, payload.event)
    case 'http':
      return senders.toUrl(endpoint, { ...URL_HEADERS, ...payload.headers, 'x-amz-sns-subscription-arn': arn }, payload.body)
    case 'mail':
      return sendMail(mailbox, endpoint, payload)
    case 'sms':
      log.info('SMS', { to: endpoint, text: payload.text })
      return Promise.resolve(DELIVERED)
  }
}

async function sendMail(mailbox: Mailbox, to: string, mail: Extract<Payload, { kind: 'mail' }>): Promise<SendResult> {
  try {
    await mailbox({ ...mail, to })
    return DELIVERED
  } catch (error) {
    return { kind: 'again', reason: error instanceof Error ? error.message : String(error) }
  }
}

/** The members of SendMessage that a dead-letter queue is given. */
export function deadLetterOf(payload: Payload): JsonObject {
  switch (payload.kind) {
    case 'sqs':
      return payload.message
    case 'lambda':
      return { MessageBody: payload.event }
    case 'http':
      return { MessageBody: payload.body }
    case 'mail':
    case 'sms':
      return { MessageBody: payload.text }
  }
}
