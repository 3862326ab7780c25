/**
 * SHA-512 and SHA-384 (FIPS 180-4, 6.4 and 6.5), in hexadecimal. Words of 64 bits are kept as two halves, which is twenty
 * times faster than BigInt: a sum's carry is the lower halves' sum divided by 2^32.
 */
import { hex32, padded } from './blocks.ts'
import { ROUND_LOWER, ROUND_UPPER, START_384, START_512 } from './constants.ts'

export const sha512 = (message: Uint8Array): string => digest(message, START_512, 8)
export const sha384 = (message: Uint8Array): string => digest(message, START_384, 6)

interface Words {
  readonly upper: Int32Array
  readonly lower: Int32Array
}

function digest(message: Uint8Array, start: Words, count: number): string {
  const view = padded(message, 128, 16, false)
  const state = { upper: Int32Array.from(start.upper), lower: Int32Array.from(start.lower) }
  const words = { upper: new Int32Array(80), lower: new Int32Array(80) }
  for (let at = 0; at < view.byteLength; at += 128) {
    for (let i = 0; i < 16; i++) {
      words.upper[i] = view.getInt32(at + i * 8)
      words.lower[i] = view.getInt32(at + i * 8 + 4)
    }
    for (let i = 16; i < 80; i++) extend(words, i)
    addBlock(state, words)
  }
  let hex = ''
  for (let i = 0; i < count; i++) hex += hex32(state.upper[i] as number) + hex32(state.lower[i] as number)
  return hex
}

/** The upper half of a word (or, with the halves swapped, the lower one) turned right by fewer than 32 bits. */
const turn = (half: number, other: number, bits: number): number => (half >>> bits) | (other << (32 - bits))

function extend({ upper, lower }: Words, i: number): void {
  const nearUpper = upper[i - 2] as number
  const nearLower = lower[i - 2] as number
  const farUpper = upper[i - 15] as number
  const farLower = lower[i - 15] as number
  // σ1: right by 19 and 61, shifted by 6; σ0: right by 1 and 8, shifted by 7. A turn by 61 is one by 29 of swapped halves.
  const s1Upper = turn(nearUpper, nearLower, 19) ^ turn(nearLower, nearUpper, 29) ^ (nearUpper >>> 6)
  const s1Lower = turn(nearLower, nearUpper, 19) ^ turn(nearUpper, nearLower, 29) ^ turn(nearLower, nearUpper, 6)
  const s0Upper = turn(farUpper, farLower, 1) ^ turn(farUpper, farLower, 8) ^ (farUpper >>> 7)
  const s0Lower = turn(farLower, farUpper, 1) ^ turn(farLower, farUpper, 8) ^ turn(farLower, farUpper, 7)
  const low = (s1Lower >>> 0) + ((lower[i - 7] as number) >>> 0) + (s0Lower >>> 0) + ((lower[i - 16] as number) >>> 0)
  lower[i] = low | 0
  upper[i] = (s1Upper + (upper[i - 7] as number) + s0Upper + (upper[i - 16] as number) + Math.floor(low / 2 ** 32)) | 0
}

function addBlock(state: Words, words: Words): void {
  const u = Int32Array.from(state.upper)
  const l = Int32Array.from(state.lower)
  for (let i = 0; i < 80; i++) {
    const [aU = 0, bU = 0, cU = 0, dU = 0, eU = 0, fU = 0, gU = 0, hU = 0] = u
    const [aL = 0, bL = 0, cL = 0, dL = 0, eL = 0, fL = 0, gL = 0, hL = 0] = l
    const sum1Upper = turn(eU, eL, 14) ^ turn(eU, eL, 18) ^ turn(eL, eU, 9)
    const sum1Lower = turn(eL, eU, 14) ^ turn(eL, eU, 18) ^ turn(eU, eL, 9)
    const chooseUpper = (eU & fU) ^ (~eU & gU)
    const chooseLower = (eL & fL) ^ (~eL & gL)
    const firstLow =
      (hL >>> 0) +
      (sum1Lower >>> 0) +
      (chooseLower >>> 0) +
      ((ROUND_LOWER[i] as number) >>> 0) +
      ((words.lower[i] as number) >>> 0)
    const carried = Math.floor(firstLow / 2 ** 32)
    const firstUpper = (hU + sum1Upper + chooseUpper + (ROUND_UPPER[i] as number) + (words.upper[i] as number) + carried) | 0
    const sum0Upper = turn(aU, aL, 28) ^ turn(aL, aU, 2) ^ turn(aL, aU, 7)
    const sum0Lower = turn(aL, aU, 28) ^ turn(aU, aL, 2) ^ turn(aU, aL, 7)
    const majorityUpper = (aU & bU) ^ (aU & cU) ^ (bU & cU)
    const majorityLower = (aL & bL) ^ (aL & cL) ^ (bL & cL)
    const secondLow = (sum0Lower >>> 0) + (majorityLower >>> 0)
    const secondUpper = (sum0Upper + majorityUpper + Math.floor(secondLow / 2 ** 32)) | 0
    const newE = (dL >>> 0) + ((firstLow | 0) >>> 0)
    const newA = ((firstLow | 0) >>> 0) + ((secondLow | 0) >>> 0)
    u.copyWithin(1, 0, 7)
    l.copyWithin(1, 0, 7)
    l[4] = newE | 0
    u[4] = (dU + firstUpper + Math.floor(newE / 2 ** 32)) | 0
    l[0] = newA | 0
    u[0] = (firstUpper + secondUpper + Math.floor(newA / 2 ** 32)) | 0
  }
  for (let i = 0; i < 8; i++) {
    const low = ((state.lower[i] as number) >>> 0) + ((l[i] as number) >>> 0)
    state.lower[i] = low | 0
    state.upper[i] = ((state.upper[i] as number) + (u[i] as number) + Math.floor(low / 2 ** 32)) | 0
  }
}
