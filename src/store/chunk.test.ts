import { describe, expect, test } from 'vitest'

import { ROOT_FRAME } from '../base/ids.ts'
import { Payload } from '../base/payload.ts'
import { toInstant } from '../base/time.ts'

import type { EngineEvent } from '../engine/event.ts'

import { needsInput, packChunk, unpackChunk } from './chunk.ts'

const noInput = () => undefined

test('a turn comes back as it was, and a payload that repeats is stored once', () => {
  const text = '{"a": "a rather long payload"}'
  const base = { previousEventId: 0, at: toInstant(5), frame: ROOT_FRAME }
  const events: EngineEvent[] = [
    { ...base, id: 1, type: 'StateEntered', stateType: 'Pass', name: 'A', input: Payload.ofText(text) },
    { ...base, id: 2, type: 'StateExited', stateType: 'Pass', name: 'A', output: Payload.ofText(text), next: 'B' },
  ]
  const chunk = packChunk(events)
  expect(chunk.split('a rather long payload').length).toBe(2)
  const back = unpackChunk(chunk, noInput)
  expect(back.map(({ id, type }) => ({ id, type }))).toEqual([
    { id: 1, type: 'StateEntered' },
    { id: 2, type: 'StateExited' },
  ])
  expect(back[0]?.type === 'StateEntered' && back[0].input.text).toBe(text)
})

describe('the input of the execution', () => {
  const long = JSON.stringify({ text: 'x'.repeat(2_000) })
  const base = { previousEventId: 0, at: toInstant(5), frame: ROOT_FRAME, stateType: 'Pass', name: 'A' } as const
  const events: EngineEvent[] = [
    { ...base, id: 1, type: 'StateEntered', input: Payload.ofText('{"other": 1}') },
    { ...base, id: 2, type: 'StateExited', output: Payload.ofText(long) },
  ]
  const textsOf = (chunk: string, input: string | undefined) =>
    unpackChunk(chunk, () => input).map(
      (event) => ('input' in event ? event.input : 'output' in event ? event.output : undefined)?.text,
    )

  test('is not in the chunk when it is long: who reads it brings it', () => {
    const chunk = packChunk(events, long)
    expect(chunk.length).toBeLessThan(1_000)
    expect(needsInput(chunk)).toBe(true)
    expect(textsOf(chunk, long)).toEqual(['{"other": 1}', long])
    expect(() => textsOf(chunk, undefined)).toThrow('a payload in the log is a text')
  })

  test('is in the chunk when it is short, or another text than that of the event', () => {
    const [short, other] = [packChunk(events, '{"other": 1}'), packChunk(events, `${long} `)]
    for (const chunk of [short, other, packChunk(events)]) {
      expect(needsInput(chunk)).toBe(false)
      expect(textsOf(chunk, undefined)).toEqual(['{"other": 1}', long])
    }
  })
})

test.each([
  ['a type that is none', { type: 'Wished' }],
  ['a member of another kind', { name: 7 }],
  ['a member that is missing', { stateType: undefined }],
  ['a payload that the chunk has not', { input: 3 }],
  ['a type of state that is none', { stateType: 'Hope' }],
])('an event with %s is not read', (_, wrong) => {
  const event = { id: 1, previousEventId: 0, at: 5, frame: 0, type: 'StateEntered', stateType: 'Pass', name: 'A', input: 0 }
  const chunk = (row: object) => JSON.stringify({ payloads: ['{}'], events: [row] })
  expect(unpackChunk(chunk({ ...event, ofALaterVersion: 1 }), noInput)).toHaveLength(1)
  expect(() => unpackChunk(chunk({ ...event, ...wrong }), noInput)).toThrow('not an event of ours in the log')
})
