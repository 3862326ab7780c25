/**
 * Numbers as their document spells them. JavaScript's own numbers lose `1.0`, `-0` and what is beyond 2^53; a numeral is such a
 * number's text, prints as it stands, and travels among JSON's values in the number's place. It is no object (`isObject` says
 * so), and no number either: whoever computes takes `numberOf` of a value first. Source: ECMAScript, JSON.rawJSON.
 */

declare global {
  interface JSON {
    rawJSON(text: string): Numeral
    isRawJSON(value: unknown): value is Numeral
  }
}

export interface Numeral {
  readonly rawJSON: string
}

/** Nothing is looked for until there is one. */
let hasNumerals = false
export const areThereNumerals = (): boolean => hasNumerals

/** Browsers have had it since 2025 at the latest. */
const CAN_SPELL = typeof JSON.rawJSON === 'function'

export const isNumeral = (value: unknown): value is Numeral => hasNumerals && JSON.isRawJSON(value)

/** The number that a numeral is; any other value itself. */
export const numberOf = <T>(value: T): T | number => (isNumeral(value) ? Number(value.rawJSON) : value)

/**
 * What may be a number that is spelled otherwise than JavaScript would: an end of zeros, an exponent, a minus before zero, more
 * digits than a number has. Such a thing within a text costs some time and nothing else.
 */
const UNUSUAL = /(?:^|[[:,])\s*-?(?:\d{16}|\d+\.\d*0(?!\d)|\d+(?:\.\d+)?[eE]|\d[\d.]{19}|(?<=-)0(?![\d.]))/

export const isUnusual = (text: string): boolean => CAN_SPELL && UNUSUAL.test(text)

/** As `JSON.parse`, with numerals where a number's own printing would differ. */
export function parseNumerals(text: string): unknown {
  return isUnusual(text) ? JSON.parse(text, revive) : JSON.parse(text)
}

/** `context` tells what the text has for a value that is no array or object. */
function revive(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value
  hasNumerals = true
  return JSON.rawJSON(source)
}

/** Whether two numbers, numerals or not, are one: a fraction is no whole number, as Jackson has it, however it is spelled. */
export const isSameNumber = (a: unknown, b: unknown): boolean => identityOf(a) === identityOf(b)

function identityOf(value: unknown): unknown {
  const text = isNumeral(value) ? value.rawJSON : typeof value === 'number' ? String(value) : undefined
  if (text === undefined) return value
  return /[.eE]/.test(text) ? Number(text) : text
}
