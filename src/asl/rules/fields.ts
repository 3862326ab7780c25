/**
 * Every field is one that its state has in its query language, of the right type and within its bounds; what is required is
 * there, what excludes each other is not. Texts: measured (FL#2786, FL#2968, FL#3733); recorded (api_validation, test_state).
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { parseTimestamp } from '../../base/time.ts'

import { isJsonataText } from '../../expr/jsonata/template.ts'
import { compileReferencePath } from '../../expr/jsonpath/reference.ts'

import { isStateType } from '../document/written.ts'
import type { QueryLanguage, StateType } from '../program.ts'
import { type Field, MACHINE, type Members, STATES } from '../schema.ts'
import { type Report, type Rule, SCHEMA } from './rule.ts'

/** In the order in which AWS lists them. */
const STATE_TYPES = {
  Task: true,
  Wait: true,
  Pass: true,
  Succeed: true,
  Fail: true,
  Choice: true,
  Parallel: true,
  Map: true,
} satisfies Record<StateType, true>
export const UNKNOWN_TYPE = `The field 'Type' should have one of these values: [${Object.keys(STATE_TYPES).join(', ')}]`

export const fields: Rule = {
  codes: [SCHEMA],
  check({ document, language, states }, report) {
    new Check(report, language).members(document, MACHINE, '')
    for (const state of states) {
      const type = state.document.Type
      if (type === undefined) report.error(SCHEMA, 'These fields are required: [Type]', state.at)
      else if (!isStateType(type)) report.error(SCHEMA, UNKNOWN_TYPE, `${state.at}/Type`)
      else new Check(report, state.language).members(state.document, STATES[type], state.at)
    }
  },
}

/** One object of the language, and what its schema says it holds. */
export class Check {
  readonly #report: Report
  readonly #language: QueryLanguage

  constructor(report: Report, language: QueryLanguage) {
    this.#report = report
    this.#language = language
  }

  members(object: JsonObject, members: Members, at: string): void {
    const { fields, exclusive = [], oneOf = [] } = members
    const missing = this.#missing(object, members)
    if (missing.length > 0) this.#error(`These fields are required: [${missing.join(', ')}]`, at)
    for (const group of oneOf) {
      const given = group.filter((name) => this.#isGiven(object, name))
      const names = group.filter((name) => this.#isSpoken(fields[name]))
      if (names.length === 0) continue
      if (given.length === 0) this.#error(`There should be one of the following fields: [${names.join(', ')}]`, at)
      else if (given.length > 1) this.#error(`There should only be one of the following fields: [${given.join(', ')}]`, at)
    }
    for (const group of exclusive) {
      const given = group.filter((name) => Object.hasOwn(object, name))
      if (given.length > 1) this.#error(`There should only be one of the following fields: [${group.join(', ')}]`, at)
    }
    for (const [name, value] of Object.entries(object)) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined
      if (field) this.#field(name, value, field, at)
      else this.#error(`Field '${name}' is not supported`, at)
    }
  }

  #missing(object: JsonObject, { fields, required = [], dependent = {} }: Members): readonly string[] {
    const isMissing = (name: string) => getOwn(object, name) === undefined && this.#isSpoken(fields[name])
    const isAsked = ([, others]: [string, readonly string[]]) => others.some((name) => Object.hasOwn(object, name))
    const asked = Object.entries(dependent).filter(isAsked)
    return [...asked.map(([name]) => name), ...required].filter(isMissing)
  }

  #isSpoken = (field: Field | undefined) => (field?.language ?? this.#language) === this.#language

  /** `End: false` says nothing. */
  #isGiven = (object: JsonObject, name: string) => {
    const value = getOwn(object, name)
    return value !== undefined && !(name === 'End' && value === false)
  }

  #field(name: string, value: Json, field: Field, at: string): void {
    const place = `${at}/${name}`
    if (!this.#isSpoken(field)) {
      return this.#error(
        `The QueryLanguage is set to '${this.#language}', but field '${name}' is only supported for the '${field.language}' QueryLanguage`,
        at || '/',
      )
    }
    if (value === null && field.isNullable) return
    if (field.isExpression && this.#language === 'JSONata' && isJsonataText(value)) return
    const problem = typeProblem(value, field)
    if (problem !== undefined) return this.#error(problem, place)
    if (field.values && !field.values.includes(value) && !(name === 'End' && value === false))
      this.#error(`The field '${name}' should have one of these values: [${field.values.join(', ')}]`, place)
    if (field.members) this.#inner(value, field.members, place)
    if (field.items && isArray(value)) this.#items(value, field.items, place)
  }

  #items(items: readonly Json[], type: 'String', place: string): void {
    for (const [i, item] of items.entries()) {
      const problem = typeProblem(item, { type })
      if (problem !== undefined) this.#error(problem, `${place}[${i}]`)
    }
  }

  #inner(value: Json, members: Members, place: string): void {
    if (isObject(value)) return this.members(value, members, place)
    if (!isArray(value)) return
    for (const [i, item] of value.entries()) {
      this.object(item, members, `${place}[${i}]`)
    }
  }

  /** False for what is no object. */
  object(value: Json, members: Members, place: string): value is JsonObject {
    if (isObject(value)) this.members(value, members, place)
    else this.#error('Expected value of type Object', place)
    return isObject(value)
  }

  #error(message: string, location: string): void {
    this.#report.error(SCHEMA, message, location || '/')
  }
}

function typeProblem(value: Json, { type, min, max, isNonEmpty, roots }: Field): string | undefined {
  const wanted = `Expected value of type ${type}`
  switch (type) {
    case 'Any':
      return undefined
    case 'String':
      return typeof value === 'string' ? undefined : wanted
    case 'Boolean':
      return typeof value === 'boolean' ? undefined : wanted
    case 'Object':
      return isObject(value) ? undefined : wanted
    case 'Array':
      if (!isArray(value)) return wanted
      return isNonEmpty && value.length === 0 ? 'Value cannot be empty' : undefined
    case 'ReferencePath':
      return referenceProblem(value, roots)
    case 'Timestamp':
      if (typeof value !== 'string') return 'Expected value of type String'
      return parseTimestamp(value) === undefined ? 'String does not match RFC3339 timestamp' : undefined
    case 'Integer':
    case 'Number':
      if (typeof value !== 'number' || (type === 'Integer' && !Number.isInteger(value))) return wanted
      if (min !== undefined && value < min) return `Minimum value is ${type === 'Number' ? min.toFixed(1) : min}`
      return max !== undefined && value > max ? `Maximum value is ${max}` : undefined
  }
}

/** Texts as measured (aws-cloudformation/cfn-lint#4076, FL#3733). */
function referenceProblem(value: Json, roots: Field['roots']): string | undefined {
  if (typeof value !== 'string') return 'Expected value of type String'
  if (!value.startsWith('$')) return "Value is not a Reference Path: Reference path didn't start with '$'"
  const path = compileReferencePath(value)
  return path.ok && (roots === undefined || roots.includes(path.value.root)) ? undefined : 'Value is not a Reference Path'
}
