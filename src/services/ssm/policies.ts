/** Parameter policies. Source: Systems Manager user guide, "Assigning parameter policies". */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'
import { parseTimestamp } from '../../base/time.ts'

import { ssmError } from './errors.ts'

const TYPES: ReadonlySet<Json | undefined> = new Set(['Expiration', 'ExpirationNotification', 'NoChangeNotification'])
const POLICIES_MAX = 10

export interface Policies {
  /** As they were given; null where there are none. */
  readonly text: string | null
  /** When the parameter goes by itself. */
  readonly expiresMs: number | null
}

export const NO_POLICIES: Policies = { text: null, expiresMs: null }

/** `{}` and nothing take away what was there. Throws what AWS says of a policy that is none. */
export function readPolicies(text: string): Policies {
  const list = policiesIn(text)
  if (!list) throw ssmError('InvalidPolicyAttributeException', 'Policies must be a JSON list of policies.')
  if (list.length === 0) return NO_POLICIES
  if (list.length > POLICIES_MAX)
    throw ssmError('PoliciesLimitExceededException', `You can specify no more than ${POLICIES_MAX} policies.`)
  const wrong = list.find((policy) => !TYPES.has(getOwn(policy, 'Type')))
  if (wrong)
    throw ssmError('InvalidPolicyTypeException', `The policy type ${JSON.stringify(getOwn(wrong, 'Type'))} isn't supported.`)
  const expiration = list.find((policy) => getOwn(policy, 'Type') === 'Expiration')
  return { text, expiresMs: expiration ? expiryOf(expiration) : null }
}

export const renderPolicies = (text: string | null): JsonObject[] =>
  (text === null ? [] : (policiesIn(text) ?? [])).map((policy) => ({
    PolicyText: JSON.stringify(policy),
    PolicyType: getOwn(policy, 'Type') ?? '',
    PolicyStatus: 'Pending',
  }))

function policiesIn(text: string): readonly JsonObject[] | undefined {
  const value = jsonOf(text.trim() === '' ? '[]' : text)
  if (isObject(value)) return Object.keys(value).length === 0 ? [] : [value]
  return isArray(value) && value.every(isObject) ? value.filter(isObject) : undefined
}

function expiryOf(policy: JsonObject): number {
  const attributes = getOwn(policy, 'Attributes')
  const timestamp = isObject(attributes) ? getOwn(attributes, 'Timestamp') : undefined
  const at = typeof timestamp === 'string' ? parseTimestamp(timestamp) : undefined
  if (at === undefined)
    throw ssmError('InvalidPolicyAttributeException', 'The policy attribute Timestamp of Expiration must be a time in ISO 8601.')
  return at
}
