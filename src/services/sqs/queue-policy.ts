/**
 * Permissions that are given by their label: statements of a queue's policy, kept and not enforced.
 * Source: Amazon SQS API reference, AddPermission, RemovePermission; texts of the service.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { invalidParameter, missingParameter } from './errors.ts'
import { requiredText, textList } from './input.ts'

/** The policy with what AddPermission adds; both as JSON texts. */
export function withPermission(policy: string | undefined, input: JsonObject, Resource: string): string {
  const Sid = requiredText(input, 'Label')
  const [accounts, actions] = [textList(input, 'AWSAccountIds'), textList(input, 'Actions')]
  if (accounts.length === 0) throw missingParameter('AWSAccountIds')
  if (actions.length === 0) throw missingParameter('Actions')
  if (!/^[A-Za-z0-9_-]{1,80}$/.test(Sid)) throw invalidLabel(Sid, 'Must be alphanumeric, 1 to 80 in length')
  const statements = statementsOf(policy)
  if (statements.some((one) => isObject(one) && one['Sid'] === Sid)) throw invalidLabel(Sid, 'Already exists')
  const statement = {
    Sid,
    Effect: 'Allow',
    Principal: { AWS: oneOrAll(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
    Action: oneOrAll(actions.map((action) => `SQS:${action}`)),
    Resource,
  }
  const before = objectOf(policy ?? '') ?? { Version: '2008-10-17', Id: `${Resource}/SQSDefaultPolicy` }
  return JSON.stringify({ ...before, Statement: [...statements, statement] })
}

/** Empty where no statement is left. */
export function withoutPermission(policy: string | undefined, input: JsonObject): string {
  const Sid = requiredText(input, 'Label')
  const all = statementsOf(policy)
  const left = all.filter((one) => !isObject(one) || one['Sid'] !== Sid)
  if (left.length === all.length) throw invalidLabel(Sid, "can't find label on existing policy")
  return left.length === 0 ? '' : JSON.stringify({ ...objectOf(policy ?? ''), Statement: left })
}

const invalidLabel = (label: string, reason: string) =>
  invalidParameter(`Value ${label} for parameter Label is invalid. Reason: ${reason}.`)

const oneOrAll = (texts: readonly string[]): Json => (texts.length === 1 ? (texts[0] ?? '') : texts)

function statementsOf(policy: string | undefined): readonly Json[] {
  const statements = objectOf(policy ?? '')?.['Statement'] ?? []
  return isArray(statements) ? statements : [statements]
}
