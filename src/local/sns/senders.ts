/**
 * Carries one delivery to its endpoint, one function per protocol. Queues and functions are called over the wire, as SNS
 * itself would; nothing here knows that they may live in the same process.
 * Source: Amazon SNS developer guide, "Message delivery retries" (which answers are final), "HTTP/HTTPS headers".
 */
import { type Json, type JsonObject, isObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import { type AwsResponse, callAws, TransportError } from '../../wire/client.ts'
import { readErrorResponse } from '../../wire/errors.ts'
import type { Credentials } from '../../wire/sigv4.ts'

import type { Mailbox } from './mailbox.ts'
import type { Subscription } from './topics.ts'

export type SendResult = { readonly kind: 'delivered' } | { readonly kind: 'again' | 'refused'; readonly reason: string }

export interface SendersDeps {
  readonly endpoint: () => string
  readonly credentials: () => Credentials
  readonly region: string
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
const AWS_TIMEOUT_MS = 30_000
const DELIVERED: SendResult = { kind: 'delivered' }

export class Senders {
  readonly #deps: SendersDeps

  constructor(deps: SendersDeps) {
    this.#deps = deps
  }

  send(subscription: Subscription, payload: Payload): Promise<SendResult> {
    switch (payload.kind) {
      case 'sqs':
        return this.toQueue(subscription.endpoint, payload.message)
      case 'lambda':
        return this.#toFunction(subscription.endpoint, payload.event)
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

  /** `message` holds the members of SendMessage but the queue's URL. */
  async toQueue(queueArn: string, message: JsonObject): Promise<SendResult> {
    const [, , , region = this.#deps.region, account = '', name = ''] = queueArn.split(':')
    const endpoint = this.#deps.endpoint().replace(/\/+$/, '')
    const body = JSON.stringify({ QueueUrl: `${endpoint}/${account}/${name}`, ...message })
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' }
    return this.#call({ service: 'sqs', region, headers, body })
  }

  #toFunction(functionArn: string, event: string): Promise<SendResult> {
    const region = functionArn.split(':')[3] ?? this.#deps.region
    const path = `/2015-03-31/functions/${encodeURIComponent(functionArn)}/invocations`
    const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' }
    return this.#call({ service: 'lambda', region, headers, path, body: event })
  }

  #call(call: {
    service: string
    region: string
    headers: Record<string, string>
    path?: string
    body: string
  }): Promise<SendResult> {
    const credentials = this.#deps.credentials()
    return judge(() => callAws({ endpoint: this.#deps.endpoint(), credentials, timeoutMs: AWS_TIMEOUT_MS, ...call }))
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
