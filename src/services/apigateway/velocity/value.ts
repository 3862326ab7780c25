/**
 * The values of a running template. Objects are maps, so that nothing that a template names can reach a prototype; what API Gateway
 * hands in (`$util`, `$input`) are tools, whose methods alone can be called. Printed as Java prints them.
 */
import { isArray, isObject, type Json } from '../../../base/json.ts'
import { entriesOf } from '../../../base/member-order.ts'
import { numberOf } from '../../../base/numeral.ts'

import type { Work } from '../../../expr/work.ts'

import { TemplateError } from './syntax.ts'

export type Value = null | boolean | number | string | Value[] | Map<string, Value> | Tool

/** Something with methods and properties of its own. Undefined where it has none of that name. */
export interface Tool {
  readonly property?: (name: string) => Value | undefined
  readonly method?: (name: string, values: readonly Value[], work: Work) => Value | undefined
}

export const isMap = (value: Value): value is Map<string, Value> => value instanceof Map
export const isTool = (value: Value): value is Tool =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isMap(value)

/** Costs a unit each value. */
export function valueFrom(json: Json, work: Work): Value {
  work.spend(1)
  if (isArray(json)) return json.map((item) => valueFrom(item, work))
  if (isObject(json)) return new Map(entriesOf(json).map(([name, member]) => [name, valueFrom(member, work)]))
  return json === null || typeof json === 'string' || typeof json === 'boolean' ? json : Number(numberOf(json))
}

/** Empty for null, as API Gateway has it. */
export function printValue(value: Value, work: Work): string {
  if (typeof value === 'string') return value
  if (value === null) return ''
  return printed(value, work, 0)
}

/** A template can put a list into itself. */
const DEPTH_MAX = 500

function printed(value: Value, work: Work, depth: number): string {
  work.spend(1)
  if (depth > DEPTH_MAX) throw new TemplateError('a value nests too deeply')
  const inner = (one: Value) => printed(one, work, depth + 1)
  if (Array.isArray(value)) return spent(`[${value.map(inner).join(', ')}]`, work)
  if (isMap(value)) return spent(`{${[...value].map(([name, member]) => `${name}=${inner(member)}`).join(', ')}}`, work)
  return isTool(value) ? '' : String(value)
}

const CHARS_PER_UNIT = 8

/** A text that was made, and what making it costs. */
export function spent(text: string, work: Work): string {
  work.spend(1 + text.length / CHARS_PER_UNIT)
  return text
}
