/**
 * Links that are told to programs outside, as S3's presigned ones look: who knows the secret in the query may put something
 * there. The path begins with a name that no bucket can have, and by which functions' processes know the link again
 * (`lambda/runtimes/response-link.mjs`).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'

import type { RequestTarget } from '../../wire/http.ts'

export const LINKS_PATH = '/_regente/cloudformation/'

export type LinkKind = 'responses' | 'signals'

export interface Link {
  readonly kind: LinkKind
  readonly id: string
  readonly secret: string
}

export const newSecret = (): string => randomBytes(24).toString('base64url')

export const linkAt = (base: string, { kind, id, secret }: Link): string =>
  `${base.replace(/\/+$/, '')}${LINKS_PATH}${kind}/${id}?Signature=${secret}`

const PATH = /^\/_regente\/cloudformation\/(responses|signals)\/([0-9a-f-]{36})$/

/** Undefined where it is none of ours. */
export function linkOf({ path, query }: RequestTarget): Link | undefined {
  const [, kind, id] = PATH.exec(path) ?? []
  const secret = query.get('Signature')
  if ((kind !== 'responses' && kind !== 'signals') || id === undefined || secret === null) return undefined
  return { kind, id, secret }
}

/** As a resource keeps it. */
export function linkIn(url: string): Link | undefined {
  if (!URL.canParse(url)) return undefined
  const { pathname, searchParams } = new URL(url)
  return linkOf({ path: pathname, query: searchParams })
}

export function isSecret(given: string, kept: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(kept)]
  return a.length === b.length && timingSafeEqual(a, b)
}
