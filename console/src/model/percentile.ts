/** The least value that `share` (0 to 1) of all values do not exceed. There must be one; they are sorted, least first. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
