/** Turns on their way into the log. Where a commit fails, the log is read back: it alone decides what has happened. */
import type { Log } from '../base/log.ts'

import type { Store, TurnOutcome, TurnRecord } from '../store/contract.ts'

/** What the log says of a turn. `unknown`: it cannot be read. */
export type Found = 'there' | 'absent' | 'unknown'

/** Makes a turn durable, or says what the log has of it after a commit that failed. Never rejects. */
export async function commitTurn(
  store: Pick<Store, 'commit' | 'logPart'>,
  log: Log,
  executionArn: string,
  turn: TurnRecord,
): Promise<TurnOutcome | Found> {
  try {
    const [outcome = 'stale'] = await store.commit([turn])
    return outcome
  } catch (error) {
    log.debug('a commit failed and is read back', { executionArn, error: String(error) })
  }
  return findTurn(store, log, executionArn, turn)
}

/** Whether the log has a turn: at its place stand its events and no other's. Never rejects. */
export async function findTurn(
  store: Pick<Store, 'logPart'>,
  log: Log,
  executionArn: string,
  { key, sequence, events }: TurnRecord,
): Promise<Found> {
  try {
    const there = await store.logPart(key, sequence)
    const isThere = events.every(({ id, type, at }, i) => there[i]?.id === id && there[i]?.type === type && there[i]?.at === at)
    return isThere ? 'there' : 'absent'
  } catch (error) {
    log.debug('a log cannot be read', { executionArn, error: String(error) })
    return 'unknown'
  }
}
