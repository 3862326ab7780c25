/**
 * The order of an object's members as its document or its maker has it. JavaScript puts names like `2` and `10` first, by number;
 * Jackson, and so AWS, keeps them where they stand. Only objects that have such a name beside another are remembered, and
 * nothing is looked up until there is one: payloads without such names cost one look at the first name.
 */
import { isNumeral, parseNumerals } from './numeral.ts'

type Members = Readonly<Record<string, unknown>>

/** All names of an object with an integer-like one, in order. */
const orders = new WeakMap<object, string[]>()
let hasOrders = false

/** A name that JavaScript moves to the front. */
export function isIndex(name: string): boolean {
  const unit = name.charCodeAt(0)
  return unit >= 0x30 && unit <= 0x39 && String(Number(name) >>> 0) === name && name !== '4294967295'
}

/** The object's own names in order. */
export function keysOf(object: object): string[] {
  const names = Object.keys(object)
  if (!hasOrders || names.length < 2 || !isIndex(names[0] as string)) return names
  const order = orders.get(object)
  if (order === undefined) return names
  if (order.length === names.length && order.every((name) => Object.hasOwn(object, name))) return order
  const known = new Set(order)
  return [...order.filter((name) => Object.hasOwn(object, name)), ...names.filter((name) => !known.has(name))]
}

export const valuesOf = <T>(object: Readonly<Record<string, T>>): T[] =>
  hasOrders && orders.has(object) ? keysOf(object).map((name) => object[name] as T) : Object.values(object)

export const entriesOf = <T>(object: Readonly<Record<string, T>>): [string, T][] =>
  hasOrders && orders.has(object) ? keysOf(object).map((name) => [name, object[name] as T]) : Object.entries(object)

/** Call before a member is set: remembers where its name stands. */
export function noteName(object: object, name: string): void {
  const order = hasOrders ? orders.get(object) : undefined
  if (order === undefined && !isIndex(name)) return
  if (Object.hasOwn(object, name)) return
  if (order !== undefined) order.push(name)
  else remember(object, [...Object.keys(object), name])
}

function remember(object: object, names: string[]): void {
  hasOrders = true
  orders.set(object, names)
}

/** A shallow copy with its members in the same order. */
export function copyObject<T extends object>(object: T): T {
  const copy = { ...object }
  const order = hasOrders ? orders.get(object) : undefined
  if (order !== undefined) remember(copy, [...order])
  return copy
}

/** In a JSON text a quote inside of a text is escaped, so this can only be a name. */
const INDEX_NAME = /"[0-9]+"\s*:/

/** As `JSON.parse`. */
export const parseInOrder = (text: string): unknown => noted(text, JSON.parse(text))

/** The same with numerals for numbers of an unusual spelling. */
export const parseExactly = (text: string): unknown => noted(text, parseNumerals(text))

function noted(text: string, value: unknown): unknown {
  if (INDEX_NAME.test(text)) noteDocument(text, value)
  return value
}

interface Level {
  readonly value: unknown
  /** Undefined for an array. */
  readonly names?: Set<string>
  /** The name or place of the member that is read. */
  key: string | number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Walks the text beside its value. The text is JSON. */
function noteDocument(text: string, value: unknown): void {
  const open: Level[] = []
  let level: Level | undefined
  /** The text that was read last, where it may be a name: its place between its quotes. */
  let from = 0
  let end = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        from = i + 1
        for (i++; text.charCodeAt(i) !== QUOTE; i++) if (text.charCodeAt(i) === BACKSLASH) i++
        end = i
        break
      case 0x3a: // :
        if (level?.names) level.names.add((level.key = nameAt(text, from, end)))
        break
      case 0x2c: // ,
        if (typeof level?.key === 'number') level.key++
        break
      case 0x7b: // {
      case 0x5b: {
        const member = level === undefined ? value : memberOf(level)
        level = text[i] === '{' ? { value: member, names: new Set(), key: '' } : { value: member, key: 0 }
        open.push(level)
        break
      }
      case 0x7d: // }
      case 0x5d:
        noteLevel(open.pop())
        level = open.at(-1)
    }
  }
}

function nameAt(text: string, from: number, end: number): string {
  const name = text.slice(from, end)
  return name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name
}

/** A name that stands twice has its last value only: what it held before is not there. */
const memberOf = ({ value, key }: Level): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Members)[key] : undefined

function noteLevel(level: Level | undefined): void {
  if (level?.names === undefined || typeof level.value !== 'object' || level.value === null) return
  const names = [...level.names]
  if (names.length > 1 && names.some(isIndex) && Object.keys(level.value).some((name, i) => name !== names[i]))
    remember(level.value, names)
}

/** As `JSON.stringify`, for what JSON can hold. */
export function printInOrder(value: unknown): string {
  const text = JSON.stringify(value)
  return hasOrders && INDEX_NAME.test(text) ? print(value) : text
}

function print(value: unknown): string {
  if (typeof value !== 'object' || value === null || isNumeral(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item: unknown) => (item === undefined ? 'null' : print(item))).join(',')}]`
  const members: string[] = []
  for (const name of keysOf(value)) {
    const member = (value as Members)[name]
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${print(member)}`)
  }
  return `{${members.join(',')}}`
}
