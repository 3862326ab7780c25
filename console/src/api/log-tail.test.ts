import { expect, test } from 'vitest'

import { followLog, KEPT_MAX, LATE_MS, type LogEvent, NO_LOG } from './log-tail.ts'

const event = (timestamp: number, eventId = String(timestamp)): LogEvent => ({
  ...{ eventId, timestamp },
  ...{ message: eventId, logStreamName: 's' },
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

test('a round asks only for what may be new, and takes nothing twice', async () => {
  const group = groupOf(Array.from({ length: 500 }, (_, n) => event(n * 1_000)))
  const first = await followLog(NO_LOG, 0, group.read)
  expect(first.events).toHaveLength(500)
  group.events.push(event(500_000))
  const second = await followLog(first, 0, group.read)
  expect(second.events.slice(-2).map(({ timestamp }) => timestamp)).toEqual([499_000, 500_000])
  expect(second.events).toHaveLength(501)
  expect(group.asked).toEqual([0, 499_000 - LATE_MS])
  expect(group.given()).toBe(500 + 4)
  expect(await followLog(second, 0, group.read)).toBe(second)
})

test('an event that comes late takes its place in time', async () => {
  const group = groupOf([event(1_000), event(3_000)])
  const first = await followLog(NO_LOG, 0, group.read)
  group.events.splice(1, 0, event(2_500))
  expect((await followLog(first, 0, group.read)).events.map(({ timestamp }) => timestamp)).toEqual([1_000, 2_500, 3_000])
})

test('a long log is read over several rounds, and only its end is kept', async () => {
  const group = groupOf(
    Array.from({ length: 25_000 }, (_, n) => event(n)),
    1_000,
  )
  let tail = await followLog(NO_LOG, 0, group.read)
  expect(tail.events).toHaveLength(10_000)
  while (tail.next) tail = await followLog(tail, 0, group.read)
  expect(tail.events).toHaveLength(KEPT_MAX)
  expect(tail.events.at(-1)?.timestamp).toBe(24_999)
  expect(group.given()).toBe(25_000)
})
