/**
 * Messages of a queue as the event that a function is given, and what its answer means for each of them. Pure.
 * Source: AWS Lambda developer guide, "Using Lambda with Amazon SQS", "Reporting batch item failures", "Properly filtering
 * Amazon SQS messages".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, utf8Length } from '../../base/json.ts'
import { jsonOf, objectOf } from '../../base/json-text.ts'

import { checkPattern, matchesPattern, type PatternDialect } from '../kit/pattern.ts'
import { numericFault } from '../kit/pattern-operators.ts'

import { lambdaError } from './errors.ts'

/** As ReceiveMessage gives it. */
export type Message = JsonObject

const isText = (value: Json): boolean => typeof value === 'string'
const wanted = (isRight: boolean): string | undefined => (isRight ? undefined : 'Invalid filter pattern definition.')

const DIALECT: PatternDialect = {
  refuse: () => invalidFilter(),
  depthMax: 50,
  tooDeep: '',
  fewAlternatives: '',
  emptyPattern: '',
  noOperator: '',
  operators: {
    prefix: (value) => wanted(isText(value)),
    suffix: (value) => wanted(isText(value)),
    'anything-but': (value) => wanted(isText(value) || typeof value === 'number' || isArray(value)),
    numeric: numericFault,
    exists: (value) => wanted(typeof value === 'boolean'),
    'equals-ignore-case': (value) => wanted(isText(value)),
  },
  exists: (found) => (isArray(found) ? found : [found]).some((one) => one !== undefined && !isObject(one)),
  anythingBut: (values, isRefused) => values.some((value) => !isObject(value) && !isRefused(value)),
  seesAbsentObjects: true,
}

const invalidFilter = () => lambdaError('InvalidParameterValueException', 'Invalid filter pattern definition.')

/** AWS's bounds: every message is held against all patterns. */
const FILTERS_MAX = 10
const PATTERN_CHARS_MAX = 4096

/** The patterns of a FilterCriteria; none lets everything through. Throws InvalidParameterValueException. */
export function patternsOf(criteria: JsonObject | undefined): readonly JsonObject[] {
  const given = criteria && getOwn(criteria, 'Filters')
  const filters = isArray(given) ? given : []
  if (filters.length > FILTERS_MAX)
    throw lambdaError('InvalidParameterValueException', `FilterCriteria can have at most ${FILTERS_MAX} Filters.`)
  return filters.map((filter) => {
    const text = isObject(filter) ? getOwn(filter, 'Pattern') : undefined
    const pattern = typeof text === 'string' && text.length <= PATTERN_CHARS_MAX ? objectOf(text) : undefined
    if (!pattern) throw invalidFilter()
    checkPattern(pattern, DIALECT)
    return pattern
  })
}

/** A pattern that looks into the body wants JSON there; one that compares it wants text. */
export function isWanted(message: Message, patterns: readonly JsonObject[]): boolean {
  const record = recordOf(message, '', '')
  return (
    patterns.length === 0 ||
    patterns.some((pattern) => {
      const isDeep = isObject(getOwn(pattern, 'body'))
      const body = isDeep ? jsonIn(record['body']) : record['body']
      return (!isDeep || isObject(body)) && matchesPattern(pattern, { ...record, body: body ?? null }, DIALECT)
    })
  )
}

export interface QueueBatch {
  readonly messages: readonly Message[]
  /** JSON text. */
  readonly event: string
}

/**
 * The messages in their order, in as many events as it takes so that none has more than `bytesMax`; one that is larger by itself
 * stands alone.
 */
export function batchesOf(
  messages: readonly Message[],
  { queueArn, region, bytesMax }: { readonly queueArn: string; readonly region: string; readonly bytesMax: number },
): readonly QueueBatch[] {
  const batches: { messages: Message[]; records: string[]; bytes: number }[] = []
  for (const message of messages) {
    const record = JSON.stringify(recordOf(message, queueArn, region))
    const bytes = utf8Length(record) + 1
    const last = batches.at(-1)
    if (last === undefined || last.bytes + bytes > bytesMax)
      batches.push({ messages: [message], records: [record], bytes: EVENT_BYTES + bytes })
    else {
      last.messages.push(message)
      last.records.push(record)
      last.bytes += bytes
    }
  }
  return batches.map(({ messages, records }) => ({ messages, event: `{"Records":[${records.join(',')}]}` }))
}

const EVENT_BYTES = '{"Records":[]}'.length

function recordOf(message: Message, eventSourceARN: string, awsRegion: string): JsonObject {
  const attributes = getOwn(message, 'MessageAttributes')
  const digest = getOwn(message, 'MD5OfMessageAttributes')
  return {
    messageId: message['MessageId'] ?? null,
    receiptHandle: message['ReceiptHandle'] ?? null,
    body: message['Body'] ?? null,
    attributes: message['Attributes'] ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(isObject(attributes) ? attributes : {}).map(([name, value]) => [name, attributeOf(value)]),
    ),
    ...(digest !== undefined && { md5OfMessageAttributes: digest }),
    md5OfBody: message['MD5OfBody'] ?? null,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  }
}

function attributeOf(value: Json): JsonObject {
  const given = isObject(value) ? value : {}
  const text = getOwn(given, 'StringValue')
  const bytes = getOwn(given, 'BinaryValue')
  return {
    ...(text !== undefined && { stringValue: text }),
    ...(bytes !== undefined && { binaryValue: bytes }),
    stringListValues: [],
    binaryListValues: [],
    dataType: getOwn(given, 'DataType') ?? 'String',
  }
}

/**
 * The messages that are done with: all, unless the function reports failures of single ones. A report that makes no sense
 * (no JSON, an id that is no message's) fails the whole batch.
 */
export function doneOf(messages: readonly Message[], answer: string, reportsFailures: boolean): readonly Message[] {
  if (!reportsFailures) return messages
  const failures = failuresIn(answer)
  const known = new Set(messages.map((message) => message['MessageId']))
  if (failures === undefined || [...failures].some((id) => !known.has(id))) return []
  return messages.filter((message) => !failures.has(message['MessageId'] ?? null))
}

function failuresIn(answer: string): ReadonlySet<Json> | undefined {
  const value = jsonOf(answer)
  if (value === null || value === '') return new Set()
  if (!isObject(value)) return undefined
  const failures = getOwn(value, 'batchItemFailures') ?? []
  if (!isArray(failures)) return undefined
  return new Set(failures.map((failure) => (isObject(failure) ? (getOwn(failure, 'itemIdentifier') ?? null) : null)))
}

const jsonIn = (text: Json | undefined): Json | undefined => (typeof text === 'string' ? jsonOf(text) : undefined)
