/**
 * What a rule or a schedule can call, by its ARN: a queue, a topic, a function, a state machine, a log group, another bus or an API
 * destination; a schedule also any action.
 * Source: EventBridge user guide, "Event bus targets"; EventBridge Scheduler user guide, "Templated targets", "Using universal targets".
 */
import type { Clock } from '../../base/clock.ts'
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import { exactObjectOf } from '../../base/json-text.ts'
import { printInOrder } from '../../base/member-order.ts'

import type { SendResult } from '../kit/delivery.ts'
import type { BusEntry, Senders } from '../kit/senders.ts'

import { type ApiDestinations, isApiDestinationArn } from './api-destinations.ts'
import { callUniversalTarget, universalTargetOf } from './universal-target.ts'

export interface Delivery {
  /** A UUID, the same at each attempt. */
  readonly uuid: string
  /** As PutTargets or CreateSchedule was given it. */
  readonly target: JsonObject
  readonly input: string
  /** The rule or the schedule. */
  readonly source: string
}

/** `arn:PARTITION:SERVICE:` with what a rule can call. */
const TARGET_ARN = /^arn:[^:]+:(sqs|sns|lambda|states|logs|events):/

export const isTargetArn = (arn: string): boolean => TARGET_ARN.test(arn)

export interface TargetCallers {
  readonly senders: Senders
  readonly clock: Clock
  readonly destinations: Pick<ApiDestinations, 'send'>
}

export function sendToTarget(
  { senders, clock, destinations }: TargetCallers,
  { uuid, target, input, source }: Delivery,
): Promise<SendResult> {
  const arn = String(target['Arn'] ?? '')
  if (isApiDestinationArn(arn)) return destinations.send(arn, target, input)
  const universal = universalTargetOf(arn)
  if (universal) return callUniversalTarget(senders, universal, input)
  switch (TARGET_ARN.exec(arn)?.[1]) {
    case 'sqs':
      return senders.toQueue(arn, { MessageBody: input, ...groupOf(target) })
    case 'sns':
      return senders.toTopic(arn, input)
    case 'lambda':
      return senders.toFunction(arn, input)
    case 'states':
      return senders.toMachine(arn, uuid, input)
    case 'logs':
      return senders.toLogGroup(arn, uuid, input, clock.now())
    case 'events':
      return senders.toBus(arn, entryOf(input, source))
    default:
      return Promise.resolve({ kind: 'refused', reason: `no target can be called at ${arn}` })
  }
}

/** True where the target names a dead-letter queue and it took the message. */
export async function buryOfTarget(senders: Senders, { target, input }: Delivery): Promise<boolean> {
  const config = getOwn(target, 'DeadLetterConfig')
  const arn = isObject(config) ? getOwn(config, 'Arn') : undefined
  return typeof arn === 'string' && (await senders.toQueue(arn, { MessageBody: input })).kind === 'delivered'
}

/** As AWS, only the event itself goes on to another bus. */
function entryOf(input: string, source: string): BusEntry {
  const event = exactObjectOf(input) ?? {}
  return {
    Detail: printInOrder(getOwn(event, 'detail') ?? {}),
    Resources: getOwn(event, 'resources') ?? [],
    Source: getOwn(event, 'source') ?? source,
    DetailType: getOwn(event, 'detail-type') ?? '',
  }
}

function groupOf(target: JsonObject): { readonly MessageGroupId?: string } {
  const parameters = getOwn(target, 'SqsParameters')
  const group = isObject(parameters) ? getOwn(parameters, 'MessageGroupId') : undefined
  return typeof group === 'string' ? { MessageGroupId: group } : {}
}
