/**
 * Keys as bytes that sort as DynamoDB sorts keys: numbers by size, texts by their UTF-8, binary as it is. A partition's bytes
 * begin with two of a digest, so that partitions lie in no order that anybody could come to rely on, and segments of a scan are
 * ranges of them.
 */
import { hash } from 'node:crypto'

import { type AttributeValue, decimalOf } from './attribute-value.ts'

export type KeyType = 'S' | 'N' | 'B'

/** Where there is no sort key. */
export const NO_RANGE = Buffer.alloc(0)

/** Of a sort key. */
export function rangeBytes(value: AttributeValue): Buffer {
  if ('S' in value) return Buffer.from(value.S, 'utf8')
  if ('B' in value) return Buffer.from(value.B, 'base64')
  return 'N' in value ? numberBytes(value.N) : NO_RANGE
}

/** Of a partition key. */
export function partitionBytes(value: AttributeValue): Buffer {
  const bytes = rangeBytes(value)
  return Buffer.concat([hash('md5', bytes, 'buffer').subarray(0, 2), bytes])
}

/** Sign, exponent, digits. Of negative ones all is turned round, and an end comes after the digits: -1.23 stands before -1.2. */
function numberBytes(text: string): Buffer {
  const { isNegative, digits, exponent } = decimalOf(text)
  if (digits === '') return Buffer.of(1)
  const power = exponent + 130
  const figures = Array.from(digits, Number)
  return isNegative
    ? Buffer.from([0, 255 - power, ...figures.map((figure) => 10 - figure), 255])
    : Buffer.from([2, power, ...figures.map((figure) => figure + 1)])
}

/** The least bytes that are greater than all which begin with these; undefined where there are none. */
export function successorOf(bytes: Buffer): Buffer | undefined {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0xff) end--
  if (end === 0) return undefined
  const next = Buffer.from(bytes.subarray(0, end))
  next[end - 1] = (next[end - 1] ?? 0) + 1
  return next
}

/** Where a segment of a scan begins; undefined behind the last one. */
export function segmentStart(segment: number, total: number): Buffer | undefined {
  const at = Math.ceil((segment * 65_536) / total)
  return at > 65_535 ? undefined : Buffer.of(at >> 8, at & 255)
}
