/**
 * Lifecycle rules: which objects they mean, and when those are over. Expiry counts in days from midnight to midnight (UTC).
 * Rules on storage classes are kept and not acted on: here is but one.
 * Source: Amazon S3 user guide, "Lifecycle configuration elements", "Expiring objects".
 */
import { malformedXml } from '../../wire/rest-xml.ts'
import { child, childrenNamed, childText, type XmlElement } from '../../wire/xml.ts'

import { invalidArgument, invalidRequest } from './errors.ts'
import type { Tags } from './records.ts'

export interface LifecycleRule {
  readonly id: string
  readonly prefix: string
  readonly tags: Tags
  readonly bytesOver: number
  readonly bytesUnder: number
  readonly expiresAfterDays: number | undefined
  /** In milliseconds. */
  readonly expiresAt: number | undefined
  readonly removesLoneMarkers: boolean
  readonly noncurrentDays: number | undefined
  /** So many noncurrent versions are kept, however old. */
  readonly noncurrentKept: number
  readonly abortsUploadsAfterDays: number | undefined
}

/** What a rule asks of an object. */
export interface Expirable {
  readonly key: string
  readonly bytes: number
  readonly tags: Tags
}

const DAY_MS = 86_400_000
const RULES_MAX = 1000
const ACTIONS = [
  ...['Expiration', 'Transition', 'NoncurrentVersionExpiration', 'NoncurrentVersionTransition'],
  'AbortIncompleteMultipartUpload',
]

/** Throws MalformedXML, InvalidArgument or InvalidRequest. */
export function checkLifecycle(document: XmlElement): void {
  const rules = childrenNamed(document, 'Rule')
  if (rules.length === 0 || rules.length > RULES_MAX) throw malformedXml()
  const ids = new Set<string>()
  for (const rule of rules) {
    const status = childText(rule, 'Status')
    if (status !== 'Enabled' && status !== 'Disabled') throw malformedXml()
    const id = childText(rule, 'ID')
    if (id !== undefined && id !== '') {
      if (id.length > 255) throw invalidArgument('ID length should not exceed allowed limit of 255')
      if (ids.has(id)) throw invalidArgument('Rule ID must be unique. Found same ID for more than one rule')
      ids.add(id)
    }
    if (!ACTIONS.some((name) => child(rule, name))) throw invalidRequest('At least one action needs to be specified in a rule')
    const expiration = child(rule, 'Expiration')
    const days = expiration && childText(expiration, 'Days')
    if (days !== undefined && !(Number(days) > 0))
      throw invalidArgument("'Days' for Expiration action must be a positive integer")
    const date = expiration && childText(expiration, 'Date')
    if (date !== undefined && !(Date.parse(date) % DAY_MS === 0)) throw invalidArgument("'Date' must be at midnight GMT")
  }
}

/** Those that are enabled. */
export function lifecycleRules(document: XmlElement): readonly LifecycleRule[] {
  return childrenNamed(document, 'Rule')
    .filter((rule) => childText(rule, 'Status') === 'Enabled')
    .map((rule) => {
      const filter = child(rule, 'Filter')
      const parts = (filter && child(filter, 'And')) ?? filter
      const tags = parts ? childrenNamed(parts, 'Tag') : []
      const number = (name: string, within = parts) => numberIn(within, name)
      const expiration = child(rule, 'Expiration')
      const noncurrent = child(rule, 'NoncurrentVersionExpiration')
      const date = expiration && childText(expiration, 'Date')
      return {
        id: childText(rule, 'ID') ?? '',
        prefix: (parts && childText(parts, 'Prefix')) ?? childText(rule, 'Prefix') ?? '',
        tags: tags.map((tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? ''] as const),
        bytesOver: number('ObjectSizeGreaterThan') ?? -1,
        bytesUnder: number('ObjectSizeLessThan') ?? Number.POSITIVE_INFINITY,
        expiresAfterDays: number('Days', expiration),
        expiresAt: date === undefined ? undefined : Date.parse(date),
        removesLoneMarkers: expiration !== undefined && childText(expiration, 'ExpiredObjectDeleteMarker') === 'true',
        noncurrentDays: number('NoncurrentDays', noncurrent),
        noncurrentKept: number('NewerNoncurrentVersions', noncurrent) ?? 0,
        abortsUploadsAfterDays: number('DaysAfterInitiation', child(rule, 'AbortIncompleteMultipartUpload')),
      }
    })
}

function numberIn(parent: XmlElement | undefined, name: string): number | undefined {
  const text = parent && childText(parent, name)
  return text === undefined ? undefined : Number(text)
}

export const concerns = (rule: LifecycleRule, { key, bytes, tags }: Expirable): boolean =>
  key.startsWith(rule.prefix) &&
  bytes > rule.bytesOver &&
  bytes < rule.bytesUnder &&
  rule.tags.every(([name, value]) => tags.some((tag) => tag[0] === name && tag[1] === value))

/** The midnight that follows so many days, in milliseconds. */
export const dueAfter = (fromMs: number, days: number): number => Math.ceil((fromMs + days * DAY_MS) / DAY_MS) * DAY_MS

/** When a current object is over by this rule; undefined where it never is. */
export const expiryOf = (rule: LifecycleRule, modifiedMs: number): number | undefined =>
  rule.expiresAt ?? (rule.expiresAfterDays === undefined ? undefined : dueAfter(modifiedMs, rule.expiresAfterDays))
