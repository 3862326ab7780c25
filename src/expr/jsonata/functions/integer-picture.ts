/**
 * Integers by picture: `1,000`, `01`, `w` (words), `I` (Roman), `a` (letters), `;o` for ordinals.
 * Source: XPath and XQuery Functions 3.1, 4.6 (format-integer), as far as JSONata 2.0.6 follows it.
 */
import { JsonataError } from '../error.ts'
import { fromLetters, fromRoman, fromWords, NUMBER_WORDS, toLetters, toRoman, toWords } from './numerals.ts'

type Letters = 'upper' | 'lower' | 'title'

interface Separator {
  /** Digits to its right. */
  readonly position: number
  readonly character: string
}

export interface IntegerPicture {
  readonly primary: 'decimal' | 'letters' | 'roman' | 'words' | 'sequence'
  readonly letters: Letters
  readonly isOrdinal: boolean
  readonly zero: number
  mandatoryDigits: number
  readonly optionalDigits: number
  /** Every so many digits the same separator. */
  readonly regular: Separator | undefined
  readonly separators: readonly Separator[]
  readonly token: string
}

/** First digits of Unicode's decimal groups. */
const ZEROS = [
  0x30, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50, 0x0ed0,
  0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900,
  0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
]

const NAMED: Readonly<Record<string, Pick<IntegerPicture, 'primary' | 'letters'>>> = {
  A: { primary: 'letters', letters: 'upper' },
  a: { primary: 'letters', letters: 'lower' },
  I: { primary: 'roman', letters: 'upper' },
  i: { primary: 'roman', letters: 'lower' },
  W: { primary: 'words', letters: 'upper' },
  Ww: { primary: 'words', letters: 'title' },
  w: { primary: 'words', letters: 'lower' },
}

export function readIntegerPicture(picture: string): IntegerPicture {
  const semicolon = picture.lastIndexOf(';')
  const token = semicolon === -1 ? picture : picture.slice(0, semicolon)
  const isOrdinal = semicolon !== -1 && picture[semicolon + 1] === 'o'
  const blank = { isOrdinal, zero: 0x30, mandatoryDigits: 0, optionalDigits: 0, regular: undefined, separators: [], token }
  const named = Object.hasOwn(NAMED, token) ? NAMED[token] : undefined
  if (named !== undefined) return { ...blank, ...named }
  const digits = readDigits(token)
  if (digits.mandatoryDigits === 0) return { ...blank, primary: 'sequence', letters: 'lower' }
  return { ...blank, ...digits, primary: 'decimal', letters: 'lower', regular: regularSeparator(digits.separators) }
}

function readDigits(token: string): Pick<IntegerPicture, 'zero' | 'mandatoryDigits' | 'optionalDigits' | 'separators'> {
  let zero: number | undefined
  let mandatoryDigits = 0
  let optionalDigits = 0
  const separators: Separator[] = []
  for (const character of [...token].reverse()) {
    const point = character.codePointAt(0) ?? 0
    const group = ZEROS.find((first) => point >= first && point <= first + 9)
    if (group !== undefined) {
      if (zero !== undefined && zero !== group) throw new JsonataError('D3131')
      zero = group
      mandatoryDigits++
    } else if (character === '#') optionalDigits++
    else separators.push({ position: mandatoryDigits + optionalDigits, character })
  }
  return { zero: zero ?? 0x30, mandatoryDigits, optionalDigits, separators }
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}

function regularSeparator(separators: readonly Separator[]): Separator | undefined {
  const [first] = separators
  if (first === undefined || separators.some(({ character }) => character !== first.character)) return undefined
  const positions = separators.map(({ position }) => position)
  const step = positions.reduce(greatestCommonDivisor)
  const isRegular = positions.every((_, i) => positions.includes((i + 1) * step))
  return isRegular && step > 0 ? { position: step, character: first.character } : undefined
}

/** The longest text a number has as words, and more than any has as digits. */
const ROMAN_MAX = 100_000

