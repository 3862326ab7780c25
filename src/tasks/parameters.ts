/** Reading a task's parameters: objects by name, texts that may be given as JSON. */
import { getOwn, isObject, type Json, type JsonObject } from '../base/json.ts'
import { exactJsonOf } from '../base/json-text.ts'
import { printInOrder } from '../base/member-order.ts'

import type { TaskRequest } from './connector.ts'

/** Parameters that are no object count as none. */
export const objectOf = (parameters: Json): JsonObject => (isObject(parameters) ? parameters : {})

/** The same with numbers as they were spelled: for members that go out as JSON text. */
export const spelledOf = ({ parameters, spelled = parameters }: Pick<TaskRequest, 'parameters' | 'spelled'>): JsonObject =>
  objectOf(spelled)

/** A text as it is; anything else as its JSON; undefined where it is absent or null. */
export function asText(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  return typeof value === 'string' ? value : printInOrder(value)
}

/** What a service answers as text: its value, or the text where it is no JSON. */
export function jsonOrText(text: string): Json {
  const value = exactJsonOf(text)
  return value === undefined ? text : value
}

export const textMember = (parameters: JsonObject, name: string): string | undefined => asText(getOwn(parameters, name))
