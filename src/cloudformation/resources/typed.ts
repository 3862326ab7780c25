/** Values of parameters are texts wherever they stand; services want numbers and flags. */
import { isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'

export interface Kinds {
  /** Names of members that hold numbers, at any depth. */
  readonly numbers?: readonly string[]
  readonly flags?: readonly string[]
}

/** The value with what such members hold as it should be; what cannot be is left for the service to refuse. */
export function typed(value: Json, kinds: Kinds, name = ''): Json {
  if (isArray(value)) return value.map((item) => typed(item, kinds, name))
  if (isObject(value)) return typedMembers(value, kinds)
  if (typeof value !== 'string') return value
  if (kinds.numbers?.includes(name) === true && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value)
  if (kinds.flags?.includes(name) === true && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  return value
}

export function typedMembers(value: JsonObject, kinds: Kinds): JsonObject {
  const object: Record<string, Json> = {}
  for (const [key, member] of Object.entries(value)) setOwn(object, key, typed(member, kinds, key))
  return object
}

/** The same of all members of what is wanted. */
export const saysAll = (told: JsonObject, wanted: JsonObject): boolean =>
  Object.entries(wanted).every(([name, member]) => covers(told[name], member))

/** Whether what a service tells says all that is wanted: it may say more, and leaves out what is empty. */
export function covers(told: Json | undefined, wanted: Json): boolean {
  if (isEmpty(wanted)) return told === undefined || isEmpty(told)
  if (isArray(wanted))
    return isArray(told) && told.length === wanted.length && wanted.every((item, index) => covers(told[index], item))
  if (!isObject(wanted)) return told === wanted || String(told) === String(wanted)
  return isObject(told) && saysAll(told, wanted)
}

function isEmpty(value: Json): boolean {
  if (isArray(value)) return value.length === 0
  if (isObject(value)) return Object.values(value).every(isEmpty)
  return value === '' || value === null
}
