/**
 * Counts the transitions of an execution as the console draws them: the Start, each state entered, each retry of one, each
 * redrive, and the End once it is reached. `statesEntered` is the same without Start, redrives and End: what AWS bills.
 * Why so, and what AWS charges for: docs/transitions.md.
 */
import type { Run } from './visits.ts'

export interface Transitions {
  /** As drawn: Start and End included. The task timer has 4. */
  readonly drawn: number
  /** States entered and their retries. */
  readonly statesEntered: number
}

export function countTransitions({ visits, beginnings, status }: Run): Transitions {
  const statesEntered = visits.reduce((sum, { attempts }) => sum + Math.max(1, attempts), 0)
  return { statesEntered, drawn: beginnings + statesEntered + (status === 'SUCCEEDED' ? 1 : 0) }
}
