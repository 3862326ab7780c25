/**
 * Permissions that are given by their label: statements of a topic's policy, kept and not enforced.
 * Source: Amazon SNS API reference, AddPermission, RemovePermission; texts of the service.
 */
import { isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { textList } from '../kit/input.ts'

import { invalidParameter } from './errors.ts'
import { requiredText } from './input.ts'

/** The policy with what AddPermission adds; both as JSON texts. */
export function withPermission(policy: string, input: JsonObject, Resource: string): string {
  const Sid = requiredText(input, 'Label')
  const [accounts, actions] = [textList(input, 'AWSAccountId'), textList(input, 'ActionName')]
  if (accounts.length === 0) throw invalidParameter('AWSAccountId Reason: no value for required parameter')
  if (actions.length === 0) throw invalidParameter('ActionName Reason: no value for required parameter')
  const statements = statementsOf(policy)
  if (statements.some((one) => isObject(one) && one['Sid'] === Sid)) throw invalidParameter('Statement already exists')
  const statement = {
    Sid,
    Effect: 'Allow',
    Principal: { AWS: oneOrAll(accounts.map((account) => `arn:aws:iam::${account}:root`)) },
    Action: oneOrAll(actions.map((action) => `SNS:${action}`)),
    Resource,
  }
  return JSON.stringify({ ...objectOf(policy), Statement: [...statements, statement] })
}

/** A label that is not there changes nothing. */
export function withoutPermission(policy: string, input: JsonObject): string {
  const Sid = requiredText(input, 'Label')
  const left = statementsOf(policy).filter((one) => !isObject(one) || one['Sid'] !== Sid)
  return JSON.stringify({ ...objectOf(policy), Statement: left })
}

const oneOrAll = (texts: readonly string[]): Json => (texts.length === 1 ? (texts[0] ?? '') : texts)

function statementsOf(policy: string): readonly Json[] {
  const statements = objectOf(policy)?.['Statement'] ?? []
  return isArray(statements) ? statements : [statements]
}
