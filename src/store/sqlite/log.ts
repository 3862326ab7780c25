/** The logs of all executions in one append-only table: a row is a turn, its events packed. */
import type { Database } from '../../sqlite/database.ts'

import { type EngineEvent, isHistoryEvent } from '../../engine/event.ts'
import { unpackChunk } from '../chunk.ts'
import type { ExecutionKey } from '../contract.ts'

export function logReads(db: Database) {
  const all = db.prepareValue<[number], string>('SELECT chunk FROM log WHERE execution_key = ? ORDER BY sequence')
  const forward = db.prepareValue<[number, number], string>(
    'SELECT chunk FROM log WHERE execution_key = ? AND last_id >= ? ORDER BY sequence',
  )
  const backward = db.prepareValue<[number, number], string>(
    'SELECT chunk FROM log WHERE execution_key = ? AND first_id > 0 AND first_id <= ? ORDER BY sequence DESC',
  )
  return {
    log: (key: ExecutionKey): readonly EngineEvent[] => all.all(key).flatMap(unpackChunk),
    history(key: ExecutionKey, fromId: number, limit: number, reverse: boolean): readonly EngineEvent[] {
      const events: EngineEvent[] = []
      const chunks = reverse ? backward.iterate(key, fromId) : forward.iterate(key, fromId)
      for (const chunk of chunks) {
        const found = unpackChunk(chunk).filter(
          (event) => isHistoryEvent(event) && (reverse ? event.id <= fromId : event.id >= fromId),
        )
        events.push(...(reverse ? found.reverse() : found))
        if (events.length >= limit) break
      }
      return events.slice(0, limit)
    },
  }
}

export function logWrites(db: Database) {
  const append = db.prepare<[number, number, number, number, string]>(
    'INSERT INTO log (execution_key, sequence, first_id, last_id, chunk) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  )
  return {
    /** False when the place is taken: another turn was there first. */
    appendTurn: (key: ExecutionKey, sequence: number, firstId: number, lastId: number, chunk: string): boolean =>
      append.run(key, sequence, firstId, lastId, chunk).changes === 1,
  }
}
