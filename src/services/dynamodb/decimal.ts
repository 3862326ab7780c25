/**
 * DynamoDB's numbers: decimals of up to 38 significant digits, exact, from 1E-130 to 9.9…E+125.
 * Source: Amazon DynamoDB developer guide, "Data types", "Number"; texts as DynamoDB answers them.
 */
export interface Decimal {
  readonly isNegative: boolean
  /** Without zeros in front or behind; empty for zero. */
  readonly digits: string
  /** Of the first digit: 12.5 has 1. */
  readonly exponent: number
}

const NUMBER = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d{1,9}))?$/
const DIGITS_MAX = 38
const EXPONENT_MAX = 125
const EXPONENT_MIN = -130

export const ZERO: Decimal = { isNegative: false, digits: '', exponent: 0 }

/** The number, or why the text is none that DynamoDB keeps. */
export function parseDecimal(text: string): Decimal | string {
  if (text === '') return 'The parameter cannot be converted to a numeric value'
  const [, sign, whole = '', fraction = '', power = '0'] = NUMBER.exec(text) ?? []
  if (sign === undefined || whole + fraction === '') return `The parameter cannot be converted to a numeric value: ${text}`
  const decimal = normalized(sign === '-', whole + fraction, whole.length - 1 + Number(power))
  return faultOf(decimal) ?? decimal
}

function normalized(isNegative: boolean, all: string, exponent: number): Decimal {
  const shown = all.replace(/^0+/, '')
  const digits = shown.replace(/0+$/, '')
  return digits === '' ? ZERO : { isNegative, digits, exponent: exponent - (all.length - shown.length) }
}

function faultOf({ digits, exponent }: Decimal): string | undefined {
  if (digits === '') return undefined
  if (exponent > EXPONENT_MAX) return 'Number overflow. Attempting to store a number with magnitude larger than supported range'
  if (exponent < EXPONENT_MIN) return 'Number underflow. Attempting to store a number with magnitude smaller than supported range'
  return digits.length > DIGITS_MAX ? 'Attempting to store more than 38 significant digits in a Number' : undefined
}

/** As DynamoDB tells numbers: no exponent. */
export function printDecimal({ isNegative, digits, exponent }: Decimal): string {
  if (digits === '') return '0'
  const sign = isNegative ? '-' : ''
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  const fraction = digits.slice(exponent + 1)
  return sign + whole + (fraction === '' ? '' : `.${fraction}`)
}

/** Less than 0, 0 or more. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const signs = signOf(a) - signOf(b)
  if (signs !== 0 || a.digits === '') return signs
  const sizes = a.exponent - b.exponent || (a.digits < b.digits ? -1 : a.digits > b.digits ? 1 : 0)
  return a.isNegative ? -sizes : sizes
}

const signOf = ({ isNegative, digits }: Decimal): number => (digits === '' ? 0 : isNegative ? -1 : 1)

/** The sum, or why it is no number that DynamoDB keeps. */
export function addDecimals(a: Decimal, b: Decimal): Decimal | string {
  const scale = Math.min(lastPlace(a), lastPlace(b))
  const sum = scaled(a, scale) + scaled(b, scale)
  const all = (sum < 0n ? -sum : sum).toString()
  const decimal = normalized(sum < 0n, all, all.length - 1 + scale)
  return faultOf(decimal) ?? decimal
}

export const negated = (decimal: Decimal): Decimal => ({ ...decimal, isNegative: !decimal.isNegative })

/** The power of ten of the last digit. */
const lastPlace = ({ digits, exponent }: Decimal): number => (digits === '' ? 0 : exponent - digits.length + 1)

function scaled(decimal: Decimal, scale: number): bigint {
  if (decimal.digits === '') return 0n
  const size = BigInt(decimal.digits) * 10n ** BigInt(lastPlace(decimal) - scale)
  return decimal.isNegative ? -size : size
}
