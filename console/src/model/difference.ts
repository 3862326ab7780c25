/** Where two executions begin to differ: visits are compared in their order, by name, how they went and what they gave. */
import type { Run, Visit } from '../../../src/history/visits.ts'

export type Difference =
  | { readonly kind: 'none' }
  | { readonly kind: 'path' | 'status' | 'input' | 'output'; readonly left: Visit | undefined; readonly right: Visit | undefined }

export function firstDifference(left: Run, right: Run): Difference {
  const length = Math.max(left.visits.length, right.visits.length)
  for (let index = 0; index < length; index++) {
    const [a, b] = [left.visits[index], right.visits[index]]
    const kind = differenceOf(a, b)
    if (kind) return { kind, left: a, right: b }
  }
  return { kind: 'none' }
}

function differenceOf(a: Visit | undefined, b: Visit | undefined) {
  if (a?.name !== b?.name || !a || !b) return 'path'
  if (a.status !== b.status) return 'status'
  if (a.input !== b.input) return 'input'
  return a.output === b.output ? undefined : 'output'
}
