/**
 * The token that a task has passed on, from its call as the history tells it: it stands where the definition says `$$.Task.Token`. The API
 * tells tokens nowhere else.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

/** Undefined where the token is not passed on as a whole. `template`: the state's Parameters or Arguments. */
export function tokenIn(template: Json, parameters: Json): string | undefined {
  if (isArray(template))
    return isArray(parameters) ? first(template.map((one, index) => tokenIn(one, parameters[index] ?? null))) : undefined
  if (!isObject(template) || !isObject(parameters)) return isToken(template) ? textOf(parameters) : undefined
  return first(
    Object.entries(template).map(([name, value]) =>
      name.endsWith('.$') && value === '$$.Task.Token'
        ? textOf(getOwn(parameters, name.slice(0, -2)) ?? null)
        : tokenIn(value, getOwn(parameters, name) ?? null),
    ),
  )
}

/** A state of a definition, within whatever Map or Parallel it stands. */
export function stateNamed(machine: JsonObject, name: string): JsonObject | undefined {
  const states = getOwn(machine, 'States')
  if (!isObject(states)) return undefined
  const own = getOwn(states, name)
  if (isObject(own)) return own
  for (const state of Object.values(states)) {
    if (!isObject(state)) continue
    const branches = getOwn(state, 'Branches')
    const within = [...(isArray(branches) ? branches : []), getOwn(state, 'ItemProcessor'), getOwn(state, 'Iterator')]
    for (const one of within) {
      const found = isObject(one) ? stateNamed(one, name) : undefined
      if (found) return found
    }
  }
  return undefined
}

const isToken = (template: Json): boolean =>
  typeof template === 'string' && /^\{%\s*\$states\.context\.Task\.Token\s*%\}$/.test(template)

const textOf = (value: Json): string | undefined => (typeof value === 'string' ? value : undefined)

const first = <T>(found: readonly (T | undefined)[]): T | undefined => found.find((one) => one !== undefined)
