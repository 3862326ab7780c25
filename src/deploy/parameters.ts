/**
 * Values of the template's parameters: what the caller gives, else the default; checked against type and constraints.
 * Source: AWS CloudFormation user guide, "Parameters".
 */
import { getOwn, isArray, type Json, type JsonObject } from '../base/json.ts'

import { type Problem, TemplateError } from './problem.ts'
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
    for (const message of violations(name, text, declaration)) complain(message)
    values.set(name, typed(text, String(getOwn(declaration, 'Type') ?? 'String')))
  }
  for (const name of Object.keys(given)) {
    if (!template.parameters.has(name))
      problems.push({ message: `The template has no parameter named ${name}.`, file: template.file })
  }
  if (problems.length > 0) throw new TemplateError(problems)
  return values
}

function typed(text: string, type: string): Json {
  return type === 'CommaDelimitedList' || type.startsWith('List<') ? text.split(',').map((part) => part.trim()) : text
}

function violations(name: string, text: string, declaration: JsonObject): string[] {
  const found: string[] = []
  const allowed = getOwn(declaration, 'AllowedValues')
  if (isArray(allowed) && !allowed.map(String).includes(text)) {
    found.push(`The parameter ${name} must be one of ${allowed.join(', ')}.`)
  }
  const number = getOwn(declaration, 'Type') === 'Number' ? Number(text) : undefined
  if (number !== undefined && (text.trim() === '' || Number.isNaN(number))) found.push(`The parameter ${name} must be a number.`)
  const measure = number ?? text.length
  const [low, high] = number === undefined ? ['MinLength', 'MaxLength'] : ['MinValue', 'MaxValue']
  const min = getOwn(declaration, low ?? '')
  const max = getOwn(declaration, high ?? '')
  if (min !== undefined && measure < Number(min)) found.push(`The parameter ${name} must have ${low} ${String(min)}.`)
  if (max !== undefined && measure > Number(max)) found.push(`The parameter ${name} must have ${high} ${String(max)}.`)
  return found
}
