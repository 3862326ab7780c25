/**
 * Carries an event to its target, over the wire: a queue, a topic, a function, a state machine, a log group or another bus.
 * Source: EventBridge user guide, "Event bus targets"; EventBridge Scheduler user guide, "Templated targets".
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import type { Clock } from '../../base/clock.ts'

import { type AwsCall, callAws, TransportError } from '../../wire/client.ts'
import { readErrorResponse } from '../../wire/errors.ts'
import type { Credentials } from '../../wire/sigv4.ts'

import type { Delivery, SendResult } from './outbox.ts'

export interface SendersDeps {
  readonly endpoint: () => string
  readonly credentials: () => Credentials
  readonly region: string
  readonly clock: Clock
}

const DELIVERED: SendResult = { kind: 'delivered' }
const TIMEOUT_MS = 30_000
/** `arn:PARTITION:SERVICE:` with what a rule can call. */
const TARGET_ARN = /^arn:[^:]+:(sqs|sns|lambda|states|logs|events):/

export const isTargetArn = (arn: string): boolean => TARGET_ARN.test(arn)

export class EventSenders {
  readonly #deps: SendersDeps

  constructor(deps: SendersDeps) {
    this.#deps = deps
  }

  send(delivery: Delivery): Promise<SendResult> {
    const arn = String(delivery.target['Arn'] ?? '')
    switch (TARGET_ARN.exec(arn)?.[1]) {
      case 'sqs':
        return this.#toQueue(arn, delivery.input, groupOf(delivery.target))
      case 'sns':
        return this.#toTopic(arn, delivery.input)
      case 'lambda':
        return this.#toFunction(arn, delivery.input)
      case 'states':
        return this.#toMachine(arn, delivery)
      case 'logs':
        return this.#toLogGroup(arn, delivery)
      case 'events':
        return this.#toBus(arn, delivery)
      default:
        return Promise.resolve({ kind: 'refused', reason: `no target can be called at ${arn}` })
    }
  }

  /** True where the target names a dead-letter queue and it took the message. */
  async bury({ target, input }: Delivery): Promise<boolean> {
    const config = getOwn(target, 'DeadLetterConfig')
    const arn = isObject(config) ? getOwn(config, 'Arn') : undefined
    return typeof arn === 'string' && (await this.#toQueue(arn, input, undefined)).kind === 'delivered'
  }

  #toQueue(arn: string, MessageBody: string, MessageGroupId: string | undefined): Promise<SendResult> {
    const [, , , , account = '', name = ''] = arn.split(':')
    const QueueUrl = `${this.#deps.endpoint().replace(/\/+$/, '')}/${account}/${name}`
    const group = MessageGroupId === undefined ? {} : { MessageGroupId }
    return this.#json('sqs', 'AmazonSQS.SendMessage', '1.0', { QueueUrl, MessageBody, ...group })
  }

  #toTopic(TopicArn: string, Message: string): Promise<SendResult> {
    const body = new URLSearchParams({ Action: 'Publish', Version: '2010-03-31', TopicArn, Message }).toString()
    return this.#call({ service: 'sns', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body })
  }

  #toFunction(arn: string, body: string): Promise<SendResult> {
    const path = `/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`
    const headers = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' }
    return this.#call({ service: 'lambda', path, headers, body })
  }

  /** The name follows from the delivery, so that an attempt after a crash starts nothing twice. */
  async #toMachine(stateMachineArn: string, { uuid, input }: Delivery): Promise<SendResult> {
    const result = await this.#json('states', 'AWSStepFunctions.StartExecution', '1.0', { stateMachineArn, name: uuid, input })
    const isStarted = result.kind === 'refused' && result.reason.includes('ExecutionAlreadyExists')
    return isStarted ? DELIVERED : result
  }

  async #toLogGroup(arn: string, { uuid, input }: Delivery): Promise<SendResult> {
    const logGroupName = (arn.split(':log-group:')[1] ?? '').replace(/:\*$/, '')
    const place = { logGroupName, logStreamName: uuid }
    const made = await this.#json('logs', 'Logs_20140328.CreateLogStream', '1.1', place)
    if (made.kind !== 'delivered' && !made.reason.includes('ResourceAlreadyExistsException')) return made
    const logEvents = [{ timestamp: this.#deps.clock.now(), message: input }]
    return this.#json('logs', 'Logs_20140328.PutLogEvents', '1.1', { ...place, logEvents })
  }

  /** As AWS, only the event itself goes on to another bus. */
  #toBus(arn: string, { input, source }: Delivery): Promise<SendResult> {
    const event = JSON.parse(input) as JsonObject
    const Detail = JSON.stringify(getOwn(event, 'detail') ?? {})
    const entry = {
      ...{ EventBusName: arn, Detail, Resources: getOwn(event, 'resources') ?? [] },
      ...{ Source: getOwn(event, 'source') ?? source, DetailType: getOwn(event, 'detail-type') ?? '' },
    }
    return this.#json('events', 'AWSEvents.PutEvents', '1.1', { Entries: [entry] })
  }

  #json(service: string, target: string, version: string, input: unknown): Promise<SendResult> {
    const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target }
    return this.#call({ service, headers, body: JSON.stringify(input) })
  }

  /** 2xx: taken. Server errors, throttling and silence: again. Other refusals are final. */
  async #call(call: Pick<AwsCall, 'service' | 'headers' | 'body' | 'path'>): Promise<SendResult> {
    const { endpoint, credentials, region } = this.#deps
    try {
      const place = { endpoint: endpoint(), credentials: credentials(), region, timeoutMs: TIMEOUT_MS }
      const response = await callAws({ ...place, method: 'POST', ...call })
      if (response.status < 300) return DELIVERED
      const error = readErrorResponse(response)
      const isFinal = response.status < 500 && response.status !== 429 && !/throttl/i.test(error.code)
      return { kind: isFinal ? 'refused' : 'again', reason: `${response.status} ${error.code}: ${error.message}` }
    } catch (error) {
      if (error instanceof TransportError) return { kind: 'again', reason: error.message }
      throw error
    }
  }
}

function groupOf(target: JsonObject): string | undefined {
  const parameters = getOwn(target, 'SqsParameters')
  const group = isObject(parameters) ? getOwn(parameters, 'MessageGroupId') : undefined
  return typeof group === 'string' ? group : undefined
}