export function formatInteger(value: number, picture: IntegerPicture): string {
  const text = formatPositive(Math.abs(value), picture)
  return value < 0 ? `-${text}` : text
}

function formatPositive(value: number, picture: IntegerPicture): string {
  switch (picture.primary) {
    case 'letters':
      return toLetters(value, picture.letters === 'upper' ? 'A' : 'a')
    case 'roman': {
      // One M a thousand: past this the text says nothing to anyone and only costs memory.
      const roman = value > ROMAN_MAX ? String(value) : toRoman(value)
      return picture.letters === 'upper' ? roman.toUpperCase() : roman
    }
    case 'words': {
      const words = toWords(value, picture.isOrdinal)
      if (picture.letters === 'title') return words
      return picture.letters === 'upper' ? words.toUpperCase() : words.toLowerCase()
    }
    case 'sequence':
      throw new JsonataError('D3130', { value: picture.token })
    default:
      return formatDecimal(value, picture)
  }
}

function formatDecimal(value: number, picture: IntegerPicture): string {
  let text = String(value).padStart(picture.mandatoryDigits, '0')
  if (picture.zero !== 0x30) {
    text = [...text].map((digit) => String.fromCodePoint((digit.codePointAt(0) ?? 0) + picture.zero - 0x30)).join('')
  }
  text = insertSeparators(text, picture)
  return picture.isOrdinal ? text + ordinalSuffix(text) : text
}

function insertSeparators(text: string, { regular, separators }: IntegerPicture): string {
  const places = regular === undefined ? [...separators].reverse() : []
  if (regular !== undefined) {
    for (let n = Math.floor((text.length - 1) / regular.position); n > 0; n--) {
      places.push({ position: n * regular.position, character: regular.character })
    }
  }
  let grouped = text
  for (const { position, character } of places) {
    const at = Math.max(0, grouped.length - position)
    grouped = grouped.slice(0, at) + character + grouped.slice(at)
  }
  return grouped
}

function ordinalSuffix(text: string): string {
  const suffix = { '1': 'st', '2': 'nd', '3': 'rd' }[text.at(-1) ?? '']
  return suffix === undefined || (text.length > 1 && text.at(-2) === '1') ? 'th' : suffix
}

/** A pattern (RE2) that such an integer has, and how it is read. `digits`: exactly so many, when positive. */
export function integerPattern(picture: IntegerPicture, digits = 0): { pattern: string; parse: (text: string) => number } {
  const isUpper = picture.letters === 'upper'
  switch (picture.primary) {
    case 'letters':
      return { pattern: isUpper ? '[A-Z]+' : '[a-z]+', parse: (text) => fromLetters(text, isUpper ? 'A' : 'a') }
    case 'roman':
      return { pattern: isUpper ? '[MDCLXVI]+' : '[mdclxvi]+', parse: (text) => fromRoman(text.toUpperCase()) }
    case 'words':
      return { pattern: `(?:${[...NUMBER_WORDS, 'and', '[\\-, ]'].join('|')})+`, parse: (text) => fromWords(text.toLowerCase()) }
    case 'sequence':
      throw new JsonataError('D3130', { value: picture.token })
    default: {
      const count =
        digits <= 0 ? '+' : picture.optionalDigits === 0 ? `{${digits}}` : `{${digits - picture.optionalDigits},${digits}}`
      return {
        pattern: `[0-9]${count}${picture.isOrdinal ? '(?:th|st|nd|rd)' : ''}`,
        parse: (text) => parseDecimal(text, picture),
      }
    }
  }
}

function parseDecimal(text: string, picture: IntegerPicture): number {
  let digits = picture.isOrdinal ? text.slice(0, -2) : text
  for (const character of picture.regular ? [','] : picture.separators.map((separator) => separator.character)) {
    digits = digits.split(character).join('')
  }
  if (picture.zero !== 0x30) {
    digits = [...digits]
      .map((digit) => String.fromCodePoint(Math.max(0, (digit.codePointAt(0) ?? 0) - picture.zero + 0x30)))
      .join('')
  }
  return Number.parseInt(digits, 10)
}
