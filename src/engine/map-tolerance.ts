/**
 * The Map Run's own small machine: children by status, how many more may run, and when the run is over. Pure: counts in,
 * decision out. Failures are counted over items; a batch shares its child's fate.
 * Source: developer guide, "Setting failure thresholds for Distributed Map states".
 */
export type ChildEnd = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'

export interface MapRunLimits {
  /** 0: as many as AWS allows. */
  readonly maxConcurrency: number
  readonly toleratedFailureCount: number
  readonly toleratedFailurePercentage: number
}

/** Most children at a time (developer guide, quotas). */
export const PARALLEL_CHILDREN_MAX = 10_000

export class MapRunState {
  #limits: MapRunLimits
  #running = 0
  /** Items of children that are made, and of those that failed or timed out. */
  #items = 0
  #failedItems = 0
  #isReadingDone = false

  constructor(limits: MapRunLimits) {
    this.#limits = limits
  }

  set limits(limits: MapRunLimits) {
    this.#limits = limits
  }

  added(items: number): void {
    this.#items += items
  }

  readingDone(): void {
    this.#isReadingDone = true
  }

  started(): void {
    this.#running++
  }

  ended(end: ChildEnd, items: number): void {
    this.#running--
    this.recall(end, items)
  }

  /** A child that had ended before the run was taken up again. */
  recall(end: ChildEnd, items: number): void {
    if (end === 'FAILED' || end === 'TIMED_OUT') this.#failedItems += items
  }

  get running(): number {
    return this.#running
  }

  /** Children that may be started now. */
  get room(): number {
    const { maxConcurrency } = this.#limits
    return Math.max(
      0,
      (maxConcurrency === 0 ? PARALLEL_CHILDREN_MAX : Math.min(maxConcurrency, PARALLEL_CHILDREN_MAX)) - this.#running,
    )
  }

  /**
   * True when more items failed than are tolerated. Either bound, once passed, decides; the percentage is of all items, so
   * it is judged when all are known.
   */
  get isIntolerable(): boolean {
    if (this.#failedItems === 0) return false
    const { toleratedFailureCount, toleratedFailurePercentage } = this.#limits
    if (toleratedFailureCount > 0 && this.#failedItems > toleratedFailureCount) return true
    if (toleratedFailurePercentage === 0) return this.#failedItems > toleratedFailureCount
    return this.#isReadingDone && this.#failedItems * 100 > toleratedFailurePercentage * this.#items
  }
}
