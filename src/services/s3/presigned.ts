/**
 * Links that are signed for a time: what they say of it is judged, the signature is not.
 * Source: Amazon S3 API reference, "Authenticating requests: using query parameters"; "Signing and authenticating REST requests"
 * (version 2); texts as S3 answers them.
 */
import { WireError } from '../../wire/errors.ts'

import { accessDenied } from './errors.ts'

/** A week, in seconds. */
const EXPIRES_MAX = 604_800
/** What a number of seconds or milliseconds may have at most to be a date. */
const DIGITS_MAX = 12

/** Throws 403 once the time is over, and 400 for a time that is none. Other requests pass. */
export function checkLink(query: URLSearchParams, nowMs: number): void {
  const [seconds, date] = [query.get('X-Amz-Expires'), query.get('X-Amz-Date')]
  if (seconds !== null && date !== null) {
    const expires = dateOf(date) + lifetimeOf(seconds) * 1000
    if (expires < nowMs) throw expired(expires, nowMs, { 'X-Amz-Expires': seconds })
  }
  const until = query.get('Expires')
  if (until === null || !query.has('Signature')) return
  if (!/^\d+$/.test(until) || until.length > DIGITS_MAX)
    throw accessDenied({}, `Invalid date (should be seconds since epoch): ${until}`)
  if (Number(until) * 1000 < nowMs) throw expired(Number(until) * 1000, nowMs, {})
}

function expired(expiresMs: number, nowMs: number, detail: Readonly<Record<string, string>>): WireError {
  return accessDenied({ ...detail, Expires: isoSecond(expiresMs), ServerTime: isoSecond(nowMs) }, 'Request has expired')
}

const isoSecond = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')

const malformed = (message: string) => new WireError(400, 'AuthorizationQueryParametersError', message)

function lifetimeOf(text: string): number {
  if (!/^-?\d{1,12}$/.test(text)) throw malformed('X-Amz-Expires should be a number')
  if (Number(text) < 0) throw malformed('X-Amz-Expires must be non-negative')
  if (Number(text) > EXPIRES_MAX)
    throw malformed(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    )
  return Number(text)
}

/** `20261130T025600Z`, in milliseconds. */
function dateOf(text: string): number {
  const ms = Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!/^\d{8}T\d{6}Z$/.test(text) || Number.isNaN(ms))
    throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
  return ms
}
