/**
 * What the latest data points make of an alarm. Pure.
 * Source: CloudWatch user guide, "Evaluating an alarm" and "Configuring how CloudWatch alarms treat missing data" (its tables of
 * cases); the reasons as the service words them.
 */
import type { State } from './alarm-rule.ts'

export const MISSING_DATA = ['breaching', 'notBreaching', 'ignore', 'missing'] as const
export type MissingData = (typeof MISSING_DATA)[number]

export const COMPARISONS = {
  GreaterThanOrEqualToThreshold: {
    is: (value: number, threshold: number) => value >= threshold,
    said: 'greater than or equal to',
  },
  GreaterThanThreshold: { is: (value: number, threshold: number) => value > threshold, said: 'greater than' },
  LessThanThreshold: { is: (value: number, threshold: number) => value < threshold, said: 'less than' },
  LessThanOrEqualToThreshold: { is: (value: number, threshold: number) => value <= threshold, said: 'less than or equal to' },
} as const
export type Comparison = keyof typeof COMPARISONS

export interface Condition {
  readonly comparison: Comparison
  readonly threshold: number
  readonly evaluationPeriods: number
  readonly datapointsToAlarm: number
  readonly missingData: MissingData
}

export interface DataPoint {
  readonly atMs: number
  /** Undefined where the period has none. */
  readonly value: number | undefined
}

export interface Judgement {
  readonly state: State
  readonly reason: string
  /** Newest first. */
  readonly recent: readonly DataPoint[]
}

/** How many periods are looked at, so that late or missing points do not hide those before them. */
export const rangeOf = ({ evaluationPeriods }: Condition): number => evaluationPeriods + 2

/** `points` are those of the range, newest first. Undefined: it stays as it is. */
export function judge(points: readonly DataPoint[], condition: Condition): Judgement | undefined {
  const { evaluationPeriods: wanted, datapointsToAlarm: needed, missingData, comparison, threshold } = condition
  const there = points.filter(({ value }) => value !== undefined).slice(0, wanted)
  const breaching = there.filter(({ value }) => value !== undefined && COMPARISONS[comparison].is(value, threshold))
  const missing = wanted - there.length
  if (there.length === 0 && missingData !== 'breaching' && missingData !== 'notBreaching')
    return missingData === 'ignore' ? undefined : unknown(wanted)
  const recent = there.length === 0 ? points.slice(0, wanted) : there
  if (missing === 0 || missingData === 'notBreaching') return judged(breaching.length >= needed, recent, missing, condition)
  if (missingData === 'breaching') return judged(breaching.length + missing >= needed, recent, missing, condition)
  const isAlarm = breaching.length >= Math.min(needed, there.length)
  // What is missing could still speak against it.
  if (isAlarm && breaching.length < needed && missingData === 'ignore') return undefined
  return judged(isAlarm, recent, missing, condition)
}

const unknown = (count: number): Judgement => ({
  state: 'INSUFFICIENT_DATA',
  reason: `Insufficient Data: ${count} datapoint${count === 1 ? ' was' : 's were'} unknown.`,
  recent: [],
})

function judged(isAlarm: boolean, recent: readonly DataPoint[], missing: number, condition: Condition): Judgement {
  const { comparison, threshold, evaluationPeriods, datapointsToAlarm, missingData } = condition
  const isBreaching = ({ value }: DataPoint): boolean =>
    value === undefined ? missingData === 'breaching' : COMPARISONS[comparison].is(value, threshold)
  const shown = recent.filter((point) => isBreaching(point) === isAlarm && point.value !== undefined)
  const filled =
    missing > 0 && (missingData === 'breaching' || missingData === 'notBreaching')
      ? ` (${missing} missing datapoint${missing === 1 ? ' was' : 's were'} treated as [${missingData === 'breaching' ? 'Breaching' : 'NonBreaching'}])`
      : ''
  const wanted = isAlarm ? datapointsToAlarm : evaluationPeriods - datapointsToAlarm + 1
  const change = isAlarm ? 'OK -> ALARM' : 'ALARM -> OK'
  const were = shown.length === 1 ? 'was' : 'were'
  const values = shown.map(({ value, atMs }) => `${double(value ?? 0)} (${dayAndTime(atMs)})`).join(', ')
  const reason = `Threshold Crossed: ${shown.length} out of the last ${evaluationPeriods} datapoints [${values}] ${were} ${isAlarm ? '' : 'not '}${COMPARISONS[comparison].said} the threshold (${double(threshold)})${filled} (minimum ${wanted} datapoint${wanted === 1 ? '' : 's'} for ${change} transition).`
  return { state: isAlarm ? 'ALARM' : 'OK', reason, recent }
}

/** As Java prints it. */
export const double = (value: number): string => (Number.isInteger(value) ? `${value}.0` : String(value))

function dayAndTime(atMs: number): string {
  const [date = '', time = ''] = new Date(atMs).toISOString().split('T')
  const [year = '', month = '', day = ''] = date.split('-')
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`
}
