/**
 * The events of one turn as one text. Payloads go into a table of their own, each text once, so that an output that is the
 * next input is stored once; events name them by index.
 */
import { Payload } from '../base/payload.ts'

import { type EngineEvent, PAYLOAD_MEMBERS } from '../engine/event.ts'

interface Chunk {
  readonly payloads: readonly string[]
  readonly events: readonly Record<string, unknown>[]
}

export function packChunk(events: readonly EngineEvent[]): string {
  const indexes = new Map<string, number>()
  const payloads: string[] = []
  const packed = events.map((event) => {
    const row: Record<string, unknown> = { ...event }
    for (const member of PAYLOAD_MEMBERS) {
      const value = row[member]
      if (!(value instanceof Payload)) continue
      let index = indexes.get(value.text)
      if (index === undefined) {
        index = payloads.push(value.text) - 1
        indexes.set(value.text, index)
      }
      row[member] = index
    }
    return row
  })
  return JSON.stringify({ payloads, events: packed } satisfies Chunk)
}

export function unpackChunk(text: string): readonly EngineEvent[] {
  const { payloads, events } = JSON.parse(text) as Chunk
  const made = payloads.map((payload) => Payload.ofText(payload))
  return events.map((row) => {
    const event: Record<string, unknown> = { ...row }
    for (const member of PAYLOAD_MEMBERS) {
      const index = event[member]
      if (typeof index === 'number') event[member] = made[index]
    }
    return event as unknown as EngineEvent
  })
}
