/**
 * The Range header: one range of bytes, from the front or from the end. Several ranges are not served by S3: the whole
 * object is. Source: RFC 9110, section 14.1.2.
 */
import { invalidArgument, invalidRange } from './errors.ts'

export interface ByteRange {
  readonly start: number
  /** Exclusive. */
  readonly end: number
}

/** Undefined where the header does not apply. Throws 416 InvalidRange where no byte of the object is in it. */
export function readRange(header: string | undefined, bytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  if (!match || header === undefined) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), bytes)
    if (length === 0) throw invalidRange(header, bytes)
    return { start: bytes - length, end: bytes }
  }
  const start = Number(first)
  const end = last === '' ? bytes : Math.min(Number(last) + 1, bytes)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= bytes) throw invalidRange(header, bytes)
  return { start, end }
}

/** `x-amz-copy-source-range`: both ends, within the source; undefined where there is none. Throws InvalidArgument. */
export function readCopyRange(header: string | undefined, bytes: number): ByteRange | undefined {
  if (header === undefined) return undefined
  const [, first = '', last = ''] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(header) ?? []
  const refuse = (message: string) => invalidArgument(message, 'x-amz-copy-source-range', header)
  if (first === '' || Number(first) > Number(last))
    throw refuse(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    )
  if (Number(last) >= bytes) throw refuse(`Range specified is not valid for source object of size: ${bytes}`)
  return { start: Number(first), end: Number(last) + 1 }
}

/** The bytes of one part of a multipart object; a plain object is its own only part. */
export function partRange(partNumber: number, bytes: number, partBytes: readonly number[]): ByteRange | undefined {
  const parts = partBytes.length === 0 ? [bytes] : partBytes
  const length = parts[partNumber - 1]
  if (length === undefined) return undefined
  const start = parts.slice(0, partNumber - 1).reduce((sum, one) => sum + one, 0)
  return { start, end: start + length }
}
