import { describe, expect, test } from 'vitest'

import { MathError, parseMath } from './math-parser.ts'
import { evaluateMath, type MathScope, type MathValue, type Series } from './metric-math.ts'

const series = (label: string, ...values: readonly (number | undefined)[]): Series => ({
  label,
  periodSeconds: 60,
  points: new Map(values.flatMap((value, index) => (value === undefined ? [] : [[index * 60_000, value] as const]))),
})
const m1 = series('errors', 1, 2, undefined, 4)
const m2 = series('requests', 10, 10, 10, 20)
const scope: MathScope = {
  valueOf: (id) => {
    const found = { m1, m2 }[id]
    return found && { kind: 'series', series: found }
  },
  metrics: () => [m1, m2],
  fromMs: 0,
  toMs: 240_000,
  periodSeconds: 60,
}
const run = (text: string): MathValue => evaluateMath(parseMath(text), scope)
/** By the minute. */
const values = (text: string) => {
  const value = run(text)
  if (value.kind !== 'series') return value.kind === 'scalar' ? value.value : value
  return Array.from({ length: 4 }, (_, index) => value.series.points.get(index * 60_000))
}

describe('metric math', () => {
  test.each<[string, unknown]>([
    ['1 + 2 * 3 ^ 2 / (4 - 1)', 7],
    ['-2 * -3', 6],
    ['m1 / m2 * 100', [10, 20, undefined, 20]],
    ['100 - m1', [99, 98, undefined, 96]],
    ['m1 > 1', [0, 1, undefined, 1]],
    ['m1 > 1 AND m2 == 10', [0, 1, undefined, 0]],
    ['SUM(m1)', 7],
    ['AVG(m2)', 12.5],
    ['MAX([m1, m2])', [10, 10, 10, 20]],
    ['SUM(METRICS())', [11, 12, 10, 24]],
    ['SUM(METRICS("err"))', [1, 2, undefined, 4]],
    ['FILL(m1, 0)', [1, 2, 0, 4]],
    ['FILL(m1, REPEAT)', [1, 2, 2, 4]],
    ['FILL(m1, LINEAR)', [1, 2, 3, 4]],
    ['IF(m1 > 1, m2, 0)', [0, 10, undefined, 20]],
    ['IF(0, m1, 5)', 5],
    ['DIFF(m2)', [undefined, 0, 0, 10]],
    ['RATE(m2)', [undefined, 0, 0, 10 / 60]],
    ['RUNNING_SUM(m1)', [1, 3, undefined, 7]],
    ['m1 / PERIOD(m1)', [1 / 60, 2 / 60, undefined, 4 / 60]],
    ['TIME_SERIES(3)', [3, 3, 3, 3]],
    ['DATAPOINT_COUNT(m1)', 3],
    ['METRIC_COUNT(METRICS())', 2],
    ['FIRST(METRICS())', [1, 2, undefined, 4]],
    ['m1 / 0', [undefined, undefined, undefined, undefined]],
    ['CEIL(ABS(m1 - 2.5))', [2, 1, undefined, 2]],
  ])('%s', (text, expected) => {
    expect(values(text)).toEqual(expected)
  })

  test.each(['', '1 +', '(1', 'm3', 'NONE(m1)', 'SUM(1)', '1 2', 'FILL(m1, X)', 'METRICS() + METRICS()', 'm1 ? 1', '"a" + 1'])(
    'refuses %s',
    (text) => {
      expect(() => run(text)).toThrow(MathError)
    },
  )
})
