/**
 * Filter policies: whether a subscription wants a message, judged by its attributes or by its JSON body.
 * All keys of a policy must match; of the conditions of one key, any one.
 * Source: Amazon SNS developer guide, "Amazon SNS subscription filter policies".
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { jsonOf, objectOf } from '../../base/json-text.ts'

import type { WireError } from '../../wire/errors.ts'

import { checkPattern, isAlternatives, matchesPattern, type PatternDialect } from '../kit/pattern.ts'
import { numericFault } from '../kit/pattern-operators.ts'

import { invalidParameter } from './errors.ts'

export interface FilterableMessage {
  readonly body: string
  readonly attributes: ReadonlyMap<string, { readonly DataType: string; readonly StringValue?: string }>
}

const KEYS_MAX = 5
const COMBINATIONS_MAX = 150
const TOO_COMPLEX = 'Filter policy is too complex'

/** The error for a reason; what comes with Subscribe is told as its attribute. */
export type Refuse = (reason: string) => WireError

const textFault = (operator: string) => (value: Json) =>
  typeof value === 'string' ? undefined : `${operator} match pattern must be a string`

const OF_BODY: PatternDialect = {
  refuse: (reason) => invalidParameter(`FilterPolicy: ${reason}`),
  depthMax: 8,
  tooDeep: TOO_COMPLEX,
  noOperator: 'Only one key allowed in match expression',
  operators: {
    prefix: textFault('prefix'),
    suffix: textFault('suffix'),
    'equals-ignore-case': textFault('equals-ignore-case'),
    'anything-but': (value) => (isArray(value) && value.length === 0 ? 'Empty arrays are not allowed' : undefined),
    cidr: textFault('cidr'),
    numeric: numericFault,
    exists: (value) => (typeof value === 'boolean' ? undefined : 'exists match pattern must be either true or false.'),
  },
  exists: (found) => found !== undefined && !isEmptyList(found),
  anythingBut: (values, isRefused) => values.length > 0 && !values.some(isRefused),
  seesAbsentObjects: false,
}

/** Also a list of nothing but empty lists. */
const isEmptyList = (value: Json): boolean => isArray(value) && value.every(isEmptyList)

/** Throws InvalidParameter with SNS's texts for a text that is no policy. */
export function checkFilterPolicy(text: string, isBodyScope: boolean, refuseParameter: Refuse = invalidParameter): void {
  const refuse = (reason: string) => refuseParameter(`FilterPolicy: ${reason}`)
  const refuseNesting = () => refuseParameter('Filter policy scope MessageAttributes does not support nested filter policy')
  const policy = jsonOf(text)
  if (policy === undefined) throw refuse('failed to parse JSON.')
  if (!isObject(policy)) throw refuse('failed to parse JSON. ')
  if (Object.keys(policy).length > KEYS_MAX) throw refuse('Filter policy can not have more than 5 keys')
  checkPattern(policy, { ...OF_BODY, refuse, ...(!isBodyScope && { refuseNesting }) })
  if (combinationsOf(policy) > COMBINATIONS_MAX) throw refuse(TOO_COMPLEX)
}

/** The conditions of each key times its depth, multiplied over all keys; those of alternatives are added up. */
function combinationsOf(policy: JsonObject, depth = 1): number {
  return Object.entries(policy).reduce((product, [name, wanted]) => {
    if (isAlternatives(name, wanted, OF_BODY))
      return product * wanted.reduce((sum, alternative) => sum + combinationsOf(alternative, depth), 0)
    if (isArray(wanted)) return product * wanted.length * depth
    return isObject(wanted) ? product * combinationsOf(wanted, depth + 1) : product
  }, 1)
}

/** Whether a policy that has been checked, as text, lets a message pass. */
export function matchesFilter(text: string, isBodyScope: boolean, message: FilterableMessage): boolean {
  const policy = objectOf(text)
  const subject = isBodyScope ? objectOf(message.body) : attributeValues(message)
  return policy !== undefined && subject !== undefined && matchesPattern(policy, subject, OF_BODY)
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
