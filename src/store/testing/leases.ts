/** What stores promise that several nodes share: who lives, who holds what, that nobody else writes, and what they leave each other. */
import { asId } from '../../base/id-in-test.ts'
import { ALL_SHARDS, type Shard, shardOf } from '../../base/ids.ts'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import type { Leases, Store, TurnRecord } from '../contract.ts'
import { at, eventsOf, executionOf, firstTurn, machineOf, madeMachine, mapRunOf, revisionOf } from './records.ts'
import { wholeLog } from './whole-log.ts'

export type SharedStore = Store & { readonly leases: Leases }

/** Several stores on the same data, each of a node of its own. */
export interface SharedKeeper {
  readonly leaseMs: number
  open(): Promise<SharedStore>
  /** Lets time pass by the clock that leases go by. */
  pass(ms: number): Promise<void>
  discard(): Promise<void>
}

const numbers = (from: Iterable<number>): number[] => [...from].sort((a, b) => a - b)
const shard = (key: number): Shard => shardOf(asId(key))

export function testLeasePromises(name: string, newKeeper: () => Promise<SharedKeeper>): void {
  describe(`${name} is shared by nodes`, () => {
    let keeper: SharedKeeper
    let stores: SharedStore[]
    let a: SharedStore
    let b: SharedStore
    beforeEach(async () => {
      keeper = await newKeeper()
      stores = []
      a = await joined('http://a')
      b = await joined('http://b')
    })
    afterEach(async () => {
      for (const store of stores) await store.close()
      await keeper.discard()
    })
    async function joined(url: string): Promise<SharedStore> {
      const store = await keeper.open()
      stores.push(store)
      await store.leases.join(url)
      return store
    }
    /** The lease of everybody who does not renew it ends; those of `alive` go on. */
    async function endLeases(...alive: readonly SharedStore[]): Promise<void> {
      for (let passed = 0; passed <= keeper.leaseMs; passed += keeper.leaseMs / 4) {
        await keeper.pass(keeper.leaseMs / 4)
        for (const { leases } of alive) await leases.renew()
      }
    }
    const start = async (store: Store, ...keys: readonly number[]) => store.commit(keys.map((key) => firstTurn(executionOf(key))))
    const later = (key: number): TurnRecord => ({
      key: asId(key),
      sequence: 2,
      events: eventsOf(1, 3),
      patch: { lastEventId: 3 },
    })

    describe('a node', () => {
      test('has a name of its own, and is known to the others by it and by its address', async () => {
        const { nodes } = await a.leases.renew()
        expect(nodes.map(({ url }) => url).sort()).toEqual(['http://a', 'http://b'])
        expect(new Set(nodes.map(({ id }) => id)).size).toBe(2)
        expect(nodes.map(({ isDraining }) => isDraining)).toEqual([false, false])
      })

      test('that drains is told to be about to stop, and lives on', async () => {
        await a.leases.drain()
        await a.leases.renew()
        const { nodes } = await b.leases.renew()
        expect(nodes.map(({ url, isDraining }) => [url, isDraining]).sort()).toEqual([
          ['http://a', true],
          ['http://b', false],
        ])
      })

      test('that leaves is gone, and what it held is free', async () => {
        await a.leases.take(256)
        await a.leases.leave()
        expect(a.leases.held().size).toBe(0)
        const { nodes, holders } = await b.leases.renew()
        expect(nodes.map(({ url }) => url)).toEqual(['http://b'])
        expect(holders.size).toBe(0)
        expect(await b.leases.take(256)).toHaveLength(256)
      })

      test('that does not renew its lease is no longer among the living', async () => {
        await endLeases(b)
        expect((await b.leases.renew()).nodes.map(({ url }) => url)).toEqual(['http://b'])
        await a.leases.renew()
        expect((await b.leases.renew()).nodes).toHaveLength(2)
      })
    })

    describe('shards', () => {
      test('are held by whoever took them, at most as many as were asked for', async () => {
        const taken = await a.leases.take(100)
        expect(taken).toHaveLength(100)
        expect(numbers(a.leases.held())).toEqual(numbers(taken))
        const rest = await b.leases.take(256)
        expect(numbers([...taken, ...rest])).toEqual([...ALL_SHARDS])
        expect(await b.leases.take(1)).toEqual([])
        const { nodes, holders } = await a.leases.renew()
        const [nodeA, nodeB] = ['http://a', 'http://b'].map((url) => nodes.find((node) => node.url === url)?.id)
        expect(holders.size).toBe(256)
        for (const one of taken) expect(holders.get(one)).toBe(nodeA)
        for (const one of rest) expect(holders.get(one)).toBe(nodeB)
      })

      test('of the dead are not taken by whoever spares them', async () => {
        await a.leases.take(200)
        await endLeases(b)
        expect(await b.leases.take(256, true)).toHaveLength(56)
        await a.leases.renew()
        expect(a.leases.held().size).toBe(200)
        expect(await start(a, ...numbers(a.leases.held()).slice(0, 1))).toEqual(['committed'])
      })

      test('are never held by two who take at once', async () => {
        const taken = await Promise.all([a, b, a, b].map(({ leases }) => leases.take(100)))
        expect(new Set(taken.flat()).size).toBe(taken.flat().length)
        await Promise.all([a, b].map(({ leases }) => leases.take(256)))
        expect(numbers([...a.leases.held(), ...b.leases.held()])).toEqual([...ALL_SHARDS])
      })

      test('that are given up are free for others, and no longer written by whoever gave them up', async () => {
        await a.leases.take(256)
        expect(await start(a, 1, 2)).toEqual(['committed', 'committed'])
        await a.leases.release([shard(1)])
        expect(a.leases.held().has(shard(1))).toBe(false)
        expect(a.leases.held().size).toBe(255)
        expect(await b.leases.take(256)).toEqual([shard(1)])
        expect(await a.commit([later(1), later(2)])).toEqual(['fenced', 'committed'])
        expect(await b.commit([later(1), later(2)])).toEqual(['committed', 'fenced'])
        expect(await wholeLog(a, asId(1))).toHaveLength(3)
      })

      test('are given up when what was under way has been answered, and nothing comes after it', async () => {
        await a.leases.take(256)
        const keys = Array.from({ length: 300 }, (_, i) => 7 + 256 * i)
        const starts = keys.map((key) => start(a, key).then(([outcome]) => outcome))
        await a.leases.release([shard(7)])
        expect(await b.leases.take(1)).toEqual([shard(7)])
        const seen = await Promise.all(keys.map(async (key) => (await b.executionByKey(asId(key))) !== undefined))
        const outcomes = await Promise.all(starts)
        expect(new Set(outcomes)).toEqual(new Set(outcomes.filter((one) => one === 'committed' || one === 'fenced')))
        expect(outcomes.map((outcome) => outcome === 'committed')).toEqual(seen)
        expect(await start(a, 7 + 256 * 999)).toEqual(['fenced'])
      })

      test('of a dead node are taken when its lease is over, and not before', async () => {
        await a.leases.take(256)
        expect(await b.leases.take(256)).toEqual([])
        await endLeases(b)
        expect((await b.leases.renew()).holders.size, 'a shard of the dead is nobody’s').toBe(0)
        expect(await b.leases.take(256)).toHaveLength(256)
        expect(await start(b, 1)).toEqual(['committed'])
      })

      test('of a node that renews its lease stay with it, however long', async () => {
        await a.leases.take(256)
        for (let round = 0; round < 3; round++) {
          await endLeases(a, b)
          expect(await b.leases.take(256)).toEqual([])
        }
        expect(await start(a, 1)).toEqual(['committed'])
      })
    })

    describe('a node that has slept', () => {
      beforeEach(async () => {
        await a.leases.take(256)
        await start(a, 1, 2)
        await a.createMapRun(mapRunOf(1, 'arn:run'), [{ type: 'ReadingDone', at: at(0) }])
        await endLeases(b)
        await b.leases.take(256)
      })

      test('takes nothing before it has renewed its life: who had it then nobody would take it from', async () => {
        await b.leases.release([shard(9)])
        expect(await a.leases.take(256)).toEqual([])
        await a.leases.renew()
        expect(await a.leases.take(256)).toEqual([shard(9)])
      })

      test('does not come to life by being about to stop', async () => {
        await a.leases.drain()
        expect((await b.leases.renew()).nodes.map(({ url }) => url)).toEqual(['http://b'])
      })

      test('writes no turn any more, whatever it believes, and believes it no longer', async () => {
        expect(a.leases.held().size, 'it has heard nothing').toBe(256)
        expect(await a.commit([later(1), firstTurn(executionOf(3))])).toEqual(['fenced', 'fenced'])
        expect(a.leases.held().has(shard(1))).toBe(false)
        expect(await b.executionByKey(asId(3))).toBeUndefined()
        expect(await wholeLog(b, asId(1))).toHaveLength(2)
        expect(await b.commit([later(1)])).toEqual(['committed'])
      })

      test('writes nothing of a Map Run, and makes none', async () => {
        const run = await b.wholeMapRun(asId('arn:run'))
        const turn = {
          key: run?.key ?? asId(0),
          sequence: 1,
          events: [{ type: 'ReadingDone', at: at(1) }],
          patch: { itemsRead: 5 },
          children: [executionOf(90, { mapRunKey: run?.key ?? asId(0), itemIndex: 0, itemCount: 1, status: 'PENDING' })],
          reopensChildren: false,
        } as const
        expect(await a.commitMapRun(turn)).toBe('fenced')
        await expect(a.createMapRun(mapRunOf(2, 'arn:run:2'), [])).rejects.toThrow()
        expect(await b.mapRun(asId('arn:run:2'))).toBeUndefined()
        expect(await b.executionByKey(asId(90))).toBeUndefined()
        expect(await b.mapRunByKey(turn.key)).toMatchObject({ itemsRead: 0 })
        expect(await b.commitMapRun(turn)).toBe('committed')
        expect(await b.childRows(turn.key)).toMatchObject({ waiting: [{ child: 0, items: 1 }] })
      })

      test('learns at its next renewal that it holds nothing, and lives again', async () => {
        const { nodes } = await a.leases.renew()
        expect(nodes).toHaveLength(2)
        expect(a.leases.held().size).toBe(0)
        expect(await a.due(at(100), 9)).toEqual([])
        await b.leases.release(ALL_SHARDS.slice(0, 100))
        expect(await a.leases.take(256)).toHaveLength(100)
        expect(await a.commit([later(2)])).toEqual(['committed'])
      })

      test('that takes its shards back writes under a new epoch', async () => {
        await b.leases.release([...b.leases.held()])
        await a.leases.renew()
        expect(await a.leases.take(256)).toHaveLength(256)
        expect(await a.commit([later(1)])).toEqual(['committed'])
      })
    })

    test('turns of one commit are each told by their own shard', async () => {
      await a.leases.take(128)
      const [held, other] = [[...a.leases.held()][0] ?? 0, ALL_SHARDS.find((one) => !a.leases.held().has(one)) ?? 0]
      expect(await start(a, 512 + other, 512 + held, 768 + other)).toEqual(['fenced', 'committed', 'fenced'])
      expect(a.leases.held().size).toBe(128)
    })

    test('a Map Run lives where its execution does, and its children wherever they are', async () => {
      await a.leases.take(1)
      const [home = shard(0)] = a.leases.held()
      await b.leases.take(255)
      const run = await a.createMapRun(mapRunOf(256 + home, 'arn:run'), [])
      const children = ALL_SHARDS.slice(0, 10).map((of, i) =>
        executionOf(2_560 + of, { mapRunKey: run.key, itemIndex: i, itemCount: 1, status: 'PENDING' }),
      )
      const turn = { key: run.key, sequence: 0, events: [], patch: {}, children, reopensChildren: false }
      expect(await b.commitMapRun(turn)).toBe('fenced')
      expect(await a.commitMapRun(turn)).toBe('committed')
      expect(await a.runningMapRuns([home])).toHaveLength(1)
      expect(await a.runningMapRuns([...b.leases.held()])).toEqual([])
    })

    describe('keys', () => {
      test('are of a shard that the node holds, or of any at all', async () => {
        await a.leases.take(3)
        const here = Array.from({ length: 30 }, () => shardOf(a.newExecutionKey()))
        expect(numbers(new Set(here))).toEqual(numbers(a.leases.held()))
        expect(new Set(Array.from({ length: 256 }, () => shardOf(a.newExecutionKey('anywhere')))).size).toBe(256)
        expect(() => b.newExecutionKey()).toThrow(/holds no shard/)
        expect(shardOf(b.newExecutionKey('anywhere'))).toBeGreaterThanOrEqual(0)
      })

      test('are given once, whoever is asked and however many', async () => {
        await a.leases.take(128)
        await b.leases.take(128)
        const keys = [a, b].flatMap((store) =>
          Array.from({ length: 5_000 }, () => [store.newExecutionKey(), store.newExecutionKey('anywhere')]).flat(),
        )
        expect(new Set(keys).size).toBe(20_000)
        expect(keys.every(Number.isSafeInteger)).toBe(true)
      })
    })

    test('what is due is told to whoever holds it', async () => {
      await a.leases.take(256)
      await a.commit([1, 2].map((key) => firstTurn(executionOf(key, { wakeAt: at(key), isBusy: true }))))
      await a.leases.release([shard(1)])
      await b.leases.take(1)
      expect(await a.due(at(9), 9)).toEqual([{ key: 2, wakeAt: at(2) }])
      expect(await b.due(at(9), 9)).toEqual([{ key: 1, wakeAt: at(1) }])
      expect([await a.nextDue(at(0)), await b.nextDue(at(0)), await b.nextDue(at(1))]).toEqual([at(2), at(1), undefined])
      expect(await b.busy([...b.leases.held()], asId(0), 9)).toEqual([1])
      expect(await b.busy([shard(2)], asId(0), 9)).toEqual([2])
      expect(await b.busy([], asId(0), 9)).toEqual([])
    })

    test('a change of the definitions is seen by all', async () => {
      const versions: number[] = []
      const look = async () => versions.push((await b.leases.renew()).definitionsVersion)
      await look()
      const machine = await madeMachine(a)
      await look()
      await a.updateStateMachine(machine.key, revisionOf('2'))
      await look()
      await a.setStateMachineStatus(machine.key, 'DELETING')
      await look()
      await a.deleteStateMachine(machine.key)
      await look()
      expect(new Set(versions).size).toBe(5)
      await look()
      expect(versions.at(-1), 'nothing has changed').toBe(versions.at(-2))
      expect(await b.stateMachine(machineOf('m').arn)).toBeUndefined()
    })

    describe('messages', () => {
      const put = (store: SharedStore, id: string, key: number, body = '{}') =>
        store.leases.putMessage({ id, key: asId(key), body })
      const ids = async (store: SharedStore, keys: readonly number[], limit = 9) =>
        (await store.leases.messages(keys.map(shard), limit)).map(({ id }) => id)

      test('are read by whoever asks for their shard, the oldest first, at most so many', async () => {
        for (const [id, key] of [
          ['m3', 2],
          ['m1', 1],
          ['m2', 257],
          ['m4', 3],
        ] as const)
          await put(a, id, key, `{"of":"${id}"}`)
        expect(await ids(b, [1, 2])).toEqual(['m3', 'm1', 'm2'])
        expect(await ids(b, [1, 2, 3], 2)).toEqual(['m3', 'm1'])
        expect(await ids(b, [9])).toEqual([])
        expect(await ids(b, [])).toEqual([])
        expect(await b.leases.messages([shard(3)], 9)).toEqual([{ id: 'm4', key: 3, body: '{"of":"m4"}' }])
      })

      test('are put once, answered once, and gone when they are removed', async () => {
        await put(a, 'm', 1)
        await put(a, 'm', 1, '{"again":true}')
        expect(await b.leases.messages([shard(1)], 9)).toEqual([{ id: 'm', key: 1, body: '{}' }])
        expect(await a.leases.messageAnswer('m')).toBeUndefined()
        await b.leases.answerMessage('m', '"done"')
        expect(await a.leases.messageAnswer('m')).toBe('"done"')
        expect(await ids(b, [1]), 'it is answered').toEqual([])
        await a.leases.removeMessage('m')
        expect(await a.leases.messageAnswer('m')).toBeUndefined()
        await b.leases.answerMessage('m', '"late"')
        expect(await a.leases.messageAnswer('m')).toBeUndefined()
      })

      test('that are old go, answered or not', async () => {
        await put(a, 'old', 1)
        await put(a, 'answered', 1)
        await b.leases.answerMessage('answered', '1')
        await keeper.pass(keeper.leaseMs)
        await put(a, 'new', 1)
        await b.leases.removeOldMessages(keeper.leaseMs / 2)
        expect(await ids(b, [1])).toEqual(['new'])
        expect(await a.leases.messageAnswer('answered')).toBeUndefined()
      })
    })

    test('a secret is made by the first who asks, and the same for all', async () => {
      const made = await Promise.all([a, b, a, b].map(({ leases }, i) => leases.secret('page', () => Buffer.from([0, 255, i]))))
      for (const secret of made) expect([...secret]).toEqual([...(made[0] ?? [])])
      expect([...(await b.leases.secret('page', () => Buffer.from('other')))]).toEqual([...(made[0] ?? [])])
      expect((await b.leases.secret('other', () => Buffer.from('other'))).toString()).toBe('other')
    })

    test('how far executions have come is told of all that are there', async () => {
      await a.leases.take(256)
      await a.commit([firstTurn(executionOf(1, { lastEventId: 7 })), firstTurn(executionOf(2))])
      const [one, two, none] = [1, 2, 3].map((key) => executionOf(key).arn)
      if (!one || !two || !none) throw new Error('three ARNs')
      expect(await b.leases.positions([one, none, two])).toEqual(
        new Map([
          [one, 7],
          [two, 0],
        ]),
      )
      expect(await b.leases.positions([])).toEqual(new Map())
    })
  })
}
