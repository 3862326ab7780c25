/**
 * STS's actions, in the terms of the Query protocol. The caller is the root of the server's account, unless his credentials
 * were given out here, by STS or by IAM. A role need not be in IAM to be assumed; where it is, its id and its longest session
 * are those that IAM has.
 * Source: AWS STS API reference; AWS's recorded answers.
 */
import type { IncomingMessage } from 'node:http'

import type { JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'
import type { Instant } from '../../base/time.ts'

import type { QueryOperation } from '../../wire/aws-query.ts'
import { WireError } from '../../wire/errors.ts'
import { headerOf, targetOf } from '../../wire/http.ts'
import { scopeOf } from '../../wire/sigv4.ts'
import { element, type Xml } from '../../wire/xml.ts'

import { constraintText, memberShown } from '../kit/constraint.ts'
import { inputReaders, objectList, textList } from '../kit/input.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import type { Directory } from './directory.ts'
import { type Identity, identityOfToken, newCredentials, roleIdOf } from './session.ts'
import { readWebIdentity } from './web-identity.ts'

export type StsDeps = Pick<ServiceDeps, 'account' | 'clock'> & { readonly directory: Directory }

const validationError = (message: string) => new WireError(400, 'ValidationError', message)
const invalidParameter = (message: string) => new WireError(400, 'InvalidParameterValue', message)

const { readText } = inputReaders({
  charsMax: 2048,
  wrongType: (member, wanted) => validationError(`The parameter ${member} must be ${wanted}.`),
  constraint: (value, member, constraint) => refuse(typeof value === 'string' ? `'${value}'` : 'null', member, constraint),
})

const refuse = (shown: string, member: string, constraint: string) =>
  validationError(constraintText(shown, memberShown(member), constraint))

/** An access key of a user of IAM. */
const USER_KEY = /^AKIA[A-Z2-7]{16}$/
const ROLE_SESSION = { initially: 3_600, max: 43_200 }
const OWN_SESSION = { initially: 43_200, max: 129_600 }

export function stsOperations({ account, clock, directory }: StsDeps): ReadonlyMap<string, QueryOperation> {
  const root: Identity = { account, arn: `arn:aws:iam::${account}:root`, userId: account }

  async function callerOf(req: IncomingMessage): Promise<Identity> {
    const token = headerOf(req.headers, 'x-amz-security-token') ?? targetOf(req).query.get('X-Amz-Security-Token')
    if (token) return identityOfToken(token) ?? root
    const accessKeyId = scopeOf(req)?.accessKeyId ?? ''
    const user = USER_KEY.test(accessKeyId) ? await directory.userOfKey(accessKeyId) : undefined
    return user ? { account, ...user } : root
  }

  /** Credentials for a session of the role that is named, and whose it is. */
  async function assume(input: JsonObject): Promise<readonly Xml[]> {
    const roleArn = readSized(input, 'RoleArn', 20, 2048)
    const sessionName = readSessionName(input, 'RoleSessionName', 64)
    const seconds = readSeconds(input, ROLE_SESSION)
    const [, roleAccount, name] = ROLE_ARN.exec(roleArn) ?? []
    if (roleAccount === undefined || name === undefined) throw validationError(`${roleArn} is invalid`)
    const found = roleAccount === account ? await directory.role(name) : undefined
    const role = found?.arn === roleArn ? found : undefined
    if (role && seconds > role.maxSessionSeconds)
      throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.')
    const arn = `arn:aws:sts::${roleAccount}:assumed-role/${name}/${sessionName}`
    const userId = `${role?.roleId ?? roleIdOf(roleArn)}:${sessionName}`
    return [
      renderCredentials({ account: roleAccount, arn, userId }, clock.now(), seconds),
      element('AssumedRoleUser', [element('AssumedRoleId', userId), element('Arn', arn)]),
      ...renderPolicySize(input),
    ]
  }

  return new Map<string, QueryOperation>([
    ['GetCallerIdentity', async (_, { req }) => renderCaller(await callerOf(req))],
    [
      'AssumeRole',
      async (input) => {
        checkSessionTags(input)
        const sourceIdentity = readText(input, 'SourceIdentity', 64)
        return [...(await assume(input)), ...(sourceIdentity === undefined ? [] : [element('SourceIdentity', sourceIdentity)])]
      },
    ],
    [
      'AssumeRoleWithWebIdentity',
      async (input) => {
        const token = readSized(input, 'WebIdentityToken', 4, 20_000)
        const assumed = await assume(input)
        const { subject, issuer, audience } = readWebIdentity(token, clock.now())
        const claims = [element('SubjectFromWebIdentityToken', subject), element('Audience', audience)]
        return [...assumed, ...claims, element('Provider', issuer)]
      },
    ],
    [
      'GetSessionToken',
      async (input, { req }) => renderCredentials(await callerOf(req), clock.now(), readSeconds(input, OWN_SESSION)),
    ],
    [
      'GetFederationToken',
      (input) => {
        const name = readSessionName(input, 'Name', 32)
        const arn = `arn:aws:sts::${account}:federated-user/${name}`
        const userId = `${account}:${name}`
        return [
          renderCredentials({ account, arn, userId }, clock.now(), readSeconds(input, OWN_SESSION)),
          element('FederatedUser', [element('FederatedUserId', userId), element('Arn', arn)]),
          element('PackedPolicySize', packedSize(input) ?? 0),
        ]
      },
    ],
    [
      'GetAccessKeyInfo',
      (input) => {
        const accessKeyId = readSized(input, 'AccessKeyId', 16, 128)
        if (!/^\w*$/.test(accessKeyId)) throw patternError(accessKeyId, 'AccessKeyId', '[\\w]*')
        return element('Account', account)
      },
    ],
    [
      'DecodeAuthorizationMessage',
      (input) => {
        // Nobody is refused here for want of a permission, so that no message was given out.
        readSized(input, 'EncodedMessage', 1, 10_240)
        throw new WireError(400, 'InvalidAuthorizationMessageException', 'Invalid authorization message')
      },
    ],
  ])
}

const renderCaller = ({ arn, userId, account }: Identity): readonly Xml[] => [
  element('Arn', arn),
  element('UserId', userId),
  element('Account', account),
]

const ROLE_ARN = /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:[\x21-\x7e]*\/)?([\w+=,.@-]{1,64})$/

