/** What SNS refuses before it does anything: unknown attributes and protocols, endpoints of the wrong form, odd batches. */
import { type JsonObject, utf8Length } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import { invalidParameter } from './errors.ts'
import { optionalText } from './input.ts'
import type { Topic } from './topics.ts'

const BATCH_MAX = 10
const SETTABLE_BY_OWNER = new Set([
  'ArchivePolicy',
  'ContentBasedDeduplication',
  'DataProtectionPolicy',
  'DeliveryPolicy',
  'DisplayName',
  'FifoThroughputScope',
  'FifoTopic',
  'KmsMasterKeyId',
  'Policy',
  'SignatureVersion',
  'TracingConfig',
])
const FEEDBACK = /^(HTTP|SQS|Lambda|Firehose|Application)(Success|Failure)Feedback(RoleArn|SampleRate)$/

export function checkTopicAttribute(name: string): void {
  if (!SETTABLE_BY_OWNER.has(name) && !FEEDBACK.test(name)) throw invalidParameter('AttributeName')
}

const PROTOCOLS = new Set(['http', 'https', 'email', 'email-json', 'sms', 'sqs', 'lambda'])

export function checkEndpoint(protocol: string, endpoint: string, topic: Topic): void {
  if (!PROTOCOLS.has(protocol)) throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`)
  if (endpoint === '') throw invalidParameter('Endpoint')
  if (protocol === 'sqs' && !/^arn:aws[\w-]*:sqs:[\w-]+:\d+:[\w-]+(\.fifo)?$/.test(endpoint))
    throw invalidParameter('SQS endpoint ARN')
  if (protocol === 'lambda' && !/^arn:aws[\w-]*:lambda:[\w-]+:\d+:function:[\w$:-]+$/.test(endpoint)) {
    throw invalidParameter('Lambda endpoint ARN')
  }
  if (/^https?$/.test(protocol) && (!endpoint.startsWith(`${protocol}://`) || !URL.canParse(endpoint))) {
    throw invalidParameter('Endpoint must match the specified protocol')
  }
  if (protocol.startsWith('email') && !/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(endpoint)) throw invalidParameter('Email address')
  if (protocol === 'sms' && !/^\+?[\d\-. ()]{4,24}$/.test(endpoint))
    throw new WireError(400, 'InvalidParameter', `Invalid SMS endpoint: ${endpoint}`)
  if (protocol === 'sqs' && endpoint.endsWith('.fifo') && !topic.isFifo) {
    throw invalidParameter('Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics')
  }
}

/** What is said of a batch as a whole. */
export function checkBatch(entries: readonly JsonObject[], bytesMax: number): void {
  const refuse = (code: string, message: string) => new WireError(400, code, message)
  if (entries.length === 0) throw refuse('EmptyBatchRequest', "The batch request doesn't contain any entries.")
  if (entries.length > BATCH_MAX)
    throw refuse('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.')
  const ids = entries.map((entry) => optionalText(entry, 'Id') ?? '')
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id))) {
    throw refuse('InvalidBatchEntryId', "The Id of a batch entry in a batch request doesn't abide by the specification.")
  }
  if (new Set(ids).size < ids.length) {
    throw refuse('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.')
  }
  const bytes = entries.map((entry) => utf8Length(optionalText(entry, 'Message') ?? ''))
  if (bytes.reduce((sum, one) => sum + one, 0) > bytesMax)
    throw refuse('BatchRequestTooLong', 'The length of all the messages put together is more than the limit.')
}
