/**
 * The logs of all executions: a row is a turn, its events packed. Rows of an execution that is gone may lie there until the
 * partition of their day is dropped; nobody sees them.
 */
import type { ExecutionKey } from '../../base/ids.ts'

import { type EngineEvent, isHistoryEvent } from '../../engine/event.ts'
import { needsInput, packChunk, unpackChunk } from '../chunk.ts'
import type { Query } from './channel.ts'
import { text } from './shape.ts'
import { only, prepared, unprepared } from './statement.ts'

/** So much text is unpacked at once: some milliseconds. */
const PART_CHARS = 256 * 1024
const PART_TURNS = 500
const HIGHEST_ID = 2 ** 31 - 1

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

/** Whole turns until they are large enough together. The length of a text is known without reading it. */
const part = (condition: string, order: 'ASC' | 'DESC') =>
  unprepared(
    `SELECT chunk FROM (
       SELECT sequence, chunk, sum(octet_length(chunk)) OVER (ORDER BY sequence ${order}) - octet_length(chunk) AS before FROM (
         SELECT sequence, chunk FROM log WHERE execution_key = $1 AND ${condition}
           AND EXISTS (SELECT FROM executions WHERE key = $1)
         ORDER BY sequence ${order} LIMIT ${PART_TURNS}
       ) AS turns
     ) AS part WHERE before < ${PART_CHARS} ORDER BY sequence ${order}`,
    only(text),
  )
export const ONWARD = part('sequence >= $2', 'ASC')
export const FORWARD = part('last_id >= $2', 'ASC')
export const BACKWARD = part('first_id > 0 AND first_id <= $2', 'DESC')

const INPUT = prepared('SELECT input FROM executions WHERE key = $1', only(text))

/** Nothing where the execution has gone meanwhile. */
async function unpacked(
  query: Query,
  key: ExecutionKey,
  chunks: readonly string[],
): Promise<readonly (readonly EngineEvent[])[]> {
  const [input] = chunks.some(needsInput) ? await query(INPUT, key) : ['']
  return input === undefined ? [] : chunks.map((chunk) => unpackChunk(chunk, () => input))
}

export const logReads = (query: Query) => ({
  logPart: async (key: ExecutionKey, sequence: number): Promise<readonly EngineEvent[]> =>
    (await unpacked(query, key, await query(ONWARD, key, sequence))).flat(),
  async history(key: ExecutionKey, fromId: number, limit: number, reverse: boolean): Promise<readonly EngineEvent[]> {
    const isWanted = (event: EngineEvent) => isHistoryEvent(event) && (reverse ? event.id <= fromId : event.id >= fromId)
    const place = Math.max(1, Math.min(fromId, HIGHEST_ID))
    if (reverse && fromId < 1) return []
    const events: EngineEvent[] = []
    for (const turn of await unpacked(query, key, await query(reverse ? BACKWARD : FORWARD, key, place))) {
      const found = turn.filter(isWanted)
      events.push(...(reverse ? found.reverse() : found))
      if (events.length >= limit) break
    }
    return events.slice(0, limit)
  },
})
