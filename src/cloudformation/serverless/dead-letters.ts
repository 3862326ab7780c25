/**
 * Where a rule or a schedule leaves what it could not deliver: a queue that is named, or one that is made.
 * Source: AWS SAM developer guide, "DeadLetterConfig".
 */
import { getOwn, isObject, type Json } from '../../base/json.ts'

import { attributeOf, ref, type SamResource } from './draft.ts'

/** Undefined where the event has none. `source`: the rule that sends; a schedule sends by its role, and needs no queue policy. */
export function deadLettersOf(
  resource: SamResource,
  config: Json | undefined,
  id: string,
  path: readonly string[],
  source?: Json,
): Json | undefined {
  if (!isObject(config)) return undefined
  const given = getOwn(config, 'Arn')
  if (given !== undefined) return given
  if (getOwn(config, 'Type') !== 'SQS')
    resource.refuse(`Event with id [${id}] is invalid. No 'Arn' or 'Type' property provided for DeadLetterConfig`)
  const queue = String(getOwn(config, 'QueueLogicalId') ?? `${id}Queue`)
  resource.make(queue, 'AWS::SQS::Queue', {}, { path })
  const arn = attributeOf(queue, 'Arn')
  if (source !== undefined) {
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arn,
        Condition: { ArnEquals: { 'aws:SourceArn': source } },
      },
    ]
    const PolicyDocument = { Version: '2012-10-17', Statement }
    resource.make(`${id}QueuePolicy`, 'AWS::SQS::QueuePolicy', { PolicyDocument, Queues: [ref(queue)] }, { path })
  }
  return arn
}
