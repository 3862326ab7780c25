/**
 * Carries one delivery to its endpoint, one function per protocol.
 * Source: Amazon SNS developer guide, "Message delivery retries" (which answers are final), "HTTP/HTTPS headers".
 */
import { type Json, type JsonObject, isObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import { type AwsResponse, callAws, TransportError } from '../../wire/client.ts'
import { readErrorResponse } from '../../wire/errors.ts'

import { type SendResult, Targets, type TargetsDeps } from '../targets.ts'

import type { Mailbox } from './mailbox.ts'
import type { Subscription } from './topics.ts'

export interface SendersDeps extends TargetsDeps {
  readonly mailbox: Mailbox
  readonly log: Log
}

/** What a delivery carries; printed into its row. */
export type Payload =
  | { readonly kind: 'sqs'; readonly message: JsonObject }
  | { readonly kind: 'lambda'; readonly event: string }
  | { readonly kind: 'http'; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | { readonly kind: 'mail'; readonly id: string; readonly subject: string; readonly text: string }
  | { readonly kind: 'sms'; readonly text: string }

const HTTP_TIMEOUT_MS = 15_000
const DELIVERED: SendResult = { kind: 'delivered' }

export class Senders {
  readonly #deps: SendersDeps
  readonly #targets: Targets

  constructor(deps: SendersDeps) {
    this.#deps = deps
    this.#targets = new Targets(deps)
  }

  send(subscription: Subscription, payload: Payload): Promise<SendResult> {
    switch (payload.kind) {
      case 'sqs':
        return this.toQueue(subscription.endpoint, payload.message)
      case 'lambda':
        return this.#targets.toFunction(subscription.endpoint, payload.event)
      case 'http':
        return this.#toUrl(
          subscription.endpoint,
          { ...payload.headers, 'x-amz-sns-subscription-arn': subscription.arn },
          payload.body,
        )
      case 'mail':
        return this.#toMail(subscription.endpoint, payload)
      case 'sms':
        this.#deps.log.info('SMS', { to: subscription.endpoint, text: payload.text })
        return Promise.resolve(DELIVERED)
    }
  }

  toQueue(queueArn: string, message: JsonObject): Promise<SendResult> {
    return this.#targets.toQueue(queueArn, message)
  }

  #toUrl(endpoint: string, headers: Readonly<Record<string, string>>, body: string): Promise<SendResult> {
    const url = new URL(endpoint)
    const login = url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    return judge(() =>
      callAws({
        endpoint: url.origin,
        path: url.pathname,
        query: url.searchParams,
        region: this.#deps.region,
        service: 'sns',
        headers: {
          'content-type': 'text/plain; charset=UTF-8',
          'user-agent': 'Amazon Simple Notification Service Agent',
          ...headers,
          ...(login !== undefined && { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
        },
        body,
        timeoutMs: HTTP_TIMEOUT_MS,
        responseBytesMax: 1 << 20,
      }),
    )
  }

  async #toMail(to: string, mail: Extract<Payload, { kind: 'mail' }>): Promise<SendResult> {
    try {
      await this.#deps.mailbox({ ...mail, to })
      return DELIVERED
    } catch (error) {
      return { kind: 'again', reason: error instanceof Error ? error.message : String(error) }
    }
  }
}

/** 2xx: taken. Server errors, throttling and silence: again. Other refusals are final. */
async function judge(call: () => Promise<AwsResponse>): Promise<SendResult> {
  try {
    const response = await call()
    if (response.status >= 200 && response.status < 300) return DELIVERED
    const error = readErrorResponse(response)
    const reason = `${response.status} ${error.code}: ${error.message}`
    const isFinal = response.status >= 400 && response.status < 500 && response.status !== 429 && !/throttl/i.test(error.code)
    return { kind: isFinal ? 'refused' : 'again', reason }
  } catch (error) {
    if (error instanceof TransportError) return { kind: 'again', reason: error.message }
    throw error
  }
}

export function parsePayload(text: string): Payload | undefined {
  const value = JSON.parse(text) as Json
  return isObject(value) && typeof value['kind'] === 'string' ? (value as unknown as Payload) : undefined
}
