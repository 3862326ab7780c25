/**
 * Filter policies: whether a subscription wants a message, judged by its attributes or by its JSON body.
 * All keys of a policy must match; of the conditions of one key, any one.
 * Source: Amazon SNS developer guide, "Amazon SNS subscription filter policies".
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { jsonOf, objectOf } from '../kit/json-text.ts'
import { checkPattern, matchesPattern, type PatternDialect } from '../kit/pattern.ts'
import { isNumericBounds } from '../kit/pattern-operators.ts'

import { invalidParameter } from './errors.ts'

export interface FilterableMessage {
  readonly body: string
  readonly attributes: ReadonlyMap<string, { readonly DataType: string; readonly StringValue?: string }>
}

const CONDITIONS_MAX = 150
const TOO_COMPLEX = 'Filter policy is too complex'

const refuse = (reason: string) => invalidParameter(`FilterPolicy: ${reason}`)
const anyValue = () => undefined

const OF_BODY: PatternDialect = {
  refuse,
  depthMax: 8,
  tooDeep: TOO_COMPLEX,
  noOperator: 'Only one key allowed in match expression',
  operators: {
    prefix: anyValue,
    suffix: anyValue,
    'equals-ignore-case': anyValue,
    'anything-but': anyValue,
    cidr: anyValue,
    numeric: (value) => (isNumericBounds(value) ? undefined : 'Value of numeric must be an array of operators and numbers'),
    exists: (value) => (typeof value === 'boolean' ? undefined : 'exists match pattern must be either true or false.'),
  },
  exists: (found) => found !== undefined && !isEmptyList(found),
  anythingBut: (values, isRefused) => values.length > 0 && !values.some(isRefused),
  seesAbsentObjects: false,
}
const OF_ATTRIBUTES: PatternDialect = {
  ...OF_BODY,
  refuseNesting: () => invalidParameter('Filter policy scope MessageAttributes does not support nested filter policy'),
}

const dialectOf = (isBodyScope: boolean): PatternDialect => (isBodyScope ? OF_BODY : OF_ATTRIBUTES)

/** Also a list of nothing but empty lists. */
const isEmptyList = (value: Json): boolean => isArray(value) && value.every(isEmptyList)

/** The policy of a text. Throws InvalidParameter with SNS's texts. */
export function parseFilterPolicy(text: string, isBodyScope: boolean): JsonObject {
  const policy = jsonOf(text)
  if (policy === undefined) throw refuse('failed to parse JSON.')
  if (!isObject(policy)) throw refuse('failed to parse JSON. ')
  if (checkPattern(policy, dialectOf(isBodyScope)) > CONDITIONS_MAX) throw refuse(TOO_COMPLEX)
  return policy
}

export function matchesFilter(policy: JsonObject, isBodyScope: boolean, message: FilterableMessage): boolean {
  if (!isBodyScope) return matchesPattern(policy, attributeValues(message), OF_ATTRIBUTES)
  const body = objectOf(message.body)
  return body !== undefined && matchesPattern(policy, body, OF_BODY)
}

function attributeValues(message: FilterableMessage): JsonObject {
  const values = new Map<string, Json>()
  for (const [name, { DataType, StringValue = '' }] of message.attributes) {
    if (DataType.startsWith('Binary')) continue
    if (DataType === 'String.Array') values.set(name, jsonOf(StringValue) ?? StringValue)
    else values.set(name, DataType.startsWith('Number') ? Number(StringValue) : StringValue)
  }
  return Object.fromEntries(values)
}
