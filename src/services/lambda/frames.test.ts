import { expect, it } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { FrameReader, printFrame } from './frames.ts'

const BOUNDS = { headBytesMax: 64, bodyBytesMax: 40_000 }

function reading() {
  const frames: [JsonObject, string | undefined][] = []
  const garbage: string[] = []
  const reader = new FrameReader(BOUNDS, {
    onFrame: (head, body) => void frames.push([head, body?.toString()]),
    onGarbage: (reason) => void garbage.push(reason),
  })
  return { reader, frames, garbage }
}

const framed = (head: object, body: string): Buffer => Buffer.concat(printFrame(head, Buffer.from(body)))

it.each([1, 3, 7, 8, 9, 100, 1_000_000])('frames are read as they were printed, in pieces of %i bytes', (size) => {
  const told = [
    [{ kind: 'a' }, ''],
    [{ kind: 'ü' }, 'body'],
    [{ kind: 'long' }, 'x'.repeat(30_000)],
    [{}, '{}'],
  ] as const
  const bytes = Buffer.concat(told.map(([head, body]) => framed(head, body)))
  const { reader, frames, garbage } = reading()
  for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size))
  expect(frames).toEqual(told)
  expect(garbage).toEqual([])
})

it.each([1, 5, 1_000, 1_000_000])('a body that is too long is passed over, and told without it (pieces of %i bytes)', (size) => {
  const bytes = Buffer.concat([framed({ n: 1 }, 'x'.repeat(50_000)), framed({ n: 2 }, 'next'), framed({ n: 3 }, '')])
  const { reader, frames } = reading()
  for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size))
  expect(frames).toEqual([
    [{ n: 1 }, undefined],
    [{ n: 2 }, 'next'],
    [{ n: 3 }, ''],
  ])
})

it.each([
  ['no frame at all', Buffer.from('hello, world')],
  ['a head that is too long', framed({ long: 'x'.repeat(64) }, '')],
  ['a head that is no JSON', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0x78])],
  ['a head that is no object', Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0x37])],
  ['no head', Buffer.alloc(8)],
])('%s is garbage, after which nothing is read', (_, bytes) => {
  const { reader, frames, garbage } = reading()
  reader.take(framed({ n: 1 }, ''))
  reader.take(bytes)
  reader.take(framed({ n: 2 }, ''))
  expect(frames).toEqual([[{ n: 1 }, '']])
  expect(garbage).toHaveLength(1)
})

it('half a frame is no frame', () => {
  const { reader, frames, garbage } = reading()
  reader.take(framed({ n: 1 }, 'body').subarray(0, -1))
  expect([frames, garbage]).toEqual([[], []])
})

it('an answer that is on its way is seen to move, and not once it is whole', () => {
  const bytes = framed({ n: 1 }, 'x'.repeat(30_000))
  const { reader } = reading()
  expect(reader.arriving).toBe(0)
  reader.take(bytes.subarray(0, 5))
  const begun = reader.arriving
  reader.take(bytes.subarray(5, 20_000))
  expect([begun, reader.arriving]).toEqual([5, 20_000])
  reader.take(bytes.subarray(20_000))
  expect(reader.arriving).toBe(0)
})
