/** The logs of all executions, turn by turn. */
import { type EngineEvent, isHistoryEvent } from '../../engine/event.ts'
import type { ExecutionKey } from '../contract.ts'
import type { MemoryDisk } from './disk.ts'

export function logVerbs({ logs }: MemoryDisk) {
  const eventsOf = (key: ExecutionKey): EngineEvent[] => (logs.get(key) ?? []).flatMap(({ events }) => events)
  return {
    log: async (key: ExecutionKey): Promise<readonly EngineEvent[]> => eventsOf(key),
    async history(key: ExecutionKey, fromId: number, limit: number, reverse: boolean): Promise<readonly EngineEvent[]> {
      const shown = eventsOf(key).filter((event) => isHistoryEvent(event) && (reverse ? event.id <= fromId : event.id >= fromId))
      return (reverse ? shown.reverse() : shown).slice(0, limit)
    },
  }
}
