/**
 * Works out expressions of metric math over series. Two series are joined where both have a point; a number stands for itself at
 * each of them. Source: CloudWatch user guide, "Metric math syntax and functions".
 */
import { type Expression, MathError, type Operator } from './math-parser.ts'

/** Points by their time (ms), oldest first. */
export interface Series {
  readonly label: string
  readonly periodSeconds: number
  readonly points: ReadonlyMap<number, number>
}

export type MathValue =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'series'; readonly series: Series }
  | { readonly kind: 'list'; readonly items: readonly Series[] }

export interface MathScope {
  /** What another query came to; undefined where there is none of that id. */
  readonly valueOf: (id: string) => MathValue | undefined
  /** Of all queries that are metrics. */
  readonly metrics: () => readonly Series[]
  readonly fromMs: number
  readonly toMs: number
  readonly periodSeconds: number
}

/** Throws MathError. */
export function evaluateMath(expression: Expression, scope: MathScope): MathValue {
  switch (expression.kind) {
    case 'number':
      return scalar(expression.value)
    case 'text':
      return { kind: 'text', value: expression.value }
    case 'id':
      return scope.valueOf(expression.id) ?? keyword(expression.id)
    case 'list':
      return { kind: 'list', items: expression.items.flatMap((item) => seriesOf(evaluateMath(item, scope))) }
    case 'unary':
      return mapped(evaluateMath(expression.of, scope), (value) => -value)
    case 'binary':
      return combined(evaluateMath(expression.left, scope), evaluateMath(expression.right, scope), OPERATORS[expression.operator])
    case 'call': {
      const call = FUNCTIONS[expression.name.toUpperCase()]
      if (!call) throw new MathError(`there is no function ${expression.name} here`)
      return call(
        expression.args.map((arg) => evaluateMath(arg, scope)),
        scope,
      )
    }
  }
}

const scalar = (value: number): MathValue => ({ kind: 'scalar', value })

/** What FILL takes instead of a number. */
function keyword(id: string): MathValue {
  if (id === 'REPEAT' || id === 'LINEAR') return { kind: 'text', value: id }
  throw new MathError(`there is no query with the id ${id}`)
}

type Binary = (a: number, b: number) => number
const bit = (is: boolean): number => (is ? 1 : 0)

const OPERATORS: Readonly<Record<Operator, Binary>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '==': (a, b) => bit(a === b),
  '!=': (a, b) => bit(a !== b),
  '<': (a, b) => bit(a < b),
  '<=': (a, b) => bit(a <= b),
  '>': (a, b) => bit(a > b),
  '>=': (a, b) => bit(a >= b),
  '&&': (a, b) => bit(a !== 0 && b !== 0),
  '||': (a, b) => bit(a !== 0 || b !== 0),
}

function seriesOf(value: MathValue): readonly Series[] {
  if (value.kind === 'series') return [value.series]
  if (value.kind === 'list') return value.items
  throw new MathError('a time series is wanted where a number or a text stands')
}

function numberOf(value: MathValue | undefined): number {
  if (value?.kind !== 'scalar') throw new MathError('a number is wanted')
  return value.value
}

function mapped(value: MathValue, change: (value: number) => number): MathValue {
  if (value.kind === 'scalar') return scalar(change(value.value))
  return each(value, (series) =>
    withPoints(
      series,
      [...series.points].map(([at, one]) => [at, change(one)]),
    ),
  )
}

/** A list stays a list. What has no number is no point. */
function each(value: MathValue, change: (series: Series) => Series): MathValue {
  if (value.kind === 'list') return { kind: 'list', items: value.items.map(change) }
  const [series] = seriesOf(value)
  if (!series) throw new MathError('a time series is wanted')
  return { kind: 'series', series: change(series) }
}

const withPoints = (series: Series, points: readonly (readonly [number, number])[]): Series => ({
  ...series,
  points: new Map(points.filter(([, value]) => Number.isFinite(value))),
})

function combined(left: MathValue, right: MathValue, join: Binary): MathValue {
  if (left.kind === 'scalar') return mapped(right, (value) => join(left.value, value))
  if (right.kind === 'scalar') return mapped(left, (value) => join(value, right.value))
  if (left.kind === 'list' && right.kind === 'list') throw new MathError('two lists of time series cannot be joined')
  if (left.kind === 'list') return each(left, (series) => joined(series, oneSeries(right), join))
  return each(right, (series) => joined(oneSeries(left), series, join))
}

function oneSeries(value: MathValue): Series {
  const [series, ...others] = seriesOf(value)
  if (!series || others.length > 0) throw new MathError('one time series is wanted')
  return series
}

const joined = (a: Series, b: Series, join: Binary): Series =>
  withPoints(
    a,
    [...a.points].flatMap(([at, value]) => {
      const other = b.points.get(at)
      return other === undefined ? [] : [[at, join(value, other)] as const]
    }),
  )

type MathFunction = (args: readonly MathValue[], scope: MathScope) => MathValue

const first = (args: readonly MathValue[]): MathValue => {
  const [value] = args
  if (!value) throw new MathError('a function lacks its argument')
  return value
}

const unary =
  (change: (value: number) => number): MathFunction =>
  (args) =>
    mapped(first(args), change)

/** Of one series a number; of a list a series, by the time. */
const reducer =
  (reduce: (values: readonly number[]) => number): MathFunction =>
  (args) => {
    const value = first(args)
    if (value.kind === 'series')
      return scalar(value.series.points.size === 0 ? Number.NaN : reduce([...value.series.points.values()]))
    return { kind: 'series', series: acrossTime(seriesOf(value), reduce) }
  }

