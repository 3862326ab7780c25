/**
 * Carries an event to its target, over the wire: a queue, a topic, a function, a state machine, a log group or another bus.
 * Source: EventBridge user guide, "Event bus targets"; EventBridge Scheduler user guide, "Templated targets".
 */
import type { Clock } from '../../base/clock.ts'
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type SendResult, Targets, type TargetsDeps } from '../targets.ts'

import type { Delivery } from './outbox.ts'

export type SendersDeps = TargetsDeps & { readonly clock: Clock }

/** `arn:PARTITION:SERVICE:` with what a rule can call. */
const TARGET_ARN = /^arn:[^:]+:(sqs|sns|lambda|states|logs|events):/

export const isTargetArn = (arn: string): boolean => TARGET_ARN.test(arn)

export class EventSenders {
  readonly #clock: Clock
  readonly #targets: Targets

  constructor(deps: SendersDeps) {
    this.#clock = deps.clock
    this.#targets = new Targets(deps)
  }

  send(delivery: Delivery): Promise<SendResult> {
    const { target, input } = delivery
    const arn = String(target['Arn'] ?? '')
    switch (TARGET_ARN.exec(arn)?.[1]) {
      case 'sqs':
        return this.#targets.toQueue(arn, { MessageBody: input, ...groupOf(target) })
      case 'sns':
        return this.#targets.toTopic(arn, input)
      case 'lambda':
        return this.#targets.toFunction(arn, input)
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
    return typeof arn === 'string' && (await this.#targets.toQueue(arn, { MessageBody: input })).kind === 'delivered'
  }

  /** The name follows from the delivery, so that an attempt after a crash starts nothing twice. */
  async #toMachine(stateMachineArn: string, { uuid, input }: Delivery): Promise<SendResult> {
    const start = { stateMachineArn, name: uuid, input }
    const result = await this.#targets.callJson(SERVICES.sfn, 'StartExecution', start, stateMachineArn)
    const isStarted = result.kind === 'refused' && result.reason.includes('ExecutionAlreadyExists')
    return isStarted ? { kind: 'delivered' } : result
  }

  async #toLogGroup(arn: string, { uuid, input }: Delivery): Promise<SendResult> {
    const logGroupName = (arn.split(':log-group:')[1] ?? '').replace(/:\*$/, '')
    const place = { logGroupName, logStreamName: uuid }
    const made = await this.#targets.callJson(SERVICES.cloudwatchlogs, 'CreateLogStream', place, arn)
    if (made.kind !== 'delivered' && !made.reason.includes('ResourceAlreadyExistsException')) return made
    const logEvents = [{ timestamp: this.#clock.now(), message: input }]
    return this.#targets.callJson(SERVICES.cloudwatchlogs, 'PutLogEvents', { ...place, logEvents }, arn)
  }

  /** As AWS, only the event itself goes on to another bus. */
  #toBus(arn: string, { input, source }: Delivery): Promise<SendResult> {
    const event = JSON.parse(input) as JsonObject
    const Detail = JSON.stringify(getOwn(event, 'detail') ?? {})
    const entry = {
      EventBusName: arn,
      Detail,
      Resources: getOwn(event, 'resources') ?? [],
      Source: getOwn(event, 'source') ?? source,
      DetailType: getOwn(event, 'detail-type') ?? '',
    }
    return this.#targets.callJson(SERVICES.eventbridge, 'PutEvents', { Entries: [entry] }, arn)
  }
}

function groupOf(target: JsonObject): { readonly MessageGroupId?: string } {
  const parameters = getOwn(target, 'SqsParameters')
  const group = isObject(parameters) ? getOwn(parameters, 'MessageGroupId') : undefined
  return typeof group === 'string' ? { MessageGroupId: group } : {}
}
