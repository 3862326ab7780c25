/**
 * Forms and query strings (`a=1&b=x%20y`), pair by pair, so that who reads can stop. `URLSearchParams` is not used on texts of
 * others: in Node 24 it is quadratic for names without `=` (2 MB of `a&` took 22 s).
 * Source: WHATWG URL standard, "application/x-www-form-urlencoded parsing".
 */
type Pair = [name: string, value: string]

/** In their order, empty ones left out. Broken escapes stay as they are, bytes that are no UTF-8 become U+FFFD. Linear. */
export function* formPairs(text: string): Generator<Pair> {
  for (let start = 0; start < text.length; ) {
    const mark = text.indexOf('&', start)
    const end = mark < 0 ? text.length : mark
    if (end > start) yield pairOf(text.slice(start, end))
    start = end + 1
  }
}

function pairOf(piece: string): Pair {
  const equals = piece.indexOf('=')
  return equals < 0 ? [decode(piece), ''] : [decode(piece.slice(0, equals)), decode(piece.slice(equals + 1))]
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return decodeBytes(Buffer.from(spaced, 'utf8'))
  }
}

const PERCENT = 0x25

/** Byte by byte, where `decodeURIComponent` would throw. */
function decodeBytes(bytes: Buffer): string {
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const isEscape = bytes[at] === PERCENT && isHex(bytes[at + 1]) && isHex(bytes[at + 2])
    bytes[length++] = isEscape ? Number.parseInt(bytes.toString('latin1', at + 1, at + 3), 16) : (bytes[at] ?? 0)
    if (isEscape) at += 2
  }
  return bytes.toString('utf8', 0, length)
}

const isHex = (byte = 0): boolean => (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
