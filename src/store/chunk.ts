/**
 * The events of one turn as one text. Payloads go into a table of their own, each text once, so that an output that is the
 * next input is stored once; events name them by index.
 */
import { assert } from '../base/assert.ts'
import { isArray, isObject, type Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'

import { type EngineEvent, PAYLOAD_MEMBERS } from '../engine/event.ts'
import { isEngineEvent } from '../engine/event-shape.ts'

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

/** Throws where the text is no chunk, or an event in it is none of ours. */
export function unpackChunk(text: string): readonly EngineEvent[] {
  const chunk: unknown = JSON.parse(text)
  assert(isObject(chunk), 'a chunk of the log is an object')
  const { payloads, events } = chunk
  assert(isArray(payloads) && isArray(events), 'a chunk of the log has payloads and events')
  const made = payloads.map((payload) => {
    assert(typeof payload === 'string', 'a payload in the log is a text')
    return Payload.ofText(payload)
  })
  return events.map((row) => eventOf(row, made))
}

function eventOf(row: Json, payloads: readonly Payload[]): EngineEvent {
  assert(isObject(row), 'an event in the log is an object')
  const event: Record<string, unknown> = { ...row }
  for (const member of PAYLOAD_MEMBERS) {
    const index = row[member]
    if (typeof index === 'number') event[member] = payloads[index]
  }
  if (isEngineEvent(event)) return event
  throw new Error(`Assertion failed: not an event of ours in the log: ${JSON.stringify(event).slice(0, 200)}`)
}
