/**
 * Attributes of a queue: which exist, their bounds and defaults.
 * Source: Amazon SQS API reference, CreateQueue and SetQueueAttributes (MaximumMessageSize: 1 MiB since August 2025).
 */
import { foldCase } from '../kit/fold-case.ts'

import { sqsError } from './errors.ts'

interface Bounds {
  readonly min: number
  readonly max: number
  readonly initially: number
}

const NUMBERS: ReadonlyMap<string, Bounds> = new Map([
  ['DelaySeconds', { min: 0, max: 900, initially: 0 }],
  ['MaximumMessageSize', { min: 1_024, max: 1_048_576, initially: 1_048_576 }],
  ['MessageRetentionPeriod', { min: 60, max: 1_209_600, initially: 345_600 }],
  ['ReceiveMessageWaitTimeSeconds', { min: 0, max: 20, initially: 0 }],
  ['VisibilityTimeout', { min: 0, max: 43_200, initially: 30 }],
])

const CHOICES: ReadonlyMap<string, readonly string[]> = new Map([
  ['FifoQueue', ['true', 'false']],
  ['ContentBasedDeduplication', ['true', 'false']],
  ['SqsManagedSseEnabled', ['true', 'false']],
  ['DeduplicationScope', ['queue', 'messageGroup']],
  ['FifoThroughputLimit', ['perQueue', 'perMessageGroupId']],
])

const FIFO_ONLY = new Set(['FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'])
const TEXTS = new Set(['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds'])

export type QueueAttributes = ReadonlyMap<string, string>

const BOOLEANS = new Set(['FifoQueue', 'ContentBasedDeduplication', 'SqsManagedSseEnabled'])

/** The attributes with the truth of those that are true or false in small letters. */
export const foldBooleans = (attributes: QueueAttributes): QueueAttributes => foldCase(attributes, BOOLEANS)

/**
 * What a queue has once its attributes are changed; an empty text takes one away. A key of KMS ends the encryption by SQS.
 * Throws InvalidAttributeName where both are asked for.
 */
export function changeAttributes(known: QueueAttributes, changes: QueueAttributes): QueueAttributes {
  const attributes = new Map([...known, ...changes])
  for (const [name, value] of changes) if (value === '') attributes.delete(name)
  if (!attributes.has('KmsMasterKeyId')) return attributes
  if (changes.get('SqsManagedSseEnabled') === 'true')
    throw sqsError(
      'InvalidAttributeName',
      'You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.',
    )
  return attributes.set('SqsManagedSseEnabled', 'false')
}

/** Throws InvalidAttributeName or InvalidAttributeValue. */
export function checkQueueAttributes(attributes: QueueAttributes, isFifo: boolean): void {
  for (const [name, value] of attributes) {
    if (FIFO_ONLY.has(name) && !isFifo) throw sqsError('InvalidAttributeName', `Unknown Attribute ${name}.`)
    const bounds = NUMBERS.get(name)
    const choices = CHOICES.get(name)
    if (!bounds && !choices && !TEXTS.has(name)) throw sqsError('InvalidAttributeName', `Unknown Attribute ${name}.`)
    const isWithin = !bounds || (/^\d{1,8}$/.test(value) && Number(value) >= bounds.min && Number(value) <= bounds.max)
    if (!isWithin || (choices && !choices.includes(value))) throw invalidValue(name)
  }
  if (isFifo && attributes.get('FifoQueue') === 'false')
    throw invalidValue('FifoQueue', ' Reason: Modifying queue type is not supported.')
}

const invalidValue = (name: string, reason = '') =>
  sqsError('InvalidAttributeValue', `Invalid value for the parameter ${name}.${reason}`)

/** Everything that a new queue has besides what its maker set. */
export function defaultAttributes(isFifo: boolean): Map<string, string> {
  const defaults = new Map([...NUMBERS].map(([name, { initially }]) => [name, String(initially)]))
  defaults.set('SqsManagedSseEnabled', 'true')
  if (isFifo) {
    defaults.set('FifoQueue', 'true')
    defaults.set('ContentBasedDeduplication', 'false')
    defaults.set('DeduplicationScope', 'queue')
    defaults.set('FifoThroughputLimit', 'perQueue')
  }
  return defaults
}

/** What shows of a queue that has a key of KMS, and set no other time. */
export const KMS_REUSE: readonly [string, string] = ['KmsDataKeyReusePeriodSeconds', '300']

/** The names that GetQueueAttributes knows beyond those that can be set. */
export const COMPUTED_ATTRIBUTES = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
] as const

export const isKnownAttribute = (name: string): boolean =>
  name === 'All' || NUMBERS.has(name) || CHOICES.has(name) || TEXTS.has(name) || COMPUTED_ATTRIBUTES.some((one) => one === name)
