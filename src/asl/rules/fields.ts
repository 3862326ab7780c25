/**
 * Every field is one that its state has in its query language, of the right type and within its bounds; what is required is
 * there, what excludes each other is not. Texts: measured (FL#2786, FL#2968, FL#3733); recorded (api_validation, test_state).
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { isJsonataText } from '../../expr/jsonata/template.ts'
import { compileReferencePath } from '../../expr/jsonpath/reference.ts'

import { isStateType } from '../document/written.ts'
import type { QueryLanguage } from '../program.ts'
import { type Field, MACHINE, type Members, STATES } from '../schema.ts'
import { type Report, type Rule, SCHEMA } from './rule.ts'

export const STATE_TYPES = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'] as const

export const fields: Rule = {
  codes: [SCHEMA],
  check({ document, language, states }, report) {
    new Check(report, language).members(document, MACHINE, '')
    for (const state of states) {
      const type = state.document.Type
      if (type === undefined) report.error(SCHEMA, 'These fields are required: [Type]', state.at)
      else if (!isStateType(type))
        report.error(SCHEMA, `The field 'Type' should have one of these values: [${STATE_TYPES.join(', ')}]`, `${state.at}/Type`)
      else new Check(report, state.language).members(state.document, STATES[type], state.at)
    }
  },
}

class Check {
  readonly #report: Report
  readonly #language: QueryLanguage

  constructor(report: Report, language: QueryLanguage) {
    this.#report = report
    this.#language = language
  }

  members(object: JsonObject, { fields, required = [], exclusive = [], oneOf = [] }: Members, at: string): void {
    const missing = required.filter((name) => getOwn(object, name) === undefined)
    if (missing.length > 0) this.#error(`These fields are required: [${missing.join(', ')}]`, at)
    for (const group of oneOf) {
      const given = group.filter((name) => this.#isGiven(object, name))
      const names = group.filter((name) => (fields[name]?.language ?? this.#language) === this.#language)
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
      else this.#error(`Field '${name}' is not supported`, `${at}/${name}`)
    }
  }

  /** `End: false` says nothing. */
  #isGiven = (object: JsonObject, name: string) => {
    const value = getOwn(object, name)
    return value !== undefined && !(name === 'End' && value === false)
  }

  #field(name: string, value: Json, field: Field, at: string): void {
    const place = `${at}/${name}`
    if (field.language !== undefined && field.language !== this.#language) {
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
  }

  #inner(value: Json, members: Members, place: string): void {
    if (isObject(value)) return this.members(value, members, place)
    if (!isArray(value)) return
    for (const [i, item] of value.entries()) {
      if (isObject(item)) this.members(item, members, `${place}[${i}]`)
      else this.#error('Expected value of type Object', `${place}[${i}]`)
    }
  }

  #error(message: string, location: string): void {
    this.#report.error(SCHEMA, message, location || '/')
  }
}

function typeProblem(value: Json, { type, min, max, isNonEmpty }: Field): string | undefined {
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
      return typeof value === 'string' && compileReferencePath(value).ok ? undefined : 'Value is not a Reference Path'
    case 'Integer':
    case 'Number':
      if (typeof value !== 'number' || (type === 'Integer' && !Number.isInteger(value))) return wanted
      if (min !== undefined && value < min) return `Minimum value is ${type === 'Number' ? min.toFixed(1) : min}`
      return max !== undefined && value > max ? `Maximum value is ${max}` : undefined
  }
}
