/**
 * Intrinsic functions, parameters, conditions and mappings: a value of the template with its references, in; plain JSON out.
 * `Ref` and `Fn::GetAtt` ask the scope, which knows what is deployed already. `AWS::NoValue` removes the member it stands for.
 * Source: AWS CloudFormation template reference, "Intrinsic functions" and "Pseudo parameters".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'
import { isNumeral } from '../../base/numeral.ts'

import { cutCidr } from './cidr.ts'
import type { Template } from './template.ts'

export interface Scope {
  readonly template: Pick<Template, 'mappings' | 'conditions'>
  /** Parameters by name, their types applied. */
  readonly parameters: ReadonlyMap<string, Json>
  /** `AWS::Region` ... */
  readonly pseudo: ReadonlyMap<string, string>
  /** What `Ref` gives for a resource; undefined when there is none of that name. */
  ref(id: string): Json | undefined
  attribute(id: string, name: string): Json | undefined
  /** What a stack of the same app exports under a name. */
  imported(name: string): Json
}

/** A value that cannot be resolved. The caller knows where it stands. */
export class IntrinsicError extends Error {
  override readonly name = 'IntrinsicError'
}

const SUPPORTED =
  'Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, ' +
  'Fn::Not, Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, ' +
  'Fn::RefAll, Fn::Sub, Fn::Cidr'

/** Of a function that is not here: `regente dev` leaves out what holds it. */
export class UnsupportedFunctionError extends IntrinsicError {
  readonly functionName: string

  constructor(functionName: string) {
    super(`Template error: encountered unsupported function: ${functionName} Supported functions are: [${SUPPORTED}]`)
    this.functionName = functionName
  }
}

const REMOVED: unique symbol = Symbol('AWS::NoValue')
type Resolved = Json | typeof REMOVED

export function resolve(value: Json, scope: Scope): Json {
  const resolved = resolveValue(value, scope)
  return resolved === REMOVED ? null : resolved
}

function resolveValue(value: Json, scope: Scope): Resolved {
  if (isArray(value)) return value.map((item) => resolveValue(item, scope)).filter((item) => item !== REMOVED)
  if (!isObject(value)) return value
  const [name, ...others] = Object.keys(value)
  if (name !== undefined && others.length === 0) {
    const apply = functionNamed(name)
    if (apply !== undefined) return apply(value[name] as Json, scope)
  }
  const object: Record<string, Json> = {}
  for (const [key, member] of Object.entries(value)) {
    const resolved = resolveValue(member, scope)
    if (resolved !== REMOVED) setOwn(object, key, resolved)
  }
  return object
}

type Apply = (argument: Json, scope: Scope) => Resolved

function functionNamed(name: string): Apply | undefined {
  if (Object.hasOwn(functions, name)) return functions[name as keyof typeof functions]
  if (name.startsWith('Fn::')) throw new UnsupportedFunctionError(name)
  return undefined
}

