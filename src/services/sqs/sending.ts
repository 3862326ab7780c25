/**
 * SendMessage: judges a message, drops a FIFO duplicate of the last five minutes, stores it.
 * Source: Amazon SQS API reference, SendMessage; developer guide, "Exactly-once processing in Amazon SQS".
 */
import { createHash, randomUUID } from 'node:crypto'

import { getOwn, type JsonObject, utf8Length } from '../../base/json.ts'
import { AWS_LIMITS, type ServiceLimits } from '../../base/limits.ts'
import type { Instant } from '../../base/time.ts'

import { digestAttributes, md5 } from './digest.ts'
import { invalidParameter, missingParameter, sqsError } from './errors.ts'
import { optionalInteger, optionalText } from './input.ts'
import { attributesBytes, BAD_CHARACTERS, isMessageText, readMessageAttributes } from './message-attributes.ts'
import type { Messages, NewMessage } from './messages.ts'
import type { Queue } from './queues.ts'

const TOKEN = /^[A-Za-z0-9!-/:-@[-`{-~]{1,128}$/

export function numberOf(queue: Queue, attribute: string): number {
  return Number(queue.attributes.get(attribute) ?? 0)
}

/** `traceDigest` is told only of a header that the message itself has brought. */
export type ReadMessage = NewMessage & { readonly traceDigest: string | undefined }

export interface Sending {
  readonly now: Instant
  readonly limits: ServiceLimits
  /** Of the request; a message may bring its own. */
  readonly traceHeader: string | undefined
}

/** Judges one message of a request. Throws what SendMessage answers. */
export function readNewMessage(queue: Queue, input: JsonObject, { now, limits, traceHeader }: Sending): ReadMessage {
  const body = optionalText(input, 'MessageBody')
  if (body === undefined) throw missingParameter('MessageBody')
  if (body === '') throw missingParameter('MessageBody')
  if (!isMessageText(body)) throw sqsError('InvalidMessageContents', BAD_CHARACTERS)
  const attributes = readMessageAttributes(input, 'MessageAttributes')
  const own = numberOf(queue, 'MaximumMessageSize')
  const bytesMax = own === AWS_LIMITS.services.sqsBytesMax ? limits.sqsBytesMax : own
  if (utf8Length(body) + attributesBytes(attributes) > bytesMax) {
    throw invalidParameter(`One or more parameters are invalid. Reason: Message must be shorter than ${bytesMax} bytes.`)
  }
  const delaySeconds = readDelay(queue, input)
  const trace = readMessageAttributes(input, 'MessageSystemAttributes').get('AWSTraceHeader')
  return {
    messageId: randomUUID(),
    body,
    attributes,
    traceHeader: trace?.StringValue ?? traceHeader,
    traceDigest: trace && digestAttributes(new Map([['AWSTraceHeader', trace]])),
    groupId: readGroupId(queue, input),
    deduplicationId: readDeduplicationId(queue, input, body),
    sentAt: now,
    visibleAt: now + delaySeconds * 1000,
    expiresAt: now + numberOf(queue, 'MessageRetentionPeriod') * 1000,
  }
}

/** What a message of a FIFO queue must bring is asked of all of a batch, before any of them is looked at. */
export function checkFifoEntry(queue: Queue, entry: JsonObject): void {
  if (!optionalText(entry, 'MessageGroupId')) throw invalidParameter('The request must contain the parameter MessageGroupId.')
  readDeduplicationId(queue, entry, '')
}

function readDelay(queue: Queue, input: JsonObject): number {
  const delay = optionalInteger(input, 'DelaySeconds', 0, 900, 'DelaySeconds must be >= 0 and <= 900')
  if (delay === undefined) return numberOf(queue, 'DelaySeconds')
  if (queue.isFifo && delay > 0) {
    throw invalidParameter(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    )
  }
  return queue.isFifo ? numberOf(queue, 'DelaySeconds') : delay
}

function readGroupId(queue: Queue, input: JsonObject): string | undefined {
  const groupId = optionalText(input, 'MessageGroupId')
  if (groupId === undefined || groupId === '') {
    if (queue.isFifo) throw missingParameter('MessageGroupId')
    return undefined
  }
  return checkToken('MessageGroupId', groupId)
}

function readDeduplicationId(queue: Queue, input: JsonObject, body: string): string | undefined {
  const id = optionalText(input, 'MessageDeduplicationId')
  if (!queue.isFifo) {
    if (id === undefined) return undefined
    throw invalidParameter(
      `Value ${id} for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type.`,
    )
  }
  if (id !== undefined && id !== '') return checkToken('MessageDeduplicationId', id)
  if (queue.attributes.get('ContentBasedDeduplication') === 'true') return createHash('sha256').update(body).digest('hex')
  throw invalidParameter(
    'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
  )
}

function checkToken(name: string, value: string): string {
  if (TOKEN.test(value)) return value
  throw invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  )
}

/** Stores the message unless it repeats one; returns what the sender is told. Call inside a commit. */
export function storeMessage(messages: Messages, queue: Queue, message: ReadMessage, now: Instant): JsonObject {
  const answer = {
    MD5OfMessageBody: md5(message.body),
    ...optionalDigest('MD5OfMessageAttributes', digestAttributes(message.attributes)),
    ...optionalDigest('MD5OfMessageSystemAttributes', message.traceDigest),
  }
  const { deduplicationId, groupId } = message
  if (!queue.isFifo || deduplicationId === undefined) {
    messages.add(queue.id, message)
    return { ...answer, MessageId: message.messageId }
  }
  const scope = queue.attributes.get('DeduplicationScope') === 'messageGroup' ? (groupId ?? '') : ''
  const earlier = messages.findDuplicate(queue.id, scope, deduplicationId, now)
  if (earlier) return { ...answer, MessageId: earlier.messageId, SequenceNumber: sequenceNumber(earlier.id) }
  const id = messages.add(queue.id, message)
  messages.rememberDuplicate(queue.id, scope, deduplicationId, message.messageId, id, now)
  return { ...answer, MessageId: message.messageId, SequenceNumber: sequenceNumber(id) }
}

const optionalDigest = (name: string, digest: string | undefined) => (digest === undefined ? {} : { [name]: digest })

/** 20 digits, growing with every message, as AWS prints them. */
export const sequenceNumber = (id: number): string => String(18_849_000_000_000_000_000n + BigInt(id) * 256n)

export const entryId = (entry: JsonObject): string => {
  const id = getOwn(entry, 'Id')
  return typeof id === 'string' ? id : ''
}
