/**
 * Which pages may call a function's URL, or an HTTP API, and read its answers, as the setting says that AWS calls Cors. Pure.
 * Source: AWS Lambda API reference, "Cors"; Fetch standard, "CORS protocol".
 */
import { getOwn, isArray, type JsonObject } from '../../base/json.ts'

/** What a page asked, by the names of its headers. */
export interface PageAsks {
  readonly origin: string | undefined
  readonly method: string | undefined
  readonly headers: string | undefined
}

type Headers = Record<string, string>

/** Undefined where the page's origin is not allowed. */
export function corsHeaders(cors: JsonObject, origin: string | undefined): Headers | undefined {
  const allowed = listOf(cors, 'AllowOrigins')
  const isAllowed = origin !== undefined && allowed.some((one) => one === '*' || one.toLowerCase() === origin.toLowerCase())
  if (!isAllowed) return undefined
  const exposed = listOf(cors, 'ExposeHeaders')
  const mayHaveCookies = getOwn(cors, 'AllowCredentials') === true
  return {
    'access-control-allow-origin': allowed.includes('*') && !mayHaveCookies ? '*' : origin,
    ...(mayHaveCookies && { 'access-control-allow-credentials': 'true' }),
    ...(exposed.length > 0 && { 'access-control-expose-headers': exposed.join(',') }),
    vary: 'Origin',
  }
}

/** The answer to a preflight; undefined where what the page wants is not allowed. */
export function preflightHeaders(cors: JsonObject, { origin, method, headers }: PageAsks): Headers | undefined {
  const shared = corsHeaders(cors, origin)
  const methods = listOf(cors, 'AllowMethods')
  if (!shared || method === undefined || !(methods.includes('*') || methods.includes(method.toUpperCase()))) return undefined
  const allowed = listOf(cors, 'AllowHeaders')
  const maxAge = getOwn(cors, 'MaxAge')
  return {
    ...shared,
    'access-control-allow-methods': methods.includes('*') ? method.toUpperCase() : methods.join(','),
    ...(allowed.length > 0 && { 'access-control-allow-headers': allowed.includes('*') ? (headers ?? '*') : allowed.join(',') }),
    ...(typeof maxAge === 'number' && { 'access-control-max-age': String(maxAge) }),
  }
}

function listOf(cors: JsonObject, member: string): readonly string[] {
  const value = getOwn(cors, member)
  return isArray(value) ? value.map(String) : []
}
