/**
 * What a mapping of a queue or a stream to a function says, and how the API shows it.
 * Source: AWS Lambda API reference, CreateEventSourceMapping, UpdateEventSourceMapping.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { isQueueArn } from '../../aws/paths.ts'

import { picked } from '../kit/input.ts'
import { patternsOf } from '../kit/source-filter.ts'

import { constraintError, lambdaError } from './errors.ts'
import { readDestination } from './event-invoke-configs.ts'
import { readText, readTexts, readWhole } from './input.ts'
import { readOneOf } from './kept-settings.ts'

export interface EventSource {
  readonly uuid: string
  /** Of the queue or the stream. */
  readonly sourceArn: string
  /** With the qualifier that it was made with. */
  readonly functionArn: string
  readonly isEnabled: boolean
  readonly batchSize: number
  readonly windowSeconds: number
  readonly reportsFailures: boolean
  readonly filterCriteria?: JsonObject | undefined
  readonly maximumConcurrency?: number | undefined
  /** Of a stream alone. */
  readonly stream?: StreamSettings | undefined
  /** Members that are kept and shown, and change nothing here. */
  readonly kept?: JsonObject | undefined
  readonly lastModifiedMs: number
  readonly tags?: Readonly<Record<string, string>> | undefined
}

export interface StreamSettings {
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST'
  /** After a failure of a batch; -1 for as often as it takes. */
  readonly retryAttempts: number
  /** Older records are given up; -1 for none. */
  readonly recordAgeSeconds: number
  /** Whether the halves of a batch that failed are tried apart. */
  readonly bisects: boolean
  /** Who is told of batches that were given up. */
  readonly onFailure?: string | undefined
}

export type SourceSettings = Pick<
  EventSource,
  'isEnabled' | 'batchSize' | 'windowSeconds' | 'reportsFailures' | 'filterCriteria' | 'maximumConcurrency' | 'stream' | 'kept'
>

const QUEUE_SOURCE: SourceSettings = { isEnabled: true, batchSize: 10, windowSeconds: 0, reportsFailures: false }
const STREAM_SOURCE: SourceSettings = { ...QUEUE_SOURCE, batchSize: 100 }

export const defaultSource = (sourceArn: string): SourceSettings => (isStreamArn(sourceArn) ? STREAM_SOURCE : QUEUE_SOURCE)

const QUEUE_BATCH_WITHOUT_WINDOW_MAX = 10
const KEPT = [
  'KMSKeyArn',
  'MetricsConfig',
  'LoggingConfig',
  'ProvisionedPollerConfig',
  'ParallelizationFactor',
  'TumblingWindowInSeconds',
]
const refuse = (message: string) => lambdaError('InvalidParameterValueException', message)

export const isStreamArn = (arn: string): boolean =>
  /^arn:aws[\w-]*:dynamodb:[\w-]+:\d{12}:table\/[\w.-]+\/stream\/[\w:.-]+$/.test(arn)

/** The patterns of a mapping. Throws AWS's refusals. */
export const filtersOf = (criteria: JsonObject | undefined): readonly JsonObject[] => patternsOf(criteria, refuse)

/** A member that is absent keeps what `before` says. Throws AWS's refusals. */
export function readSourceSettings(input: JsonObject, before: SourceSettings, sourceArn: string): SourceSettings {
  const enabled = getOwn(input, 'Enabled')
  const types = readTexts(input, 'FunctionResponseTypes')
  const criteria = getOwn(input, 'FilterCriteria')
  const scaling = getOwn(input, 'ScalingConfig')
  const given = picked(input, KEPT)
  const isStream = isStreamArn(sourceArn)
  const settings: SourceSettings = {
    isEnabled: typeof enabled === 'boolean' ? enabled : before.isEnabled,
    batchSize: readWhole(input, 'BatchSize', 1, 10_000) ?? before.batchSize,
    windowSeconds: readWhole(input, 'MaximumBatchingWindowInSeconds', 0, 300) ?? before.windowSeconds,
    reportsFailures: types === undefined ? before.reportsFailures : types.includes('ReportBatchItemFailures'),
    filterCriteria: isObject(criteria) ? criteria : before.filterCriteria,
    maximumConcurrency: isObject(scaling) ? readWhole(scaling, 'MaximumConcurrency', 2, 1000) : before.maximumConcurrency,
    ...(isStream && { stream: readStreamSettings(input, before.stream) }),
    kept: Object.keys(given).length === 0 ? before.kept : { ...before.kept, ...given },
  }
  filtersOf(settings.filterCriteria)
  if (isStream) return settings
  const isFifo = sourceArn.endsWith('.fifo')
  if (isFifo && settings.windowSeconds > 0) throw refuse('Batching window is not supported for FIFO queues')
  if (settings.batchSize > QUEUE_BATCH_WITHOUT_WINDOW_MAX && settings.windowSeconds === 0) {
    throw refuse('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10')
  }
  return settings
}

