/**
 * What is known of the values of a metric in some span of time, and the statistics that follow from it. A distribution is kept as
 * counts of values, coarser where there are many; none is known where somebody put sums instead of values.
 * Source: CloudWatch user guide, "CloudWatch statistics definitions".
 */
export interface Aggregate {
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  /** How often each value was there; undefined where that is not known. */
  readonly distribution: Distribution | undefined
}

export type Distribution = ReadonlyMap<number, number>

const VALUES_MAX = 500

export const ofValues = (values: Distribution): Aggregate => {
  const all = [...values]
  return {
    count: all.reduce((total, [, count]) => total + count, 0),
    sum: all.reduce((total, [value, count]) => total + value * count, 0),
    min: Math.min(...all.map(([value]) => value)),
    max: Math.max(...all.map(([value]) => value)),
    distribution: values,
  }
}

export function merge(a: Aggregate, b: Aggregate): Aggregate {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    distribution: a.distribution && b.distribution && mergeValues(a.distribution, b.distribution),
  }
}

function mergeValues(a: Distribution, b: Distribution): Distribution {
  let values = counted([...a, ...b], (value) => value)
  for (let digits = 4; values.size > VALUES_MAX && digits > 0; digits--)
    values = counted(values, (value) => Number(value.toPrecision(digits)))
  return values
}

function counted(values: Iterable<readonly [number, number]>, round: (value: number) => number): Map<number, number> {
  const counts = new Map<number, number>()
  for (const [value, count] of values) counts.set(round(value), (counts.get(round(value)) ?? 0) + count)
  return counts
}

export const STATISTICS = ['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'] as const
export type Statistic = (typeof STATISTICS)[number]

/** Undefined where there is no such statistic. */
export function statisticNamed(name: string): ((aggregate: Aggregate) => number | undefined) | undefined {
  switch (name) {
    case 'SampleCount':
      return ({ count }) => count
    case 'Average':
      return ({ sum, count }) => sum / count
    case 'Sum':
      return ({ sum }) => sum
    case 'Minimum':
      return ({ min }) => min
    case 'Maximum':
      return ({ max }) => max
    case 'IQM':
      return ({ distribution }) => distribution && trimmedMean(distribution, 0.25, 0.75)
    default:
      return extendedStatistic(name)
  }
}

/** `p99.9`, `tm90`. */
function extendedStatistic(name: string): ((aggregate: Aggregate) => number | undefined) | undefined {
  const [, kind, digits = ''] = /^(p|tm)(\d{1,2}(?:\.\d{0,10})?|100)$/.exec(name) ?? []
  const share = Number(digits) / 100
  if (kind === 'p') return ({ distribution }) => distribution && percentile(distribution, share)
  if (kind === 'tm') return ({ distribution }) => distribution && trimmedMean(distribution, 0, share)
  return undefined
}

const sorted = (values: Distribution) => [...values].sort(([a], [b]) => a - b)

/** The smallest value at or below which the share of all lies. */
function percentile(values: Distribution, share: number): number | undefined {
  const list = sorted(values)
  const total = list.reduce((sum, [, count]) => sum + count, 0)
  let seen = 0
  for (const [value, count] of list) {
    seen += count
    if (seen >= share * total) return value
  }
  return list.at(-1)?.[0]
}

function trimmedMean(values: Distribution, from: number, to: number): number | undefined {
  const list = sorted(values)
  const total = list.reduce((sum, [, count]) => sum + count, 0)
  let [seen, kept, sum] = [0, 0, 0]
  for (const [value, count] of list) {
    const taken = Math.max(0, Math.min(seen + count, to * total) - Math.max(seen, from * total))
    seen += count
    kept += taken
    sum += value * taken
  }
  return kept === 0 ? undefined : sum / kept
}
