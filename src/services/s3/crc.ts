/**
 * The three CRCs of S3, and how the CRC of a whole follows from those of its parts without reading a byte.
 * All are reflected, start from all ones and end inverted. Source: RFC 3385 (CRC-32C), the NVMe base specification
 * (CRC-64/NVME), M. Adler's description of combination in zlib's crc32_combine.
 */
import { crc32 as zlibCrc32 } from 'node:zlib'

export const CRC_POLYNOMIALS = { CRC32: 0xedb88320n, CRC32C: 0x82f63b78n, CRC64NVME: 0x9a6c9329ac4bc9b5n } as const
export type CrcAlgorithm = keyof typeof CRC_POLYNOMIALS

export interface CrcState {
  update(piece: Uint8Array): void
  value(): bigint
}

export function newCrc(algorithm: CrcAlgorithm): CrcState {
  if (algorithm === 'CRC32') return newCrc32()
  return algorithm === 'CRC32C' ? newCrc32c() : newCrc64()
}

function newCrc32(): CrcState {
  let crc = 0
  return { update: (piece) => void (crc = zlibCrc32(piece, crc)), value: () => BigInt(crc >>> 0) }
}

const table32c = makeTable(CRC_POLYNOMIALS.CRC32C)
const table64 = makeTable(CRC_POLYNOMIALS.CRC64NVME)

/** Per byte: low and high 32 bits of its remainder, so that no BigInt is needed while bytes flow. */
function makeTable(polynomial: bigint): { low: Int32Array; high: Int32Array } {
  const low = new Int32Array(256)
  const high = new Int32Array(256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n
    low[byte] = Number(BigInt.asIntN(32, crc))
    high[byte] = Number(BigInt.asIntN(32, crc >> 32n))
  }
  return { low, high }
}

function newCrc32c(): CrcState {
  let crc = -1
  const { low } = table32c
  return {
    update(piece) {
      let c = crc
      for (let i = 0; i < piece.length; i++) c = (low[(c ^ (piece[i] as number)) & 0xff] as number) ^ (c >>> 8)
      crc = c
    },
    value: () => BigInt((crc ^ -1) >>> 0),
  }
}

function newCrc64(): CrcState {
  let [l, h] = [-1, -1]
  const { low, high } = table64
  return {
    update(piece) {
      let [a, b] = [l, h]
      for (let i = 0; i < piece.length; i++) {
        const index = (a ^ (piece[i] as number)) & 0xff
        a = (low[index] as number) ^ ((a >>> 8) | (b << 24))
        b = (high[index] as number) ^ (b >>> 8)
      }
      l = a
      h = b
    },
    value: () => (BigInt((h ^ -1) >>> 0) << 32n) | BigInt((l ^ -1) >>> 0),
  }
}

/** Appends parts one by one: `append(crc of the part, its length)`; `value()` is the CRC of all of them together. */
export function newCrcJoiner(algorithm: CrcAlgorithm): { append(crc: bigint, bytes: number): void; value(): bigint } {
  const polynomial = CRC_POLYNOMIALS[algorithm]
  const width = algorithm === 'CRC64NVME' ? 64n : 32n
  const multiply = (a: bigint, b: bigint): bigint => {
    let [product, factor] = [0n, b]
    for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
      if (a & bit) product ^= factor
      factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n
    }
    return product
  }
  /** x to the power of 8 times the length; parts are mostly equally long. */
  const shifts = new Map<number, bigint>()
  const shiftOf = (bytes: number): bigint => {
    const known = shifts.get(bytes)
    if (known !== undefined) return known
    let [power, square] = [1n << (width - 1n), 1n << (width - 9n)]
    for (let left = BigInt(bytes); left > 0n; left >>= 1n) {
      if (left & 1n) power = multiply(power, square)
      square = multiply(square, square)
    }
    if (shifts.size < 16) shifts.set(bytes, power)
    return power
  }
  let joined = 0n
  return {
    append: (crc, bytes) => void (joined = multiply(shiftOf(bytes), joined) ^ crc),
    value: () => joined,
  }
}
