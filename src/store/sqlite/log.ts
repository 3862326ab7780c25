/** The logs of all executions in one append-only table: a row is a turn, its events packed. */
import type { ExecutionKey } from '../../base/ids.ts'

import type { Database } from '../../sqlite/database.ts'
import { text } from '../../sqlite/row.ts'

import { type EngineEvent, isHistoryEvent } from '../../engine/event.ts'
import { packChunk, unpackChunk } from '../chunk.ts'

/** So much text is unpacked at once: some milliseconds. */
const PART_CHARS = 256 * 1024

/** The events of a turn as they lie in a row. */
export interface PackedEvents {
  readonly firstId: number
  readonly lastId: number
  readonly chunk: string
}

export function packEvents(events: readonly EngineEvent[], input: string | undefined): PackedEvents {
  const ids = events.filter(({ id }) => id > 0)
  return { firstId: ids[0]?.id ?? 0, lastId: ids.at(-1)?.id ?? 0, chunk: packChunk(events, input) }
}

export function logReads(db: Database) {
  const onward = db.prepareValue<[number, number], string>(
    'SELECT chunk FROM log WHERE execution_key = ? AND sequence >= ? ORDER BY sequence',
    text,
  )
  const forward = db.prepareValue<[number, number], string>(
    'SELECT chunk FROM log WHERE execution_key = ? AND last_id >= ? ORDER BY sequence',
    text,
  )
  const backward = db.prepareValue<[number, number], string>(
    'SELECT chunk FROM log WHERE execution_key = ? AND first_id > 0 AND first_id <= ? ORDER BY sequence DESC',
    text,
  )
  const input = db.prepareValue<[number], string>('SELECT input FROM executions WHERE key = ?', text)
  /** Unpacks whole rows until they hold so many events, or are too large to go on at once. */
  function read(
    key: ExecutionKey,
    chunks: Iterable<string>,
    isEnough: (events: number) => boolean,
    take: (events: readonly EngineEvent[]) => EngineEvent[],
  ) {
    const events: EngineEvent[] = []
    let chars = 0
    for (const chunk of chunks) {
      events.push(...take(unpackChunk(chunk, () => input.get(key))))
      chars += chunk.length
      if (events.length > 0 && (chars >= PART_CHARS || isEnough(events.length))) break
    }
    return events
  }
  return {
    logPart: (key: ExecutionKey, sequence: number): readonly EngineEvent[] =>
      read(
        key,
        onward.iterate(key, sequence),
        () => false,
        (events) => [...events],
      ),
    history(key: ExecutionKey, fromId: number, limit: number, reverse: boolean): readonly EngineEvent[] {
      const isWanted = (event: EngineEvent) => isHistoryEvent(event) && (reverse ? event.id <= fromId : event.id >= fromId)
      const events = read(
        key,
        reverse ? backward.iterate(key, fromId) : forward.iterate(key, fromId),
        (count) => count >= limit,
        (found) => (reverse ? found.filter(isWanted).reverse() : found.filter(isWanted)),
      )
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
