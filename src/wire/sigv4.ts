/**
 * AWS Signature Version 4: signs headers or a URL, and checks both forms. Paths come in and stay as they travel on the
 * wire; S3 signs them once encoded, all other services encode them a second time and resolve dots.
 * Source: IAM user guide, "Create a signed AWS API request".
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import { err, ok, type Result } from '../base/result.ts'

import { WireError } from './errors.ts'
import { headerOf, targetOf } from './http.ts'
import { encodeRfc3986 } from './percent.ts'

export interface Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export interface SigningScope {
  readonly region: string
  readonly service: string
}

export interface SignableRequest {
  readonly method: string
  /** Percent-encoded, with its leading slash, without the query. */
  readonly path: string
  readonly query?: URLSearchParams | undefined
  /** Must hold `host`. Names in any case. */
  readonly headers: Readonly<Record<string, string>>
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
/** How far the two clocks may be apart. */
const SKEW_MS = 15 * 60_000
const PRESIGN_SECONDS_MAX = 604_800

export const sha256Hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

/** The headers to send: those given, with `x-amz-date`, `authorization` and, where it applies, the session token. */
export function signRequest(
  request: SignableRequest,
  payloadHash: string,
  scope: SigningScope,
  credentials: Credentials,
  at: Date,
): Record<string, string> {
  const date = amzDate(at)
  const headers: Record<string, string> = { ...lowerCased(request.headers), 'x-amz-date': date }
  if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken
  if (scope.service === 's3') headers['x-amz-content-sha256'] ??= payloadHash
  const signed = Object.keys(headers)
    .filter((name) => !UNSIGNABLE.has(name))
    .sort()
  const canonical = canonicalRequest(request.method, request.path, request.query, headers, signed, payloadHash, scope.service)
  const signature = signatureOf(canonical, date, scope, credentials.secretAccessKey)
  const credential = `${credentials.accessKeyId}/${scopeText(date, scope)}`
  headers['authorization'] = `${ALGORITHM} Credential=${credential}, SignedHeaders=${signed.join(';')}, Signature=${signature}`
  return headers
}

/** Headers that hops on the way may change. */
const UNSIGNABLE = new Set(['connection', 'expect', 'user-agent', 'transfer-encoding', 'x-amzn-trace-id', 'authorization'])

/** The query of a presigned URL: the request's own parameters and the `X-Amz-*` ones. Only the given headers are signed. */
export function presignRequest(
  request: SignableRequest,
  scope: SigningScope,
  credentials: Credentials,
  at: Date,
  expiresSeconds: number,
): URLSearchParams {
  const date = amzDate(at)
  const headers = lowerCased(request.headers)
  const signed = Object.keys(headers).sort()
  const query = new URLSearchParams(request.query)
  query.set('X-Amz-Algorithm', ALGORITHM)
  query.set('X-Amz-Credential', `${credentials.accessKeyId}/${scopeText(date, scope)}`)
  query.set('X-Amz-Date', date)
  query.set('X-Amz-Expires', String(expiresSeconds))
  query.set('X-Amz-SignedHeaders', signed.join(';'))
  if (credentials.sessionToken !== undefined) query.set('X-Amz-Security-Token', credentials.sessionToken)
  const payloadHash = scope.service === 's3' ? UNSIGNED_PAYLOAD : EMPTY_SHA256
  const canonical = canonicalRequest(request.method, request.path, query, headers, signed, payloadHash, scope.service)
  query.set('X-Amz-Signature', signatureOf(canonical, date, scope, credentials.secretAccessKey))
  return query
}

export interface CredentialScope extends SigningScope {
  readonly accessKeyId: string
  /** `20261123`. */
  readonly date: string
}

/** What the caller claims to have signed for, unverified: for routing, and for finding the secret to verify with. */
export function scopeOf(req: Pick<IncomingMessage, 'headers' | 'url'>): CredentialScope | undefined {
  return readAuthorization(req)?.scope
}

interface Authorization {
  readonly scope: CredentialScope
  readonly signedHeaders: readonly string[]
  readonly signature: string
  readonly date: string
  /** Only in the query form. */
  readonly expiresSeconds: number | undefined
}

function readAuthorization(req: Pick<IncomingMessage, 'headers' | 'url'>): Authorization | undefined {
  const header = req.headers.authorization
  if (header?.startsWith(ALGORITHM)) {
    const field = (name: string) => new RegExp(`[\\s,]${name}=([^,\\s]+)`).exec(header)?.[1]
    const date = headerOf(req.headers, 'x-amz-date') ?? amzDateOfHttpDate(headerOf(req.headers, 'date'))
    return assembleAuthorization(field('Credential'), field('SignedHeaders'), field('Signature'), date, undefined)
  }
  if (req.url?.includes('X-Amz-Credential') !== true) return undefined
  const query = targetOf(req as IncomingMessage).query
  const get = (name: string) => query.get(name) ?? undefined
  const expires = Number(get('X-Amz-Expires') ?? Number.NaN)
  return assembleAuthorization(
    get('X-Amz-Credential'),
    get('X-Amz-SignedHeaders'),
    get('X-Amz-Signature'),
    get('X-Amz-Date'),
    expires,
  )
}

function assembleAuthorization(
  credential: string | undefined,
  signedHeaders = '',
  signature = '',
  date = '',
  expiresSeconds: number | undefined,
): Authorization | undefined {
  const parts = credential?.split('/') ?? []
  // An access key id may hold slashes; the scope is what stands at the end.
  const [day, region, service, terminator] = parts.slice(-4)
  const accessKeyId = parts.slice(0, -4).join('/')
  if (!accessKeyId || !day || !region || !service || terminator !== 'aws4_request') return undefined
  const scope = { accessKeyId, date: day, region, service }
  return { scope, signedHeaders: signedHeaders.toLowerCase().split(';'), signature, date, expiresSeconds }
}

