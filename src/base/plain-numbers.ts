/** A value with numbers in the place of its numerals: the value itself where it has none. */
import { isArray, isObject, type Json, type JsonObject, setOwn } from './json.ts'
import { entriesOf } from './member-order.ts'
import { areThereNumerals, isNumeral, numberOf } from './numeral.ts'

/** Values do not change: what was looked through once is known. */
const known = new WeakMap<object, Json>()

export function plainNumbers(value: Json): Json {
  if (typeof value !== 'object' || value === null || !areThereNumerals()) return value
  if (isNumeral(value)) return numberOf(value)
  const before = known.get(value)
  if (before !== undefined) return before
  const plain = isArray(value) ? plainArray(value) : isObject(value) ? plainObject(value) : value
  known.set(value, plain)
  return plain
}

function plainArray(items: readonly Json[]): Json {
  const plain = items.map(plainNumbers)
  return plain.some((item, i) => item !== items[i]) ? plain : items
}

function plainObject(object: JsonObject): Json {
  const members = entriesOf(object).map(([name, member]) => [name, plainNumbers(member)] as const)
  if (members.every(([name, member]) => member === object[name])) return object
  const plain: Record<string, Json> = {}
  for (const [name, member] of members) setOwn(plain, name, member)
  return plain
}
