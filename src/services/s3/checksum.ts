/**
 * Checksums as S3 keeps them: one algorithm per object, in base64, over the whole object or composed of its parts'.
 * Source: Amazon S3 user guide, "Checking object integrity in Amazon S3".
 */
import { createHash, type Hash } from 'node:crypto'

import { newCrc, newCrcJoiner } from './crc.ts'

export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number]
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  /** Base64; composed ones end in `-` and the number of parts. */
  readonly value: string
  readonly type: ChecksumType
}

export interface ChecksumState {
  update(piece: Uint8Array): void
  /** Base64. Once. */
  value(): string
}

export const isChecksumAlgorithm = (text: string): text is ChecksumAlgorithm =>
  (CHECKSUM_ALGORITHMS as readonly string[]).includes(text)

export const checksumHeader = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`
/** `ChecksumCRC32`, the name in XML. */
export const checksumElement = (algorithm: ChecksumAlgorithm): string => `Checksum${algorithm}`

export const checksumBytes = (algorithm: ChecksumAlgorithm): number =>
  ({ CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 })[algorithm]

export function newChecksum(algorithm: ChecksumAlgorithm): ChecksumState {
  if (algorithm === 'SHA1' || algorithm === 'SHA256') return hashState(createHash(algorithm.toLowerCase()))
  const crc = newCrc(algorithm)
  return { update: (piece) => crc.update(piece), value: () => crcToBase64(crc.value(), checksumBytes(algorithm)) }
}

const hashState = (hash: Hash): ChecksumState => ({
  update: (piece) => void hash.update(piece),
  value: () => hash.digest('base64'),
})

const crcToBase64 = (crc: bigint, bytes: number): string =>
  Buffer.from(crc.toString(16).padStart(bytes * 2, '0'), 'hex').toString('base64')
const crcFromBase64 = (text: string): bigint => BigInt(`0x0${Buffer.from(text, 'base64').toString('hex')}`)

/** What S3 computes where nobody has asked for a checksum. */
export const DEFAULT_ALGORITHM: ChecksumAlgorithm = 'CRC64NVME'

/** CRC64NVME exists for whole objects only; the others are composed unless the caller asked otherwise. */
export const defaultChecksumType = (algorithm: ChecksumAlgorithm): ChecksumType =>
  algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE'

/** The checksum of a multipart object from those of its parts, in order. */
export function joinChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly { readonly value: string; readonly bytes: number }[],
): Checksum {
  if (type === 'COMPOSITE' || algorithm === 'SHA1' || algorithm === 'SHA256') {
    const whole = newChecksum(algorithm)
    for (const part of parts) whole.update(Buffer.from(part.value, 'base64'))
    return { algorithm, type: 'COMPOSITE', value: `${whole.value()}-${parts.length}` }
  }
  const joiner = newCrcJoiner(algorithm)
  for (const part of parts) joiner.append(crcFromBase64(part.value), part.bytes)
  return { algorithm, type, value: crcToBase64(joiner.value(), checksumBytes(algorithm)) }
}