function acrossTime(list: readonly Series[], reduce: (values: readonly number[]) => number): Series {
  const times = [...new Set(list.flatMap(({ points }) => [...points.keys()]))].sort((a, b) => a - b)
  const points = times.map((at) => [at, reduce(list.flatMap(({ points }) => points.get(at) ?? []))] as const)
  return withPoints({ label: '', periodSeconds: list[0]?.periodSeconds ?? 60, points: new Map() }, points)
}

/** From each point and the one before it. */
const fromPair =
  (change: (value: number, before: number, seconds: number) => number): MathFunction =>
  (args) =>
    each(first(args), (series) => {
      const points = [...series.points]
      return withPoints(
        series,
        points.slice(1).map(([at, value], index) => {
          const [beforeAt, before] = points[index] ?? [at, value]
          return [at, change(value, before, (at - beforeAt) / 1000)]
        }),
      )
    })

function timesIn({ fromMs, toMs }: MathScope, periodSeconds: number): readonly number[] {
  const step = periodSeconds * 1000
  const times: number[] = []
  for (let at = Math.ceil(fromMs / step) * step; at < toMs; at += step) times.push(at)
  return times
}

const fill: MathFunction = ([value, filler], scope) =>
  each(first(value ? [value] : []), (series) => {
    const other = filler?.kind === 'series' ? filler.series.points : undefined
    return withPoints(
      series,
      timesIn(scope, series.periodSeconds).flatMap((at) => {
        const known = series.points.get(at) ?? other?.get(at) ?? filled(series, at, filler)
        return known === undefined ? [] : [[at, known] as const]
      }),
    )
  })

function filled({ points }: Series, at: number, filler: MathValue | undefined): number | undefined {
  if (filler?.kind === 'scalar') return filler.value
  if (filler?.kind === 'series') return undefined
  if (filler?.kind !== 'text') throw new MathError('FILL takes a number, a time series, REPEAT or LINEAR')
  const before = [...points].findLast(([time]) => time < at)
  if (filler.value === 'REPEAT') return before?.[1]
  const after = [...points].find(([time]) => time > at)
  if (!before || !after) return undefined
  return before[1] + ((after[1] - before[1]) * (at - before[0])) / (after[0] - before[0])
}

const choose: MathFunction = (args, scope) => {
  const [condition, then, otherwise] = args
  if (!condition || !then) throw new MathError('IF takes a condition and what comes of it')
  if (condition.kind === 'scalar') return condition.value !== 0 ? then : (otherwise ?? { kind: 'list', items: [] })
  const at = (value: MathValue | undefined, time: number): number | undefined =>
    value === undefined ? undefined : value.kind === 'scalar' ? value.value : oneSeries(value).points.get(time)
  const wanted = oneSeries(condition)
  const times = wanted.points.size > 0 ? [...wanted.points.keys()] : timesIn(scope, wanted.periodSeconds)
  const points = times.flatMap((time) => {
    const chosen = at((wanted.points.get(time) ?? 0) !== 0 ? then : otherwise, time)
    return chosen === undefined ? [] : [[time, chosen] as const]
  })
  return { kind: 'series', series: withPoints(wanted, points) }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0)
const deviation = (values: readonly number[]): number => {
  const mean = total(values) / values.length
  return Math.sqrt(total(values.map((value) => (value - mean) ** 2)) / values.length)
}

const FUNCTIONS: Readonly<Record<string, MathFunction | undefined>> = {
  ABS: unary(Math.abs),
  CEIL: unary(Math.ceil),
  FLOOR: unary(Math.floor),
  LOG: unary(Math.log),
  LOG10: unary(Math.log10),
  SUM: reducer(total),
  AVG: reducer((values) => total(values) / values.length),
  MIN: reducer((values) => Math.min(...values)),
  MAX: reducer((values) => Math.max(...values)),
  STDDEV: reducer(deviation),
  DIFF: fromPair((value, before) => value - before),
  RATE: fromPair((value, before, seconds) => (value - before) / seconds),
  DIFF_TIME: fromPair((_value, _before, seconds) => seconds),
  RUNNING_SUM: (args) =>
    each(first(args), (series) => {
      let sum = 0
      return withPoints(
        series,
        [...series.points].map(([at, value]) => [at, (sum += value)]),
      )
    }),
  PERIOD: (args) => scalar(oneSeries(first(args)).periodSeconds),
  DATAPOINT_COUNT: (args) => scalar(total(seriesOf(first(args)).map(({ points }) => points.size))),
  METRIC_COUNT: (args) => scalar(seriesOf(first(args)).length),
  FIRST: (args) => nth(args, 0),
  LAST: (args) => nth(args, -1),
  FILL: fill,
  IF: choose,
  METRICS: ([pattern], scope) => {
    const wanted = pattern?.kind === 'text' ? pattern.value : ''
    return { kind: 'list', items: scope.metrics().filter(({ label }) => label.includes(wanted)) }
  },
  TIME_SERIES: ([value], scope) => {
    const points = timesIn(scope, scope.periodSeconds).map((at) => [at, numberOf(value)] as const)
    return { kind: 'series', series: withPoints({ label: '', periodSeconds: scope.periodSeconds, points: new Map() }, points) }
  },
}

function nth(args: readonly MathValue[], index: number): MathValue {
  const series = seriesOf(first(args)).at(index)
  if (!series) throw new MathError('the list of time series is empty')
  return { kind: 'series', series }
}
