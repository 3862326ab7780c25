/**
 * Arrays in PostgreSQL's binary format (array_send in src/backend/utils/adt/arrayfuncs.c): written in one pass, and read by the
 * server without a parser. As text, every quote of a JSON payload would be escaped here and undone there.
 * All numbers are big-endian: dimensions, whether there are NULLs, type of the elements, length, lower bound; then each element
 * with its length in bytes, -1 for NULL.
 */
import { escapeText } from './text.ts'

export type ElementType = 'int4' | 'int8' | 'float8' | 'bool' | 'text'
const OIDS: Readonly<Record<ElementType, number>> = { bool: 16, int8: 20, int4: 23, text: 25, float8: 701 }
const HEADER_BYTES = 20
const TWO_32 = 2 ** 32

export class BinaryArray {
  readonly #type: ElementType
  #bytes: Buffer
  #end = HEADER_BYTES
  #count = 0
  #hasNull = 0

  constructor(type: ElementType, bytesExpected = 256) {
    this.#type = type
    this.#bytes = Buffer.allocUnsafe(Math.max(bytesExpected, 64))
  }

  /** Undefined and null are NULL. Throws where the value is not of the array's type. */
  push(value: unknown): void {
    this.#count++
    if (value === undefined || value === null) {
      this.#hasNull = 1
      this.#reserve(4)
      this.#end = this.#bytes.writeInt32BE(-1, this.#end)
      return
    }
    if (typeof value === 'string' && this.#type === 'text') return this.#pushText(escapeText(value))
    if (typeof value === 'boolean' && this.#type === 'bool') return this.#pushBoolean(value)
    if (typeof value === 'number') {
      if (this.#type === 'int8' && Number.isSafeInteger(value)) return this.#pushInt8(value)
      if (this.#type === 'int4' && (value | 0) === value) return this.#pushInt4(value)
      if (this.#type === 'float8') return this.#pushFloat8(value)
    }
    throw new Error(`a column of ${this.#type} holds no ${typeof value === 'number' ? value : typeof value}`)
  }

  get count(): number {
    return this.#count
  }

  /** Good until the next `push`. */
  toBuffer(): Buffer {
    const bytes = this.#bytes
    if (this.#count === 0) {
      bytes.writeInt32BE(0, 0)
      bytes.writeInt32BE(0, 4)
      bytes.writeInt32BE(OIDS[this.#type], 8)
      return bytes.subarray(0, 12)
    }
    bytes.writeInt32BE(1, 0)
    bytes.writeInt32BE(this.#hasNull, 4)
    bytes.writeInt32BE(OIDS[this.#type], 8)
    bytes.writeInt32BE(this.#count, 12)
    bytes.writeInt32BE(1, 16)
    return bytes.subarray(0, this.#end)
  }

  #pushText(text: string): void {
    // No UTF-16 unit is longer than three bytes in UTF-8.
    this.#reserve(4 + 3 * text.length)
    const written = this.#bytes.write(text, this.#end + 4, 'utf8')
    this.#bytes.writeInt32BE(written, this.#end)
    this.#end += 4 + written
  }

  #pushBoolean(value: boolean): void {
    this.#reserve(5)
    this.#end = this.#bytes.writeInt32BE(1, this.#end)
    this.#end = this.#bytes.writeUInt8(value ? 1 : 0, this.#end)
  }

  #pushInt4(value: number): void {
    this.#reserve(8)
    this.#end = this.#bytes.writeInt32BE(4, this.#end)
    this.#end = this.#bytes.writeInt32BE(value, this.#end)
  }

  #pushInt8(value: number): void {
    this.#reserve(12)
    const high = Math.floor(value / TWO_32)
    this.#end = this.#bytes.writeInt32BE(8, this.#end)
    this.#end = this.#bytes.writeInt32BE(high, this.#end)
    this.#end = this.#bytes.writeUInt32BE(value - high * TWO_32, this.#end)
  }

  #pushFloat8(value: number): void {
    this.#reserve(12)
    this.#end = this.#bytes.writeInt32BE(8, this.#end)
    this.#end = this.#bytes.writeDoubleBE(value, this.#end)
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#end + bytes))
    this.#bytes.copy(larger, 0, 0, this.#end)
    this.#bytes = larger
  }
}

export function arrayOf(type: ElementType, values: Iterable<unknown>): Buffer {
  const array = new BinaryArray(type)
  for (const value of values) array.push(value)
  return array.toBuffer()
}
