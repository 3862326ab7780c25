/**
 * The object that a copy reads: `x-amz-copy-source: /bucket/key`, percent-encoded, with its own preconditions.
 * Source: Amazon S3 API reference, CopyObject and UploadPartCopy.
 */
import { decodeSegment, headerOf } from '../../wire/http.ts'

import type { Call } from './call.ts'
import { checkCustomerKey, readCustomerKey } from './customer-key.ts'
import { invalidArgument } from './errors.ts'
import { readPreconditions } from './headers.ts'
import { checkCopyPreconditions } from './preconditions.ts'
import type { OpenObject } from './service.ts'

export interface CopySource extends OpenObject {
  readonly bucket: string
  readonly isVersionNamed: boolean
}

/** Open, its preconditions checked. Close it. Throws InvalidArgument, NoSuchBucket, NoSuchKey, PreconditionFailed. */
export function openCopySource(call: Call): CopySource {
  const { bucket, ...name } = parseCopySource(headerOf(call.req.headers, 'x-amz-copy-source') ?? '')
  const source = call.service.openObject(bucket, name)
  try {
    const { headers } = call.req
    checkCustomerKey(source.record.headers, readCustomerKey(headers, 'source'))
    checkCopyPreconditions(source.record, readPreconditions(headers, 'x-amz-copy-source-'), call.service.nowMs())
  } catch (error) {
    source.close()
    throw error
  }
  return { ...source, bucket, isVersionNamed: name.version !== undefined }
}

function parseCopySource(text: string): { bucket: string; key: string; version: string | undefined } {
  const [path = '', version] = text.split(/\?versionId=/, 2)
  const decoded = decodeSegment(path)?.replace(/^\//, '') ?? ''
  const slash = decoded.indexOf('/')
  if (slash < 1 || slash === decoded.length - 1) {
    throw invalidArgument('Invalid copy source object key', 'x-amz-copy-source', text.slice(0, 1024))
  }
  return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1), version: version === '' ? undefined : version }
}
