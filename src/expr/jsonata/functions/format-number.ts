/**
 * `$formatNumber`: decimal pictures such as `#,##0.00`, `0.0e0`, `01%`, with a second one after `;` for negatives.
 * Source: XPath and XQuery Functions 3.1, 4.7 (format-number), with what JSONata 2.0.6 makes of it.
 */
import { JsonataError } from '../error.ts'
import type { Run } from '../run.ts'
import { type Callable, isPlainObject, type Value } from '../value.ts'
import { builtIn } from './builtin.ts'
import { greatestCommonDivisor } from './integer-picture.ts'
import { round } from './number.ts'

interface Symbols {
  readonly decimal: string
  readonly grouping: string
  readonly exponent: string
  readonly minus: string
  readonly percent: string
  readonly perMille: string
  readonly zero: string
  readonly digit: string
  readonly separator: string
  /** The ten digits that begin with `zero`. */
  readonly digits: string
}

function readSymbols(options: Value): Symbols {
  const given = isPlainObject(options) ? options : {}
  const get = (name: string, otherwise: string): string => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    return typeof value === 'string' ? value : otherwise
  }
  const zero = get('zero-digit', '0')
  const digits = Array.from({ length: 10 }, (_, i) => String.fromCharCode(zero.charCodeAt(0) + i)).join('')
  return {
    decimal: get('decimal-separator', '.'),
    grouping: get('grouping-separator', ','),
    exponent: get('exponent-separator', 'e'),
    minus: get('minus-sign', '-'),
    percent: get('percent', '%'),
    perMille: get('per-mille', '\u2030'),
    zero,
    digit: get('digit', '#'),
    separator: get('pattern-separator', ';'),
    digits,
  }
}

interface Parts {
  readonly picture: string
  readonly prefix: string
  readonly suffix: string
  readonly active: string
  readonly mantissa: string
  readonly exponent: string | undefined
  readonly integer: string
  readonly fraction: string
}

function splitPicture(picture: string, symbols: Symbols): Parts {
  const markers = symbols.digits + symbols.decimal + symbols.grouping + symbols.digit + symbols.separator
  const isActive = (char: string) => markers.includes(char) && char !== symbols.exponent
  const chars = picture.split('')
  const first = chars.findIndex(isActive)
  const last = chars.findLastIndex(isActive)
  // Without any active character the whole picture counts as active, and is refused as such.
  const prefix = first === -1 ? '' : picture.slice(0, first)
  const suffix = first === -1 ? '' : picture.slice(last + 1)
  const active = picture.slice(prefix.length, picture.length - suffix.length)
  const at = picture.indexOf(symbols.exponent, prefix.length)
  const hasExponent = at !== -1 && at <= picture.length - suffix.length
  const mantissa = hasExponent ? active.slice(0, at) : active
  const point = mantissa.indexOf(symbols.decimal)
  return {
    picture,
    prefix,
    suffix,
    active,
    mantissa,
    exponent: hasExponent ? active.slice(at + 1) : undefined,
    integer: point === -1 ? mantissa : mantissa.slice(0, point),
    // Without a decimal point the suffix is looked at: it holds no digits, so it counts as none.
    fraction: point === -1 ? suffix : mantissa.slice(point + 1),
  }
}

const occursTwice = (text: string, part: string): boolean => text.indexOf(part) !== text.lastIndexOf(part)
const countOf = (text: string, chars: string): number => [...text].filter((char) => chars.includes(char)).length

