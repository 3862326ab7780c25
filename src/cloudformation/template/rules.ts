/**
 * The rules of a template: assertions about its parameters, each under a condition of its own.
 * Source: CloudFormation user guide, "Rules"; template reference, "Rule functions".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { formatError, templateError, validationError } from './refusal.ts'
import type { Template } from './template.ts'

/** What the rules look at. */
export interface RuleScope {
  readonly parameters: ReadonlyMap<string, Json>
  readonly pseudo: ReadonlyMap<string, string>
  /** What is known of the thing that a parameter of an AWS type names; undefined where nothing is. */
  attributeOf?(parameter: string, attribute: string): Json | undefined
}

/** Throws ValidationError with the description of the first assertion that does not hold. */
export function checkRules(template: Template, scope: RuleScope): void {
  for (const [id, rule] of template.rules) {
    const condition = getOwn(rule, 'RuleCondition')
    const assertions = getOwn(rule, 'Assertions')
    if (!isArray(assertions)) throw formatError(`Rule ${id} must contain Assertions`)
    if (condition !== undefined && !isTrue(condition, template, scope)) continue
    for (const assertion of assertions) {
      const assert = isObject(assertion) ? getOwn(assertion, 'Assert') : undefined
      if (assert === undefined) throw formatError(`Every assertion of the rule ${id} must contain Assert`)
      if (isTrue(assert, template, scope)) continue
      const description = isObject(assertion) ? getOwn(assertion, 'AssertDescription') : undefined
      throw validationError(typeof description === 'string' ? description : `Assertion of the rule ${id} failed`)
    }
  }
}

function isTrue(value: Json, template: Template, scope: RuleScope): boolean {
  const answer = evaluate(value, template, scope)
  if (typeof answer !== 'boolean') throw templateError('Rules can only be boolean operations on parameters')
  return answer
}

function evaluate(value: Json, template: Template, scope: RuleScope): Json {
  const inner = (one: Json): Json => evaluate(one, template, scope)
  if (isArray(value)) return value.map(inner)
  if (!isObject(value)) return value
  const [name, ...others] = Object.keys(value)
  if (name === undefined || others.length > 0) return value
  const argument = value[name] ?? null
  if (name === 'Ref') return referred(String(argument), scope)
  if (!Object.hasOwn(functions, name)) throw templateError(`encountered unsupported function: ${name} in a rule`)
  const items = (isArray(argument) ? argument : [argument]).map(inner)
  return functions[name]?.(items, template, scope) ?? null
}

function referred(name: string, { parameters, pseudo }: RuleScope): Json {
  const value = parameters.get(name) ?? pseudo.get(name)
  if (value === undefined)
    throw formatError(`Unresolved dependencies [${name}]. Cannot reference resources in the Rules block of the template`)
  return value
}

type RuleFunction = (items: readonly Json[], template: Template, scope: RuleScope) => Json

const texts = (value: Json | undefined): readonly string[] =>
  (isArray(value) ? value : value === undefined ? [] : [value]).map(text)
const text = (value: Json): string => (isObject(value) || isArray(value) ? stableJson(value) : String(value))

const functions: Readonly<Record<string, RuleFunction>> = {
  'Fn::And': (items) => items.every((item) => item === true),
  'Fn::Or': (items) => items.some((item) => item === true),
  'Fn::Not': ([item]) => item !== true,
  'Fn::Equals': ([left = null, right = null]) => text(left) === text(right),
  'Fn::Contains': ([list, item = null]) => texts(list).includes(text(item)),
  'Fn::EachMemberEquals': ([list, item = null]) => texts(list).every((one) => one === text(item)),
  'Fn::EachMemberIn': ([list, allowed]) => {
    const known = new Set(texts(allowed))
    return texts(list).every((one) => known.has(one))
  },
  /** The values of all parameters of a type. */
  'Fn::RefAll': ([type = null], template, { parameters }) =>
    parametersOf(text(type), template).flatMap((name) => texts(parameters.get(name))),
  'Fn::ValueOf': ([parameter = null, attribute = null], _, scope) => scope.attributeOf?.(text(parameter), text(attribute)) ?? [],
  'Fn::ValueOfAll': ([type = null, attribute = null], template, scope) =>
    parametersOf(text(type), template).flatMap((name) => {
      const value = scope.attributeOf?.(name, text(attribute))
      return value === undefined ? [] : [value]
    }),
}

const parametersOf = (type: string, { parameters }: Template): readonly string[] =>
  [...parameters].flatMap(([name, declared]: [string, JsonObject]) => {
    const own = String(getOwn(declared, 'Type'))
    return own === type || own === `List<${type}>` ? [name] : []
  })
