/**
 * Scheduler's universal targets: any action of an embedded service that has an effect, with the schedule's `Input` as its
 * parameters. Of Lambda `invoke` alone, and not those of S3 and of the Scheduler itself, which speak REST.
 * Source: EventBridge Scheduler user guide, "Using universal targets" (actions that only read are refused).
 */
import { getOwn, type JsonObject } from '../../base/json.ts'
import { exactObjectOf } from '../../base/json-text.ts'
import { printInOrder } from '../../base/member-order.ts'

import { type AwsService, serviceNamed } from '../../aws/services.ts'

import type { SendResult } from '../kit/delivery.ts'
import type { Senders } from '../kit/senders.ts'

export interface UniversalTarget {
  readonly service: AwsService
  /** As in the ARN: `sendMessage`. */
  readonly action: string
}

const ARN = /^arn:aws[\w-]*:scheduler:::aws-sdk:([a-z0-9]+):([a-z]\w*)$/
const ONLY_READS =
  /^(?:get|describe|list|poll|receive|search|scan|query|select|read|lookup|discover|validate|batchGet|batchDescribe|batchRead|transactGet|testConnection|retrieve)/

/** Undefined for what can not be called here. */
export function universalTargetOf(arn: string): UniversalTarget | undefined {
  const [, name = '', action = ''] = ARN.exec(arn) ?? []
  const service = serviceNamed(name)
  if (!service || ONLY_READS.test(action)) return undefined
  const isCallable = service.protocol === 'json' || service.protocol === 'query' || (name === 'lambda' && action === 'invoke')
  return isCallable ? { service, action } : undefined
}

/** Whether a text can be the parameters of an action. */
export const isParameters = (input: string): boolean => exactObjectOf(input) !== undefined

export function callUniversalTarget(senders: Senders, { service, action }: UniversalTarget, input: string): Promise<SendResult> {
  const parameters = exactObjectOf(input) ?? {}
  return service.protocol === 'json' || service.protocol === 'query'
    ? senders.toAction(service, action, parameters)
    : startFunction(senders, parameters)
}

/** Nobody waits for its result. */
function startFunction(senders: Senders, parameters: JsonObject): Promise<SendResult> {
  const payload = getOwn(parameters, 'Payload') ?? '{}'
  const event = typeof payload === 'string' ? payload : printInOrder(payload)
  return senders.toFunction(String(getOwn(parameters, 'FunctionName') ?? ''), event)
}
