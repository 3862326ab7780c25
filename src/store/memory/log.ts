/** The logs of all executions, turn by turn. */
import type { ExecutionKey } from '../../base/ids.ts'

import { type EngineEvent, isHistoryEvent } from '../../engine/event.ts'
import type { MemoryDisk } from './disk.ts'

const TURNS_A_PART = 20

export function logOperations({ logs }: MemoryDisk) {
  const eventsOf = (key: ExecutionKey): EngineEvent[] => (logs.get(key) ?? []).flatMap(({ events }) => events)
  return {
    async logPart(key: ExecutionKey, sequence: number): Promise<readonly EngineEvent[]> {
      const turns = (logs.get(key) ?? []).filter((turn) => turn.sequence >= sequence)
      return turns.slice(0, TURNS_A_PART).flatMap(({ events }) => events)
    },
    async history(key: ExecutionKey, fromId: number, limit: number, reverse: boolean): Promise<readonly EngineEvent[]> {
      const shown = eventsOf(key).filter((event) => isHistoryEvent(event) && (reverse ? event.id <= fromId : event.id >= fromId))
      return (reverse ? shown.reverse() : shown).slice(0, limit)
    },
  }
}
