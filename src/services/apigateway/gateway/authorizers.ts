/**
 * Who may call: what authorizers say. Functions are asked at each request, however long their answers might be kept; tokens of identity
 * providers are read, and their times, issuer and audience checked, but not their signatures: no provider is here to ask for keys.
 * Source: API Gateway developer guide, "Use API Gateway Lambda authorizers", "Control access to HTTP APIs with JWT authorizers".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../../base/json.ts'
import { objectOf } from '../../../base/json-text.ts'

import { matchesWildcard } from '../../kit/wildcard.ts'

import { memberText } from '../document.ts'
import { type Backends, functionOf } from './backends.ts'
import { authorizerFailed, authorizerWrong, denied, unauthorized } from './gateway-error.ts'

const TIMEOUT_MS = 30_000

/** What a function said, as an object. Throws GatewayError. */
export async function askAuthorizer(backends: Backends, uri: string, event: JsonObject): Promise<JsonObject> {
  const functionArn = functionOf(uri)
  if (functionArn === undefined) throw authorizerWrong(`${uri} names no function`)
  const asked = await backends.invoke(functionArn, JSON.stringify(event), TIMEOUT_MS)
  if (asked.kind === 'late') throw authorizerFailed('the authorizer has not answered')
  if (asked.kind === 'failed') throw authorizerFailed(asked.reason)
  const text = asked.answer.body.toString('utf8')
  const answer = objectOf(text)
  if (asked.answer.status !== 200) {
    if (answer && memberText(answer, 'errorMessage') === 'Unauthorized') throw unauthorized()
    throw authorizerFailed(text.slice(0, 500))
  }
  if (!answer) throw authorizerWrong('the authorizer answered no object')
  return answer
}

/** Of an answer that holds a policy: what is told of the caller, where he may. Throws GatewayError. */
export function judgePolicy(answer: JsonObject, arn: string): JsonObject {
  const principalId = memberText(answer, 'principalId')
  const policy = getOwn(answer, 'policyDocument')
  if (principalId === undefined || !isObject(policy))
    throw authorizerWrong('the authorizer answered no principalId and policyDocument')
  const given = getOwn(policy, 'Statement')
  const statements = (isArray(given) ? given : [given ?? null]).filter(isObject)
  const applied = statements.filter((statement) => appliesTo(statement, arn))
  if (applied.some(({ Effect }) => Effect === 'Deny')) throw denied(true)
  if (!applied.some(({ Effect }) => Effect === 'Allow')) throw denied(false)
  const context = getOwn(answer, 'context')
  const told = isObject(context) ? Object.entries(context) : []
  if (told.some(([, value]) => typeof value === 'object' && value !== null))
    throw authorizerWrong('the context of an authorizer holds texts, numbers and booleans alone')
  return { ...Object.fromEntries(told), principalId }
}

function appliesTo(statement: JsonObject, arn: string): boolean {
  const texts = (name: string) => [getOwn(statement, name) ?? []].flat().map(String)
  return (
    texts('Action').some((action) => matchesWildcard(action.toLowerCase(), 'execute-api:invoke')) &&
    texts('Resource').some((resource) => matchesWildcard(resource, arn))
  )
}

export interface JwtChecks {
  readonly issuer: string | undefined
  /** Empty: any. */
  readonly audience: readonly Json[]
  readonly now: number
}

/** The claims of a token. Throws GatewayError where there is none, or it is not for here, or not now. */
export function readToken(header: string | undefined, { issuer, audience, now }: JwtChecks): JsonObject {
  const token = header?.replace(/^Bearer\s+/i, '').trim() ?? ''
  const parts = token.split('.')
  const claims = parts.length === 3 ? objectOf(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8')) : undefined
  if (!claims) throw unauthorized()
  const seconds = now / 1000
  const [expires, begins] = [getOwn(claims, 'exp'), getOwn(claims, 'nbf')]
  const isNow = (typeof expires !== 'number' || expires > seconds) && (typeof begins !== 'number' || begins <= seconds)
  const isOfIssuer = issuer === undefined || memberText(claims, 'iss') === issuer
  const meant = [getOwn(claims, 'aud') ?? getOwn(claims, 'client_id') ?? []].flat()
  const isMeant = audience.length === 0 || meant.some((one) => audience.includes(one))
  if (!isNow || !isOfIssuer || !isMeant) throw unauthorized()
  return claims
}

export function scopesOf(claims: JsonObject): readonly string[] {
  const scopes = getOwn(claims, 'scope') ?? getOwn(claims, 'scp') ?? []
  return typeof scopes === 'string' ? scopes.split(' ') : isArray(scopes) ? scopes.map(String) : []
}

/** As requests hold them: numbers and lists as texts. */
export const claimTexts = (claims: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      isArray(value) ? `[${value.map(String).join(' ')}]` : isObject(value) ? JSON.stringify(value) : String(value),
    ]),
  )
