/** What all of these hashes share: padding to whole blocks, and hexadecimal output. */

/** The message, a one bit, zeros, and the length in bits at the end of the last block. */
export function padded(message: Uint8Array, blockBytes: number, lengthBytes: number, isLittleEndian: boolean): DataView {
  const total = Math.ceil((message.length + 1 + lengthBytes) / blockBytes) * blockBytes
  const bytes = new Uint8Array(total)
  bytes.set(message)
  bytes[message.length] = 0x80
  const view = new DataView(bytes.buffer)
  const bits = message.length * 8
  const [high, low] = [Math.floor(bits / 2 ** 32), bits >>> 0]
  const at = total - 8
  view.setUint32(isLittleEndian ? at : at + 4, low, isLittleEndian)
  view.setUint32(isLittleEndian ? at + 4 : at, high, isLittleEndian)
  return view
}

export const hex32 = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

export const rotateLeft = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits))
export const rotateRight = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))
