/**
 * What an execution would cost on AWS, about: list prices of us-east-1, without the free tier. Source: AWS Step Functions pricing,
 * "Standard Workflows" and "Express Workflows" (a request, and its duration rounded up to 100 ms at 64 MB at least).
 */
const USD_PER_TRANSITION = 0.025 / 1_000
const USD_PER_REQUEST = 1 / 1_000_000
const USD_PER_GB_SECOND = 0.000_016_67
const MEMORY_GB = 64 / 1_024

/** `statesEntered`: retries included. */
export const costOfStandard = (statesEntered: number): number => statesEntered * USD_PER_TRANSITION

export const costOfExpress = (seconds: number): number =>
  USD_PER_REQUEST + (Math.ceil(Math.max(0, seconds) * 10 - 1e-6) / 10) * MEMORY_GB * USD_PER_GB_SECOND

/** Children of a Map Run, all of them after the mean of some. */
export interface ChildrenCost {
  readonly count: number
  readonly usd: number
  /** Whether all were looked at. */
  readonly isExact: boolean
}

export function costOfChildren(count: number, looked: readonly number[]): ChildrenCost {
  const mean = looked.reduce((sum, usd) => sum + usd, 0) / Math.max(1, looked.length)
  return { count, usd: mean * count, isExact: looked.length >= count }
}
