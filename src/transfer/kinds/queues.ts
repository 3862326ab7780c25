/** Queues with their policies, without their messages. Source: SQS API reference, GetQueueAttributes; CloudFormation, AWS::SQS::Queue. */
import type { Json, JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { SERVICES } from '../../aws/services.ts'
import { listAt, objectAt, requiredText, textAt } from '../../cloudformation/resources/resource.ts'

import type { Inventory } from '../inventory.ts'
import type { Source } from '../source.ts'
import { tagsIn } from '../tags.ts'

const NUMBERS = [
  ...['DelaySeconds', 'MaximumMessageSize', 'MessageRetentionPeriod', 'ReceiveMessageWaitTimeSeconds', 'VisibilityTimeout'],
]
const TEXTS = ['DeduplicationScope', 'FifoThroughputLimit']
const FLAGS = ['ContentBasedDeduplication', 'FifoQueue']
const DOCUMENTS = ['RedrivePolicy', 'RedriveAllowPolicy']

export async function readQueues(source: Source, inventory: Inventory): Promise<void> {
  for (let NextToken: string | undefined = ''; NextToken !== undefined; ) {
    const input = { MaxResults: 1_000, ...(NextToken !== '' && { NextToken }) }
    const page: JsonObject = await source.json(SERVICES.sqs, 'ListQueues', input)
    for (const url of listAt(page, 'QueueUrls')) {
      const QueueUrl = String(url)
      const name = QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1)
      await inventory.attempt('queues', name, () => readQueue(name, QueueUrl, source, inventory))
    }
    NextToken = textAt(page, 'NextToken')
  }
}

async function readQueue(name: string, QueueUrl: string, source: Source, inventory: Inventory): Promise<void> {
  const told = await source.json(SERVICES.sqs, 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })
  const attributes = objectAt(told, 'Attributes') ?? {}
  const arn = requiredText(attributes, 'QueueArn')
  if (textAt(attributes, 'KmsMasterKeyId') !== undefined)
    inventory.leave('queues', `${name}: its key`, 'keys are not copied; it is there without one')
  const tags = tagsIn(await source.json(SERVICES.sqs, 'ListQueueTags', { QueueUrl }))
  inventory.add({
    kind: 'queues',
    type: 'AWS::SQS::Queue',
    name,
    properties: { QueueName: name, ...settingsOf(attributes), ...tags },
    known: { [arn]: 'Arn', [QueueUrl]: 'Ref' },
  })
  const policy = jsonOf(textAt(attributes, 'Policy') ?? '')
  if (policy !== undefined)
    inventory.add({
      kind: 'queues',
      type: 'AWS::SQS::QueuePolicy',
      name: `${name}: its policy`,
      properties: { Queues: [QueueUrl], PolicyDocument: policy },
    })
}

function settingsOf(attributes: JsonObject): JsonObject {
  const settings: Record<string, Json> = {}
  const put = (names: readonly string[], read: (text: string) => Json | undefined): void => {
    for (const name of names) {
      const text = textAt(attributes, name)
      const value = text === undefined ? undefined : read(text)
      if (value !== undefined) settings[name] = value
    }
  }
  put(NUMBERS, Number)
  put(TEXTS, (text) => text)
  put(FLAGS, (text) => text === 'true')
  put(DOCUMENTS, jsonOf)
  return settings
}
