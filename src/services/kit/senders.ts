/**
 * Carries one delivery to whoever is to receive it, over the wire: a service of AWS, as SNS, EventBridge and Scheduler call
 * them, or the URL of a subscriber. Nothing here knows that the receiver may live in the same process.
 * Source: EventBridge user guide, "Event bus targets"; Amazon SNS developer guide, "Message delivery retries" (which answers
 * are final).
 */
import { isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'
import type { Result } from '../../base/result.ts'
import type { Instant } from '../../base/time.ts'

import { type AwsResponse, callAws, TransportError } from '../../wire/client.ts'
import { readErrorResponse } from '../../wire/errors.ts'
import type { Credentials } from '../../wire/sigv4.ts'
import { call, callJson, callQuery } from '../../aws/call.ts'
import { type Endpoints, endpointsAt } from '../../aws/endpoints.ts'
import { type CallFailure, describeFailure, isTransient } from '../../aws/failure.ts'
import { functionPath, objectPath, queueUrl } from '../../aws/paths.ts'
import { type AwsService, type JsonService, type QueryService, SERVICES } from '../../aws/services.ts'

import { DELIVERED, type SendResult } from './delivery.ts'

export interface SendersDeps {
  /** Regente's own URL. */
  readonly endpoint: () => string
  readonly region: string
  /** Where Regente demands signatures. */
  readonly credentials?: (() => Credentials) | undefined
}

/** An event for another bus, in the members of PutEvents. */
export interface BusEntry {
  readonly Source: Json
  readonly DetailType: Json
  readonly Detail: string
  readonly Resources: Json
}

/** Further members of Publish. */
export interface TopicExtras {
  readonly Subject?: string
  readonly MessageAttributes?: JsonObject
}

const TIMEOUT_MS = 30_000
const URL_TIMEOUT_MS = 15_000
const ANSWER_BYTES_MAX = 1 << 20

export class Senders {
  readonly #deps: SendersDeps

  constructor(deps: SendersDeps) {
    this.#deps = deps
  }

  /** `message` holds the members of SendMessage but the queue's URL. */
  toQueue(arn: string, message: JsonObject): Promise<SendResult> {
    return this.#callJson(SERVICES.sqs, 'SendMessage', { QueueUrl: queueUrl(this.#deps.endpoint(), arn), ...message }, arn)
  }

  async toTopic(TopicArn: string, Message: string, more: TopicExtras = {}): Promise<SendResult> {
    const options = { timeoutMs: TIMEOUT_MS }
    const input = { TopicArn, Message, ...more }
    const called = await callQuery(this.#endpointsOf(TopicArn), SERVICES.sns, 'Publish', input, options)
    return judgeCall(SERVICES.sns, called)
  }

  /** An object of JSON. */
  async toBucket(arn: string, key: string, body: string): Promise<SendResult> {
    const path = objectPath(arn.split(':')[5] ?? '', key)
    const request = { method: 'PUT', path, headers: { 'content-type': 'application/json' }, body, timeoutMs: TIMEOUT_MS }
    return judgeCall(SERVICES.s3, await call(this.#endpointsOf(''), SERVICES.s3, request))
  }

  async toFunction(arn: string, event: string): Promise<SendResult> {
    const path = `${functionPath(arn)}/invocations`
    const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' }
    const request = { path, headers, body: event, timeoutMs: TIMEOUT_MS }
    return judgeCall(SERVICES.lambda, await call(this.#endpointsOf(arn), SERVICES.lambda, request))
  }

  /** One name starts one execution, so that an attempt after a crash starts nothing twice. */
  async toMachine(stateMachineArn: string, name: string, input: string): Promise<SendResult> {
    const result = await this.#callJson(SERVICES.sfn, 'StartExecution', { stateMachineArn, name, input }, stateMachineArn)
    const isStarted = result.kind === 'refused' && result.reason.includes('ExecutionAlreadyExists')
    return isStarted ? DELIVERED : result
  }

  /** Into a stream of that name, which is made when it is missing. */
  async toLogGroup(arn: string, logStreamName: string, message: string, timestamp: Instant): Promise<SendResult> {
    const logGroupName = (arn.split(':log-group:')[1] ?? '').replace(/:\*$/, '')
    const place = { logGroupName, logStreamName }
    const made = await this.#callJson(SERVICES.cloudwatchlogs, 'CreateLogStream', place, arn)
    if (made.kind !== 'delivered' && !made.reason.includes('ResourceAlreadyExistsException')) return made
    return this.#callJson(SERVICES.cloudwatchlogs, 'PutLogEvents', { ...place, logEvents: [{ timestamp, message }] }, arn)
  }

  toBus(arn: string, entry: BusEntry): Promise<SendResult> {
    return this.#callJson(SERVICES.eventbridge, 'PutEvents', { Entries: [{ EventBusName: arn, ...entry }] }, arn)
  }

  /** Any action, as SDKs name it, with the parameters in the members of its API. */
  async toAction(service: JsonService | QueryService, action: string, parameters: JsonObject): Promise<SendResult> {
    const name = `${action.charAt(0).toUpperCase()}${action.slice(1)}`
    if (service.protocol === 'json')
      return this.#callJson(service, name, service.members === 'camel' ? withSmallLetters(parameters) : parameters, '')
    const options = { timeoutMs: TIMEOUT_MS }
    return judgeCall(service, await callQuery(this.#endpointsOf(''), service, name, parameters, options))
  }

  /** A name and a password in the URL go as Basic authorization. */
  async toUrl(endpoint: string, headers: Readonly<Record<string, string>>, body: string): Promise<SendResult> {
    const url = new URL(endpoint)
    const login = url.username === '' ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    const authorization = login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
    try {
      const response = await callAws({
        endpoint: url.origin,
        path: url.pathname,
        query: url.searchParams,
        region: '',
        service: '',
        headers: { ...headers, ...authorization },
        body,
        timeoutMs: URL_TIMEOUT_MS,
        responseBytesMax: ANSWER_BYTES_MAX,
      })
      return judgeResponse(response)
    } catch (error) {
      if (error instanceof TransportError) return { kind: 'again', reason: error.message }
      throw error
    }
  }

  /** `arn` is what the call is about. */
  async #callJson(service: JsonService, action: string, input: object, arn: string): Promise<SendResult> {
    return judgeCall(service, await callJson(this.#endpointsOf(arn), service, action, input, { timeoutMs: TIMEOUT_MS }))
  }

  /** A call is signed for the region in which its resource lives. */
  #endpointsOf(arn: string): Endpoints {
    const { endpoint, region, credentials } = this.#deps
    return endpointsAt(() => ({ endpoint: endpoint(), region: arn.split(':')[3] || region, credentials: credentials?.() }))
  }
}

/** Members, at the top and within, as APIs spell them whose parameters SDKs of Java begin with a capital. */
function withSmallLetters(members: JsonObject): JsonObject {
  const renamed: Record<string, Json> = {}
  for (const [name, member] of Object.entries(members))
    setOwn(renamed, `${name.charAt(0).toLowerCase()}${name.slice(1)}`, within(member))
  return renamed
}

const within = (value: Json): Json => (isArray(value) ? value.map(within) : isObject(value) ? withSmallLetters(value) : value)

function judgeCall(service: AwsService, called: Result<unknown, CallFailure>): SendResult {
  if (called.ok) return DELIVERED
  return { kind: isTransient(service, called.error) ? 'again' : 'refused', reason: describeFailure(called.error) }
}

/** 2xx: taken. Server errors, throttling and silence: again. Other refusals are final. */
function judgeResponse(response: AwsResponse): SendResult {
  if (response.status >= 200 && response.status < 300) return DELIVERED
  const { code, message } = readErrorResponse(response)
  const isFinal = response.status >= 400 && response.status < 500 && response.status !== 429 && !/throttl/i.test(code)
  return { kind: isFinal ? 'refused' : 'again', reason: `${response.status} ${code}: ${message}` }
}
