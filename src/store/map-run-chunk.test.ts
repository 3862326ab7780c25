import { expect, test } from 'vitest'

import { toInstant } from '../base/time.ts'

import type { MapRunEvent } from '../engine/map-run/event.ts'

import { packMapRunChunk, unpackMapRunChunk } from './map-run-chunk.ts'

test('a turn comes back as it was', () => {
  const at = toInstant(5)
  const events: MapRunEvent[] = [
    { at, type: 'Begun', seed: 's' },
    { at, type: 'ChildrenMade', itemsRead: 3 },
    { at, type: 'Broken', by: 'reading', failure: { error: 'E' } },
    { at, type: 'Ended', end: { status: 'FAILED', failure: {} }, resultsWritten: 0 },
  ]
  expect(unpackMapRunChunk(packMapRunChunk(events))).toEqual(events)
})

test.each([
  ['a type that is none', { type: 'Wished' }],
  ['a member of another kind', { itemsRead: '3' }],
  ['a member that is missing', { at: undefined }],
  ['a member that is null', { at: null }],
])('an event with %s is not read', (_, wrong) => {
  const event = { at: 5, type: 'ChildrenMade', itemsRead: 3 }
  expect(unpackMapRunChunk(JSON.stringify([{ ...event, ofALaterVersion: 1 }]))).toHaveLength(1)
  expect(() => unpackMapRunChunk(JSON.stringify([{ ...event, ...wrong }]))).toThrow("not an event of ours in a Map Run's log")
  expect(() => unpackMapRunChunk(JSON.stringify(event))).toThrow('a list')
})
