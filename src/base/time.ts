import type { Brand } from './brand.ts'

/** A point in time: milliseconds since the Unix epoch, as a whole number. */
export type Instant = Brand<number, 'Instant'>

export const toInstant = (epochMs: number): Instant => Math.trunc(epochMs) as Instant

/** `2026-11-23T06:59:31.120Z`: always three digits, as in the ResultWriter's records. */
export const formatIso = (instant: Instant): string => new Date(instant).toISOString()

let told = { instant: toInstant(0), text: '1970-01-01T00:00:00Z' }

/** As the context object prints times (java.time.Instant): trailing groups of zeros dropped, `…:31Z` or `…:31.120Z`. */
export function formatContextTime(instant: Instant): string {
  // An execution's times are told with each of its expressions, and mostly are one.
  if (told.instant !== instant) told = { instant, text: formatIso(instant).replace('.000Z', 'Z') }
  return told.text
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/

/**
 * Reads an RFC 3339 timestamp as Amazon States Language wants it: upper-case T, and Z or an offset; digits past the
 * millisecond are cut off. Undefined when the text is not one, or names a day or hour that does not exist.
 */
export function parseTimestamp(text: string): Instant | undefined {
  const match = RFC3339.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3))
  const utc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), ms)
  const back = new Date(utc)
  if (back.getUTCMonth() + 1 !== Number(month) || back.getUTCDate() !== Number(day)) return undefined
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  if (zone === 'Z') return toInstant(utc)
  const sign = zone.startsWith('-') ? -1 : 1
  const offsetMinutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))
  return toInstant(utc - sign * offsetMinutes * 60_000)
}
