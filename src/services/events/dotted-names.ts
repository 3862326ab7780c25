/**
 * EventBridge takes `{"state.status": x}` and `{"state": {"status": x}}` for the same, in patterns and in events: it flattens both.
 * Source: EventBridge user guide, "Creating event patterns"; aws/event-ruler's README, "Matching JSON events".
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

/** The object with its dotted names unfolded, at all depths; itself where there are none. A name that is taken stays dotted. */
export function withoutDots(object: JsonObject): JsonObject {
  return hasDots(object) ? unfold(object) : object
}

function hasDots(value: Json): boolean {
  if (isArray(value)) return value.some(hasDots)
  return isObject(value) && Object.entries(value).some(([name, member]) => name.includes('.') || hasDots(member))
}

interface Members {
  [name: string]: Json
}

/** Deeper than any pattern may ask. */
const DOTS_MAX = 100

function unfold(object: JsonObject): Members {
  const unfolded: Members = Object.create(null) as Members
  for (const [name, member] of Object.entries(object)) put(unfolded, name, unfoldValue(member))
  return unfolded
}

function unfoldValue(value: Json): Json {
  if (isArray(value)) return value.map(unfoldValue)
  return isObject(value) ? unfold(value) : value
}

/** Objects that meet are joined, as far as none of their members is there already. All objects in here are of our own making. */
function put(into: Members, name: string, value: Json): void {
  const path = name.split('.', DOTS_MAX + 2)
  const isPath = path.length > 1 && path.length <= DOTS_MAX + 1 && path.every((part) => part !== '')
  const last = isPath ? (path.pop() ?? '') : name
  let at: Members | undefined = into
  if (isPath) for (const part of path) at = at && enter(at, part)
  const known = at?.[last]
  if (at === undefined) into[name] = value
  else if (known === undefined) at[last] = value
  else if (isObject(known) && isObject(value))
    for (const [inner, member] of Object.entries(value)) put(known as Members, inner, member)
}

/** Undefined where something else than an object is there. */
function enter(at: Members, name: string): Members | undefined {
  const known = at[name]
  if (known !== undefined) return isObject(known) ? (known as Members) : undefined
  const made: Members = Object.create(null) as Members
  at[name] = made
  return made
}
