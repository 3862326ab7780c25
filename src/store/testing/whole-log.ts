/** All events of an execution, in order: the parts of its log one after the other. */
import type { ExecutionKey } from '../../base/ids.ts'

import type { EngineEvent } from '../../engine/event.ts'
import type { Store } from '../contract.ts'

export async function wholeLog(store: Pick<Store, 'logPart'>, key: ExecutionKey): Promise<readonly EngineEvent[]> {
  const events: EngineEvent[] = []
  for (;;) {
    const part = await store.logPart(key, events.length)
    if (part.length === 0) return events
    events.push(...part)
  }
}
