/** SHA-256 (FIPS 180-4, 6.2), in hexadecimal. */
import { hex32, padded, rotateRight } from './blocks.ts'
import { ROUND_UPPER, START_512 } from './constants.ts'

export function sha256(message: Uint8Array): string {
  const view = padded(message, 64, 8, false)
  const state = Int32Array.from(START_512.upper)
  const words = new Int32Array(64)
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getInt32(at + i * 4)
    for (let i = 16; i < 64; i++) {
      const near = words[i - 2] as number
      const far = words[i - 15] as number
      const sigma1 = rotateRight(near, 17) ^ rotateRight(near, 19) ^ (near >>> 10)
      const sigma0 = rotateRight(far, 7) ^ rotateRight(far, 18) ^ (far >>> 3)
      words[i] = sigma1 + (words[i - 7] as number) + sigma0 + (words[i - 16] as number)
    }
    addBlock(state, words)
  }
  return Array.from(state, hex32).join('')
}

function addBlock(state: Int32Array, words: Int32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let i = 0; i < 64; i++) {
    const sum1 = rotateRight(e, 6) ^ rotateRight(e, 11) ^ rotateRight(e, 25)
    const choice = (e & f) ^ (~e & g)
    const first = (h + sum1 + choice + (ROUND_UPPER[i] as number) + (words[i] as number)) | 0
    const sum0 = rotateRight(a, 2) ^ rotateRight(a, 13) ^ rotateRight(a, 22)
    const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + second) | 0
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = (state[i] as number) + word
  })
}
