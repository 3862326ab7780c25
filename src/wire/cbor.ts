/**
 * CBOR as Smithy's RPC v2 writes it: JSON's values, times (tag 1, seconds), byte strings (base64 in JSON's stead).
 * Source: RFC 8949; Smithy, "Smithy RPC v2 CBOR protocol", "Data types".
 */
import { isArray, type Json, type JsonObject, setOwn } from '../base/json.ts'

export class CborError extends Error {}

const DEPTH_MAX = 64
const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, list: 4, map: 5, tag: 6, simple: 7 } as const
const TIME_TAG = 1
const INDEFINITE = 31

/** Times become their seconds, bytes their base64. Throws CborError for what is no such document. */
export function decodeCbor(bytes: Buffer): Json {
  const reader = new Reader(bytes)
  const value = reader.value(0)
  if (!reader.isAtEnd) throw new CborError('bytes follow the document')
  return value
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  value(depth: number): Json {
    if (depth > DEPTH_MAX) throw new CborError('values nest too deeply')
    const { major, info } = this.#head()
    switch (major) {
      case MAJOR.unsigned:
        return this.#argument(info)
      case MAJOR.negative:
        return -1 - this.#argument(info)
      case MAJOR.bytes:
        return Buffer.concat(this.#pieces(info, MAJOR.bytes)).toString('base64')
      case MAJOR.text:
        return Buffer.concat(this.#pieces(info, MAJOR.text)).toString('utf8')
      case MAJOR.list:
        return this.#list(info, depth)
      case MAJOR.map:
        return this.#map(info, depth)
      case MAJOR.tag:
        this.#argument(info)
        return this.value(depth + 1)
      default:
        return this.#simple(info)
    }
  }

  #list(info: number, depth: number): Json {
    const items: Json[] = []
    this.#each(info, () => items.push(this.value(depth + 1)))
    return items
  }

  #map(info: number, depth: number): Json {
    const members: Record<string, Json> = {}
    this.#each(info, () => {
      const key = this.value(depth + 1)
      if (typeof key !== 'string') throw new CborError('a key is no text')
      setOwn(members, key, this.value(depth + 1))
    })
    return members
  }

  #each(info: number, read: () => void): void {
    if (info === INDEFINITE) {
      while (!this.#tookBreak()) read()
      return
    }
    const count = this.#argument(info)
    if (count > this.#bytes.length) throw new CborError('a length is beyond the document')
    for (let i = 0; i < count; i++) read()
  }

  #pieces(info: number, major: number): Buffer[] {
    if (info !== INDEFINITE) return [this.#take(this.#argument(info))]
    const pieces: Buffer[] = []
    while (!this.#tookBreak()) {
      const head = this.#head()
      if (head.major !== major) throw new CborError('a piece is of another kind')
      pieces.push(this.#take(this.#argument(head.info)))
    }
    return pieces
  }

  #simple(info: number): Json {
    switch (info) {
      case 20:
        return false
      case 21:
        return true
      case 22:
      case 23:
        return null
      case 25:
        return halfOf(this.#take(2).readUInt16BE())
      case 26:
        return this.#take(4).readFloatBE()
      case 27:
        return this.#take(8).readDoubleBE()
      default:
        throw new CborError(`there is no simple value ${info}`)
    }
  }

  #tookBreak(): boolean {
    if (this.#bytes[this.#at] !== 0xff) return false
    this.#at++
    return true
  }

  #head(): { readonly major: number; readonly info: number } {
    const [byte = 0] = this.#take(1)
    return { major: byte >> 5, info: byte & 31 }
  }

  #argument(info: number): number {
    if (info < 24) return info
    if (info === 24) return this.#take(1).readUInt8()
    if (info === 25) return this.#take(2).readUInt16BE()
    if (info === 26) return this.#take(4).readUInt32BE()
    if (info === 27) return Number(this.#take(8).readBigUInt64BE())
    throw new CborError(`there is no argument ${info}`)
  }

  #take(count: number): Buffer {
    const end = this.#at + count
    if (end > this.#bytes.length) throw new CborError('the document ends too early')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}

function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** What the numbers of a member are: seconds since 1970, or of the type double, which some clients want to see as such. */
export type NumberKind = 'time' | 'double' | 'any'

export function encodeCbor(value: Json, kindOf: (member: string) => NumberKind): Buffer {
  const pieces: Buffer[] = []
  write(value, 'any')
  return Buffer.concat(pieces)

  function write(one: Json, kind: NumberKind): void {
    if (one === null) pieces.push(Buffer.of(0xf6))
    else if (typeof one === 'boolean') pieces.push(Buffer.of(one ? 0xf5 : 0xf4))
    else if (typeof one === 'number') writeNumber(one, kind)
    else if (typeof one === 'string') writeText(one)
    else if (isArray(one)) {
      pieces.push(head(MAJOR.list, one.length))
      for (const item of one) write(item, kind)
    } else writeMap(one as JsonObject)
  }

  function writeText(text: string): void {
    const bytes = Buffer.from(text)
    pieces.push(head(MAJOR.text, bytes.length), bytes)
  }

  function writeMap(members: JsonObject): void {
    const entries = Object.entries(members)
    pieces.push(head(MAJOR.map, entries.length))
    for (const [name, member] of entries) {
      writeText(name)
      write(member, kindOf(name))
    }
  }

  function writeNumber(number: number, kind: NumberKind): void {
    if (kind === 'time') pieces.push(head(MAJOR.tag, TIME_TAG))
    if (kind !== 'double' && Number.isSafeInteger(number))
      return void pieces.push(number < 0 ? head(MAJOR.negative, -1 - number) : head(MAJOR.unsigned, number))
    const double = Buffer.alloc(9)
    double.writeUInt8(0xfb)
    double.writeDoubleBE(number, 1)
    pieces.push(double)
  }
}

function head(major: number, argument: number): Buffer {
  const first = major << 5
  if (argument < 24) return Buffer.of(first | argument)
  if (argument < 0x100) return Buffer.of(first | 24, argument)
  const wide = argument < 0x10000 ? 2 : argument < 0x100000000 ? 4 : 8
  const bytes = Buffer.alloc(1 + wide)
  bytes.writeUInt8(first | (wide === 2 ? 25 : wide === 4 ? 26 : 27))
  if (wide === 8) bytes.writeBigUInt64BE(BigInt(argument), 1)
  else bytes.writeUIntBE(argument, 1, wide)
  return bytes
}