/** The last rule broken is the one reported. */
function validate(parts: Parts, symbols: Symbols): void {
  const { picture, integer, fraction, exponent } = parts
  const { digits, digit, grouping } = symbols
  const actives = digits + symbols.decimal + symbols.exponent + grouping + digit + symbols.separator
  const hasPercent = picture.includes(symbols.percent)
  const hasPerMille = picture.includes(symbols.perMille)
  const point = picture.indexOf(symbols.decimal)
  const optionalInInteger = integer.indexOf(digit)
  const optionalInFraction = fraction.lastIndexOf(digit)
  const rules: readonly (readonly [string, boolean])[] = [
    ['D3081', occursTwice(picture, symbols.decimal)],
    ['D3082', occursTwice(picture, symbols.percent)],
    ['D3083', occursTwice(picture, symbols.perMille)],
    ['D3084', hasPercent && hasPerMille],
    ['D3085', countOf(parts.mantissa, digits + digit) === 0],
    ['D3086', [...parts.active].some((char) => !actives.includes(char))],
    ['D3087', point !== -1 && (picture.charAt(point - 1) === grouping || picture.charAt(point + 1) === grouping)],
    ['D3088', point === -1 && integer.endsWith(grouping)],
    ['D3089', picture.includes(grouping + grouping)],
    ['D3090', optionalInInteger !== -1 && countOf(integer.slice(0, optionalInInteger), digits) > 0],
    ['D3091', optionalInFraction !== -1 && countOf(fraction.slice(optionalInFraction), digits) > 0],
    ['D3092', exponent !== undefined && exponent.length > 0 && (hasPercent || hasPerMille)],
    ['D3093', exponent !== undefined && (exponent.length === 0 || countOf(exponent, digits) !== exponent.length)],
  ]
  const broken = rules.findLast(([, isBroken]) => isBroken)
  if (broken !== undefined) throw new JsonataError(broken[0])
}

interface Format {
  readonly picture: string
  readonly prefix: string
  readonly suffix: string
  readonly integerGroups: readonly number[]
  /** Interval of a regular grouping, 0 for none. */
  readonly regularGroup: number
  readonly fractionGroups: readonly number[]
  readonly integerMin: number
  readonly scale: number
  readonly fractionMin: number
  readonly fractionMax: number
  readonly exponentMin: number
}

/** More fraction digits than this no number has. */
const FRACTION_DIGITS_MAX = 100

function analyse(parts: Parts, symbols: Symbols): Format {
  const { digits, digit } = symbols
  const { integer, fraction, exponent } = parts
  const scale = countOf(integer, digits)
  let integerMin = scale
  let fractionMin = countOf(fraction, digits)
  let fractionMax = countOf(fraction, digits + digit)
  if (integerMin === 0 && fractionMax === 0) {
    if (exponent === undefined) integerMin = 1
    else {
      fractionMin = 1
      fractionMax = 1
    }
  }
  if (exponent !== undefined && integerMin === 0 && integer.includes(digit)) integerMin = 1
  if (integerMin === 0 && fractionMin === 0) fractionMin = 1
  const integerGroups = groupsOf(integer, symbols, (part, at) => part.slice(at))
  return {
    picture: parts.picture,
    prefix: parts.prefix,
    suffix: parts.suffix,
    integerGroups,
    regularGroup: regularGroup(integerGroups),
    fractionGroups: groupsOf(fraction, symbols, (part, at) => part.slice(0, at)),
    integerMin,
    scale,
    fractionMin,
    fractionMax: Math.min(fractionMax, FRACTION_DIGITS_MAX),
    exponentMin: exponent === undefined ? 0 : countOf(exponent, digits),
  }
}

/** For each grouping separator, how many digits lie between it and the decimal point. */
function groupsOf(part: string, { grouping, digits, digit }: Symbols, side: (part: string, at: number) => string): number[] {
  const groups: number[] = []
  if (grouping === '') return groups
  for (let at = part.indexOf(grouping); at !== -1; at = part.indexOf(grouping, at + 1))
    groups.push(countOf(side(part, at), digits + digit))
  return groups
}

function regularGroup(groups: readonly number[]): number {
  if (groups.length === 0) return 0
  const step = groups.reduce(greatestCommonDivisor)
  return groups.every((_, i) => groups.includes((i + 1) * step)) ? step : 0
}

function formatNumber(value: number, picture: string, options: Value): string {
  const symbols = readSymbols(options)
  const pictures = picture.split(symbols.separator)
  if (pictures.length > 2) throw new JsonataError('D3080')
  const parts = pictures.map((each) => splitPicture(each, symbols))
  for (const each of parts) validate(each, symbols)
  const [positive, negative] = parts.map((each) => analyse(each, symbols))
  const format = (value < 0 ? (negative ?? positive) : positive) as Format
  const sign = value < 0 && negative === undefined ? symbols.minus : ''
  return sign + format.prefix + formatWith(format, value, symbols) + format.suffix
}

