/**
 * The tokens of OpenID Connect providers, as AssumeRoleWithWebIdentity takes them. What a token claims is believed: its signature is
 * not checked, as no key is here. Source: STS API reference, AssumeRoleWithWebIdentity; RFC 7519.
 */
import { getOwn, isArray } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'
import type { Instant } from '../../base/time.ts'

import { WireError } from '../../wire/errors.ts'

export interface Claims {
  readonly subject: string
  readonly issuer: string
  readonly audience: string
}

/** Throws InvalidIdentityToken for what is no token, ExpiredTokenException for one whose time is over. */
export function readWebIdentity(token: string, now: Instant): Claims {
  const [header = '', payload = '', ...rest] = token.split('.')
  const claims = rest.length === 1 && partOf(header) ? partOf(payload) : undefined
  if (!claims)
    throw new WireError(
      400,
      'InvalidIdentityToken',
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    )
  const expires = getOwn(claims, 'exp')
  if (typeof expires === 'number' && expires * 1000 <= now)
    throw new WireError(
      400,
      'ExpiredTokenException',
      `Token expired: current date/time ${Math.floor(now / 1000)} must be before the expiration date/time ${expires}`,
    )
  const audience = getOwn(claims, 'aud')
  return {
    subject: String(getOwn(claims, 'sub') ?? ''),
    issuer: String(getOwn(claims, 'iss') ?? ''),
    audience: String((isArray(audience) ? audience[0] : audience) ?? ''),
  }
}

const partOf = (part: string) => objectOf(Buffer.from(part, 'base64url').toString('utf8'))
