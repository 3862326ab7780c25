/**
 * A message to publish: how it is read and judged, and what each subscription is to receive of it.
 * Source: Amazon SNS API reference, Publish; developer guide, "Message delivery", "Message deduplication for FIFO topics".
 */
import { createHash } from 'node:crypto'

import { getOwn, type JsonObject, utf8Length } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { type Notification, renderEnvelope, renderLambdaEvent } from './envelope.ts'
import { invalidParameter } from './errors.ts'
import { optionalText } from './input.ts'
import { attributesBytes, type MessageAttribute, readAttributes } from './message-attributes.ts'
import type { Payload } from './payload.ts'
import type { Subscription, Topic } from './topics.ts'

export interface Publication {
  readonly subject: string | undefined
  readonly message: string
  /** With MessageStructure `json`: the text per protocol. */
  readonly structured: JsonObject | undefined
  readonly attributes: ReadonlyMap<string, MessageAttribute>
  readonly groupId: string | undefined
  readonly deduplicationId: string | undefined
  /** X-Ray's, of the request that published it. */
  readonly traceHeader: string | undefined
}

export interface Publishing {
  readonly bytesMax: number
  readonly traceHeader: string | undefined
  /** Which entry of a batch it is, from 1; undefined where it comes alone. */
  readonly position?: number
}

/** Throws InvalidParameter. `topic` is undefined for a message to a phone. */
export function readPublication(
  input: JsonObject,
  topic: Topic | undefined,
  { bytesMax, traceHeader, position }: Publishing,
): Publication {
  const message = optionalText(input, 'Message')
  if (message === undefined || message === '') throw invalidParameter('Empty message')
  const attributes = readAttributes(input, position === undefined ? '' : `publishBatchRequestEntries.${position}.member.`)
  if (utf8Length(message) + attributesBytes(attributes) > bytesMax) throw invalidParameter('Message too long')
  const subject = optionalText(input, 'Subject')
  if (subject !== undefined && (subject.length === 0 || subject.length > 100 || !/^[\x20-\x7e\u00a0-\uffff]*$/.test(subject))) {
    throw invalidParameter('Subject')
  }
  const structured = optionalText(input, 'MessageStructure') === 'json' ? readStructure(message) : undefined
  return { subject, message, structured, attributes, ...readFifo(input, topic, message), traceHeader }
}

function readStructure(message: string): JsonObject {
  const value = objectOf(message)
  if (!value) throw invalidParameter('Message Structure - JSON message body failed to parse')
  if (typeof getOwn(value, 'default') !== 'string') {
    throw invalidParameter('Message Structure - No default entry in JSON message body')
  }
  return value
}

function readFifo(input: JsonObject, topic: Topic | undefined, message: string) {
  const groupId = optionalText(input, 'MessageGroupId')
  const given = optionalText(input, 'MessageDeduplicationId')
  if (!topic?.isFifo) {
    if (given !== undefined) {
      throw invalidParameter(
        'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
      )
    }
    return { groupId, deduplicationId: undefined }
  }
  if (groupId === undefined || groupId === '') {
    throw invalidParameter('The MessageGroupId parameter is required for FIFO topics')
  }
  if (given !== undefined && given !== '') return { groupId, deduplicationId: given }
  if (topic.attributes.get('ContentBasedDeduplication') !== 'true') {
    throw invalidParameter(
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    )
  }
  return { groupId, deduplicationId: createHash('sha256').update(message).digest('hex') }
}

/** The text that subscribers of `protocol` receive. */
export function textFor(publication: Publication, protocol: string): string {
  const own = publication.structured && getOwn(publication.structured, protocol)
  const fallback = publication.structured && getOwn(publication.structured, 'default')
  return typeof own === 'string' ? own : typeof fallback === 'string' ? fallback : publication.message
}

/** What one subscription is sent. `notification` is already about the text for its protocol. */
export function payloadFor(subscription: Subscription, notification: Notification, publication: Publication): Payload {
  const isRaw = subscription.attributes.get('RawMessageDelivery')?.toLowerCase() === 'true'
  const { messageId, topicArn, message, subject } = notification
  switch (subscription.protocol) {
    case 'sqs':
      return { kind: 'sqs', message: queueMessage(isRaw, notification, publication, subscription) }
    case 'lambda':
      return { kind: 'lambda', event: renderLambdaEvent(notification, subscription.arn) }
    case 'email':
      return {
        kind: 'mail',
        id: mailId(notification, subscription),
        subject: subject ?? DEFAULT_SUBJECT,
        text: mailText(notification),
      }
    case 'email-json': {
      const text = renderEnvelope(notification)
      return { kind: 'mail', id: mailId(notification, subscription), subject: subject ?? DEFAULT_SUBJECT, text }
    }
    case 'sms':
      return { kind: 'sms', text: message }
    default: {
      const headers = {
        'x-amz-sns-message-type': 'Notification',
        'x-amz-sns-message-id': messageId,
        'x-amz-sns-topic-arn': topicArn,
        ...(isRaw && { 'x-amz-sns-rawdelivery': 'true' }),
      }
      return { kind: 'http', headers, body: isRaw ? message : renderEnvelope(notification) }
    }
  }
}

const DEFAULT_SUBJECT = 'AWS Notification Message'

/** Begins with the time, so that a mailbox folder is in order. */
const mailId = (n: Notification, subscription: Subscription): string =>
  `${n.timestamp.replace(/[:.]/g, '-')}-${n.messageId}-${subscription.arn.slice(-8)}`

const mailText = (n: Notification): string =>
  `${n.message}\n\n--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below to unsubscribe:\n${n.unsubscribeUrl}\n`

/** A standard queue learns the group of a message from a standard topic alone (fair queues). */
function queueMessage(isRaw: boolean, n: Notification, publication: Publication, subscription: Subscription): JsonObject {
  const { groupId, deduplicationId, traceHeader } = publication
  const isFifoQueue = subscription.endpoint.endsWith('.fifo')
  const hasGroup = groupId !== undefined && (isFifoQueue || !subscription.topicArn.endsWith('.fifo'))
  const attributes = Object.fromEntries(
    [...n.attributes].map(([name, { DataType, ...value }]) => [name, queueAttribute(DataType, value)]),
  )
  return {
    MessageBody: isRaw ? n.message : renderEnvelope(n),
    ...(isRaw && n.attributes.size > 0 && { MessageAttributes: attributes }),
    ...(hasGroup && { MessageGroupId: groupId }),
    ...(isFifoQueue && deduplicationId !== undefined && { MessageDeduplicationId: deduplicationId }),
    ...(traceHeader !== undefined && {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } },
    }),
  }
}

const queueAttribute = (type: string, value: { StringValue?: string; BinaryValue?: string }): JsonObject => ({
  DataType: type,
  ...value,
})
