/** The events of one turn of a Map Run as JSON text, checked when they are read: each has what its type tells. */
import { assert } from '../base/assert.ts'
import { isArray, isObject } from '../base/json.ts'

import type { MapRunEvent } from '../engine/map-run/event.ts'

/** What JavaScript calls the kind of a member. */
type TypeName<V> = V extends string ? 'string' : V extends number ? 'number' : 'object'
type RequiredMembers<E> = { readonly [M in keyof E as undefined extends Pick<E, M>[M] ? never : M]: TypeName<E[M]> }

/** A type of event, or a member that one always has, does not compile until it is here. */
const MEMBERS: { readonly [T in MapRunEvent['type']]: Omit<RequiredMembers<Extract<MapRunEvent, { type: T }>>, 'type'> } = {
  Begun: { at: 'number', seed: 'string' },
  ChildrenMade: { at: 'number', itemsRead: 'number' },
  ReadingDone: { at: 'number' },
  LimitsChanged: { at: 'number', limits: 'object' },
  Broken: { at: 'number', by: 'string', failure: 'object' },
  Stopped: { at: 'number' },
  Ended: { at: 'number', end: 'object', resultsWritten: 'number' },
  Redriven: { at: 'number', redriveCount: 'number' },
}
const MEMBERS_OF: ReadonlyMap<unknown, readonly (readonly [string, string])[]> = new Map(
  Object.entries(MEMBERS).map(([type, members]) => [type, Object.entries(members)]),
)

export const packMapRunChunk = (events: readonly MapRunEvent[]): string => JSON.stringify(events)

/** Throws where the text is no list of events, or one of them is none of ours. */
export function unpackMapRunChunk(text: string): readonly MapRunEvent[] {
  const events: unknown = JSON.parse(text)
  assert(isArray(events), 'the events of a Map Run are a list')
  return events.map((event: unknown) => {
    if (isMapRunEvent(event)) return event
    throw new Error(`Assertion failed: not an event of ours in a Map Run's log: ${JSON.stringify(event).slice(0, 200)}`)
  })
}

function isMapRunEvent(value: unknown): value is MapRunEvent {
  if (!isObject(value)) return false
  const members = MEMBERS_OF.get(value['type'])
  return members?.every(([member, type]) => typeof value[member] === type && value[member] !== null) ?? false
}
