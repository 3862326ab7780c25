/** MD5 (RFC 1321), in hexadecimal. */
import { hex32, padded, rotateLeft } from './blocks.ts'

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0)

export function md5(message: Uint8Array): string {
  const view = padded(message, 64, 8, true)
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476)
  for (let at = 0; at < view.byteLength; at += 64) addBlock(state, view, at)
  return Array.from(state, (word) => hex32(swapped(word))).join('')
}

function addBlock(state: Int32Array, view: DataView, at: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state
  for (let i = 0; i < 64; i++) {
    const round = i >> 4
    let mixed: number
    let word: number
    if (round === 0) {
      mixed = (b & c) | (~b & d)
      word = i
    } else if (round === 1) {
      mixed = (d & b) | (~d & c)
      word = (5 * i + 1) & 15
    } else if (round === 2) {
      mixed = b ^ c ^ d
      word = (3 * i + 5) & 15
    } else {
      mixed = c ^ (b | ~d)
      word = (7 * i) & 15
    }
    const sum = (a + mixed + (SINES[i] as number) + view.getInt32(at + word * 4, true)) | 0
    a = d
    d = c
    c = b
    b = (b + rotateLeft(sum, SHIFTS[round as 0 | 1 | 2 | 3][(i & 3) as 0 | 1 | 2 | 3])) | 0
  }
  ;[a, b, c, d].forEach((word, i) => {
    state[i] = (state[i] as number) + word
  })
}

/** MD5 prints its words lowest byte first. */
function swapped(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)
}
