/**
 * Who may call a function, one of its versions or an alias: statements of a resource policy, kept and shown as AWS writes them.
 * Source: AWS Lambda API reference, AddPermission, GetPolicy, RemovePermission; texts of the service.
 */
import { getOwn, type Json, type JsonObject } from '../../base/json.ts'

import { checkRevision, constraintError, lambdaError } from './errors.ts'
import type { Functions } from './functions.ts'
import { readText } from './input.ts'
import { type FunctionRecord, type FunctionTable, LATEST, newRevisionId } from './records.ts'
import { functionArn, type Place } from './render.ts'

export interface PermissionsDeps {
  readonly table: FunctionTable
  readonly functions: Pick<Functions, 'known' | 'resolve'>
  readonly place: Place
}

/** What a policy is on: the function, or a version or an alias of it. */
interface Subject {
  readonly latest: FunctionRecord
  /** Undefined: the function. */
  readonly qualifier: string | undefined
  readonly revisionId: string
}

const POLICY_BYTES_MAX = 20_480

export class Permissions {
  readonly #deps: PermissionsDeps

  constructor(deps: PermissionsDeps) {
    this.#deps = deps
  }

  add(functionName: string, asked: string | undefined, input: JsonObject): JsonObject {
    const subject = this.#subject(functionName, asked)
    const { latest, qualifier } = subject
    const sid = readStatementId(input)
    if (statementsOf(subject).some((statement) => statement.sid === sid)) {
      throw lambdaError(
        'ResourceConflictException',
        `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      )
    }
    checkRevision(readText(input, 'RevisionId'), subject.revisionId)
    const statement = JSON.stringify(statementOf(input, sid, functionArn(this.#deps.place, latest.name, qualifier)))
    const added = { sid, statement, ...(qualifier !== undefined && { qualifier }) }
    const changed = { ...latest, policy: [...latest.policy, added] }
    const size = Buffer.byteLength(printPolicy({ ...subject, latest: changed }))
    if (size > POLICY_BYTES_MAX) {
      const message = `The final policy size (${size}) is bigger than the limit (${POLICY_BYTES_MAX}).`
      throw lambdaError('PolicyLengthExceededException', message)
    }
    this.#put(subject, changed)
    return { Statement: statement }
  }

  get(functionName: string, asked: string | undefined): JsonObject {
    const subject = this.#subject(functionName, asked)
    if (statementsOf(subject).length === 0)
      throw lambdaError('ResourceNotFoundException', 'The resource you requested does not exist.')
    return { Policy: printPolicy(subject), RevisionId: subject.revisionId }
  }

  remove(functionName: string, sid: string, asked: string | undefined, revisionId: string | undefined): void {
    const subject = this.#subject(functionName, asked)
    const { latest, qualifier } = subject
    if (!statementsOf(subject).some((statement) => statement.sid === sid))
      throw lambdaError('ResourceNotFoundException', `Statement ${sid} is not found in resource policy.`)
    checkRevision(revisionId, subject.revisionId)
    const policy = latest.policy.filter((statement) => statement.sid !== sid || statement.qualifier !== qualifier)
    this.#put(subject, { ...latest, policy })
  }

  #subject(functionName: string, asked: string | undefined): Subject {
    const { functions, table } = this.#deps
    const { record, asked: qualifier } = functions.resolve(functionName, asked)
    const latest = functions.known(functionName)
    if (qualifier === LATEST)
      throw lambdaError('InvalidParameterValueException', 'We currently do not support adding policies for $LATEST.')
    const alias = qualifier === undefined ? undefined : table.getAlias(record.name, qualifier)
    return { latest, qualifier, revisionId: (alias ?? record).revisionId }
  }

  /** Whatever the policy is on has a new revision then. */
  #put({ qualifier }: Subject, changed: FunctionRecord): void {
    const { table } = this.#deps
    const revisionId = newRevisionId()
    const alias = qualifier === undefined ? undefined : table.getAlias(changed.name, qualifier)
    const version = qualifier === undefined || alias ? undefined : table.get(changed.name, qualifier)
    table.put(qualifier === undefined ? { ...changed, revisionId } : changed)
    if (alias) table.putAlias(changed.name, { ...alias, revisionId })
    if (version) table.put({ ...version, revisionId })
  }
}

const statementsOf = ({ latest, qualifier }: Subject) => latest.policy.filter((statement) => statement.qualifier === qualifier)

const printPolicy = (subject: Subject): string =>
  `{"Version":"2012-10-17","Id":"default","Statement":[${statementsOf(subject)
    .map(({ statement }) => statement)
    .join(',')}]}`

export function readStatementId(input: JsonObject): string {
  const sid = readText(input, 'StatementId') ?? ''
  if (/^[a-zA-Z0-9-_.]{1,100}$/.test(sid)) return sid
  throw constraintError(sid, 'statementId', 'Member must satisfy regular expression pattern: ([a-zA-Z0-9-_.]+)')
}

/** The conditions that a permission can name, by the member that names them. */
const EQUALS = [
  ['SourceAccount', 'AWS:SourceAccount'],
  ['EventSourceToken', 'lambda:EventSourceToken'],
  ['PrincipalOrgID', 'aws:PrincipalOrgID'],
  ['FunctionUrlAuthType', 'lambda:FunctionUrlAuthType'],
] as const

function statementOf(input: JsonObject, Sid: string, Resource: string): JsonObject {
  const principal = readText(input, 'Principal')
  if (principal === undefined) throw constraintError(null, 'principal', 'Member must not be null')
  const Action = readText(input, 'Action')
  if (Action === undefined) throw constraintError(null, 'action', 'Member must not be null')
  if (!/^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/.test(Action))
    throw constraintError(Action, 'action', 'Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])')
  const equals = EQUALS.flatMap(([member, key]) => {
    const value = readText(input, member)
    return value === undefined ? [] : [[key, value] as const]
  })
  const viaUrl = getOwn(input, 'InvokedViaFunctionUrl')
  const source = readText(input, 'SourceArn')
  const conditions: Record<string, Json> = {
    ...(equals.length > 0 && { StringEquals: Object.fromEntries(equals) }),
    ...(typeof viaUrl === 'boolean' && { Bool: { 'lambda:InvokedViaFunctionUrl': String(viaUrl) } }),
    ...(source !== undefined && { ArnLike: { 'AWS:SourceArn': source } }),
  }
  const Principal = principalOf(principal)
  return {
    Sid,
    Effect: 'Allow',
    Principal,
    Action,
    Resource,
    ...(Object.keys(conditions).length > 0 && { Condition: conditions }),
  }
}

/** An account stands for all of it. */
export function principalOf(text: string): Json {
  if (text === '*') return '*'
  if (/^\d{12}$/.test(text)) return { AWS: `arn:aws:iam::${text}:root` }
  return text.startsWith('arn:') ? { AWS: text } : { Service: text }
}
