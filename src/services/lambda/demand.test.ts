import { expect, it } from 'vitest'

import { type Line, moreProcesses } from './demand.ts'

const LINE: Line = {
  waiting: 39,
  waitedMs: 20,
  launching: 0,
  members: [],
  tookMs: undefined,
  stillMs: 20,
  startMs: 80,
  cores: 2,
}
const member = (forMs: number, isComputing: boolean, isStarting = false) => ({
  isStarting,
  forMs,
  wasSeen: forMs > 5,
  isComputing: () => isComputing,
})
const many = (count: number, ...given: Parameters<typeof member>) => Array.from({ length: count }, () => member(...given))

it('a function without a process gets one, however many wait', () => {
  expect(moreProcesses({ ...LINE, waitedMs: 0 })).toBe(1)
})

it('while the first one starts nobody knows yet how long the others will wait', () => {
  expect(moreProcesses({ ...LINE, members: [member(20, true, true)] })).toBe(0)
  expect(moreProcesses({ ...LINE, launching: 1 })).toBe(0)
})

it('where the first one waits, and those in line would wait for long, each gets one', () => {
  expect(moreProcesses({ ...LINE, members: [member(20, false)] })).toBeGreaterThan(5)
  expect(moreProcesses({ ...LINE, members: [member(100, false)] })).toBe(39)
  expect(moreProcesses({ ...LINE, members: [member(500, false), ...many(10, 20, true, true)] })).toBe(29)
})

it('who waits alone gets one when a start takes no longer than what it waits for', () => {
  expect(moreProcesses({ ...LINE, waiting: 1, waitedMs: 70, members: [member(70, false)] })).toBe(1)
  expect(moreProcesses({ ...LINE, waiting: 1, waitedMs: 170, members: many(2, 170, false) })).toBe(1)
  expect(moreProcesses({ ...LINE, waiting: 1, waitedMs: 80, members: many(39, 80, false) })).toBe(1)
})

it('where those that serve have begun at once, nobody waits for their end', () => {
  expect(moreProcesses({ ...LINE, waiting: 6, tookMs: 1_000, members: many(34, 20, false) })).toBe(6)
  expect(moreProcesses({ ...LINE, waiting: 6, tookMs: 1_000, members: [...many(33, 500, false), member(960, false)] })).toBe(6)
  expect(moreProcesses({ ...LINE, waiting: 2, tookMs: 1_000, members: [...many(33, 500, false), member(960, false)] })).toBe(0)
})

it('a function that answers at once keeps few, however many ask and however slow the machine makes it', () => {
  for (const tookMs of [0, 1, 20, 80]) {
    expect(moreProcesses({ ...LINE, tookMs, members: [member(1, false)] })).toBe(1)
    expect(moreProcesses({ ...LINE, tookMs, members: many(2, 1, false) })).toBe(0)
    expect(moreProcesses({ ...LINE, tookMs, members: many(4, 1, true) })).toBe(0)
  }
})

it('functions that compute get one for each core', () => {
  expect(moreProcesses({ ...LINE, members: [member(100, true)] })).toBe(1)
  expect(moreProcesses({ ...LINE, members: many(2, 1_000, true) })).toBe(0)
})

it('where nothing moves one more is started, whatever those do that are busy', () => {
  expect(moreProcesses({ ...LINE, stillMs: 260, members: many(2, 1_000, true) })).toBe(1)
  expect(moreProcesses({ ...LINE, stillMs: 260, members: many(8, 1_000, true) })).toBe(0)
  expect(moreProcesses({ ...LINE, stillMs: 1_010, members: many(8, 1_000, true) })).toBe(1)
})

it('a start that waits for something is not waited for', () => {
  expect(moreProcesses({ ...LINE, waitedMs: 300, members: [member(300, false, true)] })).toBe(1)
  expect(moreProcesses({ ...LINE, waitedMs: 1_000, members: [member(1_000, false, true)] })).toBe(38)
  expect(moreProcesses({ ...LINE, waitedMs: 300, stillMs: 300, members: [member(300, true, true)] })).toBe(1)
})

it('nobody gets more than wait', () => {
  expect(moreProcesses({ ...LINE, waiting: 3, members: [member(5_000, false)] })).toBe(3)
})

it('of very many only some are asked what they do', () => {
  let asked = 0
  const isComputing = () => {
    asked++
    return false
  }
  const members = Array.from({ length: 1_000 }, () => ({ isStarting: false, forMs: 100, wasSeen: true, isComputing }))
  expect(moreProcesses({ ...LINE, tookMs: 1_000, members })).toBe(39)
  expect(asked).toBeLessThanOrEqual(16)
})
