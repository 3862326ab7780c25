/**
 * AWS Signature Version 4: signs requests by headers, and reads what a caller claims to have signed for, by headers or in a
 * URL. Paths come in and stay as they travel on the wire; S3 signs them once encoded, all other services encode them a second
 * time and resolve dots.
 * Source: IAM user guide, "Create a signed AWS API request".
 */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

import { targetOf } from './http.ts'
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

export const sha256Hex = (data: string | Uint8Array): string => hash('sha256', data)

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

export interface CredentialScope extends SigningScope {
  readonly accessKeyId: string
  /** `20261123`. */
  readonly date: string
}

/** What the caller claims to have signed for, unverified: for routing. */
export function scopeOf(req: Pick<IncomingMessage, 'headers' | 'url'>): CredentialScope | undefined {
  const header = req.headers.authorization
  if (header?.startsWith(ALGORITHM)) return readScope(/[\s,]Credential=([^,\s]+)/.exec(header)?.[1])
  if (req.url?.includes('X-Amz-Credential') !== true) return undefined
  return readScope(targetOf(req as IncomingMessage).query.get('X-Amz-Credential') ?? undefined)
}

/** An access key id may hold slashes; the scope is what stands at the end. */
function readScope(credential = ''): CredentialScope | undefined {
  const parts = credential.split('/')
  const [date, region, service, terminator] = parts.slice(-4)
  const accessKeyId = parts.slice(0, -4).join('/')
  if (!accessKeyId || !date || !region || !service || terminator !== 'aws4_request') return undefined
  return { accessKeyId, date, region, service }
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
  const headerLines = signedHeaders.map((name) => `${name}:${withSingleSpaces(headers[name] ?? '')}\n`)
  return [
    method.toUpperCase(),
    service === 's3' ? path : encodePathAgain(path),
    canonicalQuery(query),
    headerLines.join(''),
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n')
}

const withSingleSpaces = (value: string): string => (/\s/.test(value) ? value.trim().replace(/\s+/g, ' ') : value)

function encodePathAgain(path: string): string {
  if (path === '/') return path
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
  return createHmac('sha256', signingKey(secret, date.slice(0, 8), scope))
    .update(toSign)
    .digest('hex')
}

const scopeText = (date: string, { region, service }: SigningScope) => `${date.slice(0, 8)}/${region}/${service}/aws4_request`

/** Keys live for a day; four HMACs are saved per request. Bounded: the oldest goes first. */
const signingKeys = new Map<string, KeyObject>()
const SIGNING_KEYS_MAX = 100

function signingKey(secret: string, day: string, { region, service }: SigningScope): KeyObject {
  const name = `${sha256Hex(secret)}/${day}/${region}/${service}`
  const cached = signingKeys.get(name)
  if (cached) return cached
  const key = [day, region, service, 'aws4_request'].reduce(derivedKey, keyOf(`AWS4${secret}`))
  const [oldest] = signingKeys.keys()
  if (signingKeys.size >= SIGNING_KEYS_MAX && oldest !== undefined) signingKeys.delete(oldest)
  signingKeys.set(name, key)
  return key
}

/** Node takes 15 µs to look at a key that comes as bytes, each time (24.21); of this one it knows what it is. */
const keyOf = (key: string | Buffer): KeyObject => (typeof key === 'string' ? createSecretKey(key, 'utf8') : createSecretKey(key))
const derivedKey = (key: KeyObject, text: string): KeyObject => keyOf(createHmac('sha256', key).update(text).digest())

export const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

let lastSecond = 0
let lastDate = ''

/** `20261123T073000Z`. Printed once a second. */
function amzDate(at: Date): string {
  const second = Math.floor(at.getTime() / 1000)
  if (second !== lastSecond) {
    lastDate = at.toISOString().replace(/[-:]|\.\d{3}/g, '')
    lastSecond = second
  }
  return lastDate
}
