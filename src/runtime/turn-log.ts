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

/** What the log has of a turn. Never rejects. */
export async function findTurn(store: Pick<Store, 'logPart'>, log: Log, executionArn: string, turn: TurnRecord): Promise<Found> {
  try {
    return (await isInLog(store, turn)) ? 'there' : 'absent'
  } catch (error) {
    log.debug('a log cannot be read', { executionArn, error: String(error) })
    return 'unknown'
  }
}

/** Whether the log has a turn: at its place stand its events and no other's. Rejects when it cannot be read. */
export async function isInLog(store: Pick<Store, 'logPart'>, { key, sequence, events }: TurnRecord): Promise<boolean> {
  const log = await store.logPart(key, sequence)
  return events.every(({ id, type, at }, i) => log[i]?.id === id && log[i]?.type === type && log[i]?.at === at)
}