const functions = {
  Ref: (argument, scope) => lookUp(textOf(argument, 'Ref'), scope),
  'Fn::GetAtt': (argument, scope) => {
    const [id, ...rest] = isArray(argument) ? argument : String(argument).split('.')
    const attribute = rest.map((part) => resolve(part, scope)).join('.')
    const value = scope.attribute(String(id), attribute)
    if (value === undefined) throw noAttribute(String(id), attribute)
    return value
  },
  'Fn::Sub': (argument, scope) => {
    const [text, given] = isArray(argument) ? argument : [argument, {}]
    const variables = isObject(given) ? given : {}
    return textOf(text ?? null, 'Fn::Sub').replaceAll(SUB_VARIABLE, (_, mark: string, name: string) =>
      mark === '!' ? `\${${name}}` : substitute(name, variables, scope),
    )
  },
  'Fn::Join': (argument, scope) => {
    const [delimiter = null, list = null] = listOf(argument, 2, 'Fn::Join')
    const items = resolve(list, scope)
    if (!isArray(items) || typeof delimiter !== 'string') throw new IntrinsicError(WANTS['Fn::Join'])
    return items.map((item) => printed(item, 'Fn::Join')).join(delimiter)
  },
  'Fn::Split': (argument, scope) => {
    const [delimiter = '', text = ''] = listOf(argument, 2, 'Fn::Split').map((part) => textOf(resolve(part, scope), 'Fn::Split'))
    if (delimiter === '') throw new IntrinsicError('Template error: Fn::Split delimiter cannot be empty')
    return text.split(delimiter)
  },
  'Fn::Select': (argument, scope) => {
    const [index = null, list = null] = listOf(argument, 2, 'Fn::Select').map((part) => resolve(part, scope))
    const at = textOf(index, 'Fn::Select')
    if (!isArray(list) || !/^\d+$/.test(at)) throw new IntrinsicError(WANTS['Fn::Select'])
    const chosen = list[Number(at)]
    if (chosen === undefined)
      throw new IntrinsicError(`Template error: Fn::Select cannot select nonexistent value at index ${at}`)
    return chosen
  },
  'Fn::FindInMap': (argument, scope) => {
    const { keys, fallback } = mapKeysOf(argument)
    const [map = '', ...path] = keys.map((part) => textOf(resolve(part, scope), 'Fn::FindInMap'))
    const mapping = getOwn(scope.template.mappings, map)
    const found = path.reduce<Json | undefined>((at, key) => (isObject(at) ? getOwn(at, key) : undefined), mapping)
    if (found !== undefined) return found
    if (fallback !== undefined) return resolveValue(fallback, scope)
    throw new IntrinsicError(
      mapping === undefined
        ? `Template error: Mapping named '${map}' is not present in the 'Mappings' section of template.`
        : `Template error: Unable to get mapping for ${[map, ...path].join('::')}`,
    )
  },
  'Fn::If': (argument, scope) => {
    const [condition = null, yes = null, no = null] = listOf(argument, 3, 'Fn::If')
    const name = textOf(condition, 'Fn::If')
    if (!scope.template.conditions.has(name)) throw unresolvedCondition(name, 'Fn::If')
    return resolveValue(holds(name, scope) ? yes : no, scope)
  },
  'Fn::Equals': (argument, scope) => {
    const [left, right] = listOf(argument, 2, 'Fn::Equals').map((part) => JSON.stringify(printedOrSelf(resolve(part, scope))))
    return left === right
  },
  'Fn::And': (argument, scope) => listOf(argument, undefined, 'Fn::And').every((part) => isTrue(part, scope)),
  'Fn::Or': (argument, scope) => listOf(argument, undefined, 'Fn::Or').some((part) => isTrue(part, scope)),
  'Fn::Not': (argument, scope) => !isTrue(listOf(argument, 1, 'Fn::Not')[0] as Json, scope),
  'Fn::Base64': (argument, scope) => Buffer.from(textOf(resolve(argument, scope), 'Fn::Base64')).toString('base64'),
  'Fn::Length': (argument, scope) => {
    const list = resolve(argument, scope)
    if (!isArray(list)) throw new IntrinsicError(WANTS['Fn::Length'])
    return list.length
  },
  'Fn::Cidr': (argument, scope) => {
    const [block = '', count, bits] = listOf(argument, 3, 'Fn::Cidr').map((part) => textOf(resolve(part, scope), 'Fn::Cidr'))
    const blocks = cutCidr(block, Number(count), Number(bits))
    if (blocks === undefined)
      throw new IntrinsicError(`Template error: Fn::Cidr cannot cut ${count} blocks with ${bits} bits each out of ${block}`)
    return blocks
  },
  'Fn::ToJsonString': (argument, scope) => JSON.stringify(resolve(argument, scope)),
  'Fn::GetAZs': (argument, scope) => {
    const region = textOf(resolve(argument, scope), 'Fn::GetAZs') || scope.pseudo.get('AWS::Region')
    return ['a', 'b', 'c'].map((zone) => `${region}${zone}`)
  },
  'Fn::ImportValue': (argument, scope) => scope.imported(textOf(resolve(argument, scope), 'Fn::ImportValue')),
} satisfies Record<string, Apply>

