/**
 * How many children may run at a time, and how many items may fail. Failures are counted over items; a batch shares its
 * child's fate. Source: developer guide, "Setting failure thresholds for Distributed Map states".
 */
export interface MapRunLimits {
  /** 0: as many as AWS allows. */
  readonly maxConcurrency: number
  readonly toleratedFailureCount: number
  readonly toleratedFailurePercentage: number
}

/** Most children at a time (developer guide, quotas). */
const PARALLEL_CHILDREN_MAX = 10_000

/** Children that may run at a time. */
export const concurrencyOf = ({ maxConcurrency }: MapRunLimits): number =>
  maxConcurrency === 0 ? PARALLEL_CHILDREN_MAX : Math.min(maxConcurrency, PARALLEL_CHILDREN_MAX)

/**
 * True when more items failed than are tolerated. Either bound, once passed, decides; the percentage is of all items, so it
 * is judged when all are known: `items` is undefined until then.
 */
export function isIntolerable(limits: MapRunLimits, failedItems: number, items: number | undefined): boolean {
  if (failedItems === 0) return false
  const { toleratedFailureCount, toleratedFailurePercentage } = limits
  if (toleratedFailureCount > 0 && failedItems > toleratedFailureCount) return true
  if (toleratedFailurePercentage === 0) return failedItems > toleratedFailureCount
  return items !== undefined && failedItems * 100 > toleratedFailurePercentage * items
}
