/**
 * `s3:listObjectsV2` as a dataset: one item per object, its metadata as AWS spells it (recorded case list-objects-v2).
 * Every object under the prefix counts, the empty ones that consoles make for folders included.
 */
import type { JsonObject } from '../../base/json.ts'

import { ReadFailure, sourceFailureText } from '../item.ts'
import type { ObjectSummary } from '../source.ts'
import type { Read } from './draft.ts'

export async function* listObjects({ settings, source }: Read): AsyncGenerator<ObjectSummary> {
  const { prefix, startAfter, expectedBucketOwner } = settings
  const pages = source.list(settings.bucket, {
    ...(prefix !== undefined && { prefix }),
    ...(startAfter !== undefined && { startAfter }),
    ...(expectedBucketOwner !== undefined && { expectedBucketOwner }),
  })
  for await (const page of pages) {
    if (!page.ok) throw new ReadFailure(sourceFailureText(page.error))
    yield* page.value
  }
}

export const summaryItem = (object: ObjectSummary): JsonObject => ({
  Etag: object.etag,
  Key: object.key,
  LastModified: object.lastModified,
  Size: object.size,
  StorageClass: object.storageClass,
})