function readStreamSettings(input: JsonObject, before: StreamSettings | undefined): StreamSettings {
  const bisects = getOwn(input, 'BisectBatchOnFunctionError')
  const destinations = getOwn(input, 'DestinationConfig')
  if (before === undefined && getOwn(input, 'StartingPosition') === 'AT_TIMESTAMP')
    throw refuse('Unsupported starting position for arn type: AT_TIMESTAMP is for streams of Kinesis.')
  return {
    startingPosition: before?.startingPosition ?? readOneOf(input, 'StartingPosition', ['TRIM_HORIZON', 'LATEST']),
    retryAttempts: readWhole(input, 'MaximumRetryAttempts', -1, 10_000) ?? before?.retryAttempts ?? -1,
    recordAgeSeconds: readAge(input) ?? before?.recordAgeSeconds ?? -1,
    bisects: typeof bisects === 'boolean' ? bisects : (before?.bisects ?? false),
    onFailure: isObject(destinations) ? readDestination(destinations, 'OnFailure', '') : before?.onFailure,
  }
}

function readAge(input: JsonObject): number | undefined {
  const seconds = readWhole(input, 'MaximumRecordAgeInSeconds', -1, 604_800)
  if (seconds === undefined || seconds === -1 || seconds >= 60) return seconds
  throw constraintError(seconds, 'maximumRecordAgeInSeconds', 'Member must be -1, or have value greater than or equal to 60')
}

/** The ARN of the queue or the stream. Throws for a source that is none. */
export function readSourceArn(input: JsonObject): string {
  const arn = readText(input, 'EventSourceArn') ?? ''
  if (isQueueArn(arn) || isStreamArn(arn)) return arn
  const what = /^arn:[^:]+:kinesis:/.test(arn) ? 'There is no Kinesis here: ' : ''
  throw refuse(`Unrecognized event source. ${what}Regente polls queues of SQS and streams of DynamoDB alone.`)
}

export type Transition = 'Creating' | 'Enabling' | 'Disabling' | 'Updating' | 'Deleting'

export function renderSource(source: EventSource, state?: Transition): JsonObject {
  const [, partition = 'aws', , region = '', account = ''] = source.functionArn.split(':')
  const filters = source.filterCriteria && getOwn(source.filterCriteria, 'Filters')
  return {
    UUID: source.uuid,
    BatchSize: source.batchSize,
    MaximumBatchingWindowInSeconds: source.windowSeconds,
    EventSourceArn: source.sourceArn,
    ...(isArray(filters) && filters.length > 0 && { FilterCriteria: { Filters: filters } }),
    FunctionArn: source.functionArn,
    LastModified: source.lastModifiedMs / 1000,
    State: state ?? (source.isEnabled ? 'Enabled' : 'Disabled'),
    StateTransitionReason: source.stream ? 'User action' : 'USER_INITIATED',
    FunctionResponseTypes: source.reportsFailures ? ['ReportBatchItemFailures'] : [],
    ...(source.maximumConcurrency !== undefined && { ScalingConfig: { MaximumConcurrency: source.maximumConcurrency } }),
    ...(source.stream && renderStream(source.stream)),
    ...source.kept,
    EventSourceMappingArn: `arn:${partition}:lambda:${region}:${account}:event-source-mapping:${source.uuid}`,
  }
}

function renderStream({ startingPosition, retryAttempts, recordAgeSeconds, bisects, onFailure }: StreamSettings): JsonObject {
  const told: Json = onFailure === undefined ? {} : { Destination: onFailure }
  return {
    StartingPosition: startingPosition,
    ParallelizationFactor: 1,
    TumblingWindowInSeconds: 0,
    MaximumRetryAttempts: retryAttempts,
    MaximumRecordAgeInSeconds: recordAgeSeconds,
    BisectBatchOnFunctionError: bisects,
    DestinationConfig: { OnFailure: told },
    LastProcessingResult: 'No records processed',
  }
}
