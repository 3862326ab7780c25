/**
 * Values of the template's parameters: what the caller gives, else the default; checked against type and constraints.
 * Source: AWS CloudFormation user guide, "Parameters".
 */
import { getOwn, isArray, type Json, type JsonObject } from '../../base/json.ts'

import { type Problem, TemplateError } from '../problem.ts'
import { matchesWhole } from './allowed-pattern.ts'
import { listed, validationError } from './refusal.ts'
import type { Template } from './template.ts'

export function chooseParameters(template: Template, given: Readonly<Record<string, string>>): Map<string, Json> {
  const problems: Problem[] = []
  const values = new Map<string, Json>()
  for (const [name, declaration] of template.parameters) {
    const complain = (message: string) =>
      problems.push({ message, file: template.file, position: template.locate(['Parameters', name]) })
    const fallback = getOwn(declaration, 'Default')
    const text = Object.hasOwn(given, name) ? given[name] : fallback === undefined ? undefined : String(fallback)
    if (text === undefined) {
      complain(`The parameter ${name} has no default and was not given (--parameter ${name}=…).`)
      continue
    }
    const violation = violationOf(name, text, declaration)
    if (violation !== undefined) complain(`${violation}.`)
    values.set(name, typed(text, String(getOwn(declaration, 'Type') ?? 'String')))
  }
  for (const name of Object.keys(given)) {
    if (!template.parameters.has(name))
      problems.push({ message: `The template has no parameter named ${name}.`, file: template.file })
  }
  if (problems.length > 0) throw new TemplateError(problems)
  return values
}

/**
 * As a stack takes them. Throws ValidationError with AWS's text: for what has no value, what the template does not declare, and the
 * first that is not as its declaration demands.
 */
export function stackParameters(template: Template, given: ReadonlyMap<string, string>): Map<string, Json> {
  const { parameters } = template
  const unknown = [...given.keys()].filter((name) => !parameters.has(name))
  if (unknown.length > 0) throw validationError(`Parameters: ${listed(unknown)} do not exist in the template`)
  const chosen = new Map<string, string>()
  const missing: string[] = []
  for (const [name, declaration] of parameters) {
    const fallback = getOwn(declaration, 'Default')
    const text = given.get(name) ?? (fallback === undefined ? undefined : String(fallback))
    if (text === undefined) missing.push(name)
    else chosen.set(name, text)
  }
  if (missing.length > 0) throw validationError(`Parameters: ${listed(missing)} must have values`)
  const values = new Map<string, Json>()
  for (const [name, text] of chosen) {
    const declaration = parameters.get(name) ?? {}
    const violation = violationOf(name, text, declaration)
    if (violation !== undefined) throw validationError(violation)
    values.set(name, typed(text, typeOf(declaration)))
  }
  return values
}

const typeOf = (declaration: JsonObject): string => String(getOwn(declaration, 'Type') ?? 'String')

/** Lists are written as one text. */
export function typed(text: string, type: string): Json {
  return isList(type) ? text.split(',').map((part) => part.trim()) : text
}

const isList = (type: string): boolean => type === 'CommaDelimitedList' || type.startsWith('List<')

/** What is wrong with a value, in AWS's words; of a list, with any of its members. */
function violationOf(name: string, text: string, declaration: JsonObject): string | undefined {
  const type = typeOf(declaration)
  const items = isList(type) ? text.split(',').map((part) => part.trim()) : [text]
  const found = items.map((item) => violationOfOne(name, item, type, declaration)).find((one) => one !== undefined)
  if (found === undefined) return undefined
  const description = getOwn(declaration, 'ConstraintDescription')
  return typeof description === 'string' ? `Parameter ${name} failed to satisfy constraint: ${description}` : found
}

function violationOfOne(name: string, text: string, type: string, declaration: JsonObject): string | undefined {
  const allowed = getOwn(declaration, 'AllowedValues')
  if (isArray(allowed) && !allowed.map(String).includes(text)) return `Parameter '${name}' must be one of AllowedValues`
  return /^(?:List<)?Number>?$/.test(type) ? numberViolation(name, text, declaration) : textViolation(name, text, declaration)
}

function numberViolation(name: string, text: string, declaration: JsonObject): string | undefined {
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) return `Parameter '${name}' must be a number`
  const [min, max] = [getOwn(declaration, 'MinValue'), getOwn(declaration, 'MaxValue')]
  if (min !== undefined && value < Number(min)) return `Parameter '${name}' must be a number not less than ${String(min)}`
  if (max !== undefined && value > Number(max)) return `Parameter '${name}' must be a number not greater than ${String(max)}`
  return undefined
}

function textViolation(name: string, text: string, declaration: JsonObject): string | undefined {
  const [min, max] = [getOwn(declaration, 'MinLength'), getOwn(declaration, 'MaxLength')]
  if (min !== undefined && text.length < Number(min)) return `Parameter '${name}' must contain at least ${String(min)} characters`
  if (max !== undefined && text.length > Number(max)) return `Parameter '${name}' must contain at most ${String(max)} characters`
  const pattern = getOwn(declaration, 'AllowedPattern')
  if (typeof pattern !== 'string') return undefined
  const matches = matchesWhole(pattern, text)
  if (matches === undefined) return `Parameter '${name}' AllowedPattern must be a valid regular expression.`
  return matches ? undefined : `Parameter '${name}' must match pattern ${pattern}`
}

/** What may be shown of a value: of one that is not to be echoed, asterisks. */
export const shownValue = (declaration: JsonObject, text: string): string => (isSecret(declaration) ? '****' : text)

export const isSecret = (declaration: JsonObject): boolean => String(getOwn(declaration, 'NoEcho')).toLowerCase() === 'true'
