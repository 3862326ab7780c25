/** Whether a value is what a schema wants, and in which places it is not. Pure. */
import { closest } from '../../base/closest.ts'

import type { Key } from '../../source/tree.ts'

import { definitionOf, type JsonSchema, type JsonType } from './schema.ts'

export interface ShapeProblem {
  readonly path: readonly Key[]
  readonly message: string
}

export interface ShapeOptions {
  /** What is meant by a reference may be something that JSON cannot hold: a mock's function. */
  isForeign(value: unknown, $ref: string): boolean
}

/** In the order of the value. */
export function shapeProblems(value: unknown, schema: JsonSchema, { isForeign }: ShapeOptions): readonly ShapeProblem[] {
  const found: ShapeProblem[] = []
  const tell = (path: readonly Key[], message: string): void => void found.push({ path, message })

  const visit = (value: unknown, { $ref, ...own }: JsonSchema, path: readonly Key[]): void => {
    if ($ref !== undefined && isForeign(value, $ref)) return
    const schema = $ref === undefined ? own : { ...definitionOf($ref), ...own }
    const type = typeOf(value)
    if (!isOfType(value, type, schema.type)) return tell(path, `${nameOf(path)} must be ${wanted(schema)}, not ${shown(value)}.`)
    if (type === 'string') visitText(value as string, schema, path)
    if (type === 'number' && schema.minimum !== undefined && (value as number) < schema.minimum)
      tell(path, `${nameOf(path)} must be ${schema.minimum} or more, not ${shown(value)}.`)
    if (type === 'array') visitItems(value as readonly unknown[], schema, path)
    if (type === 'object') visitMembers(value as Readonly<Record<string, unknown>>, schema, path)
  }

  const visitText = (value: string, schema: JsonSchema, path: readonly Key[]): void => {
    const words = wordsOf(schema)
    if (words && !words.includes(value))
      tell(path, `${nameOf(path)} must be ${wanted(schema)}, not '${value}'.${didYouMean(value, words)}`)
    if (value.length < (schema.minLength ?? 0)) tell(path, `${nameOf(path)} is empty.`)
  }

  const visitItems = (items: readonly unknown[], schema: JsonSchema, path: readonly Key[]): void => {
    if (items.length < (schema.minItems ?? 0)) tell(path, `${nameOf(path)} is an empty list.`)
    if (schema.items) for (const [index, item] of items.entries()) visit(item, schema.items, [...path, index])
  }

  const visitMembers = (value: Readonly<Record<string, unknown>>, schema: JsonSchema, path: readonly Key[]): void => {
    const { properties = {}, additionalProperties = true } = schema
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    for (const [name, member] of members) {
      const row = Object.hasOwn(properties, name) ? properties[name] : undefined
      if (row) visit(member, row, [...path, name])
      else if (additionalProperties === false) tell([...path, name], unknownMember(name, path, properties))
      else if (additionalProperties !== true) visit(member, additionalProperties, [...path, name])
    }
    const has = (name: string): boolean => members.some(([own]) => own === name)
    for (const name of schema.required ?? []) if (!has(name)) tell(path, `${nameOf(path)} has no '${name}'.`)
    for (const [name, needed] of Object.entries(schema.dependentRequired ?? {}))
      for (const other of needed)
        if (has(name) && !has(other)) tell([...path, name], `${nameOf(path)} has '${name}' without '${other}'.`)
    const { minProperties = 0, maxProperties = Number.POSITIVE_INFINITY } = schema
    if (members.length < minProperties) tell(path, `${nameOf(path)} is empty: it takes ${listed(Object.keys(properties))}.`)
    if (members.length > maxProperties)
      tell(path, `${nameOf(path)} says ${members.length} things at once. Make each an item of its own.`)
  }

  visit(value, schema, [])
  return found
}

/** `cases[2].expect`; the suite itself where it is empty. */
export const nameOf = (path: readonly Key[]): string =>
  path.length === 0
    ? 'The suite'
    : path
        .map((key) => (typeof key === 'number' ? `[${key}]` : /^[\w$-]+$/.test(key) ? `.${key}` : `['${key}']`))
        .join('')
        .replace(/^\./, '')

/** Another sentence, or nothing. */
export function didYouMean(name: string, names: readonly string[]): string {
  const nearest = closest(name, names)
  return nearest === undefined ? '' : ` Did you mean '${nearest}'?`
}

function unknownMember(name: string, path: readonly Key[], properties: Readonly<Record<string, JsonSchema>>): string {
  const known = Object.keys(properties)
  const guess = didYouMean(name, known)
  const isMock = Object.hasOwn(properties, 'return')
  const hint = guess || (isMock ? ' What the task gets for an answer stands below return.' : ` It takes ${listed(known)}.`)
  return `${nameOf(path)} has no member '${name}'.${hint}`
}

const listed = (names: readonly string[]): string => names.filter((name) => !name.startsWith('$')).join(', ')

function typeOf(value: unknown): JsonType | 'function' {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'function'
}

function isOfType(value: unknown, type: JsonType | 'function', wanted: JsonSchema['type']): boolean {
  if (wanted === undefined) return type !== 'function'
  const all = typeof wanted === 'string' ? [wanted] : wanted
  return all.some((one) => one === type || (one === 'integer' && Number.isInteger(value)))
}

const WORDS: Readonly<Record<JsonType, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
}

/** The texts that are meant; undefined where any is. */
const wordsOf = ({ enum: values, pattern }: JsonSchema): readonly string[] | undefined =>
  pattern === undefined ? values : [pattern.slice(1, -1)]

function wanted(schema: JsonSchema): string {
  const { type } = schema
  const values = wordsOf(schema)
  const types = (typeof type === 'string' ? [type] : (type ?? [])).map((one) =>
    one === 'string' && values ? values.join(', ').replace(/, ([^,]*)$/, ' or $1') : WORDS[one],
  )
  return types.join(', ').replace(/, (an? [^,]*)$/, ' or $1')
}

const SHOWN_MAX = 60

function shown(value: unknown): string {
  const text = typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value))
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
