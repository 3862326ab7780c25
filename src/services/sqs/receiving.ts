/**
 * ReceiveMessage, and what a receipt handle is good for afterwards.
 * A handle names the message's row and the receive that gave it out; of a FIFO message only the newest receive counts, of others
 * any does.
 * Source: Amazon SQS API reference, ReceiveMessage, DeleteMessage, ChangeMessageVisibility.
 */
import { parseJson } from '../../base/json-bounds.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import type { Instant } from '../../base/time.ts'

import { digestAttributes, md5 } from './digest.ts'
import { invalidParameter, sqsError } from './errors.ts'
import { selectAttributes } from './message-attributes.ts'
import type { Messages, StoredMessage } from './messages.ts'
import { type Queue, type Queues, redrivePolicyOf } from './queues.ts'
import { numberOf, sequenceNumber } from './sending.ts'

export interface ReceiveRequest {
  readonly limit: number
  readonly visibilitySeconds: number
  readonly systemNames: readonly string[]
  readonly attributeNames: readonly string[]
}

export interface Received {
  readonly messages: readonly JsonObject[]
  /** The dead-letter queue that was given messages on the way, so that its waiters can be woken. */
  readonly deadLettered: Queue | undefined
}

/** One try, without waiting: takes what is there, moves what was received too often. */
export function receiveNow(
  messages: Messages,
  queues: Queues,
  queue: Queue,
  request: ReceiveRequest,
  now: Instant,
  account: string,
): Received {
  return messages.atomically(() => {
    const policy = redrivePolicyOf(queue)
    const target = policy && queues.byArn(policy.deadLetterTargetArn)
    const given: JsonObject[] = []
    let deadLettered: Queue | undefined
    for (;;) {
      const found = messages.receivable(queue.id, queue.isFifo, now, request.limit - given.length)
      let moved = 0
      for (const message of found) {
        if (policy && target && message.receiveCount >= policy.maxReceiveCount) {
          const expiresAt = message.sentAt + numberOf(target, 'MessageRetentionPeriod') * 1000
          messages.move(
            message,
            target.id,
            queues.arnOf(queue),
            queue.isFifo ? Math.max(expiresAt, now + 60_000) : expiresAt,
            now,
          )
          deadLettered = target
          moved++
          continue
        }
        const receipt = messages.take(message, now + request.visibilitySeconds * 1000, now)
        given.push(renderReceived({ ...message, receipt }, request, now, account))
      }
      // A FIFO group is closed by its first message in flight, so the rest of one look may stay; a second look sees that.
      if (moved === 0 || given.length >= request.limit) break
    }
    return { messages: given, deadLettered }
  })
}

function renderReceived(message: StoredMessage, request: ReceiveRequest, now: Instant, account: string): JsonObject {
  const attributes = selectAttributes(message.attributes, request.attributeNames)
  const system = selectSystem(message, request.systemNames, now, account)
  const digest = digestAttributes(attributes)
  return {
    MessageId: message.messageId,
    ReceiptHandle: handleOf(message),
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(Object.keys(system).length > 0 && { Attributes: system }),
    ...(digest !== undefined && {
      MD5OfMessageAttributes: digest,
      MessageAttributes: Object.fromEntries([...attributes].map(([name, attribute]) => [name, { ...attribute }])) as JsonObject,
    }),
  }
}

function selectSystem(message: StoredMessage, names: readonly string[], now: Instant, account: string): JsonObject {
  if (names.length === 0) return {}
  const all: Record<string, Json | undefined> = {
    SenderId: account,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receivedBefore + message.receiveCount + 1),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? now),
    SequenceNumber: message.deduplicationId === undefined ? undefined : sequenceNumber(message.id),
    MessageDeduplicationId: message.deduplicationId,
    MessageGroupId: message.groupId,
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.sourceArn,
  }
  const wantsAll = names.includes('All')
  const chosen: Record<string, Json> = {}
  for (const [name, value] of Object.entries(all))
    if (value !== undefined && (wantsAll || names.includes(name))) chosen[name] = value
  return chosen
}

const handleOf = (message: StoredMessage): string =>
  Buffer.from(JSON.stringify([message.id, message.messageId, message.receipt])).toString('base64')

interface Handle {
  readonly id: number
  readonly messageId: string
  readonly receipt: string
}

/** Throws ReceiptHandleIsInvalid for a text that we never gave out. */
export function parseHandle(text: string): Handle {
  try {
    const value: unknown = parseJson(Buffer.from(text, 'base64').toString('utf8'))
    if (Array.isArray(value)) {
      const [id, messageId, receipt]: unknown[] = value
      if (typeof id === 'number' && typeof messageId === 'string' && typeof receipt === 'string')
        return { id, messageId, receipt }
    }
  } catch {}
  throw sqsError('ReceiptHandleIsInvalid', `The input receipt handle "${text}" is not a valid receipt handle.`)
}

/** Removes the message; nothing happens where it is gone already. True when a FIFO group may have come free. */
export function deleteByHandle(messages: Messages, queue: Queue, text: string, now: Instant): void {
  const handle = parseHandle(text)
  const message = messages.find(queue.id, handle.id)
  if (!message) return
  if (queue.isFifo && (message.receipt !== handle.receipt || message.visibleAt <= now)) {
    throw invalidParameter(`Value ${text} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`)
  }
  messages.remove(message.id)
}

export function changeVisibility(messages: Messages, queue: Queue, text: string, seconds: number, now: Instant): void {
  const handle = parseHandle(text)
  const message = messages.find(queue.id, handle.id)
  if (!message) {
    throw invalidParameter(
      `Value ${text} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    )
  }
  if (message.visibleAt <= now || message.receipt === undefined || (queue.isFifo && message.receipt !== handle.receipt)) {
    throw sqsError('MessageNotInflight', 'The specified message is not in flight.')
  }
  messages.setVisibleAt(message.id, now + seconds * 1000)
}
