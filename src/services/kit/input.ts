/**
 * Reads the members of a request: strict, with the words in which the service refuses what is wrong, or as the older services
 * do, which pass over what they did not ask for. A member that is null is absent.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { WireError } from '../../wire/errors.ts'

/** The words and bounds of a service. */
export interface InputRules {
  /** Of a text for which no other bound is known. */
  readonly charsMax: number
  /** `wanted`: `a string`, `a list of strings`, … */
  readonly wrongType: (member: string, wanted: string) => WireError
  readonly constraint: (value: Json | undefined, member: string, constraint: string) => WireError
}

const isText = (value: Json): value is string => typeof value === 'string'

/** Readers of a service. Each throws what the rules say; what is absent is undefined. */
export function inputReaders({ charsMax, wrongType, constraint }: InputRules) {
  const present = (input: JsonObject, member: string): Json | undefined => getOwn(input, member) ?? undefined

  function readText(input: JsonObject, member: string, max = charsMax): string | undefined {
    const value = present(input, member)
    if (value === undefined) return undefined
    if (!isText(value)) throw wrongType(member, 'a string')
    if (value.length > max) throw constraint(value, member, `Member must have length less than or equal to ${max}`)
    return value
  }

  function readWhole(input: JsonObject, member: string, min: number, max: number): number | undefined {
    const value = present(input, member)
    if (value === undefined) return undefined
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min)
      throw constraint(value, member, `Member must have value greater than or equal to ${min}`)
    if (value > max) throw constraint(value, member, `Member must have value less than or equal to ${max}`)
    return value
  }

  function readTexts(input: JsonObject, member: string, itemsMax = Number.POSITIVE_INFINITY): readonly string[] | undefined {
    const value = present(input, member)
    if (value === undefined) return undefined
    if (!isArray(value) || !value.every(isText)) throw wrongType(member, 'a list of strings')
    if (value.length > itemsMax) throw constraint(value, member, `Member must have length less than or equal to ${itemsMax}`)
    return value
  }

  function readTextMap(input: JsonObject, member: string, called = member): Readonly<Record<string, string>> | undefined {
    const value = present(input, member)
    if (value === undefined) return undefined
    if (!isObject(value)) throw wrongType(called, 'a map of strings')
    const found: [string, string][] = Object.entries(value).map(([key, item]) => {
      if (!isText(item)) throw wrongType(called, 'a map of strings')
      return [key, item]
    })
    return Object.fromEntries(found)
  }

  return { readText, readWhole, readTexts, readTextMap }
}

/** The objects of a list; what is none is passed over. */
export function objectList(input: JsonObject, member: string): readonly JsonObject[] {
  const value = getOwn(input, member)
  return isArray(value) ? value.filter(isObject) : []
}

/** The texts of a list; what is none is passed over. */
export function textList(input: JsonObject, member: string): readonly string[] {
  const value = getOwn(input, member)
  return isArray(value) ? value.filter(isText) : []
}

/** Only the members of `names` that are there. */
export function picked(input: JsonObject, names: readonly string[]): JsonObject {
  const members: Record<string, Json> = {}
  for (const name of names) {
    const value = getOwn(input, name) ?? null
    if (value !== null) members[name] = value
  }
  return members
}
