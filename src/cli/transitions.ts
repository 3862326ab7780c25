/**
 * Counts the transitions of an execution as the console draws them: the Start, each state entered, each retry of one, each
 * redrive, and the End once it is reached. `statesEntered` is the same without Start and End.
 * Why so, and what AWS charges for: docs/transitions.md.
 */
import { enteredStates, type HistoryEvent } from './history.ts'

export interface Transitions {
  /** As drawn: Start and End included. The task timer has 4. */
  readonly drawn: number
  /** States entered and their retries. */
  readonly statesEntered: number
}

export function countTransitions(events: readonly HistoryEvent[]): Transitions {
  const states = enteredStates(events)
  const statesEntered = states.reduce((sum, state) => sum + 1 + state.retries, 0)
  const count = (type: string) => events.filter((event) => event.type === type).length
  return {
    statesEntered,
    drawn: count('ExecutionStarted') + count('ExecutionRedriven') + statesEntered + count('ExecutionSucceeded'),
  }
}
