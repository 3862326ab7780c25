/**
 * Conditional requests: which of the four headers wins, and what each failure answers.
 * Source: RFC 9110, section 13, and Amazon S3 API reference, GetObject and PutObject ("Conditional requests").
 */
import { noSuchKey, notModified, preconditionFailed } from './errors.ts'
import type { ObjectRecord } from './records.ts'

export interface Preconditions {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
  readonly ifModifiedSince?: string | undefined
  readonly ifUnmodifiedSince?: string | undefined
}

type Compared = Pick<ObjectRecord, 'etag' | 'modifiedMs'>

/** For reads. Throws 412 PreconditionFailed or 304. */
export function checkReadPreconditions(object: Compared, given: Preconditions): void {
  const failed = failedCondition(object, given)
  if (failed === undefined) return
  throw failed === 'If-None-Match' || failed === 'If-Modified-Since'
    ? notModified({ ETag: `"${object.etag}"` })
    : preconditionFailed(failed)
}

/** For the source of a copy, where "not modified" is a failure like the others. */
export function checkCopyPreconditions(object: Compared, given: Preconditions): void {
  const failed = failedCondition(object, given)
  if (failed !== undefined) throw preconditionFailed(`x-amz-copy-source-${failed}`)
}

/** For writes and deletes over what is there now. Throws 404 NoSuchKey (If-Match on nothing) or 412. */
export function checkWritePreconditions(key: string, current: Compared | undefined, given: Preconditions): void {
  if (given.ifMatch !== undefined) {
    if (!current) throw noSuchKey(key)
    if (!matches(given.ifMatch, current.etag)) throw preconditionFailed('If-Match')
  }
  if (given.ifNoneMatch !== undefined && current && matches(given.ifNoneMatch, current.etag)) {
    throw preconditionFailed('If-None-Match')
  }
}

function failedCondition(object: Compared, given: Preconditions): string | undefined {
  if (given.ifMatch !== undefined) {
    if (!matches(given.ifMatch, object.etag)) return 'If-Match'
  } else {
    const unmodifiedSince = httpDate(given.ifUnmodifiedSince)
    if (unmodifiedSince !== undefined && object.modifiedMs > unmodifiedSince) return 'If-Unmodified-Since'
  }
  if (given.ifNoneMatch !== undefined) return matches(given.ifNoneMatch, object.etag) ? 'If-None-Match' : undefined
  const modifiedSince = httpDate(given.ifModifiedSince)
  return modifiedSince !== undefined && object.modifiedMs <= modifiedSince ? 'If-Modified-Since' : undefined
}

/** A list of entity tags, weak or quoted or bare, or `*`. */
function matches(list: string, etag: string): boolean {
  return list.split(',').some((one) => {
    const tag = one.trim().replace(/^W\//, '').replace(/^"|"$/g, '')
    return tag === '*' || tag === etag
  })
}

function httpDate(text: string | undefined): number | undefined {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? undefined : ms
}
