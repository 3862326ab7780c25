/**
 * The port through which items reach object storage: list, open, write. Implemented over S3's protocol by tasks/, and by
 * plain maps in tests. Errors that the service answers are values with AWS's codes; a body that breaks half-way throws.
 */
import type { Result } from '../base/result.ts'

export interface ObjectSource {
  /** All objects in the order of their keys, page by page. The first error ends the listing. */
  list(bucket: string, options: ListOptions): AsyncIterable<Result<readonly ObjectSummary[], SourceError>>
  /** The body must be read to its end, or its iterator returned. */
  open(bucket: string, key: string, options?: OpenOptions): Promise<Result<OpenedObject, SourceError>>
  write(bucket: string, key: string, body: ObjectBody, contentType: string): Promise<Result<WrittenObject, SourceError>>
}

export interface ListOptions {
  readonly prefix?: string
  readonly startAfter?: string
  readonly expectedBucketOwner?: string
}

export interface ObjectSummary {
  readonly key: string
  /** With its quotes, as S3 spells it. */
  readonly etag: string
  /** Epoch seconds. */
  readonly lastModified: number
  readonly size: number
  readonly storageClass: string
}

export interface OpenOptions {
  readonly versionId?: string
  readonly expectedBucketOwner?: string
  /** Bytes `start` to `end`, both included. */
  readonly range?: { readonly start: number; readonly end: number }
}

export interface OpenedObject {
  readonly body: AsyncIterable<Uint8Array>
  readonly contentType: string | undefined
  /** Of the whole object, also when a range was asked for. */
  readonly size: number
  readonly etag: string | undefined
}

/** A stream says its length beforehand: S3 takes no body of unknown length. */
export type ObjectBody = Uint8Array | { readonly stream: AsyncIterable<Uint8Array>; readonly bytes: number }

export interface WrittenObject {
  readonly etag: string | undefined
  readonly size: number
}

/** `code` as S3 spells it: NoSuchBucket, NoSuchKey, AccessDenied ... */
export interface SourceError {
  readonly code: string
  readonly message: string
  readonly status?: number
}
