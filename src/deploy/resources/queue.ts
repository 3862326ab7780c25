/** SQS queues. An existing queue gets the declared attributes. */
import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { arnOf, physicalName, requiredText, type ResourceType, textAt } from './resource.ts'

/** The property's name and the attribute's are the same but for these. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  ContentBasedDeduplication: 'ContentBasedDeduplication',
  DeduplicationScope: 'DeduplicationScope',
  DelaySeconds: 'DelaySeconds',
  FifoThroughputLimit: 'FifoThroughputLimit',
  KmsMasterKeyId: 'KmsMasterKeyId',
  MaximumMessageSize: 'MaximumMessageSize',
  MessageRetentionPeriod: 'MessageRetentionPeriod',
  ReceiveMessageWaitTimeSeconds: 'ReceiveMessageWaitTimeSeconds',
  RedriveAllowPolicy: 'RedriveAllowPolicy',
  RedrivePolicy: 'RedrivePolicy',
  SqsManagedSseEnabled: 'SqsManagedSseEnabled',
  VisibilityTimeout: 'VisibilityTimeout',
}

export const queue: ResourceType = {
  async deploy({ id, properties }, context) {
    const { aws } = context
    const isFifo = textAt(properties, 'FifoQueue') === 'true'
    const name = textAt(properties, 'QueueName') ?? `${physicalName(context, id, 75)}${isFifo ? '.fifo' : ''}`
    const attributes = attributesOf(properties)
    const found = await orUndefined(aws.json(SERVICES.sqs, 'GetQueueUrl', { QueueName: name }), ...MISSING)
    const create = () => {
      const all = { ...attributes, ...(isFifo && { FifoQueue: 'true' }) }
      return aws.json(SERVICES.sqs, 'CreateQueue', {
        QueueName: name,
        ...(Object.keys(all).length > 0 && { Attributes: all }),
      })
    }
    const url = requiredText(found ?? (await create()), 'QueueUrl')
    if (found !== undefined && Object.keys(attributes).length > 0) {
      await aws.json(SERVICES.sqs, 'SetQueueAttributes', { QueueUrl: url, Attributes: attributes })
    }
    const change = found === undefined ? 'created' : 'unchanged'
    return { ref: url, attributes: { Arn: arnOf(context, 'sqs', name), QueueName: name, QueueUrl: url }, change }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(SERVICES.sqs, 'DeleteQueue', { QueueUrl: ref }), ...MISSING)
    return undefined
  },
}

const MISSING = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']

function attributesOf(properties: JsonObject): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [property, attribute] of Object.entries(ATTRIBUTES)) {
    const value = properties[property]
    if (value !== undefined) attributes[attribute] = typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
  return attributes
}
