/**
 * The API of DynamoDB Streams: streams have one shard, which stays open as long as the stream does.
 * Source: Amazon DynamoDB Streams API reference; texts as DynamoDB answers them.
 */
import type { Clock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'

import { pageTokens } from '../kit/page-token.ts'

import { dynamoError, validationError } from './errors.ts'
import { readInput, type ReadMembers, text, whole } from './shapes.ts'
import { parseSequence, printSequence, type StreamRecords, type StreamRow, toldRecord } from './stream-records.ts'
import { tableName } from './table-settings.ts'

const arn = { min: 37, max: 1024 } as const
const LIST = {
  TableName: { ...tableName, isRequired: false },
  Limit: whole({ min: 1, max: 100 }),
  ExclusiveStartStreamArn: text(arn),
} as const
const DESCRIBE = {
  StreamArn: text({ isRequired: true, ...arn }),
  Limit: whole({ min: 1, max: 100 }),
  ExclusiveStartShardId: text({ min: 28, max: 65 }),
  ShardFilter: { kind: 'json' },
} as const
const ITERATOR = {
  StreamArn: text({ isRequired: true, ...arn }),
  ShardId: text({ isRequired: true, min: 28, max: 65 }),
  ShardIteratorType: text({
    isRequired: true,
    values: ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER', 'TRIM_HORIZON', 'LATEST'],
  }),
  SequenceNumber: text({ min: 21, max: 40 }),
} as const
const RECORDS = { ShardIterator: text({ isRequired: true, min: 1, max: 2048 }), Limit: whole({ min: 1, max: 1000 }) } as const

const ITERATOR_MS = 15 * 60_000
const RECORDS_MAX = 1000
const BYTES_MAX = 1024 * 1024

const ITERATORS = pageTokens('dynamodbstreams', () => validationError('Invalid ShardIterator'))

export class Streams {
  readonly #records: StreamRecords
  readonly #clock: Clock
  readonly operations: ReadonlyMap<string, (input: JsonObject) => JsonObject>

  constructor(records: StreamRecords, clock: Clock) {
    this.#records = records
    this.#clock = clock
    this.operations = new Map([
      ['ListStreams', (input: JsonObject) => this.#list(readInput(LIST, input))],
      ['DescribeStream', (input: JsonObject) => this.#describe(readInput(DESCRIBE, input))],
      ['GetShardIterator', (input: JsonObject) => this.#iterator(readInput(ITERATOR, input))],
      ['GetRecords', (input: JsonObject) => this.#get(readInput(RECORDS, input))],
    ])
  }

  #require(StreamArn: string): StreamRow {
    const stream = this.#records.byArn(StreamArn)
    if (!stream) throw dynamoError('ResourceNotFoundException', `Requested resource not found: Stream: ${StreamArn} not found`)
    return stream
  }

  #list({ TableName, Limit = 100, ExclusiveStartStreamArn = '' }: ReadMembers<typeof LIST>): JsonObject {
    const found = this.#records.all(ExclusiveStartStreamArn, TableName, Limit + 1)
    const page = found.slice(0, Limit)
    const Streams = page.map((stream) => ({
      StreamArn: stream.arn,
      TableName: stream.table_name,
      StreamLabel: stream.arn.split('/stream/')[1] ?? '',
    }))
    return { Streams, ...(found.length > Limit && { LastEvaluatedStreamArn: page.at(-1)?.arn ?? '' }) }
  }

  #describe({ StreamArn, ExclusiveStartShardId }: ReadMembers<typeof DESCRIBE>): JsonObject {
    const stream = this.#require(StreamArn)
    const isClosed = stream.closed_at !== null
    const { last } = this.#records.rangeOf(stream.id)
    const SequenceNumberRange = {
      StartingSequenceNumber: printSequence(0),
      ...(isClosed && { EndingSequenceNumber: printSequence(last ?? 0) }),
    }
    const shard = { ShardId: shardOf(stream), SequenceNumberRange }
    return {
      StreamDescription: {
        StreamArn,
        ...(JSON.parse(stream.description) as JsonObject),
        StreamStatus: isClosed ? 'DISABLED' : 'ENABLED',
        CreationRequestDateTime: stream.made_at / 1000,
        TableName: stream.table_name,
        Shards: ExclusiveStartShardId === undefined ? [shard] : [],
      },
    }
  }

  #iterator({ StreamArn, ShardId, ShardIteratorType: type, SequenceNumber }: ReadMembers<typeof ITERATOR>): JsonObject {
    const stream = this.#require(StreamArn)
    if (ShardId !== shardOf(stream))
      throw dynamoError('ResourceNotFoundException', `Requested resource not found: Shard: ${ShardId} not found`)
    return { ShardIterator: this.#print(stream.id, this.#placeOf(stream.id, type, SequenceNumber)) }
  }

  /** The sequence behind which is read. */
  #placeOf(id: number, type: string, sequenceNumber: string | undefined): number {
    if (type === 'TRIM_HORIZON') return 0
    if (type === 'LATEST') return this.#records.lastSequence()
    const sequence = sequenceNumber === undefined ? undefined : parseSequence(sequenceNumber)
    if (sequence === undefined) throw validationError('Invalid SequenceNumber')
    const { first, last } = this.#records.rangeOf(id)
    if (sequence > 0 && sequence < (first ?? last ?? 0))
      throw dynamoError('TrimmedDataAccessException', 'The operation attempted to read past the oldest stream record in a shard.')
    return type === 'AT_SEQUENCE_NUMBER' ? sequence - 1 : sequence
  }

  #print(id: number, sequence: number): string {
    return ITERATORS.print([id, sequence, this.#clock.now() + ITERATOR_MS])
  }

  #get({ ShardIterator, Limit = RECORDS_MAX }: ReadMembers<typeof RECORDS>): JsonObject {
    const [id = 0, sequence = 0, until = 0] = ITERATORS.parse(ShardIterator).map(Number)
    const stream = this.#records.byId(id)
    if (!stream) throw dynamoError('ResourceNotFoundException', 'Requested resource not found: the stream is gone')
    if (until < this.#clock.now())
      throw dynamoError('ExpiredIteratorException', 'The shard iterator is expired and can no longer be used.')
    const rows = this.#records.after(id, sequence, Limit)
    let bytes = 0
    const shown = rows.filter(({ record }, at) => at === 0 || (bytes += record.length) <= BYTES_MAX)
    const isOver = stream.closed_at !== null && shown.length === rows.length && rows.length < Limit
    const last = shown.at(-1)?.sequence ?? sequence
    return { Records: shown.map(toldRecord), ...(!isOver && { NextShardIterator: this.#print(id, last) }) }
  }
}

/** Of 28 characters at least. */
const shardOf = ({ id, made_at: madeAt }: StreamRow): string =>
  `shardId-${String(madeAt).padStart(20, '0')}-${id.toString(16).padStart(8, '0')}`
