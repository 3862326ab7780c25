/**
 * Tuple streams: paths that bind variables on the way (`@$x`, `#$i`) or look back (`%`). Each item travels with the names
 * bound so far; '@' is the item itself. Source: JSONata documentation, "Path operators"; release 2.0.6.
 */
import type { Run } from '../run.ts'
import type { Tuple } from '../scope.ts'
import { append, type Value } from '../value.ts'

export class TupleStream {
  readonly tuples: readonly Tuple[]
  constructor(tuples: readonly Tuple[]) {
    this.tuples = tuples
  }
}

/** One tuple that stands for a group: each name holds what all of them hold. */
export function mergeTuples(tuples: readonly Tuple[], run: Run): Tuple {
  const merged: Tuple = new Map(tuples[0])
  for (const tuple of tuples.slice(1)) {
    run.spend(1 + tuples.length / 16)
    for (const [name, value] of tuple) merged.set(name, append(merged.get(name), value))
  }
  return merged
}

/** Nothing but the item. */
export const tupleOf = (item: Value): Tuple => new Map([['@', item]])