const patternError = (text: string, member: string, pattern: string) =>
  refuse(`'${text}'`, member, `Member must satisfy regular expression pattern: ${pattern}`)

function readSessionName(input: JsonObject, member: string, max: number): string {
  const name = readSized(input, member, 2, max)
  if (!/^[\w+=,.@-]*$/.test(name)) throw patternError(name, member, '[\\w+=,.@-]*')
  return name
}

function checkSessionTags(input: JsonObject): void {
  const keys = objectList(input, 'Tags').map((tag) => (readText(tag, 'Key', 128) ?? '').toLowerCase())
  if (new Set(keys).size < keys.length)
    throw invalidParameter('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
  if (!textList(input, 'TransitiveTagKeys').every((key) => keys.includes(key.toLowerCase())))
    throw invalidParameter('The specified transitive tag key must be included in the requested tags.')
}

const POLICY_CHARS_MAX = 2048

/** Of the session policy in per cent of what it may take; undefined where there is none. Throws MalformedPolicyDocument. */
function packedSize(input: JsonObject): number | undefined {
  const policy = readText(input, 'Policy', POLICY_CHARS_MAX)
  if (policy === undefined) return undefined
  if (!objectOf(policy)) throw new WireError(400, 'MalformedPolicyDocument', 'This policy contains invalid Json')
  return Math.ceil((policy.length * 100) / POLICY_CHARS_MAX)
}

function renderPolicySize(input: JsonObject): readonly Xml[] {
  const size = packedSize(input)
  return size === undefined ? [] : [element('PackedPolicySize', size)]
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