function formatWith(format: Format, value: number, symbols: Symbols): string {
  const factor = format.picture.includes(symbols.percent) ? 100 : format.picture.includes(symbols.perMille) ? 1000 : 1
  const { mantissa, exponent } = scaleOf(Math.abs(value * factor), format)
  const plain = toDigits(round(mantissa, format.fractionMax), format.fractionMax, symbols)
  const [integer = '', fraction = ''] = plain
  const trimmedInteger = trimStart(integer, symbols.zero).padStart(format.integerMin, symbols.zero)
  const trimmedFraction = trimEnd(fraction, symbols.zero).padEnd(format.fractionMin, symbols.zero)
  const text = groupInteger(trimmedInteger, format, symbols)
  const hasPoint = format.picture.includes(symbols.decimal) && trimmedFraction !== ''
  const number = hasPoint ? text + symbols.decimal + groupFraction(trimmedFraction, format, symbols) : text
  return exponent === undefined ? number : number + exponentText(exponent, format, symbols)
}

/** With an exponent, the number is moved until it has as many integer digits as the picture. */
function scaleOf(value: number, { exponentMin, scale }: Format): { mantissa: number; exponent: number | undefined } {
  if (exponentMin === 0) return { mantissa: value, exponent: undefined }
  const most = 10 ** scale
  const least = 10 ** (scale - 1)
  let mantissa = value
  let exponent = 0
  while (mantissa < least && mantissa > 0) {
    mantissa *= 10
    exponent--
  }
  while (mantissa > most && mantissa < Number.POSITIVE_INFINITY) {
    mantissa /= 10
    exponent++
  }
  return { mantissa, exponent }
}

function toDigits(value: number, fractionDigits: number, { zero, digits }: Symbols): string[] {
  const text = Math.abs(value).toFixed(fractionDigits)
  const own = zero === '0' ? text : text.replace(/[0-9]/g, (digit) => digits.charAt(Number(digit)))
  return own.split('.')
}

function trimStart(text: string, char: string): string {
  let from = 0
  while (from < text.length && text[from] === char) from++
  return text.slice(from)
}

function trimEnd(text: string, char: string): string {
  let to = text.length
  while (to > 0 && text[to - 1] === char) to--
  return text.slice(0, to)
}

function groupInteger(text: string, { regularGroup: step, integerGroups }: Format, { grouping }: Symbols): string {
  const places = step > 0 ? Array.from({ length: Math.floor((text.length - 1) / step) }, (_, i) => (i + 1) * step) : integerGroups
  let grouped = text
  for (const place of [...places].sort((a, b) => a - b).reverse()) {
    const at = grouped.length - place
    if (at >= 0) grouped = grouped.slice(0, at) + grouping + grouped.slice(at)
  }
  return grouped
}

function groupFraction(text: string, { fractionGroups }: Format, { grouping }: Symbols): string {
  let grouped = text
  // Places are counted in the text as it grows, as the language's own implementation does.
  for (const place of fractionGroups) grouped = grouped.slice(0, place) + grouping + grouped.slice(place)
  return grouped
}

function exponentText(exponent: number, { exponentMin }: Format, symbols: Symbols): string {
  const [digits = ''] = toDigits(exponent, 0, symbols)
  return symbols.exponent + (exponent < 0 ? symbols.minus : '') + digits.padStart(exponentMin, symbols.zero)
}

/** Work grows with the square of a picture's length at worst. */
function chargePicture(picture: string, run: Run): void {
  run.spend(120 + picture.length)
  run.allocateText(picture.length * 4)
}

export const formatNumberFunctions: Readonly<Record<string, Callable>> = {
  formatNumber: builtIn('<n-so?:s>', 3, ([value, picture, options], run) => {
    if (value === undefined) return undefined
    chargePicture(picture as string, run)
    return formatNumber(value as number, picture as string, options)
  }),
}