/** `${Name}`, `${Name.Attribute}`, `${AWS::Region}`; `${!Literal}` is left as `${Literal}`. */
const SUB_VARIABLE = /\$\{(!?)([^{}]*)\}/g

function substitute(name: string, variables: JsonObject, scope: Scope): string {
  const trimmed = name.trim()
  const given = getOwn(variables, trimmed)
  if (given !== undefined) return printed(resolve(given, scope), 'Fn::Sub')
  const dot = trimmed.indexOf('.')
  if (dot < 0) return printed(lookUp(trimmed, scope), 'Fn::Sub')
  const [id, attribute] = [trimmed.slice(0, dot), trimmed.slice(dot + 1)]
  const value = scope.attribute(id, attribute)
  if (value === undefined) throw noAttribute(id, attribute)
  return printed(value, 'Fn::Sub')
}

function lookUp(name: string, scope: Scope): Resolved {
  if (name === 'AWS::NoValue') return REMOVED
  const value = scope.parameters.get(name) ?? scope.pseudo.get(name) ?? scope.ref(name)
  if (value === undefined)
    throw new IntrinsicError(
      `Template format error: Unresolved resource dependencies [${name}] in the Resources block of the template`,
    )
  return value
}

const noAttribute = (id: string, attribute: string): IntrinsicError =>
  new IntrinsicError(`Template error: resource ${id} does not support attribute type ${attribute} in Fn::GetAtt`)

const unresolvedCondition = (name: string, where: string): IntrinsicError =>
  new IntrinsicError(`Template error: unresolved condition dependency ${name} in ${where}`)

/**
 * Whether a named condition holds. A condition may refer to others, each of which is asked once; one that leads back to itself
 * never holds an answer.
 */
export function holds(name: string, scope: Scope, asked: Map<string, boolean | undefined> = new Map()): boolean {
  const condition = scope.template.conditions.get(name)
  if (condition === undefined) throw unresolvedCondition(name, 'Condition')
  const known = asked.get(name)
  if (known !== undefined) return known
  if (asked.has(name)) throw new IntrinsicError(`Template error: Found circular condition dependency: ${name}`)
  asked.set(name, undefined)
  const expanded = expandConditions(condition, (other) => holds(other, scope, asked))
  const answer = resolve(expanded, scope) === true
  asked.set(name, answer)
  return answer
}

function expandConditions(value: Json, answer: (name: string) => boolean): Json {
  if (isArray(value)) return value.map((item) => expandConditions(item, answer))
  if (!isObject(value)) return value
  const condition = getOwn(value, 'Condition')
  if (typeof condition === 'string' && Object.keys(value).length === 1) return answer(condition)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, expandConditions(member, answer)]))
}

const isTrue = (part: Json, scope: Scope): boolean => resolve(part, scope) === true

/** The language extensions of CloudFormation add `{DefaultValue: …}` at the end. */
function mapKeysOf(argument: Json): { readonly keys: readonly Json[]; readonly fallback: Json | undefined } {
  const last = isArray(argument) ? argument[3] : undefined
  const fallback = isObject(last) ? getOwn(last, 'DefaultValue') : undefined
  const keys = isArray(argument) && fallback !== undefined ? argument.slice(0, 3) : argument
  return { keys: listOf(keys, 3, 'Fn::FindInMap'), fallback }
}

