/** SHA-1 (FIPS 180-4, 6.1), in hexadecimal. */
import { hex32, padded, rotateLeft } from './blocks.ts'

export function sha1(message: Uint8Array): string {
  const view = padded(message, 64, 8, false)
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0)
  const words = new Int32Array(80)
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4)
    for (let i = 16; i < 80; i++) {
      const mixed = (words[i - 3] as number) ^ (words[i - 8] as number) ^ (words[i - 14] as number) ^ (words[i - 16] as number)
      words[i] = rotateLeft(mixed, 1)
    }
    addBlock(state, words)
  }
  return Array.from(state, hex32).join('')
}

function addBlock(state: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0] = state
  for (let i = 0; i < 80; i++) {
    let mixed: number
    if (i < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999
    else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1
    else if (i < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
    else mixed = (b ^ c ^ d) + 0xca62c1d6
    const next = (rotateLeft(a, 5) + mixed + e + (words[i] as number)) | 0
    e = d
    d = c
    c = rotateLeft(b, 30)
    b = a
    a = next
  }
  ;[a, b, c, d, e].forEach((word, i) => {
    state[i] = (state[i] as number) + word
  })
}
