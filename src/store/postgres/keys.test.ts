import { setTimeout as later } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { ALL_SHARDS, type Shard, shardOf } from '../../base/ids.ts'
import { silentLog } from '../../base/log.ts'

import type { Query } from './channel.ts'
import { DAY_KEYS, Keys } from './keys.ts'

const BLOCK = 16_384
const DAY_MS = 86_400_000

/** A database that gives blocks: of `day`, one after the other. */
function database() {
  const given = { day: 300, next: 0, isAway: false, asked: 0 }
  const query: Query = async () => {
    given.asked++
    await later(0)
    if (given.isAway) throw new Error('away')
    given.next += BLOCK
    const row: unknown = { day: given.day, next: given.next }
    return [row as never] // what the statement's reader gives
  }
  return { given, query }
}
const dayOf = (key: number) => Math.floor(key / DAY_KEYS)

async function opened(held: readonly Shard[]) {
  const { given, query } = database()
  vi.setSystemTime(Date.UTC(2026, 0, 1) + given.day * DAY_MS + 1_000)
  const warned: string[] = []
  const keys = new Keys({
    query,
    held: () => new Set(held),
    log: { ...silentLog, warn: (message) => void warned.push(message) },
  })
  await keys.open()
  return { keys, given, warned }
}

describe('keys of executions', () => {
  afterEach(() => void vi.useRealTimers())

  test('are safe numbers until the last day, and tell their day and their shard', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { keys } = await opened(ALL_SHARDS)
    expect(dayOf(keys.next())).toBe(300)
    expect(Number.isSafeInteger(2 ** 14 * DAY_KEYS - 1)).toBe(true)
    const shards = Array.from({ length: 256 }, () => shardOf(keys.next('anywhere')))
    expect(new Set(shards).size).toBe(256)
    expect(Math.abs((shards[0] ?? 0) - (shards[1] ?? 0)), 'neighbours are far from each other').toBeGreaterThan(50)
  })

  test('are fetched ahead, so that none is waited for', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { keys, given } = await opened([ALL_SHARDS[7] as Shard])
    const seen = new Set<number>()
    for (let n = 0; n < 5 * BLOCK; n++) {
      seen.add(keys.next())
      if (n % 1_000 === 0) await later(2)
    }
    expect(seen.size).toBe(5 * BLOCK)
    expect(given.asked).toBeGreaterThanOrEqual(5)
    expect(given.asked).toBeLessThan(8)
  })

  test('are at hand for a while when the database is away, and then there is none', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { keys, given, warned } = await opened([ALL_SHARDS[0] as Shard])
    given.isAway = true
    for (let n = 0; n < BLOCK; n++) keys.next()
    expect(() => keys.next()).toThrow(/no execution key left/)
    await expect.poll(() => warned).toContain('no new execution keys')
    given.isAway = false
    expect(() => keys.next()).toThrow(/no execution key left/)
    await expect.poll(() => keys.next()).toBeGreaterThan(0)
  })

  test('are of the new day when the day has turned, asked for once', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { keys, given } = await opened([ALL_SHARDS[0] as Shard])
    Object.assign(given, { day: 301, next: 0 })
    vi.setSystemTime(Date.UTC(2026, 0, 1) + 301 * DAY_MS)
    expect(dayOf(keys.next()), 'until there are others').toBe(300)
    await expect.poll(() => dayOf(keys.next())).toBe(301)
    await later(5)
    for (let n = 0; n < 100; n++) expect(dayOf(keys.next())).toBe(301)
    expect(given.asked).toBe(2)
  })
})
