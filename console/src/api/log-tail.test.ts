import { expect, test } from 'vitest'

import { followLog, KEPT_MAX, LATE_MS, type LogEvent, NO_LOG } from './log-tail.ts'

const event = (timestamp: number, eventId = String(timestamp)): LogEvent => ({
  eventId,
  timestamp,
  message: eventId,
  logStreamName: 's',
})

/** A group that pages; what was asked of it is kept. */
function groupOf(events: LogEvent[], size = 1_000) {
  const asked: number[] = []
  let given = 0
  const read = async (startTime: number, token: string | undefined) => {
    asked.push(startTime)
    const from = events.filter(({ timestamp }) => timestamp >= startTime)
    const at = Number(token ?? 0)
    const page = from.slice(at, at + size)
    given += page.length
    return { events: page, ...(at + size < from.length && { nextToken: String(at + size) }) }
  }
  return { read, asked, events, given: () => given }
}

const NOW = 1_000_000

test('a round asks only for what may be new, and takes nothing twice', async () => {
  const group = groupOf(Array.from({ length: 500 }, (_, n) => event(NOW - 500 + n)))
  const first = await followLog(NO_LOG, { since: 0, now: NOW }, group.read)
  expect(first.events).toHaveLength(500)
  const second = await followLog(first, { since: 0, now: NOW + LATE_MS + 1_000 }, group.read)
  expect([second.events === first.events, group.given()]).toEqual([true, 1_000])
  group.events.push(event(NOW + LATE_MS))
  const third = await followLog(second, { since: 0, now: NOW + LATE_MS + 2_500 }, group.read)
  expect(third.events.slice(-2).map(({ timestamp }) => timestamp)).toEqual([NOW - 1, NOW + LATE_MS])
  expect(group.asked).toEqual([0, NOW - LATE_MS, NOW])
  expect(group.given()).toBe(1_001)
})

test('an event that comes late takes its place in time', async () => {
  const group = groupOf([event(1_000), event(3_000)])
  const first = await followLog(NO_LOG, { since: 0, now: 3_100 }, group.read)
  group.events.splice(1, 0, event(2_500))
  const second = await followLog(first, { since: 0, now: 4_600 }, group.read)
  expect(second.events.map(({ timestamp }) => timestamp)).toEqual([1_000, 2_500, 3_000])
})

test('a long log is read over several rounds, and only its end is kept', async () => {
  const group = groupOf(Array.from({ length: 25_000 }, (_, n) => event(n)))
  const at = { since: 0, now: NOW }
  let tail = await followLog(NO_LOG, at, group.read)
  expect(tail.events).toHaveLength(10_000)
  while (tail.next) tail = await followLog(tail, at, group.read)
  expect(tail.events).toHaveLength(KEPT_MAX)
  expect(tail.events.at(-1)?.timestamp).toBe(24_999)
  expect(group.given()).toBe(25_000)
})
