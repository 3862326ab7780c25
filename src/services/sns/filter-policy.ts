/**
 * Filter policies: whether a subscription wants a message, judged by its attributes or by its JSON body.
 * All keys of a policy must match; of the conditions of one key, any one.
 * Source: Amazon SNS developer guide, "Amazon SNS subscription filter policies".
 */
import { BlockList, isIP } from 'node:net'

import { parseJson } from '../../base/json-bounds.ts'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { invalidParameter } from './errors.ts'

export interface FilterableMessage {
  readonly body: string
  readonly attributes: ReadonlyMap<string, { readonly DataType: string; readonly StringValue?: string }>
}

const CONDITIONS = new Set(['prefix', 'suffix', 'equals-ignore-case', 'anything-but', 'numeric', 'exists', 'cidr'])
const DEPTH_MAX = 8
const CONDITIONS_MAX = 150

/** The policy of a text. Throws InvalidParameter with SNS's texts. */
export function parseFilterPolicy(text: string, isBodyScope: boolean): JsonObject {
  let policy: Json
  try {
    policy = parseJson(text)
  } catch {
    throw invalidParameter('FilterPolicy: failed to parse JSON.')
  }
  if (!isObject(policy)) throw invalidParameter('FilterPolicy: failed to parse JSON. ')
  const count = checkPolicy(policy, isBodyScope, 1)
  if (count > CONDITIONS_MAX) throw invalidParameter('FilterPolicy: Filter policy is too complex')
  return policy
}

/** How many conditions there are. */
function checkPolicy(policy: JsonObject, isBodyScope: boolean, depth: number): number {
  if (depth > DEPTH_MAX) throw invalidParameter('FilterPolicy: Filter policy is too complex')
  let count = 0
  for (const [key, value] of Object.entries(policy)) {
    if (key === '$or' && isArray(value) && value.length > 1 && value.every(isObject)) {
      for (const branch of value) count += checkPolicy(branch, isBodyScope, depth + 1)
    } else if (isArray(value)) {
      if (value.length === 0) throw invalidParameter('FilterPolicy: Empty arrays are not allowed')
      for (const condition of value) checkCondition(condition)
      count += value.length
    } else if (isObject(value)) {
      if (!isBodyScope) {
        throw invalidParameter('Filter policy scope MessageAttributes does not support nested filter policy')
      }
      count += checkPolicy(value, isBodyScope, depth + 1)
    } else throw invalidParameter(`FilterPolicy: "${key}" must be an object or an array`)
  }
  return count
}

function checkCondition(condition: Json): void {
  if (isArray(condition)) throw invalidParameter('FilterPolicy: Match value must be String, number, true, false, or null')
  if (!isObject(condition)) return
  const [kind, ...others] = Object.keys(condition)
  if (kind === undefined || others.length > 0) throw invalidParameter('FilterPolicy: Only one key allowed in match expression')
  if (!CONDITIONS.has(kind)) throw invalidParameter(`FilterPolicy: Unrecognized match type ${kind}`)
  const value = condition[kind]
  if (kind === 'numeric' && !isNumericCondition(value)) {
    throw invalidParameter('FilterPolicy: Value of numeric must be an array of operators and numbers')
  }
  if (kind === 'exists' && typeof value !== 'boolean') {
    throw invalidParameter('FilterPolicy: exists match pattern must be either true or false.')
  }
}

const OPERATORS = new Set(['=', '<', '<=', '>', '>='])
const isNumericCondition = (value: Json | undefined): boolean =>
  isArray(value) &&
  (value.length === 2 || value.length === 4) &&
  value.every((part, i) => (i % 2 === 0 ? typeof part === 'string' && OPERATORS.has(part) : typeof part === 'number'))

export function matchesFilter(policy: JsonObject, isBodyScope: boolean, message: FilterableMessage): boolean {
  if (!isBodyScope) return matchesPolicy(policy, attributeValues(message))
  try {
    const body = parseJson(message.body)
    return isObject(body) && matchesPolicy(policy, body)
  } catch {
    return false
  }
}

function attributeValues(message: FilterableMessage): JsonObject {
  const values = new Map<string, Json>()
  for (const [name, { DataType, StringValue = '' }] of message.attributes) {
    if (DataType.startsWith('Binary')) continue
    if (DataType === 'String.Array') values.set(name, parseList(StringValue))
    else values.set(name, DataType.startsWith('Number') ? Number(StringValue) : StringValue)
  }
  return Object.fromEntries(values)
}

function parseList(text: string): Json {
  try {
    return parseJson(text)
  } catch {
    return text
  }
}

function matchesPolicy(policy: JsonObject, subject: JsonObject): boolean {
  return Object.entries(policy).every(([key, wanted]) => {
    if (key === '$or' && isArray(wanted)) return wanted.some((branch) => isObject(branch) && matchesPolicy(branch, subject))
    const found = getOwn(subject, key)
    if (isArray(wanted)) {
      const values = found === undefined ? [] : flatten(found)
      return wanted.some((condition) => matchesCondition(condition, values))
    }
    const members = found === undefined ? [] : flatten(found)
    return isObject(wanted) && members.some((member) => isObject(member) && matchesPolicy(wanted, member))
  })
}

const flatten = (value: Json): readonly Json[] => (isArray(value) ? value.flatMap(flatten) : [value])

function matchesCondition(condition: Json, values: readonly Json[]): boolean {
  if (!isObject(condition)) return values.includes(condition)
  const exists = getOwn(condition, 'exists')
  if (exists !== undefined) return values.length > 0 === exists
  const not = getOwn(condition, 'anything-but')
  if (not !== undefined) {
    const refused = isArray(not) ? not : [not]
    return values.length > 0 && !refused.some((one) => matchesCondition(one, values))
  }
  return values.some((value) => matchesText(condition, value) || matchesNumber(condition, value))
}

function matchesText(condition: JsonObject, value: Json): boolean {
  if (typeof value !== 'string') return false
  const [kind = '', wanted] = Object.entries(condition)[0] ?? []
  const texts = (isArray(wanted) ? wanted : [wanted]).filter((text) => typeof text === 'string')
  switch (kind) {
    case 'prefix':
      return texts.some((text) => value.startsWith(text))
    case 'suffix':
      return texts.some((text) => value.endsWith(text))
    case 'equals-ignore-case':
      return texts.some((text) => value.toLowerCase() === text.toLowerCase())
    case 'cidr':
      return texts.some((text) => isWithinCidr(value, text))
    default:
      return false
  }
}

function isWithinCidr(address: string, cidr: string): boolean {
  const [network = '', bits = ''] = cidr.split('/')
  const family = isIP(network)
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128))
    return false
  const list = new BlockList()
  list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

function matchesNumber(condition: JsonObject, value: Json): boolean {
  const numeric = getOwn(condition, 'numeric')
  if (!isArray(numeric) || typeof value !== 'number') return false
  for (let i = 0; i + 1 < numeric.length; i += 2) if (!compare(value, numeric[i], Number(numeric[i + 1]))) return false
  return true
}

function compare(value: number, operator: Json | undefined, bound: number): boolean {
  switch (operator) {
    case '=':
      return value === bound
    case '<':
      return value < bound
    case '<=':
      return value <= bound
    case '>':
      return value > bound
    case '>=':
      return value >= bound
    default:
      return false
  }
}
