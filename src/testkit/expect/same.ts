/**
 * Whether data are what a test expects, and how they differ. The order of members does not count, nor do expected members that are undefined.
 * What the runners know as asymmetric (`expect.any(String)`, `expect.objectContaining({…})`) is asked itself.
 */
import { difference } from './difference.ts'

/** `expect.stringContaining('…')` of any runner. */
export interface Asymmetric {
  asymmetricMatch(value: unknown): boolean
}

/** An error's name or cause: the whole text, a pattern in it, or what a runner knows as asymmetric. */
export type Pattern = string | RegExp | Asymmetric

/** Undefined means anything. */
export function fits(text: string | undefined, pattern: Pattern | undefined): boolean {
  if (pattern === undefined) return true
  if (typeof pattern === 'string') return text === pattern
  if (pattern instanceof RegExp) return pattern.test(text ?? '')
  return pattern.asymmetricMatch(text)
}

export const patternText = (pattern: Pattern): string =>
  typeof pattern === 'string' ? pattern : pattern instanceof RegExp ? String(pattern) : nameOf(pattern)

export function isSame(received: unknown, expected: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(received)
  const wanted = asJson(expected)
  if (Object.is(received, wanted) || received === wanted) return true
  if (Array.isArray(wanted))
    return Array.isArray(received) && received.length === wanted.length && wanted.every((item, i) => isSame(received[i], item))
  if (!isRecord(wanted) || !isRecord(received)) return false
  const keys = Object.keys(wanted).filter((key) => wanted[key] !== undefined)
  const theirs = Object.keys(received).filter((key) => received[key] !== undefined)
  return keys.length === theirs.length && keys.every((key) => Object.hasOwn(received, key) && isSame(received[key], wanted[key]))
}

/** The two as JSON, with their members in the order of the alphabet. */
export const differenceOf = (received: unknown, expected: unknown): string =>
  difference(jsonText(matched(expected, received)), jsonText(received))

export function jsonText(value: unknown): string {
  return JSON.stringify(sorted(value), undefined, 2) ?? 'undefined'
}

/** What is expected, with what is there where something asymmetric agrees with it: no difference is to be seen. */
function matched(expected: unknown, received: unknown): unknown {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(received) ? received : `<${nameOf(expected)}>`
  const wanted = asJson(expected)
  if (Array.isArray(wanted)) return wanted.map((item, i) => matched(item, Array.isArray(received) ? received[i] : undefined))
  if (!isRecord(wanted)) return wanted
  return Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => [key, matched(value, isRecord(received) ? received[key] : undefined)]),
  )
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}

function nameOf(asymmetric: Asymmetric): string {
  const named = asymmetric as { toAsymmetricMatcher?: () => string }
  return named.toAsymmetricMatcher?.() ?? String(asymmetric)
}

/** A Date is its text, as in all JSON. */
const asJson = (value: unknown): unknown =>
  isRecord(value) && typeof value['toJSON'] === 'function' ? (value['toJSON'] as () => unknown).call(value) : value

const isAsymmetric = (value: unknown): value is Asymmetric => isRecord(value) && typeof value['asymmetricMatch'] === 'function'

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
