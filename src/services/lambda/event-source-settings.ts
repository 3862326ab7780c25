/**
 * What a mapping of a queue to a function says, and how the API shows it.
 * Source: AWS Lambda API reference, CreateEventSourceMapping, UpdateEventSourceMapping.
 */
import { getOwn, isArray, isObject, type JsonObject } from '../../base/json.ts'

import { isQueueArn } from '../../aws/paths.ts'

import { lambdaError } from './errors.ts'
import { readText, readTexts, readWhole } from './input.ts'
import { patternsOf } from './queue-batch.ts'

export interface EventSource {
  readonly uuid: string
  readonly queueArn: string
  /** With the qualifier that it was made with. */
  readonly functionArn: string
  readonly isEnabled: boolean
  readonly batchSize: number
  readonly windowSeconds: number
  readonly reportsFailures: boolean
  readonly filterCriteria?: JsonObject | undefined
  readonly maximumConcurrency?: number | undefined
  readonly lastModifiedMs: number
  readonly tags?: Readonly<Record<string, string>> | undefined
}

export type SourceSettings = Pick<
  EventSource,
  'isEnabled' | 'batchSize' | 'windowSeconds' | 'reportsFailures' | 'filterCriteria' | 'maximumConcurrency'
>

export const DEFAULT_SOURCE: SourceSettings = { isEnabled: true, batchSize: 10, windowSeconds: 0, reportsFailures: false }

const BATCH_WITHOUT_WINDOW_MAX = 10
const refuse = (message: string) => lambdaError('InvalidParameterValueException', message)

/** A member that is absent keeps what `before` says. Throws AWS's refusals. */
export function readSourceSettings(input: JsonObject, before: SourceSettings, queueArn: string): SourceSettings {
  const enabled = getOwn(input, 'Enabled')
  const types = readTexts(input, 'FunctionResponseTypes')
  const criteria = getOwn(input, 'FilterCriteria')
  const scaling = getOwn(input, 'ScalingConfig')
  const settings: SourceSettings = {
    isEnabled: typeof enabled === 'boolean' ? enabled : before.isEnabled,
    batchSize: readWhole(input, 'BatchSize', 1, 10_000) ?? before.batchSize,
    windowSeconds: readWhole(input, 'MaximumBatchingWindowInSeconds', 0, 300) ?? before.windowSeconds,
    reportsFailures: types === undefined ? before.reportsFailures : types.includes('ReportBatchItemFailures'),
    filterCriteria: isObject(criteria) ? criteria : before.filterCriteria,
    maximumConcurrency: isObject(scaling) ? readWhole(scaling, 'MaximumConcurrency', 2, 1000) : before.maximumConcurrency,
  }
  patternsOf(settings.filterCriteria)
  const isFifo = queueArn.endsWith('.fifo')
  if (isFifo && settings.windowSeconds > 0) throw refuse('Batching window is not supported for FIFO queues')
  if (settings.batchSize > BATCH_WITHOUT_WINDOW_MAX && settings.windowSeconds === 0) {
    throw refuse('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10')
  }
  return settings
}

/** The ARN of the queue. Throws for a source that is none. */
export function readQueueArn(input: JsonObject): string {
  const arn = readText(input, 'EventSourceArn') ?? ''
  if (!isQueueArn(arn)) throw refuse('Unrecognized event source. Regente polls queues of SQS alone.')
  return arn
}

export function renderSource(source: EventSource, state?: 'Creating' | 'Updating' | 'Deleting'): JsonObject {
  const [, partition = 'aws', , region = '', account = ''] = source.functionArn.split(':')
  const filters = source.filterCriteria && getOwn(source.filterCriteria, 'Filters')
  return {
    UUID: source.uuid,
    BatchSize: source.batchSize,
    MaximumBatchingWindowInSeconds: source.windowSeconds,
    EventSourceArn: source.queueArn,
    ...(isArray(filters) && filters.length > 0 && { FilterCriteria: { Filters: filters } }),
    FunctionArn: source.functionArn,
    LastModified: source.lastModifiedMs / 1000,
    State: state ?? (source.isEnabled ? 'Enabled' : 'Disabled'),
    StateTransitionReason: 'USER_INITIATED',
    FunctionResponseTypes: source.reportsFailures ? ['ReportBatchItemFailures'] : [],
    ...(source.maximumConcurrency !== undefined && { ScalingConfig: { MaximumConcurrency: source.maximumConcurrency } }),
    EventSourceMappingArn: `arn:${partition}:lambda:${region}:${account}:event-source-mapping:${source.uuid}`,
  }
}
