/**
 * Carries one delivery to another service of AWS, over the wire, as SNS, EventBridge and Scheduler do. Nothing here knows that
 * the receiver may live in the same process.
 */
import type { JsonObject } from '../base/json.ts'
import type { Result } from '../base/result.ts'

import type { Credentials } from '../wire/sigv4.ts'
import { call, callJson, callQuery } from '../aws/call.ts'
import { type Endpoints, endpointsAt } from '../aws/endpoints.ts'
import { type CallFailure, describeFailure, isTransient } from '../aws/failure.ts'
import { functionPath, queueUrl } from '../aws/paths.ts'
import { type AwsService, type JsonService, SERVICES } from '../aws/services.ts'

/** `refused`: another attempt would end alike. */
export type SendResult = { readonly kind: 'delivered' } | { readonly kind: 'again' | 'refused'; readonly reason: string }

export interface TargetsDeps {
  /** Regente's own URL. */
  readonly endpoint: () => string
  readonly region: string
  /** Where Regente demands signatures. */
  readonly credentials?: (() => Credentials) | undefined
}

const TIMEOUT_MS = 30_000

export class Targets {
  readonly #deps: TargetsDeps

  constructor(deps: TargetsDeps) {
    this.#deps = deps
  }

  /** `message` holds the members of SendMessage but the queue's URL. */
  toQueue(arn: string, message: JsonObject): Promise<SendResult> {
    return this.callJson(SERVICES.sqs, 'SendMessage', { QueueUrl: queueUrl(this.#deps.endpoint(), arn), ...message }, arn)
  }

  async toTopic(TopicArn: string, Message: string): Promise<SendResult> {
    const options = { timeoutMs: TIMEOUT_MS }
    const called = await callQuery(this.#endpointsOf(TopicArn), SERVICES.sns, 'Publish', { TopicArn, Message }, options)
    return judge(SERVICES.sns, called)
  }

  async toFunction(arn: string, event: string): Promise<SendResult> {
    const path = `${functionPath(arn)}/invocations`
    const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' }
    const request = { path, headers, body: event, timeoutMs: TIMEOUT_MS }
    return judge(SERVICES.lambda, await call(this.#endpointsOf(arn), SERVICES.lambda, request))
  }

  /** `arn` is what the call is about. */
  async callJson(service: JsonService, action: string, input: object, arn: string): Promise<SendResult> {
    return judge(service, await callJson(this.#endpointsOf(arn), service, action, input, { timeoutMs: TIMEOUT_MS }))
  }

  /** A call is signed for the region in which its resource lives. */
  #endpointsOf(arn: string): Endpoints {
    const { endpoint, region, credentials } = this.#deps
    return endpointsAt(() => ({ endpoint: endpoint(), region: arn.split(':')[3] || region, credentials: credentials?.() }))
  }
}

function judge(service: AwsService, called: Result<unknown, CallFailure>): SendResult {
  if (called.ok) return { kind: 'delivered' }
  return { kind: isTransient(service, called.error) ? 'again' : 'refused', reason: describeFailure(called.error) }
}
