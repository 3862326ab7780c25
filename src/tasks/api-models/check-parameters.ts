/**
 * Whether a Task's parameters are what the call takes: members by the API's model in PascalCase, what is required, types. Asked
 * twice: of the template when a definition is taken in, and of what it has come to when the task is to start. Values (lengths,
 * patterns, enumerations) are for the service to judge, where there is one.
 * Texts: developer guide, "Passing parameters to a service API" (a member that is not supported), public reports of AWS's answers
 * (required, types, values: aws/aws-cdk#30749). A text is taken as JSON where an object or list is given (recorded: services, implicit json serialisation),
 * and null counts as given (recorded: error_handling, empty body).
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { javaName, pascal } from '../casing.ts'

import type { InputModel } from './model.ts'
import type { PlainType, Shape } from './shape.ts'

/** What stands for a value that is known only when the task starts. */
type Template = 'JSONPath' | 'JSONata'

/** All that is wrong, each in AWS's words. `template`: the language of the expressions that `parameters` may still hold. */
export function checkParameters(parameters: Json, input: InputModel, template?: Template): readonly string[] {
  const problems: string[] = []
  if (!isExpression(parameters, template)) new Check(input, template, problems).structure(parameters, input.shape, '')
  return problems
}

const isExpression = (value: Json, template: Template | undefined): boolean =>
  template === 'JSONata' && typeof value === 'string' && value.startsWith('{%')

class Check {
  readonly #input: InputModel
  readonly #template: Template | undefined
  readonly #problems: string[]

  constructor(input: InputModel, template: Template | undefined, problems: string[]) {
    this.#input = input
    this.#template = template
    this.#problems = problems
  }

  /** `field` is '' for the parameters as a whole. */
  structure(value: Json, shape: string | undefined, field: string): void {
    if (!isObject(value)) {
      if (field !== '') this.#wrongType(field, 'an OBJECT')
      return
    }
    const { members = NO_MEMBERS, required = [] } = this.#structureOf(shape)
    const spellings = spellingsOf(members, field !== '' && this.#input.takesModelSpelling)
    const given = new Set<string>()
    for (const [key, member] of Object.entries(value)) {
      const isPath = this.#template === 'JSONPath' && key.endsWith('.$')
      const name = isPath ? key.slice(0, -2) : key
      const modelled = spellings.get(name)
      given.add(modelled ?? name)
      if (isPath || (field === '' && this.#input.extra.has(name))) continue
      if (modelled === undefined) this.#problems.push(`The field "${name}" is not supported by Step Functions`)
      else this.#value(member, members[modelled] ?? '', name)
      if (field === '' && this.#isMiswritten(name, member)) this.#problems.push(`The value for the '${name}' field is not valid`)
    }
    for (const name of required) {
      const isOptional = field === '' && this.#input.optional.has(name)
      if (!isOptional && !given.has(name)) this.#problems.push(`The field '${name}' is required but was missing`)
    }
  }

  #isMiswritten(name: string, value: Json): boolean {
    const wanted = this.#input.values?.get(name)
    return wanted !== undefined && typeof value === 'string' && !isExpression(value, this.#template) && !wanted.test(value)
  }

  #value(value: Json, shapeName: string, field: string): void {
    if (value === null || isExpression(value, this.#template)) return
    const shape = getOwn(this.#input.model.shapes, shapeName) as Shape | undefined
    if (shape === undefined || shape === 'document') return
    const type = typeof shape === 'string' ? shape : shape.type
    switch (type) {
      case 'structure':
        return this.structure(value, shapeName, field)
      case 'list':
        if (!isArray(value)) return this.#wrongType(field, 'an ARRAY')
        for (const item of value) this.#value(item, innerOf(shape), field)
        return
      case 'map':
        if (!isObject(value)) return this.#wrongType(field, 'an OBJECT')
        return this.#map(value, innerOf(shape))
      default:
        return this.#plain(value, this.#input.texts.has(field) ? 'string' : type, field)
    }
  }

  #map(value: JsonObject, shape: string): void {
    for (const [key, item] of Object.entries(value)) {
      if (this.#template !== 'JSONPath' || !key.endsWith('.$')) this.#value(item, shape, key)
    }
  }

  /** A blob is whatever JSON is given; numbers and booleans may be given as text. */
  #plain(value: Json, type: PlainType, field: string): void {
    const given = typeof value
    if (type === 'string' && (given === 'number' || given === 'boolean')) this.#wrongType(field, 'a STRING')
    if (type === 'number' && given !== 'number' && !isNumberText(value)) this.#wrongType(field, 'a NUMBER')
    if (type === 'boolean' && given !== 'boolean' && !/^(true|false)$/i.test(String(value))) this.#wrongType(field, 'a BOOLEAN')
    if (type === 'timestamp' && given !== 'string' && given !== 'number') this.#wrongType(field, 'a STRING')
  }

  #wrongType(field: string, wanted: string): void {
    this.#problems.push(`The value for the field '${field}' must be ${wanted}`)
  }

  #structureOf(name: string | undefined): Partial<Extract<Shape, { type: 'structure' }>> {
    const shape = name === undefined ? undefined : (getOwn(this.#input.model.shapes, name) as Shape | undefined)
    return typeof shape === 'object' && shape.type === 'structure' ? shape : {}
  }
}

const NO_MEMBERS: Readonly<Record<string, string>> = {}

const isNumberText = (value: Json): boolean => typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))

const innerOf = (shape: Shape): string =>
  typeof shape === 'object' && shape.type === 'list'
    ? shape.member
    : typeof shape === 'object' && shape.type === 'map'
      ? shape.value
      : ''

/**
 * As members may be spelled: as the API does, with a capital; as the Java SDK does (`DbClusterIdentifier`, `Bool`); within an
 * optimized integration's parameters as the API does without a capital too (developer guide: `"RetryStrategy": {"attempts": 5}`).
 */
function spellingsOf(members: Readonly<Record<string, string>>, takesModelSpelling: boolean): ReadonlyMap<string, string> {
  const known = takesModelSpelling ? LOOSE : STRICT
  const made = known.get(members) ?? makeSpellings(members, takesModelSpelling)
  known.set(members, made)
  return made
}

/** By the members of a shape: an item has thousands of values of one shape. */
const STRICT = new WeakMap<object, ReadonlyMap<string, string>>()
const LOOSE = new WeakMap<object, ReadonlyMap<string, string>>()

function makeSpellings(members: Readonly<Record<string, string>>, takesModelSpelling: boolean): ReadonlyMap<string, string> {
  const spellings = new Map<string, string>()
  for (const name of Object.keys(members)) {
    spellings.set(javaName(name), name)
    if (name === 'NULL') spellings.set('Nul', name)
    if (takesModelSpelling) spellings.set(name.charAt(0).toLowerCase() + name.slice(1), name)
  }
  for (const name of Object.keys(members)) spellings.set(pascal(name), name)
  return spellings
}
