/**
 * Apache Parquet as a dataset, one row group at a time, by byte ranges. What JSON has no word for becomes text: dates ISO
 * 8601, bytes base64, integers past 2^53 their digits. Bounds: footer 5 MB, row group 256 MB.
 * Source: AWS developer guide, "ItemReader (Map)": Parquet.
 */
import type { AsyncBuffer } from 'hyparquet'

import { isArray, type Json, setOwn } from '../../base/json.ts'

import { ITEM_BYTES_MAX, ReadFailure, sourceFailureText } from '../item.ts'
import type { Draft, Drafts, Read } from './draft.ts'

const FOOTER_BYTES_MAX = 5 * 1024 * 1024
const ROW_GROUP_BYTES_MAX = 256 * 1024 * 1024
const TAIL_BYTES = 8
/** Rows turned into objects at once; a whole row group as objects may be gigabytes. */
const ROWS_AT_ONCE = 10_000

export async function* readParquet(read: Read, bucket: string, key: string, source: string): Drafts {
  const file = await openRanges(read, bucket, key)
  try {
    // Few ever read Parquet, and the compressions alone take 8 MB of memory.
    const [{ parquetMetadataAsync, parquetReadObjects }, { compressors }] = await Promise.all([
      import('hyparquet'),
      import('hyparquet-compressors'),
    ])
    const metadata = await parquetMetadataAsync(file)
    let start = 0
    for (const group of metadata.row_groups) {
      if (Number(group.total_byte_size) > ROW_GROUP_BYTES_MAX) {
        throw new ReadFailure('A row group of the Parquet file is larger than the limit of 256 MB.')
      }
      const end = start + Number(group.num_rows)
      for (let from = start; from < end; from += ROWS_AT_ONCE) {
        const rowEnd = Math.min(end, from + ROWS_AT_ONCE)
        const rows = await parquetReadObjects({ file, metadata, compressors, rowStart: from, rowEnd })
        for (const row of rows) yield [toDraft(row, source)]
      }
      start = end
    }
  } catch (error) {
    if (error instanceof ReadFailure) throw error
    throw new ReadFailure(`The Parquet file ${key} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function toDraft(row: unknown, source: string): Draft {
  const value = toJson(row)
  const bytes = JSON.stringify(value).length
  if (bytes > ITEM_BYTES_MAX) throw new ReadFailure('An item of the dataset is larger than the limit of 8 MB.')
  return { item: { value, source }, bytes }
}

/** The object by byte ranges; its length and the bound on the footer are known before anything is parsed. */
async function openRanges(read: Read, bucket: string, key: string): Promise<AsyncBuffer> {
  const tail = await readRange(read, bucket, key, 0, 3)
  const byteLength = tail.size
  if (byteLength < 12 || tail.bytes.toString('latin1') !== 'PAR1')
    throw new ReadFailure(`The object ${key} is not a Parquet file.`)
  const end = await readRange(read, bucket, key, byteLength - TAIL_BYTES, byteLength - 1)
  if (end.bytes.readUInt32LE(0) > FOOTER_BYTES_MAX) {
    throw new ReadFailure('The footer of the Parquet file is larger than the limit of 5 MB.')
  }
  return {
    byteLength,
    async slice(start, stop = byteLength) {
      const from = start < 0 ? byteLength + start : start
      const { bytes } = await readRange(read, bucket, key, from, Math.min(stop, byteLength) - 1)
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer
    },
  }
}

async function readRange(read: Read, bucket: string, key: string, start: number, end: number) {
  const { expectedBucketOwner } = read.settings
  const opened = await read.source.open(bucket, key, {
    range: { start, end },
    ...(expectedBucketOwner !== undefined && { expectedBucketOwner }),
  })
  if (!opened.ok) throw new ReadFailure(sourceFailureText(opened.error))
  const wanted = end - start + 1
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of opened.value.body) {
    pieces.push(piece)
    length += piece.length
    if (length > wanted) throw new ReadFailure(`The object ${key} was answered without regard to the byte range.`)
  }
  return { bytes: Buffer.concat(pieces, length), size: opened.value.size }
}

function toJson(value: unknown): Json {
  if (value === undefined || value === null) return null
  if (typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64')
  if (isArray(value)) return value.map(toJson)
  const object: Record<string, Json> = {}
  for (const [name, member] of Object.entries(value)) setOwn(object, name, toJson(member))
  return object
}
