/**
 * Which bucket names and keys S3 takes.
 * Source: Amazon S3 user guide, "Bucket naming rules" and "Naming Amazon S3 objects".
 */
import { utf8Length } from '../../base/json.ts'

import { invalidBucketName, keyTooLong } from './errors.ts'

const BUCKET = /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/
const RESERVED_STARTS = ['xn--', 'sthree-', 'amzn-s3-demo-']
const RESERVED_ENDS = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3']
const KEY_BYTES_MAX = 1024

export function isBucketName(name: string): boolean {
  return (
    BUCKET.test(name) &&
    !name.includes('..') &&
    !IPV4.test(name) &&
    !RESERVED_STARTS.some((start) => name.startsWith(start)) &&
    !RESERVED_ENDS.some((end) => name.endsWith(end))
  )
}

/** Throws InvalidBucketName. */
export function checkBucketName(name: string): void {
  if (!isBucketName(name)) throw invalidBucketName(name)
}

/** Throws KeyTooLongError. Any text of 1 to 1,024 bytes is a key: no key is ever a path of ours. */
export function checkKey(key: string): void {
  const bytes = utf8Length(key)
  if (bytes > KEY_BYTES_MAX) throw keyTooLong(bytes)
}
