/** Three nodes that take shards, give them up, sleep, and lose their connections, while all of them write all executions. */
import { setTimeout as later } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { silentLog } from '../../base/log.ts'
import { seededRandom } from '../../base/random.ts'

import type { TurnRecord } from '../contract.ts'
import { endPostgresServer, isPostgresMissing, needsPostgres, postgresServer } from '../testing/postgres.ts'
import { eventsOf, executionOf, firstTurn } from '../testing/records.ts'
import { wholeLog } from '../testing/whole-log.ts'
import { openPostgresStore } from './store.ts'

afterAll(endPostgresServer)

const [EXECUTIONS, WRITERS, MS, LEASE_MS] = [200, 15, 4_000, 300]

const turnOf = (key: number, sequence: number): TurnRecord =>
  sequence === 0
    ? firstTurn(executionOf(key, { lastEventId: 1 }), eventsOf(1))
    : { key: asId(key), sequence, events: eventsOf(1, sequence + 1), patch: { lastEventId: sequence + 1 } }

describe.skipIf(isPostgresMissing)(needsPostgres('a PostgreSQL server'), () => {
  test('every log is without a gap, and has each turn that was acknowledged', { timeout: 60_000 }, async () => {
    const server = await postgresServer()
    const database = await server.newDatabase()
    const acknowledged = new Map<number, number>()
    const outcomes = new Set<string>()
    const isOver = () => performance.now() > until
    const unlessCut = (work: Promise<unknown>) => work.catch(() => {})

    const names = ['a', 'b', 'c']
    // A start whose connection is cut fails, and is none of this.
    const stores = await Promise.all(
      names.map(async (name) => {
        const store = await openPostgresStore({ url: server.url(database), log: silentLog, leaseMs: LEASE_MS })
        await store.leases.join(`http://${name}`)
        return { name, store }
      }),
    )

    const until = performance.now() + MS

    async function live({ name, store }: (typeof stores)[number]): Promise<void> {
      const random = seededRandom(name.padStart(32, '0'))
      const below = (n: number) => random.bits32() % n
      const { leases } = store
      let isAsleep = false
      const renew = async () => {
        for (; !isOver(); await later(LEASE_MS / 4)) if (!isAsleep) await unlessCut(leases.renew())
      }
      const cut = () =>
        server.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'regente' AND random() < 0.3",
        )
      const move = async () => {
        for (; !isOver(); await later(30)) {
          const what = below(10)
          if (what < 4) await unlessCut(leases.take(40 + below(60)))
          else if (what < 7) await unlessCut(leases.release([...leases.held()].slice(0, below(60))))
          else if (what === 7) {
            isAsleep = true
            await later(2 * LEASE_MS)
            isAsleep = false
          } else if (below(3) === 0) await unlessCut(cut())
        }
      }
      const write = async () => {
        while (!isOver()) {
          const key = 1 + below(EXECUTIONS)
          try {
            const [outcome = ''] = await store.commit([turnOf(key, (await wholeLog(store, asId(key))).length)])
            outcomes.add(outcome)
            if (outcome === 'committed') acknowledged.set(key, (acknowledged.get(key) ?? 0) + 1)
          } catch {
            await later(20)
          }
        }
      }
      await Promise.all([renew(), move(), ...Array.from({ length: WRITERS }, write)])
      await store.close()
    }

    await Promise.all(stores.map(live))
    const store = await openPostgresStore({ url: server.url(database), log: silentLog })
    for (const [key, turns] of acknowledged) {
      const ids = (await wholeLog(store, asId(key))).map(({ id }) => id)
      expect(ids, `execution ${key}`).toEqual(Array.from({ length: ids.length }, (_, i) => i + 1))
      expect(ids.length, `execution ${key}`).toBeGreaterThanOrEqual(turns)
      expect((await store.executionByKey(asId(key)))?.lastEventId).toBe(ids.length)
    }
    await store.close()
    expect(acknowledged.size).toBeGreaterThan(EXECUTIONS / 2)
    expect(outcomes).toContain('fenced')
  })
})
