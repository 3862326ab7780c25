/**
 * Messages of a queue as the event that a function is given, and what its answer means for each of them. Pure.
 * Source: AWS Lambda developer guide, "Using Lambda with Amazon SQS", "Reporting batch item failures".
 */
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { type Message, queueRecord } from '../kit/queue-records.ts'

import { eventsOf } from './source-events.ts'

export interface QueueBatch {
  readonly messages: readonly Message[]
  /** JSON text. */
  readonly event: string
}

/** The messages in as many events as it takes. */
export const batchesOf = (
  messages: readonly Message[],
  { queueArn, region, bytesMax }: { readonly queueArn: string; readonly region: string; readonly bytesMax: number },
): readonly QueueBatch[] =>
  eventsOf(messages, (message) => queueRecord(message, queueArn, region), bytesMax).map(({ items, event }) => ({
    messages: items,
    event,
  }))

/**
 * The messages that are done with: all, unless the function reports failures of single ones. A report that makes no sense
 * (no JSON, an id that is no message's) fails the whole batch.
 */
export function doneOf(messages: readonly Message[], answer: string, reportsFailures: boolean): readonly Message[] {
  if (!reportsFailures) return messages
  const failures = failedItems(answer)
  const known = new Set(messages.map((message) => message['MessageId']))
  if (failures === undefined || [...failures].some((id) => !known.has(id))) return []
  return messages.filter((message) => !failures.has(message['MessageId'] ?? null))
}

/** The ids that an answer reports as failed. Undefined for a report that makes no sense. */
export function failedItems(answer: string): ReadonlySet<Json> | undefined {
  const value = jsonOf(answer)
  if (value === null || value === '') return new Set()
  if (!isObject(value)) return undefined
  const failures = getOwn(value, 'batchItemFailures') ?? []
  if (!isArray(failures)) return undefined
  return new Set(failures.map((failure) => (isObject(failure) ? (getOwn(failure, 'itemIdentifier') ?? null) : null)))
}
