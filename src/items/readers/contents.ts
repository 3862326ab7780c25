/** One object as a dataset: opens it, unpacks it by the suffix of its key, and hands it to the reader of its format. */
import { pipeline, Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

import { OBJECT_BYTES_MAX, ReadFailure, sourceFailureText } from '../item.ts'
import type { CsvSettings } from '../settings.ts'
import { readCsv } from './csv.ts'
import type { Drafts, Read } from './draft.ts'
import { readJson } from './json.ts'
import { readJsonLines } from './json-lines.ts'
import { readParquet } from './parquet.ts'

/** `csv` replaces the settings' own, for files whose header stands elsewhere. */
export async function* readContents(read: Read, bucket: string, key: string, csv: CsvSettings = read.settings.csv): Drafts {
  const { settings } = read
  const origin = `S3://${bucket}/${key}`
  if (settings.inputType === 'PARQUET') return yield* readParquet(read, bucket, key, origin)
  const body = await openBody(read, bucket, key)
  if (settings.inputType === 'CSV') return yield* readCsv(body, csv, origin)
  if (settings.inputType === 'JSONL') return yield* readJsonLines(body, origin)
  yield* readJson(body, settings.pointer, read.iterateObjects, origin)
}

/** The unpacked bytes of an object. */
export async function openBody(read: Read, bucket: string, key: string): Promise<AsyncIterable<Uint8Array>> {
  const { versionId, expectedBucketOwner } = read.settings
  const opened = await read.source.open(bucket, key, {
    ...(versionId !== undefined && key === read.settings.key && { versionId }),
    ...(expectedBucketOwner !== undefined && { expectedBucketOwner }),
  })
  if (!opened.ok) throw new ReadFailure(sourceFailureText(opened.error))
  const { size, body } = opened.value
  if (size > OBJECT_BYTES_MAX) throw new ReadFailure(`The object ${key} is larger than the limit of 10 GB.`)
  if (/\.gz(ip)?$/i.test(key)) return unpack(body, createGunzip(), key)
  if (/\.zstd?$/i.test(key)) return unpack(body, createZstdDecompress(), key)
  return body
}

async function* unpack(
  body: AsyncIterable<Uint8Array>,
  unpacker: NodeJS.ReadWriteStream & AsyncIterable<Uint8Array | string>,
  key: string,
): AsyncGenerator<Uint8Array> {
  // The callback form: a broken body destroys the unpacker, whose iteration then throws.
  pipeline(Readable.from(body), unpacker, () => {})
  try {
    for await (const piece of unpacker) yield piece as Uint8Array
  } catch (error) {
    throw new ReadFailure(`The object ${key} cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`)
  }
}
