/**
 * A JSON document of any size as a dataset: walks down an `ItemsPointer`, then yields the elements of the array, or the
 * members of the object, that it finds there. Memory holds one item. Items are parsed whole by the platform; what is
 * skipped on the way is only followed by its brackets and strings.
 * Source: AWS developer guide, "ItemReader (Map)"; texts from the recorded case json-no-json-list-object.
 */
import { ITEM_BYTES_MAX, ITEM_DEPTH_MAX, keyValue, parseItem, ReadFailure } from '../item.ts'
import type { Drafts } from './draft.ts'

export async function* readJson(
  body: AsyncIterable<Uint8Array>,
  pointer: readonly string[],
  iterateObjects: boolean,
  source: string,
): Drafts {
  const iterator = body[Symbol.asyncIterator]()
  const scanner = new JsonScanner(iterator)
  try {
    await scanner.skipByteOrderMark()
    for (const token of pointer) await descend(scanner, token)
    const opening = await scanner.peek()
    if (opening === ARRAY) yield* readElements(scanner, source)
    else if (opening === OBJECT && iterateObjects) yield* readMembers(scanner, source)
    else throw new ReadFailure('Attempting to map over non-iterable node.')
  } finally {
    await iterator.return?.()
  }
}

const ARRAY = 0x5b
const OBJECT = 0x7b
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const ARRAY_END = 0x5d
const OBJECT_END = 0x7d

async function* readElements(scanner: JsonScanner, source: string): Drafts {
  let index = 0
  for await (const _ of scanner.elements(ARRAY_END)) {
    const text = await scanner.readValue()
    yield [{ item: { value: parseItem(text, `item ${index++}`), source }, bytes: text.length }]
  }
}

async function* readMembers(scanner: JsonScanner, source: string): Drafts {
  for await (const _ of scanner.elements(OBJECT_END)) {
    const key = await scanner.readKey()
    const text = await scanner.readValue()
    const value = keyValue(key, parseItem(text, `member ${JSON.stringify(key.slice(0, 80))}`))
    yield [{ item: { key, value, source }, bytes: text.length + key.length }]
  }
}

/** Stands before the value that `token` names inside the value at hand. */
async function descend(scanner: JsonScanner, token: string): Promise<void> {
  const opening = await scanner.peek()
  if (opening === OBJECT) {
    for await (const _ of scanner.elements(OBJECT_END)) {
      if ((await scanner.readKey()) === token) return
      await scanner.skipValue()
    }
  } else if (opening === ARRAY && /^(0|[1-9]\d*)$/.test(token)) {
    let index = 0
    for await (const _ of scanner.elements(ARRAY_END)) {
      if (index++ === Number(token)) return
      await scanner.skipValue()
    }
  }
  throw new ReadFailure('Attempting to map over non-iterable node.')
}

/** Pulls bytes and keeps a place in them. Loops run synchronously within a piece; only its end is awaited. */
class JsonScanner {
  readonly #pieces: AsyncIterator<Uint8Array>
  #piece: Uint8Array = new Uint8Array(0)
  #at = 0

  constructor(pieces: AsyncIterator<Uint8Array>) {
    this.#pieces = pieces
  }

  /** The next byte that is no white space, without taking it; -1 at the end. */
  async peek(): Promise<number> {
    for (;;) {
      while (this.#at < this.#piece.length) {
        const byte = this.#piece[this.#at] as number
        if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte
        this.#at++
      }
      if (!(await this.#pull())) return -1
    }
  }

  async skipByteOrderMark(): Promise<void> {
    for (const byte of [0xef, 0xbb, 0xbf]) if ((await this.peek()) === byte) this.#at++
  }

  /** Takes the opening bracket, then stops before each element until it has taken `closing`. */
  async *elements(closing: number): AsyncGenerator<void> {
    this.#at++
    if ((await this.peek()) === closing) {
      this.#at++
      return
    }
    for (;;) {
      yield
      const byte = await this.peek()
      this.#at++
      if (byte === closing) return
      if (byte !== COMMA) throw broken(byte)
    }
  }

  /** A member's name and its colon. */
  async readKey(): Promise<string> {
    const first = await this.peek()
    if (first !== QUOTE) throw broken(first)
    const key = parseItem(await this.readValue(), 'a member name')
    const colon = await this.peek()
    if (colon !== COLON) throw broken(colon)
    this.#at++
    return key as string
  }

  /** The text of the value that begins here. */
  async readValue(): Promise<string> {
    const pieces: Uint8Array[] = []
    let bytes = 0
    await this.#follow((part) => {
      bytes += part.length
      if (bytes > ITEM_BYTES_MAX) throw new ReadFailure('An item of the dataset is larger than the limit of 8 MB.')
      pieces.push(part)
    })
    const [first] = pieces
    const whole =
      pieces.length === 1 && first !== undefined
        ? Buffer.from(first.buffer, first.byteOffset, first.length)
        : Buffer.concat(pieces, bytes)
    return whole.toString('utf8')
  }

  async skipValue(): Promise<void> {
    await this.#follow(() => {})
  }

  /** Passes the bytes of one value, piece by piece. Knows strings and the depth of brackets, nothing else. */
  async #follow(take: (part: Uint8Array) => void): Promise<void> {
    const first = await this.peek()
    if (first < 0 || first === COMMA || first === COLON || first === ARRAY_END || first === OBJECT_END) throw broken(first)
    let depth = 0
    let inString = false
    let isEscaped = false
    const isScalar = first !== ARRAY && first !== OBJECT && first !== QUOTE
    for (;;) {
      const piece = this.#piece
      const start = this.#at
      let at = start
      let isDone = false
      for (; at < piece.length && !isDone; at++) {
        const byte = piece[at] as number
        if (inString) {
          if (isEscaped) isEscaped = false
          else if (byte === BACKSLASH) isEscaped = true
          else if (byte === QUOTE) {
            inString = false
            isDone = depth === 0
          }
        } else if (isScalar) {
          if (byte === COMMA || byte === ARRAY_END || byte === OBJECT_END || byte <= 0x20) break
        } else if (byte === QUOTE) inString = true
        else if (byte === ARRAY || byte === OBJECT) {
          if (++depth > ITEM_DEPTH_MAX) throw new ReadFailure('The dataset is nested too deeply.')
        } else if (byte === ARRAY_END || byte === OBJECT_END) isDone = --depth === 0
      }
      if (at > start) take(piece.subarray(start, at))
      this.#at = at
      if (isDone || at < piece.length) return
      if (!(await this.#pull())) {
        if (isScalar) return
        throw broken(-1)
      }
    }
  }

  async #pull(): Promise<boolean> {
    const next = await this.#pieces.next()
    if (next.done === true) return false
    this.#piece = next.value
    this.#at = 0
    return true
  }
}

const broken = (byte: number): ReadFailure =>
  new ReadFailure(
    byte < 0
      ? 'The dataset is not valid JSON: it ends too early.'
      : `The dataset is not valid JSON: unexpected ${JSON.stringify(String.fromCharCode(byte))}.`,
  )
