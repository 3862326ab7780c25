/**
 * MIME base64 as `java.util.Base64`'s MIME coder has it: lines of 76 characters parted by CR LF, none at the end; a reader
 * skips what is not in the alphabet and refuses a wrong end. Pure, because browsers run this room.
 */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const LINE_CHARS = 76
const VALUES = new Map(Array.from(ALPHABET, (char, value) => [char, value]))

export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const rest = bytes.length - i
    const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    if (i > 0 && ((i / 3) * 4) % LINE_CHARS === 0) text += '\r\n'
    text += letter(bits >> 18) + letter(bits >> 12) + (rest > 1 ? letter(bits >> 6) : '=') + (rest > 2 ? letter(bits) : '=')
  }
  return text
}

const letter = (bits: number): string => ALPHABET.charAt(bits & 63)

/** Undefined when the text ends wrongly: one letter too many, or padding where none belongs. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes: number[] = []
  let bits = 0
  let letters = 0
  let padding = 0
  for (const char of text) {
    if (char === '=') padding++
    const value = VALUES.get(char)
    if (value === undefined) continue
    if (padding > 0) return undefined
    bits = (bits << 6) | value
    if (++letters % 4 === 0) {
      bytes.push((bits >> 16) & 255, (bits >> 8) & 255, bits & 255)
      bits = 0
    }
  }
  const rest = letters % 4
  if (rest === 1 || (padding > 0 && padding !== [0, 0, 2, 1][rest])) return undefined
  if (rest === 2) bytes.push((bits >> 4) & 255)
  if (rest === 3) bytes.push((bits >> 10) & 255, (bits >> 2) & 255)
  return Uint8Array.from(bytes)
}
