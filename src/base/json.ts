/**
 * JSON values as every room speaks them. Objects may carry any key, `__proto__` included, as an own property: read them
 * with `getOwn`, write them with `setOwn`, so that data can never reach a prototype.
 */
import { noteName } from './member-order.ts'
import { isNumeral, isSameNumber } from './numeral.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/** True for a JSON object: not null, not an array, not a number's spelling. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isNumeral(value)
}

/** Narrows readonly arrays too, which `Array.isArray` does not. */
export function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value)
}

/** The own member `key`, or undefined. Never looks at the prototype. */
export function getOwn(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined
}

/** Sets an own member even when the key is `__proto__`, and keeps its place among the others. */
export function setOwn(target: Record<string, Json>, key: string, value: Json): void {
  noteName(target, key)
  if (key === '__proto__') Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true })
  else target[key] = value
}

/** Deep equality of JSON values; the order of object members does not count. */
export function deepEqual(a: Json, b: Json): boolean {
  if (a === b) return true
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, i) => deepEqual(item, b[i] as Json))
  if (isNumeral(a) || isNumeral(b)) return isSameNumber(a, b)
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key] as Json, b[key] as Json))
}

/** Longer texts are encoded, which the platform does eight times as fast as they are counted here. */
const COUNTED_CHARS_MAX = 1_000
const encoder = new TextEncoder()

/** Size of a text in bytes as UTF-8, the unit of all of AWS's payload limits. Needs no Buffer, so browsers run it too. */
export function utf8Length(text: string): number {
  if (text.length > COUNTED_CHARS_MAX) return encoder.encode(text).length
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (unit >= 0xd800 && unit <= 0xdbff && i + 1 < text.length) {
      const low = text.charCodeAt(i + 1)
      if (low >= 0xdc00 && low <= 0xdfff) i++
      bytes += 2
    } else bytes += 2
  }
  return bytes
}
