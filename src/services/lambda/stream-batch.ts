/**
 * What an answer means for a batch of a stream, whose records are taken in their order. Pure.
 * Source: AWS Lambda developer guide, "Retain discarded batch records for a DynamoDB event source", "Configuring partial batch
 * response with DynamoDB and Lambda".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { failedItems } from './queue-batch.ts'

/** As GetRecords gives it. */
export type StreamRecord = JsonObject

export function sequenceOf(record: StreamRecord): string {
  const change = getOwn(record, 'dynamodb')
  return String((isObject(change) ? getOwn(change, 'SequenceNumber') : undefined) ?? '')
}

/** Seconds since 1970 at which it was written. */
export function writtenAt(record: StreamRecord): number {
  const change = getOwn(record, 'dynamodb')
  return Number((isObject(change) ? getOwn(change, 'ApproximateCreationDateTime') : undefined) ?? 0)
}

/** How many records from the beginning on are done with, where the function reports the first that it failed. */
export function doneCount(records: readonly StreamRecord[], answer: string, reportsFailures: boolean): number {
  if (!reportsFailures) return records.length
  const failed = failedItems(answer)
  if (failed === undefined) return 0
  if (failed.size === 0) return records.length
  const places = [...failed].map((id: Json) => records.findIndex((record) => sequenceOf(record) === id))
  return places.some((place) => place < 0) ? 0 : Math.min(...places)
}

export interface GivenUp {
  readonly requestId: string
  readonly functionArn: string
  readonly streamArn: string
  readonly shardId: string
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded'
  readonly invokeCount: number
  readonly records: readonly StreamRecord[]
  readonly at: number
}

/** The record that is told of a batch that was given up: where it is, not what is in it. */
export function givenUpRecord({
  requestId,
  functionArn,
  streamArn,
  shardId,
  condition,
  invokeCount,
  records,
  at,
}: GivenUp): JsonObject {
  const [first, last] = [records[0] ?? {}, records.at(-1) ?? {}]
  const arrival = (record: StreamRecord) => new Date(writtenAt(record) * 1000).toISOString()
  return {
    requestContext: { requestId, functionArn, condition, approximateInvokeCount: invokeCount },
    ...(invokeCount > 0 && { responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' } }),
    version: '1.0',
    timestamp: new Date(at).toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: sequenceOf(first),
      endSequenceNumber: sequenceOf(last),
      approximateArrivalOfFirstRecord: arrival(first),
      approximateArrivalOfLastRecord: arrival(last),
      batchSize: records.length,
      streamArn,
    },
  }
}
