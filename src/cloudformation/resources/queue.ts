/**
 * SQS queues. An attribute that the template says no more goes back to what a queue has by itself.
 * Source: CloudFormation, AWS::SQS::Queue; SQS API reference, SetQueueAttributes.
 */
import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import {
  arnOf,
  booleanAt,
  changeOf,
  claim,
  type Declared,
  droppedFrom,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
} from './resource.ts'
import { changeTags, tagMapOf } from './tags.ts'

/** Properties have the names of attributes: what is in one where nobody has said. */
const UNSET: Readonly<Record<string, string>> = {
  ContentBasedDeduplication: 'false',
  DeduplicationScope: 'queue',
  DelaySeconds: '0',
  FifoThroughputLimit: 'perQueue',
  KmsDataKeyReusePeriodSeconds: '300',
  KmsMasterKeyId: '',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  RedriveAllowPolicy: '',
  RedrivePolicy: '',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
}
const MISSING = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']

export const queue: ResourceType = {
  replacedBy: ['FifoQueue', 'QueueName'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const isFifo = booleanAt(properties, 'FifoQueue') === true
    const name = textAt(properties, 'QueueName') ?? `${physicalName(context, id, 75)}${isFifo ? '.fifo' : ''}`
    const attributes = attributesOf(resource)
    const asked = aws.json(SERVICES.sqs, 'GetQueueUrl', { QueueName: name })
    const found = claim(await orUndefined(asked, ...MISSING), resource, name, context)
    const create = () => {
      const all = { ...attributes, ...(isFifo && { FifoQueue: 'true' }) }
      const tags = tagMapOf(properties)
      return aws.json(SERVICES.sqs, 'CreateQueue', {
        QueueName: name,
        ...(Object.keys(all).length > 0 && { Attributes: all }),
        ...(Object.keys(tags).length > 0 && { tags }),
      })
    }
    const url = requiredText(found ?? (await create()), 'QueueUrl')
    const isChanged = [
      found !== undefined && (await setAttributes(url, attributes, aws)),
      found !== undefined && (await changeQueueTags(resource, url, aws)),
    ]
    const shown = { Arn: arnOf(context, 'sqs', name), QueueName: name, QueueUrl: url }
    return { ref: url, attributes: shown, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(SERVICES.sqs, 'DeleteQueue', { QueueUrl: ref }), ...MISSING)
    return undefined
  },
}

function attributesOf(resource: Declared): Record<string, string> {
  const { properties } = resource
  const names = Object.keys(UNSET)
  const gone = droppedFrom(resource, names).map((name): [string, string] => [name, UNSET[name] ?? ''])
  const said = names.flatMap((name): [string, string][] => {
    const value = properties[name]
    if (value === undefined) return []
    return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]]
  })
  // A key of KMS ends the encryption by SQS itself.
  const isKeyed = textAt(properties, 'KmsMasterKeyId') !== undefined
  return Object.fromEntries([...gone.filter(([name]) => !(isKeyed && name === 'SqsManagedSseEnabled')), ...said])
}

/** Whether there was one to set. */
async function setAttributes(QueueUrl: string, wanted: Readonly<Record<string, string>>, aws: Aws): Promise<boolean> {
  if (Object.keys(wanted).length === 0) return false
  const told = await aws.json(SERVICES.sqs, 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })
  const known: JsonObject = objectAt(told, 'Attributes') ?? {}
  const differing = Object.entries(wanted).filter(([name, value]) => (textAt(known, name) ?? UNSET[name]) !== value)
  if (differing.length === 0) return false
  await aws.json(SERVICES.sqs, 'SetQueueAttributes', { QueueUrl, Attributes: Object.fromEntries(differing) })
  return true
}

const changeQueueTags = (resource: Declared, QueueUrl: string, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    async list() {
      const tags = objectAt(await aws.json(SERVICES.sqs, 'ListQueueTags', { QueueUrl }), 'Tags') ?? {}
      return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]))
    },
    put: (Tags) => aws.json(SERVICES.sqs, 'TagQueue', { QueueUrl, Tags }),
    remove: (TagKeys) => aws.json(SERVICES.sqs, 'UntagQueue', { QueueUrl, TagKeys }),
  })
