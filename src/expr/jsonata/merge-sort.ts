/** The language's own sort: stable, top-down merges, and a comparator that only says "swap" or not. */
import type { Run } from './run.ts'

/** A new array in order; `isAfter(a, b)` true when `a` must come after `b`. */
export function mergeSort<T>(items: readonly T[], isAfter: (a: T, b: T) => boolean, run: Run): T[] {
  run.allocateItems(items.length)
  if (items.length <= 1) return [...items]
  const middle = Math.floor(items.length / 2)
  return merge(mergeSort(items.slice(0, middle), isAfter, run), mergeSort(items.slice(middle), isAfter, run), isAfter, run)
}

function merge<T>(left: readonly T[], right: readonly T[], isAfter: (a: T, b: T) => boolean, run: Run): T[] {
  const merged: T[] = []
  let l = 0
  let r = 0
  while (l < left.length && r < right.length) {
    run.spend(1)
    if (isAfter(left[l] as T, right[r] as T)) merged.push(right[r++] as T)
    else merged.push(left[l++] as T)
  }
  while (l < left.length) merged.push(left[l++] as T)
  while (r < right.length) merged.push(right[r++] as T)
  return merged
}
