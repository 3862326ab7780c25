/** How long something takes, as people write it: `24 hours`, `90 s`, `1.5 days`, or milliseconds. */
import { TestKitError } from './kit-error.ts'

export type Duration = number | string

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  millisecond: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
  year: 31_536_000_000,
}

/** Milliseconds. Throws TestKitError. */
export function millisecondsOf(duration: Duration): number {
  if (typeof duration === 'number') return positive(duration, duration)
  const [, number = '', unit = ''] = /^\s*([\d.]+)\s*([a-z]+)\s*$/i.exec(duration) ?? []
  const name = unit.toLowerCase()
  const factor = UNITS_MS[name] ?? UNITS_MS[name.replace(/s$/, '')]
  if (factor === undefined) throw wrong(duration)
  return positive(Number(number) * factor, duration)
}

function positive(ms: number, duration: Duration): number {
  if (Number.isFinite(ms) && ms >= 0) return Math.round(ms)
  throw typeof duration === 'number' && duration < 0
    ? new TestKitError(`Time does not run backwards: ${duration} ms was asked for.`)
    : wrong(duration)
}

const wrong = (duration: Duration) =>
  new TestKitError(`'${duration}' is no duration. Write milliseconds, or a number and a unit: '24 hours', '90 s', '3 days'.`)
