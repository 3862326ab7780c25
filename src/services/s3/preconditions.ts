/**
 * Conditional requests: which of the four headers wins, and what each failure answers.
 * Source: RFC 9110, section 13, and Amazon S3 API reference, GetObject and PutObject ("Conditional requests").
 */
import { conditionalRequestConflict, noSuchKey, notModified, preconditionFailed } from './errors.ts'
import type { ObjectRecord, UploadRecord } from './records.ts'

export interface Preconditions {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
  readonly ifModifiedSince?: string | undefined
  readonly ifUnmodifiedSince?: string | undefined
}

type Compared = Pick<ObjectRecord, 'etag' | 'modifiedMs'>

/** For reads. Throws 412 PreconditionFailed or 304. */
export function checkReadPreconditions(object: Compared, given: Preconditions, nowMs: number): void {
  const failed = failedCondition(object, given, nowMs)
  if (failed === undefined) return
  throw failed === 'If-None-Match' || failed === 'If-Modified-Since'
    ? notModified({ ETag: `"${object.etag}"` })
    : preconditionFailed(failed)
}

/** For the source of a copy, where "not modified" is a failure like the others. */
export function checkCopyPreconditions(object: Compared, given: Preconditions, nowMs: number): void {
  const failed = failedCondition(object, given, nowMs)
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

/**
 * For the end of a multipart upload, after the conditions of every write: what the key named when the upload was begun must be
 * what the condition is about. Throws 409 ConditionalRequestConflict.
 */
export function checkUploadPreconditions(
  { key, initiatedMs, replaces }: Pick<UploadRecord, 'key' | 'initiatedMs' | 'replaces'>,
  current: Compared | undefined,
  given: Preconditions,
): void {
  if (given.ifMatch !== undefined && current && (current.etag !== replaces || current.modifiedMs > initiatedMs))
    throw conditionalRequestConflict('If-Match', key)
  if (given.ifNoneMatch !== undefined && !current && replaces !== undefined)
    throw conditionalRequestConflict('If-None-Match', key)
}

/** A date that is still to come says nothing about what was modified since. */
function failedCondition(object: Compared, given: Preconditions, nowMs: number): string | undefined {
  if (given.ifMatch !== undefined) {
    if (!matches(given.ifMatch, object.etag)) return 'If-Match'
  } else {
    const unmodifiedSince = httpDate(given.ifUnmodifiedSince)
    if (unmodifiedSince !== undefined && object.modifiedMs > unmodifiedSince) return 'If-Unmodified-Since'
  }
  if (given.ifNoneMatch !== undefined) return matches(given.ifNoneMatch, object.etag) ? 'If-None-Match' : undefined
  const modifiedSince = httpDate(given.ifModifiedSince)
  const isUnmodified = modifiedSince !== undefined && modifiedSince <= nowMs && object.modifiedMs <= modifiedSince
  return isUnmodified ? 'If-Modified-Since' : undefined
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
