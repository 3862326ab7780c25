/** An execution's state from its log, part by part: a log of 25,000 events is neither read at once nor held in memory. */
import type { Breathe } from '../base/breather.ts'
import type { ExecutionKey } from '../base/ids.ts'

import { fold } from '../engine/apply.ts'
import type { ExecutionState } from '../engine/state.ts'
import type { Store } from '../store/contract.ts'

/** Events that are folded before others have their turn. */
const EVENTS_AT_ONCE = 200

/** `empty` is the state before the first event; it is moved on in place. Rejects when the log does not fold. */
export async function foldLog(
  store: Pick<Store, 'logPart'>,
  key: ExecutionKey,
  empty: ExecutionState,
  breathe: Breathe,
): Promise<ExecutionState> {
  for (let unbroken = 0; ; ) {
    const events = await store.logPart(key, empty.sequence)
    if (events.length === 0) return empty
    fold(empty, events)
    unbroken += events.length
    if (unbroken < EVENTS_AT_ONCE) continue
    unbroken = 0
    await breathe()
  }
}