/** How the arguments of a function have to be, in AWS's words. */
export const WANTS: Readonly<Record<string, string>> = {
  Ref: 'Template error: every Ref object must have a single String value.',
  'Fn::And': 'Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters.',
  'Fn::Base64': 'Template error: every Fn::Base64 object must have a String-typed value.',
  'Fn::Cidr':
    'Template error: every Fn::Cidr object requires three parameters, the IP block, the count of CIDRs and the count of CIDR bits',
  'Fn::Equals': 'Template error: every Fn::Equals object requires a list of 2 string parameters.',
  'Fn::FindInMap':
    'Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value',
  'Fn::GetAtt':
    'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute',
  'Fn::GetAZs': 'Template error: every Fn::GetAZs object must have a String-typed value.',
  'Fn::If': 'Template error: Fn::If requires a list argument with three elements',
  'Fn::ImportValue': 'Template error: the attribute in Fn::ImportValue must be a string or a function that returns a string',
  'Fn::Join':
    'Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined ' +
    'or a function that returns a list of strings (such as Fn::GetAZs) to be joined.',
  'Fn::Length': 'Template error: every Fn::Length object requires a list, or a function that returns a list',
  'Fn::Not': 'Template error: every Fn::Not object requires one boolean parameter.',
  'Fn::Or': 'Template error: every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters.',
  'Fn::Select': 'Template error: Fn::Select requires a list argument with two elements: an integer index and a list',
  'Fn::Split':
    'Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a ' +
    'function that returns a string to be split.',
  'Fn::Sub':
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, " +
    'and an optional second argument to specify a mapping of values to replace in the string',
}

function listOf(argument: Json, length: number | undefined, name: string): readonly Json[] {
  if (!isArray(argument) || (length !== undefined && argument.length !== length)) throw new IntrinsicError(WANTS[name])
  return argument
}

function textOf(value: Json, name: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isNumeral(value)) return value.rawJSON
  throw new IntrinsicError(WANTS[name])
}

function printed(value: Resolved, name: string): string {
  if (value === REMOVED) return ''
  if (isArray(value)) return value.map((item) => printed(item, name)).join(',')
  return textOf(value, name)
}

const printedOrSelf = (value: Json): Json => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value)

/** Names that a value refers to by Ref, Fn::GetAtt and Fn::Sub: parameters, pseudo parameters and resources alike. */
export function referencesOf(value: Json, found: Set<string> = new Set()): Set<string> {
  if (isArray(value)) for (const item of value) referencesOf(item, found)
  if (!isObject(value)) return found
  for (const [key, member] of Object.entries(value)) {
    if (key === 'Ref' && typeof member === 'string') found.add(ownerIn(member))
    else if (key === 'Fn::GetAtt') found.add(ownerIn(String(isArray(member) ? member[0] : member)))
    else if (key === 'Fn::Sub') {
      const [text, variables] = isArray(member) ? member : [member, {}]
      const own = isObject(variables) ? variables : {}
      for (const [, mark, name = ''] of String(text).matchAll(SUB_VARIABLE)) {
        const base = name.trim()
        if (mark !== '!' && !Object.hasOwn(own, base)) found.add(ownerIn(base))
      }
    }
    referencesOf(member, found)
  }
  return found
}

const ownerIn = (name: string): string => name.split('.', 1)[0] ?? name

/** The value without the branches of `Fn::If` that are not taken: what they refer to is not referred to. */
export function takenBranches(value: Json, scope: Scope): Json {
  if (isArray(value)) return value.map((item) => takenBranches(item, scope))
  if (!isObject(value)) return value
  const choice = getOwn(value, 'Fn::If')
  if (isArray(choice) && choice.length === 3) {
    const [condition = null, yes = null, no = null] = choice
    return takenBranches(holds(textOf(condition, 'Fn::If'), scope) ? yes : no, scope)
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, takenBranches(member, scope)]))
}

/** The arguments of all `Fn::ImportValue` in it. */
export function importsIn(value: Json): Json[] {
  if (isArray(value)) return value.flatMap(importsIn)
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, member]) => (key === 'Fn::ImportValue' ? [member] : importsIn(member)))
}
