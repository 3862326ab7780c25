/** Numbers: arithmetic, aggregation, conversion, rounding. */
import { JsonataError } from '../error.ts'
import type { Value, ValueArray } from '../value.ts'
import type { Callable } from '../value.ts'
import { builtIn } from './builtin.ts'

const numbersOf = (value: Value): readonly number[] => value as unknown as readonly number[]

function sum(values: readonly number[]): number {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i] as number
  return total
}

/** Rounding goes by a number's text. */
const ROUND_STEPS = 8

/** Half to even, shifted in decimal notation so that binary fractions do not disturb the tie. */
export function round(value: number, precision = 0): number {
  const shifted = precision ? shift(value, precision) : value
  let result = Math.round(shifted)
  if (Math.abs(result - shifted) === 0.5 && Math.abs(result % 2) === 1) result -= 1
  if (precision) result = shift(result, -precision)
  return Object.is(result, -0) ? 0 : result
}

function shift(value: number, places: number): number {
  const [mantissa, exponent] = value.toString().split('e')
  return Number(`${mantissa}e${Number(exponent ?? 0) + places}`)
}

const DECIMAL = /^-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?$/
const OTHER_BASE = /^(0[xX][0-9A-Fa-f]+)|(0[oO][0-7]+)|(0[bB][0-1]+)$/

function toNumber(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') {
    if (DECIMAL.test(value) && Number.isFinite(Number(value))) return Number.parseFloat(value)
    if (OTHER_BASE.test(value)) return Number(value)
  }
  throw new JsonataError('D3030', { value, index: 1 })
}

/** A function of one number that knows nothing of nothing. */
const ofNumber = (work: (value: number) => number): Callable =>
  builtIn('<n-:n>', 1, ([value]) => (value === undefined ? undefined : work(value as number)))

function ofNumbers(work: (values: readonly number[]) => Value): Callable {
  return builtIn('<a<n>:n>', 1, ([values], run) => {
    if (values === undefined) return undefined
    run.spend(1 + (values as ValueArray).length / 4)
    return work(numbersOf(values))
  })
}

function extreme(values: readonly number[], isBetter: (a: number, b: number) => boolean): Value {
  let best = values[0]
  for (const value of values) if (best === undefined || isBetter(value, best)) best = value
  return best
}

export const numberFunctions: Readonly<Record<string, Callable>> = {
  sum: ofNumbers(sum),
  max: ofNumbers((values) => extreme(values, (a, b) => a > b)),
  min: ofNumbers((values) => extreme(values, (a, b) => a < b)),
  average: ofNumbers((values) => (values.length === 0 ? undefined : sum(values) / values.length)),
  number: builtIn('<(nsb)-:n>', 1, ([value]) => (value === undefined ? undefined : toNumber(value))),
  floor: ofNumber(Math.floor),
  ceil: ofNumber(Math.ceil),
  abs: ofNumber(Math.abs),
  round: builtIn('<n-n?:n>', 2, ([value, precision], run) => {
    if (value === undefined) return undefined
    run.spend(ROUND_STEPS)
    return round(value as number, precision as number | undefined)
  }),
  sqrt: ofNumber((value) => {
    if (value < 0) throw new JsonataError('D3060', { index: 1, value })
    return Math.sqrt(value)
  }),
  power: builtIn('<n-n:n>', 2, ([base, exponent]) => {
    if (base === undefined) return undefined
    const result = (base as number) ** (exponent as number)
    if (!Number.isFinite(result)) throw new JsonataError('D3061', { index: 1, value: base, exp: exponent })
    return result
  }),
  formatBase: builtIn('<n-n?:s>', 2, ([value, radix]) => {
    if (value === undefined) return undefined
    const base = radix === undefined ? 10 : round(radix as number)
    if (!(base >= 2 && base <= 36)) throw new JsonataError('D3100', { value: base })
    return round(value as number).toString(base)
  }),
}
