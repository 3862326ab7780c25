/**
 * Bucket policies: kept and told, and not enforced. Checked as far as a wrong one would fail on AWS for everybody.
 * Source: Amazon S3 user guide, "Bucket policies", "Blocking public access" ("The meaning of 'public'").
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { WireError } from '../../wire/errors.ts'

const malformed = (message: string) => new WireError(400, 'MalformedPolicy', message)
const NOT_JSON = "Policies must be valid JSON and the first byte must be '{'"
const BYTES_MAX = 20_480

/** Throws MalformedPolicy. */
export function checkPolicyDocument(text: string, bucket: string): JsonObject {
  const policy = text.startsWith('{') ? objectOf(text) : undefined
  if (policy === undefined || Buffer.byteLength(text) > BYTES_MAX) throw malformed(NOT_JSON)
  const statements = statementsOf(policy)
  if (statements.length === 0) throw malformed('Missing required field Statement')
  for (const statement of statements) {
    const effect = getOwn(statement, 'Effect')
    if (effect === undefined) throw malformed('Missing required field Effect')
    if (effect !== 'Allow' && effect !== 'Deny') throw malformed(`Invalid effect: ${String(effect)}`)
    if (!hasEither(statement, 'Principal')) throw malformed('Missing required field Principal')
    if (!hasEither(statement, 'Action')) throw malformed('Missing required field Action')
    if (!hasEither(statement, 'Resource')) throw malformed('Missing required field Resource')
    for (const resource of listOf(getOwn(statement, 'Resource')))
      if (!isOfBucket(String(resource), bucket)) throw malformed('Policy has invalid resource')
  }
  return policy
}

const statementsOf = (policy: JsonObject): readonly JsonObject[] => listOf(getOwn(policy, 'Statement')).filter(isObject)
const hasEither = (statement: JsonObject, name: string): boolean =>
  getOwn(statement, name) !== undefined || getOwn(statement, `Not${name}`) !== undefined
const listOf = (value: Json | undefined): readonly Json[] => (value === undefined ? [] : isArray(value) ? value : [value])

function isOfBucket(resource: string, bucket: string): boolean {
  const [, name = ''] = /^arn:[^:]+:s3:::([^/]*)/.exec(resource) ?? []
  return name === bucket || name.includes('*') || name.includes('?')
}

/** Whether anybody at all is let in, without a condition that names who. */
export const isPublicPolicy = (policy: JsonObject): boolean =>
  statementsOf(policy).some(
    (statement) => getOwn(statement, 'Effect') === 'Allow' && isForAll(getOwn(statement, 'Principal')) && !isBound(statement),
  )

function isForAll(principal: Json | undefined): boolean {
  if (principal === '*') return true
  return isObject(principal) && Object.values(principal).some((who) => listOf(who).includes('*'))
}

/** Keys of conditions that say who may come, or from where. */
const BINDING =
  /^(?:aws:(?:SourceArn|SourceAccount|SourceIp|SourceVpc|SourceVpce|PrincipalOrgID|PrincipalArn|PrincipalAccount|userid|UserId|SourceOrgID)|s3:DataAccessPointAccount|s3:DataAccessPointArn)$/i

function isBound(statement: JsonObject): boolean {
  const condition = getOwn(statement, 'Condition')
  if (!isObject(condition)) return false
  return Object.values(condition).some(
    (test) => isObject(test) && Object.entries(test).some(([key, value]) => BINDING.test(key) && !listOf(value).includes('*')),
  )
}
