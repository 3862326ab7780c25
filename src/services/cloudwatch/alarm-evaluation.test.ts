import { describe, expect, test } from 'vitest'

import { type Condition, judge, type MissingData } from './alarm-evaluation.ts'

const condition = (datapointsToAlarm: number, missingData: MissingData): Condition => ({
  comparison: 'GreaterThanThreshold',
  threshold: 1,
  evaluationPeriods: 3,
  datapointsToAlarm,
  missingData,
})
const VALUES: Readonly<Record<string, number | undefined>> = { X: 2, '0': 0 }
/** Written oldest first: a point that breaches is X, one that does not 0, one that is missing -. */
const points = (text: string) =>
  [...text].reverse().map((letter, index) => ({ atMs: Date.UTC(2026, 0, 1) - index * 60_000, value: VALUES[letter] }))

/** The tables of "Configuring how CloudWatch alarms treat missing data". */
describe('three out of three', () => {
  test.each([
    ['0-X-X', 'OK', 'OK', 'OK', 'OK'],
    ['0----', 'OK', 'OK', 'OK', 'OK'],
    ['-----', 'INSUFFICIENT_DATA', undefined, 'ALARM', 'OK'],
    ['0XX-X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['--X--', 'ALARM', undefined, 'ALARM', 'OK'],
  ] as const)('%s', (text, ...states) => {
    const kinds = ['missing', 'ignore', 'breaching', 'notBreaching'] as const
    expect(kinds.map((kind) => judge(points(text), condition(3, kind))?.state)).toEqual(states)
  })
})

describe('two out of three', () => {
  test.each([
    ['0-X-X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['00X0X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0-X--', 'OK', 'OK', 'ALARM', 'OK'],
    ['----0', 'OK', 'OK', 'ALARM', 'OK'],
    ['---X-', 'ALARM', undefined, 'ALARM', 'OK'],
  ] as const)('%s', (text, ...states) => {
    const kinds = ['missing', 'ignore', 'breaching', 'notBreaching'] as const
    expect(kinds.map((kind) => judge(points(text), condition(2, kind))?.state)).toEqual(states)
  })
})

test('the reason tells which points, and what they were compared with', () => {
  expect(judge(points('000XX'), condition(2, 'missing'))?.reason).toBe(
    'Threshold Crossed: 2 out of the last 3 datapoints [2.0 (01/01/26 00:00:00), 2.0 (31/12/25 23:59:00)] were greater than the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).',
  )
  expect(judge(points('-----'), condition(3, 'missing'))?.reason).toBe('Insufficient Data: 3 datapoints were unknown.')
  expect(judge(points('-----'), condition(3, 'breaching'))?.reason).toContain(
    '(3 missing datapoints were treated as [Breaching])',
  )
})
