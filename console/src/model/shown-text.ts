/** Bytes as text to look at. What no text has (NUL and most control characters) stands as � and is counted. */
export interface ShownText {
  readonly text: string
  /** How many characters stand for what is no text. */
  readonly strange: number
  /** So many that it is hardly a text at all. */
  readonly isBinary: boolean
}

const STRANGE = /[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f\u007f\ufffd]/g
const STRANGE_SHARE_MAX = 0.1

export function showText(bytes: Uint8Array): ShownText {
  let strange = 0
  // The last character may be cut in two: in `stream` mode it is left out.
  const text = new TextDecoder().decode(bytes, { stream: true }).replaceAll(STRANGE, () => {
    strange++
    return '\ufffd'
  })
  return { text, strange, isBinary: strange > text.length * STRANGE_SHARE_MAX }
}
