/**
 * Two lists of files that stand for one dataset: an S3 Inventory report (its manifest.json names gzipped CSV files and their
 * columns) and the manifest of an Athena UNLOAD (one `s3://bucket/key` a line, all files of one type, CSV without header).
 * Source: AWS developer guide, "ItemReader (Map)": ManifestType; S3 user guide, "Inventory manifest".
 */
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

import { parseItem, ReadFailure } from '../item.ts'
import { openBody, readContents } from './contents.ts'
import type { Drafts, Read } from './draft.ts'
import { readCsv } from './csv.ts'

const MANIFEST_BYTES_MAX = 64 * 1024 * 1024

export async function* readInventory(read: Read): Drafts {
  const { bucket, key } = read.settings
  const manifest = parseItem(await readText(await openBody(read, bucket, key), key), 'the manifest')
  const format = textAt(manifest, 'fileFormat')
  if (format !== 'CSV')
    throw new ReadFailure(`The S3 inventory report has the format ${format ?? 'null'}; only CSV is supported.`)
  const schema = textAt(manifest, 'fileSchema')
  const files = isObject(manifest) ? getOwn(manifest, 'files') : undefined
  if (schema === undefined || !isArray(files))
    throw new ReadFailure(`The object ${key} is not the manifest of an S3 inventory report.`)
  const reports = textAt(manifest, 'destinationBucket')?.replace(/^arn:[^:]+:s3:::/, '') ?? bucket
  const csv = { headers: schema.split(',').map((name) => name.trim()), delimiter: ',' }
  for (const file of files) {
    const fileKey = textAt(file, 'key')
    if (fileKey === undefined) throw new ReadFailure('The manifest of the S3 inventory report names a file without key.')
    yield* readContents(read, reports, fileKey, csv)
  }
}

export async function* readAthenaManifest(read: Read): Drafts {
  const { bucket, key } = read.settings
  const lines = readCsv(await openBody(read, bucket, key), { headers: ['location'], delimiter: ',' }, '')
  for await (const drafts of lines) {
    for (const { item } of drafts) {
      const location = (textAt(item.value, 'location') ?? '').trim()
      const match = /^s3:\/\/([^/]+)\/(.+)$/i.exec(location)
      if (match?.[1] === undefined || match[2] === undefined) {
        throw new ReadFailure(`The manifest ${key} names ${JSON.stringify(location.slice(0, 200))}, which is no S3 location.`)
      }
      yield* readContents(read, match[1], match[2])
    }
  }
}

function textAt(value: Json, member: string): string | undefined {
  const text = isObject(value) ? getOwn(value, member) : undefined
  return typeof text === 'string' ? text : undefined
}

async function readText(body: AsyncIterable<Uint8Array>, key: string): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body) {
    bytes += piece.length
    if (bytes > MANIFEST_BYTES_MAX) throw new ReadFailure(`The manifest ${key} is too large.`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces, bytes)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
}
