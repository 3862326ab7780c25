/**
 * The events of one turn as one text. Payloads go into a table of their own, each text once, so that an output that is the
 * next input is stored once; events name them by index. The execution's own input is in its row: a long one stands in the table
 * as null, before all others.
 */
import { assert } from '../base/assert.ts'
import { isArray, isObject, type Json } from '../base/json.ts'
import { Payload } from '../base/payload.ts'

import { type EngineEvent, PAYLOAD_MEMBERS } from '../engine/event.ts'
import { isEngineEvent } from '../engine/event-shape.ts'

import { isRepeated } from './repeated-input.ts'

interface Chunk {
  readonly payloads: readonly (string | null)[]
  readonly events: readonly Record<string, unknown>[]
}

/** `input`: what the row of the execution has. */
export function packChunk(events: readonly EngineEvent[], input?: string): string {
  const indexes = new Map<string, number>()
  const payloads: (string | null)[] = []
  if (input !== undefined && events.some((event) => hasPayload(event, (text) => isRepeated(text, input)))) {
    indexes.set(input, 0)
    payloads.push(null)
  }
  const placeOf = (text: string): number => {
    const known = indexes.get(text)
    if (known !== undefined) return known
    indexes.set(text, payloads.length)
    return payloads.push(text) - 1
  }
  // Member by member: half the time of a copy that is changed.
  const packed = events.map((event) => {
    const row: Record<string, unknown> = {}
    for (const member in event) {
      const value = event[member as keyof EngineEvent] as unknown
      row[member] = value instanceof Payload ? placeOf(value.text) : value
    }
    return row
  })
  return JSON.stringify({ payloads, events: packed } satisfies Chunk)
}

function hasPayload(event: EngineEvent, isWanted: (text: string) => boolean): boolean {
  return PAYLOAD_MEMBERS.some((member) => {
    const value: unknown = Reflect.get(event, member)
    return value instanceof Payload && isWanted(value.text)
  })
}

/** Whether the chunk can be read only by who has the execution's input. */
export const needsInput = (chunk: string): boolean => chunk.startsWith('{"payloads":[null')

/** Throws where the text is no chunk, or an event in it is none of ours. `inputOf` is asked where the chunk needs it. */
export function unpackChunk(text: string, inputOf: () => string | undefined): readonly EngineEvent[] {
  const chunk: unknown = JSON.parse(text)
  assert(isObject(chunk), 'a chunk of the log is an object')
  const { payloads, events } = chunk
  assert(isArray(payloads) && isArray(events), 'a chunk of the log has payloads and events')
  const made = payloads.map((payload, index) => {
    const found = payload === null && index === 0 ? inputOf() : payload
    assert(typeof found === 'string', 'a payload in the log is a text')
    return Payload.ofText(found)
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
