/**
 * STS's actions, in the terms of the Query protocol. The caller is the root of the server's account, unless his credentials
 * were given out here.
 * Source: AWS STS API reference, GetCallerIdentity, AssumeRole, GetSessionToken.
 */
import type { IncomingMessage } from 'node:http'

import type { JsonObject } from '../../base/json.ts'
import type { Instant } from '../../base/time.ts'

import type { QueryOperation } from '../../wire/aws-query.ts'
import { WireError } from '../../wire/errors.ts'
import { headerOf, targetOf } from '../../wire/http.ts'
import { element, type Xml } from '../../wire/xml.ts'

import { constraintText, memberShown } from '../kit/constraint.ts'
import { inputReaders } from '../kit/input.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import { type Identity, identityOfToken, newCredentials, roleIdOf } from './session.ts'

export type StsDeps = Pick<ServiceDeps, 'account' | 'clock' | 'log'>

const validationError = (message: string) => new WireError(400, 'ValidationError', message)

const { readText } = inputReaders({
  charsMax: 2048,
  wrongType: (member, wanted) => validationError(`The parameter ${member} must be ${wanted}.`),
  constraint: (value, member, constraint) => refuse(typeof value === 'string' ? `'${value}'` : 'null', member, constraint),
})

const refuse = (shown: string, member: string, constraint: string) =>
  validationError(constraintText(shown, memberShown(member), constraint))

export function stsOperations({ account, clock }: StsDeps): ReadonlyMap<string, QueryOperation> {
  const root: Identity = { account, arn: `arn:aws:iam::${account}:root`, userId: account }
  const callerOf = (req: IncomingMessage): Identity => {
    const token = headerOf(req.headers, 'x-amz-security-token') ?? targetOf(req).query.get('X-Amz-Security-Token')
    return (token && identityOfToken(token)) || root
  }
  return new Map<string, QueryOperation>([
    ['GetCallerIdentity', (_, { req }) => renderCaller(callerOf(req))],
    ['AssumeRole', (input) => assumeRole(input, clock.now())],
    [
      'GetSessionToken',
      (input, { req }) => renderCredentials(callerOf(req), clock.now(), readSeconds(input, { initially: 43_200, max: 129_600 })),
    ],
  ])
}

const renderCaller = ({ arn, userId, account }: Identity): readonly Xml[] => [
  element('Arn', arn),
  element('UserId', userId),
  element('Account', account),
]

const ROLE_ARN = /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:[\x21-\x7e]*\/)?([\w+=,.@-]{1,64})$/
const SESSION_NAME = /^[\w+=,.@-]*$/

function assumeRole(input: JsonObject, now: Instant): readonly Xml[] {
  const roleArn = readSized(input, 'RoleArn', 20, 2048)
  const sessionName = readSized(input, 'RoleSessionName', 2, 64)
  if (!SESSION_NAME.test(sessionName))
    throw refuse(`'${sessionName}'`, 'RoleSessionName', 'Member must satisfy regular expression pattern: [\\w+=,.@-]*')
  const seconds = readSeconds(input, { initially: 3_600, max: 43_200 })
  const sourceIdentity = readText(input, 'SourceIdentity', 64)
  const [, account, role] = ROLE_ARN.exec(roleArn) ?? []
  if (account === undefined || role === undefined) throw validationError(`${roleArn} is invalid`)
  const arn = `arn:aws:sts::${account}:assumed-role/${role}/${sessionName}`
  const userId = `${roleIdOf(roleArn)}:${sessionName}`
  return [
    renderCredentials({ account, arn, userId }, now, seconds),
    element('AssumedRoleUser', [element('AssumedRoleId', userId), element('Arn', arn)]),
    ...(sourceIdentity === undefined ? [] : [element('SourceIdentity', sourceIdentity)]),
  ]
}

function readSized(input: JsonObject, member: string, min: number, max: number): string {
  const text = readText(input, member, max)
  if (text === undefined) throw refuse('null', member, 'Member must not be null')
  if (text.length < min) throw refuse(`'${text}'`, member, `Member must have length greater than or equal to ${min}`)
  return text
}

function readSeconds(input: JsonObject, { initially, max }: { initially: number; max: number }): number {
  const text = readText(input, 'DurationSeconds')
  if (text === undefined) return initially
  if (!/^\d{1,9}$/.test(text)) throw new WireError(400, 'MalformedInput', 'DurationSeconds must be a whole number.')
  const outOf = (bound: string) => refuse(`'${text}'`, 'DurationSeconds', `Member must have value ${bound}`)
  if (Number(text) < 900) throw outOf('greater than or equal to 900')
  if (Number(text) > max) throw outOf(`less than or equal to ${max}`)
  return Number(text)
}

function renderCredentials(identity: Identity, now: Instant, seconds: number): Xml {
  const { accessKeyId, secretAccessKey, sessionToken } = newCredentials(identity)
  const expiration = new Date(now + seconds * 1000).toISOString()
  return element('Credentials', [
    element('AccessKeyId', accessKeyId),
    element('SecretAccessKey', secretAccessKey),
    element('SessionToken', sessionToken),
    element('Expiration', expiration.replace(/\.\d+Z$/, 'Z')),
  ])
}
