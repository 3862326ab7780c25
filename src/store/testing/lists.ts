/** What lists and due times promise: order, pages that lose nothing, filters that hold across pages. */
import { ALL_SHARDS } from '../../base/ids.ts'
import { asId } from '../../base/id-in-test.ts'

import { describe, expect, test } from 'vitest'

import type { ExecutionFilter, ExecutionRecord } from '../contract.ts'
import { at, eventsOf, executionOf, firstTurn, mapRunOf, pagesOf } from './records.ts'
import type { Opened } from './opened.ts'

const keysOf = (rows: readonly { readonly key: number }[]) => rows.map(({ key }) => key)

export function testListPromises({ store, reopen }: Opened): void {
  const create = (...records: ExecutionRecord[]) => store().commit(records.map((record) => firstTurn(record)))
  const end = (key: number, n: number) =>
    store().commit([{ key: asId(key), patch: { status: 'SUCCEEDED', stopAt: at(n) }, sequence: 2, events: [] }])
  const pages = (filter: ExecutionFilter, limit: number) =>
    pagesOf(limit, (most, from) => store().executions(filter, most, from)).then((all) => all.map(keysOf))

  describe('a list of executions', () => {
    test('that begin in one millisecond has the later key first, on any page', async () => {
      await create(...[1, 2, 3, 4, 5].map((key) => executionOf(key, { startAt: at(0) })))
      for (const limit of [1, 2, 3, 5, 9])
        expect((await pages({ stateMachineKey: asId(1) }, limit)).flat()).toEqual([5, 4, 3, 2, 1])
      expect(await pages({ stateMachineKey: asId(1) }, 5), 'a full last page is the last').toEqual([[5, 4, 3, 2, 1]])
    })

    test('loses nothing and repeats nothing when others begin between its pages', async () => {
      await create(...[1, 2, 3, 4].map((key) => executionOf(key)))
      const first = await store().executions({ stateMachineKey: asId(1) }, 2)
      await create(executionOf(5))
      const rest = await store().executions({ stateMachineKey: asId(1) }, 9, first.next)
      expect([...keysOf(first.rows), ...keysOf(rest.rows)]).toEqual([4, 3, 2, 1])
    })

    test('goes by the end of what has ended, and by the redrive of what was redriven', async () => {
      await create(...[1, 2, 3].map((key) => executionOf(key)))
      await end(1, 50)
      expect(await pages({ stateMachineKey: asId(1) }, 9)).toEqual([[1, 3, 2]])
      await store().commit([{ key: asId(2), sequence: 3, events: [], patch: { redriveCount: 1, redriveAt: at(60) } }])
      expect(await pages({ stateMachineKey: asId(1) }, 9)).toEqual([[2, 1, 3]])
    })

    test('keeps its filter from page to page', async () => {
      await create(...Array.from({ length: 9 }, (_, i) => executionOf(i + 1)))
      for (const key of [2, 4, 6, 8]) await end(key, 100 + key)
      expect(await pages({ stateMachineKey: asId(1), status: 'SUCCEEDED' }, 2)).toEqual([
        [8, 6],
        [4, 2],
      ])
      expect(await pages({ stateMachineKey: asId(1), status: 'RUNNING' }, 2)).toEqual([[9, 7], [5, 3], [1]])
      expect(await pages({ stateMachineKey: asId(1), status: 'ABORTED' }, 2)).toEqual([[]])
      expect(await pages({ stateMachineKey: asId(2) }, 2)).toEqual([[]])
    })

    test('joins its filters', async () => {
      await create(
        executionOf(1, { versionArn: asId('v1'), aliasArn: asId('a1') }),
        executionOf(2, { versionArn: asId('v2'), aliasArn: asId('a1') }),
        executionOf(3, { versionArn: asId('v1'), aliasArn: asId('a1'), redriveCount: 2 }),
      )
      expect(await pages({ aliasArn: asId('a1'), versionArn: asId('v1') }, 9)).toEqual([[3, 1]])
      expect(await pages({ aliasArn: asId('a1'), versionArn: asId('v1'), isRedriven: false }, 9)).toEqual([[1]])
      expect(await pages({ aliasArn: asId('a1'), stateMachineKey: asId(2) }, 9)).toEqual([[]])
    })

    test('has no child of a Map Run unless it is of that run, and no child that has not begun', async () => {
      const run = await store().createMapRun(mapRunOf(1, 'arn:run'), [])
      await create(
        executionOf(1),
        executionOf(2, { mapRunKey: run.key, itemIndex: 0, status: 'PENDING' }),
        executionOf(3, { mapRunKey: run.key, itemIndex: 1 }),
        executionOf(4, { mapRunKey: run.key, itemIndex: 2, status: 'PENDING_REDRIVE', stopAt: at(9) }),
      )
      expect(await pages({ stateMachineKey: asId(1) }, 9)).toEqual([[1]])
      expect(await pages({ mapRunKey: run.key }, 9)).toEqual([[4, 3]])
      expect(await pages({ mapRunKey: run.key, status: 'PENDING' }, 9)).toEqual([[]])
      expect(await store().countsByStatus(asId(1))).toEqual({ RUNNING: 1 })
    })
  })

  describe('what is due', () => {
    const due = async (until: number, limit = 10, after?: { n: number; key: number }) =>
      keysOf(await store().due(at(until), limit, after && { wakeAt: at(after.n), key: asId(after.key) }))

    test('comes earliest first, then by key, at most so many, and goes on after the last', async () => {
      await create(...[5, 3, 4].map((key) => executionOf(key, { wakeAt: at(10) })), executionOf(6, { wakeAt: at(5) }))
      expect(await due(10)).toEqual([6, 3, 4, 5])
      expect(await due(10, 2)).toEqual([6, 3])
      expect(await due(10, 2, { n: 10, key: 3 })).toEqual([4, 5])
      expect(await due(10, 9, { n: 5, key: 6 })).toEqual([3, 4, 5])
      expect(await due(10, 9, { n: 10, key: 5 })).toEqual([])
      expect(await due(9)).toEqual([6])
      expect(await due(4)).toEqual([])
    })

    test('is so no more when it is put off, cleared or over', async () => {
      await create(...[1, 2, 3].map((key) => executionOf(key, { wakeAt: at(10) })))
      await store().commit([
        { key: asId(1), sequence: 2, events: [], patch: { wakeAt: at(20) } },
        { key: asId(2), sequence: 2, events: [], patch: { wakeAt: null } },
        { key: asId(3), sequence: 2, events: [], patch: { status: 'ABORTED', stopAt: at(1) } },
      ])
      expect(await due(10)).toEqual([])
      expect(await store().nextDue(at(0))).toBe(at(20))
      expect(await store().nextDue(at(19))).toBe(at(20))
      expect(await store().nextDue(at(20))).toBeUndefined()
    })

    test('is due still when the store was opened again', async () => {
      await create(executionOf(1, { wakeAt: at(10) }))
      await reopen()
      expect(await due(10)).toEqual([1])
      expect(await store().nextDue(at(0))).toBe(at(10))
    })
  })

  test('what is busy comes by key, at most so many, and is told again after the store was opened again', async () => {
    await create(...[4, 2, 9, 7].map((key) => executionOf(key, { isBusy: true })), executionOf(3))
    expect(await store().busy(ALL_SHARDS, asId(0), 3)).toEqual([2, 4, 7])
    expect(await store().busy(ALL_SHARDS, asId(7), 3)).toEqual([9])
    await store().commit([{ key: asId(2), sequence: 2, events: eventsOf(1, 3), patch: { isBusy: false } }])
    await reopen()
    expect(await store().busy(ALL_SHARDS, asId(0), 9)).toEqual([4, 7, 9])
  })

  describe('a history', () => {
    test.each([1, 2, 3, 100])('is read %d at a time, rising and falling', async (limit) => {
      await store().commit([firstTurn(executionOf(1), eventsOf(5))])
      await store().commit([{ key: asId(1), sequence: 5, events: eventsOf(4, 6) }])
      const read = async (from: number, step: 1 | -1) => {
        const ids: number[] = []
        for (let next = from; ; ) {
          const part = await store().history(asId(1), next, limit, step < 0)
          expect(part.length).toBeLessThanOrEqual(limit)
          const last = part.at(-1)
          if (!last) return ids
          ids.push(...part.map(({ id }) => id))
          next = last.id + step
        }
      }
      expect(await read(1, 1)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
      expect(await read(Number.MAX_SAFE_INTEGER, -1)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1])
      expect(await read(0, -1)).toEqual([])
    })
  })

  describe('Map Runs', () => {
    test('of an execution are listed the newest first, page by page', async () => {
      for (const n of [1, 2, 3]) await store().createMapRun(mapRunOf(7, `arn:run:${n}`), [])
      await store().createMapRun(mapRunOf(8, 'arn:other'), [])
      const listed = await pagesOf(2, (limit, from) => store().mapRuns(asId(7), limit, from))
      expect(listed.map((page) => page.map(({ arn }) => arn))).toEqual([['arn:run:3', 'arn:run:2'], ['arn:run:1']])
    })

    test('that run are told whole, with what they were started with', async () => {
      const run = await store().createMapRun({ ...mapRunOf(1, 'arn:run'), settings: '{"items":[1]}' }, [])
      await store().createMapRun({ ...mapRunOf(1, 'arn:over'), status: 'FAILED', stopAt: at(1) }, [])
      await reopen()
      expect(await store().runningMapRuns(ALL_SHARDS)).toEqual([run])
      expect(await store().wholeMapRun(asId('arn:none'))).toBeUndefined()
      expect(await store().mapRun(asId('arn:none'))).toBeUndefined()
      expect(await store().mapRunByKey(asId(99))).toBeUndefined()
    })

    test('give those of their children that have one of the statuses', async () => {
      const run = await store().createMapRun(mapRunOf(1, 'arn:run'), [])
      const statuses = ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'PENDING_REDRIVE'] as const
      const children = statuses.map((status, i) =>
        executionOf(11 + i, { status, mapRunKey: run.key, itemIndex: i, itemCount: 1 }),
      )
      await store().commitMapRun({ key: run.key, sequence: 0, events: [], patch: {}, children, reopensChildren: false })
      const of = async (...wanted: (typeof statuses)[number][]) => keysOf(await store().children(run.key, wanted, -1, 9))
      expect(await of('RUNNING')).toEqual([12])
      expect(await of('PENDING', 'PENDING_REDRIVE')).toEqual([11, 15])
      expect(await of('SUCCEEDED', 'FAILED')).toEqual([13, 14])
      expect(await store().children(run.key, ['FAILED'], -1, 9)).toEqual([children[3]])
    })
  })
}
