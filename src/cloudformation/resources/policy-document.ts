/** Policies, as templates write them and as services answer them. */
import type { Json, JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { objectAt, requiredText } from './resource.ts'

/** It may be written as a text, too. Throws PropertyError where it is missing. */
export function documentIn(object: JsonObject, name: string): string {
  const document = objectAt(object, name)
  return document === undefined ? requiredText(object, name) : JSON.stringify(document)
}

/** `told`: as the service answers it, IAM as URLs write it. */
export function isSameDocument(told: string | undefined, wanted: string): boolean {
  const before = parsed(told ?? '') ?? parsed(decodeURIComponent(told ?? ''))
  const after = parsed(wanted)
  return before !== undefined && after !== undefined && stableJson(before) === stableJson(after)
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
