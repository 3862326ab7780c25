/**
 * From ItemReader settings to a stream of items, in chunks, with bounded memory whatever the size of the dataset.
 * A failure is the last thing in the stream. Reading the same unchanged dataset again gives the same items in the same
 * order, so that a run can go on after a crash with `skip`.
 */
import { ErrorName } from '../base/error-names.ts'
import { type Failure, failure } from '../base/failure.ts'
import { err, ok, type Result } from '../base/result.ts'

import { type Item, ReadFailure } from './item.ts'
import { readContents } from './readers/contents.ts'
import type { Drafts, Read } from './readers/draft.ts'
import { readAthenaManifest, readInventory } from './readers/manifest.ts'
import { listObjects, summaryItem } from './readers/object-list.ts'
import type { ItemReaderSettings } from './settings.ts'
import type { ObjectSource } from './source.ts'

export interface ReadOptions {
  /** Items to leave out at the start; the others keep their index. */
  readonly skip?: number
  /** Items per chunk. */
  readonly chunkItems?: number
  /** Since September 2025 AWS iterates over the members of a JSON object; before, it refused anything but an array. */
  readonly iterateObjects?: boolean
  readonly signal?: AbortSignal
}

/** Chunks of items in order; the last element may be the failure that ended the read. */
export async function* readItems(
  settings: ItemReaderSettings,
  source: ObjectSource,
  options: ReadOptions = {},
): AsyncGenerator<Result<readonly Item[], Failure>> {
  const { skip = 0, chunkItems = 1000, signal } = options
  let chunk: Item[] = []
  let index = 0
  let bytes = 0
  try {
    reading: for await (const drafts of readDrafts(settings, source, options)) {
      for (const draft of drafts) {
        if (index++ >= skip) {
          chunk.push({ index: index - 1, ...draft.item })
          bytes += draft.bytes
        }
        if (index >= settings.itemsMax) break reading
        if (chunk.length < chunkItems && bytes < CHUNK_BYTES) continue
        yield ok(chunk)
        chunk = []
        bytes = 0
        signal?.throwIfAborted()
      }
    }
  } catch (error) {
    yield err(toFailure(error))
    return
  }
  if (chunk.length > 0) yield ok(chunk)
}

const CHUNK_BYTES = 1024 * 1024

function readDrafts(settings: ItemReaderSettings, source: ObjectSource, options: ReadOptions): Drafts {
  const read = { settings, source, iterateObjects: options.iterateObjects ?? true }
  if (settings.itemsMax === 0) return none()
  if (settings.action === 'listObjectsV2') return settings.flatten ? readListed(read) : readSummaries(read)
  if (settings.manifest === 'S3_INVENTORY') return readInventory(read)
  if (settings.manifest === 'ATHENA_DATA') return readAthenaManifest(read)
  return readContents(read, settings.bucket, settings.key)
}

async function* none(): Drafts {}

async function* readSummaries(read: Read): Drafts {
  const origin = `S3://${read.settings.bucket}`
  for await (const summary of listObjects(read)) yield [{ item: { value: summaryItem(summary), source: origin }, bytes: 256 }]
}

/** Transformation LOAD_AND_FLATTEN. The empty objects that consoles make for folders hold no dataset. */
async function* readListed(read: Read): Drafts {
  for await (const { key, size } of listObjects(read)) {
    if (size === 0 && key.endsWith('/')) continue
    yield* readContents(read, read.settings.bucket, key)
  }
}

function toFailure(error: unknown): Failure {
  if (error instanceof ReadFailure) return error.failure
  return failure(ErrorName.ItemReaderFailed, error instanceof Error ? error.message : String(error))
}
