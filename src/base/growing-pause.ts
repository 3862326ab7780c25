/** How long to wait before a thing is tried again: twice as long after each failure, up to a bound. */
export interface PauseBounds {
  readonly firstMs: number
  readonly longestMs: number
}

/** Milliseconds to wait after so many failures in a row, from 1. */
export const growingPause = (failures: number, { firstMs, longestMs }: PauseBounds): number =>
  Math.min(firstMs * 2 ** (failures - 1), longestMs)