export interface VerifyOptions {
  /** The secret of an access key, or undefined for an unknown key. */
  readonly secretOf: (accessKeyId: string) => string | undefined
  /** SHA-256 of the body in hexadecimal, or what `x-amz-content-sha256` says where the body is a stream. */
  readonly payloadHash: string
  readonly now: Date
}

/** Checks either form. The error carries AWS's code and text (JSON services' codes, 400 or 403). */
export function verifyRequest(
  req: Pick<IncomingMessage, 'method' | 'headers' | 'url'>,
  options: VerifyOptions,
): Result<CredentialScope, WireError> {
  const given = readAuthorization(req)
  if (!given) {
    return req.headers.authorization === undefined
      ? err(new WireError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token'))
      : err(new WireError(400, 'IncompleteSignatureException', 'The request signature does not conform to AWS standards.'))
  }
  const late = checkTime(given, options.now)
  if (late) return err(late)
  const secret = options.secretOf(given.scope.accessKeyId)
  if (secret === undefined) {
    return err(new WireError(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.'))
  }
  if (!given.signedHeaders.includes('host')) {
    return err(new WireError(403, 'InvalidSignatureException', "'Host' must be a 'SignedHeader' in the AWS Authorization."))
  }
  const { path, query } = targetOf(req as IncomingMessage)
  query.delete('X-Amz-Signature')
  const headers = Object.fromEntries(given.signedHeaders.map((name) => [name, headerOf(req.headers, name) ?? '']))
  const payloadHash = given.expiresSeconds === undefined || given.scope.service !== 's3' ? options.payloadHash : UNSIGNED_PAYLOAD
  const canonical = canonicalRequest(
    req.method ?? 'GET',
    path,
    query,
    headers,
    given.signedHeaders,
    payloadHash,
    given.scope.service,
  )
  const expected = signatureOf(canonical, given.date, given.scope, secret)
  return sameText(expected, given.signature) ? ok(given.scope) : err(signatureMismatch())
}

const signatureMismatch = () =>
  new WireError(
    403,
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  )

function checkTime(given: Authorization, now: Date): WireError | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(given.date)
  if (!match || !given.date.startsWith(given.scope.date)) {
    return new WireError(400, 'IncompleteSignatureException', `Date must be in ISO-8601 'basic format'. Got '${given.date}'.`)
  }
  const [, year, month, day, hour, minute, second] = match.map(Number)
  const at = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second)
  const { expiresSeconds } = given
  if (expiresSeconds !== undefined && !(expiresSeconds >= 0 && expiresSeconds <= PRESIGN_SECONDS_MAX)) {
    return new WireError(400, 'IncompleteSignatureException', 'X-Amz-Expires must be between 0 and 604800.')
  }
  const end = expiresSeconds === undefined ? at + SKEW_MS : at + expiresSeconds * 1000
  if (now.getTime() > end) {
    const limit = amzDate(new Date(now.getTime() - SKEW_MS))
    return new WireError(
      403,
      'InvalidSignatureException',
      `Signature expired: ${given.date} is now earlier than ${limit} (${amzDate(now)} - 15 min.)`,
    )
  }
  if (at - now.getTime() > SKEW_MS) {
    const limit = amzDate(new Date(now.getTime() + SKEW_MS))
    return new WireError(
      403,
      'InvalidSignatureException',
      `Signature not yet current: ${given.date} is still later than ${limit} (${amzDate(now)} + 15 min.)`,
    )
  }
  return undefined
}

function canonicalRequest(
  method: string,
  path: string,
  query: URLSearchParams | undefined,
  headers: Readonly<Record<string, string>>,
  signedHeaders: readonly string[],
  payloadHash: string,
  service: string,
): string {
  const headerLines = signedHeaders.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}\n`)
  return [
    method.toUpperCase(),
    service === 's3' ? path : encodePathAgain(path),
    canonicalQuery(query),
    headerLines.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n')
}

function encodePathAgain(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const slash = path.endsWith('/') && kept.length > 0 ? '/' : ''
  return `/${kept.map(encodeRfc3986).join('/')}${slash}`
}

function canonicalQuery(query: URLSearchParams | undefined): string {
  if (!query) return ''
  const pairs = [...query].map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)] as const)
  pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function signatureOf(canonical: string, date: string, scope: SigningScope, secret: string): string {
  const toSign = [ALGORITHM, date, scopeText(date, scope), sha256Hex(canonical)].join('\n')
  return hmac(signingKey(secret, date.slice(0, 8), scope), toSign).toString('hex')
}

const scopeText = (date: string, { region, service }: SigningScope) => `${date.slice(0, 8)}/${region}/${service}/aws4_request`

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Keys live for a day; four HMACs are saved per request. Bounded: the oldest goes first. */
const signingKeys = new Map<string, Buffer>()
const SIGNING_KEYS_MAX = 100

function signingKey(secret: string, day: string, { region, service }: SigningScope): Buffer {
  const name = `${sha256Hex(secret)}/${day}/${region}/${service}`
  const cached = signingKeys.get(name)
  if (cached) return cached
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, day), region), service), 'aws4_request')
  const [oldest] = signingKeys.keys()
  if (signingKeys.size >= SIGNING_KEYS_MAX && oldest !== undefined) signingKeys.delete(oldest)
  signingKeys.set(name, key)
  return key
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** `20261123T073000Z`. */
export const amzDate = (at: Date): string => at.toISOString().replace(/[-:]|\.\d{3}/g, '')

function amzDateOfHttpDate(text: string | undefined): string | undefined {
  const ms = Date.parse(text ?? '')
  return Number.isNaN(ms) ? undefined : amzDate(new Date(ms))
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
