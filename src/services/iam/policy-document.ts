/**
 * Whether a text is a policy as IAM takes it: its grammar and what must not stand in it, not what it means. A policy is kept as
 * the text it came as.
 * Source: IAM user guide, "Grammar of the IAM JSON policy language" and "IAM and STS quotas"; AWS's recorded refusals.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import type { WireError } from '../../wire/errors.ts'

import { malformedPolicy, quotaExceeded } from './errors.ts'

const TRUST_CHARS_MAX = 2048
const SYNTAX = 'Syntax errors in policy.'
const POLICY_MEMBERS: ReadonlySet<string> = new Set(['Version', 'Id', 'Statement'])
const STATEMENT_MEMBERS: ReadonlySet<string> = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
])
const VERSIONS: ReadonlySet<Json | undefined> = new Set(['2012-10-17', '2008-10-17'])

/** What the quotas count: white space is free. */
export const policySize = (document: string): number => document.replace(/\s+/g, '').length

/** Of who may assume a role. Throws MalformedPolicyDocument, LimitExceeded. */
export function checkTrustPolicy(document: string): void {
  const policy = objectOf(document)
  if (!policy) throw malformedPolicy('This policy contains invalid Json')
  const statements = statementsOf(policy, (field) => malformedPolicy(`Unknown field ${field}`))
  for (const statement of statements) {
    for (const field of ['Resource', 'NotResource'])
      if (Object.hasOwn(statement, field)) throw malformedPolicy(`Has prohibited field ${field}`)
    for (const [field, other] of [
      ['Principal', 'NotPrincipal'],
      ['Action', 'NotAction'],
    ] as const)
      if (!Object.hasOwn(statement, field) && !Object.hasOwn(statement, other))
        throw malformedPolicy(`Missing required field ${field}`)
    if (!textsOf(statement['Action']).every((action) => /^sts:/i.test(action)))
      throw malformedPolicy('AssumeRole policy may only specify STS AssumeRole actions.')
  }
  checkSids(statements)
  if (policySize(document) > TRUST_CHARS_MAX) throw quotaExceeded('ACLSizePerRole', TRUST_CHARS_MAX)
}

/**
 * Of what its holder may do. Inline ones may be of the older version, which goes without saying; that is how SAM and others write
 * them. Throws MalformedPolicyDocument.
 */
export function checkPermissionPolicy(document: string, kind: 'inline' | 'managed'): void {
  const policy = objectOf(document)
  if (!policy) throw malformedPolicy(SYNTAX)
  const statements = statementsOf(policy, () => malformedPolicy(SYNTAX))
  if (kind === 'managed' && policy['Version'] !== '2012-10-17')
    throw malformedPolicy('Policy document must be version 2012-10-17 or greater.')
  if (!['2012-10-17', '2008-10-17'].includes(String(policy['Version'] ?? '2008-10-17'))) throw malformedPolicy(SYNTAX)
  for (const statement of statements) {
    if (Object.hasOwn(statement, 'Principal') || Object.hasOwn(statement, 'NotPrincipal'))
      throw malformedPolicy('Policy document should not specify a principal.')
    if (!hasTexts(statement, 'Action')) throw malformedPolicy('Policy statement must contain actions.')
    if (!hasTexts(statement, 'Resource')) throw malformedPolicy('Policy statement must contain resources.')
    textsOf(statement['Action'] ?? statement['NotAction']).forEach(checkAction)
    textsOf(statement['Resource'] ?? statement['NotResource']).forEach(checkResource)
  }
  checkSids(statements)
}

function statementsOf(policy: JsonObject, refuse: (field: string) => WireError): readonly JsonObject[] {
  for (const name of Object.keys(policy)) if (!POLICY_MEMBERS.has(name)) throw refuse(name)
  if (Object.hasOwn(policy, 'Version') && !VERSIONS.has(policy['Version'])) throw refuse('Version')
  const given = policy['Statement']
  const statements = (isArray(given) ? given : [given]).map((statement) => {
    if (!isObject(statement)) throw refuse('Statement')
    return statement
  })
  if (statements.length === 0) throw refuse('Statement')
  for (const statement of statements) checkStatement(statement, refuse)
  return statements
}

function checkStatement(statement: JsonObject, refuse: (field: string) => WireError): void {
  for (const name of Object.keys(statement)) if (!STATEMENT_MEMBERS.has(name)) throw refuse(name)
  if (statement['Effect'] !== 'Allow' && statement['Effect'] !== 'Deny') throw refuse('Effect')
  if (Object.hasOwn(statement, 'Sid') && typeof statement['Sid'] !== 'string') throw refuse('Sid')
  for (const name of ['Action', 'Resource'])
    if (Object.hasOwn(statement, name) && Object.hasOwn(statement, `Not${name}`)) throw refuse(`Not${name}`)
  for (const name of ['Action', 'NotAction', 'Resource', 'NotResource'])
    if (Object.hasOwn(statement, name) && !isTextOrTexts(statement[name])) throw refuse(name)
  const condition = statement['Condition']
  if (condition !== undefined && !(isObject(condition) && Object.values(condition).every(isObject))) throw refuse('Condition')
}

function checkSids(statements: readonly JsonObject[]): void {
  const sids = statements.map((statement) => statement['Sid']).filter((sid) => sid !== undefined && sid !== '')
  if (new Set(sids).size < sids.length) throw malformedPolicy('Statement IDs (SID) in a single policy must be unique.')
}

function checkAction(action: string): void {
  if (action === '*') return
  const [vendor = '', ...rest] = action.split(':')
  if (rest.length === 0) throw malformedPolicy('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.')
  if (rest.length > 1) throw malformedPolicy('Actions/Condition can contain only one colon.')
  if (vendor !== '*' && !/^[\w.-]+$/.test(vendor)) throw malformedPolicy(`Vendor ${vendor} is not valid`)
}

function checkResource(resource: string): void {
  if (resource === '*') return
  const [arn, partition = '', , , ...rest] = resource.split(':')
  if (arn !== 'arn' || rest.length < 1) throw malformedPolicy(`Resource ${resource} must be in ARN format or "*".`)
  if (!/^(?:aws[\w-]*|\*)$/.test(partition))
    throw malformedPolicy(`Partition "${partition}" is not valid for resource "${resource}".`)
}

const hasTexts = (statement: JsonObject, name: string): boolean => textsOf(statement[name] ?? statement[`Not${name}`]).length > 0
const isTextOrTexts = (value: Json | undefined): boolean =>
  typeof value === 'string' || (isArray(value) && value.every((one) => typeof one === 'string'))
const textsOf = (value: Json | undefined): readonly string[] =>
  (isArray(value) ? value : [value]).filter((one) => typeof one === 'string')
