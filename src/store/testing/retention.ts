/** What the removal of old executions promises: all that belongs to them goes, and nothing else. */
import { asId } from '../../base/id-in-test.ts'

import { describe, expect, test } from 'vitest'

import type { Instant } from '../../base/time.ts'

import type { ExecutionRecord, MapRunRecord, Store } from '../contract.ts'
import { at, executionOf, firstTurn, madeMachine, mapRunOf } from './records.ts'
import { wholeLog } from './whole-log.ts'
import type { Opened } from './opened.ts'

const closed = (n: number): Partial<ExecutionRecord> => ({ status: 'SUCCEEDED', stopAt: at(n) })

/** Removes at most `limit` of machine 1 (which `executionOf` names), as the retention does. */
export const removeOld = async (store: Store, before: Instant, limit: number): Promise<number> =>
  store.removeClosed(await store.closedExecutions(asId(1), before, limit), before)

export function testRetentionPromises({ store, reopen }: Opened): void {
  const create = (...records: ExecutionRecord[]) => store().commit(records.map((record) => firstTurn(record)))
  /** A Map Run of `parent` with one child. */
  async function runOf(parent: number, child: number): Promise<MapRunRecord> {
    const run = await store().createMapRun(mapRunOf(parent, `arn:run:${parent}`), [{ type: 'ReadingDone', at: at(1) }])
    await create(executionOf(child, { ...closed(3), mapRunKey: run.key, itemIndex: 0, itemCount: 1 }))
    return run
  }

  describe('removal of what is old', () => {
    test('takes what ended before the instant, the oldest first, and never what runs', async () => {
      await create(executionOf(1, closed(30)), executionOf(2, closed(10)), executionOf(3, closed(20)), executionOf(4))
      expect(await removeOld(store(), at(10), 9), 'ended at that instant, not before it').toBe(0)
      expect(await removeOld(store(), at(30), 1)).toBe(1)
      expect(await store().executionByKey(asId(2))).toBeUndefined()
      expect(await removeOld(store(), at(1_000), 9)).toBe(2)
      expect(await store().executionByKey(asId(4))).toBeDefined()
      await reopen()
      for (const key of [1, 2, 3]) {
        expect(await store().executionByKey(asId(key))).toBeUndefined()
        expect(await store().history(asId(key), 1, 9, false)).toEqual([])
      }
    })

    test('takes Map Runs and their children with the execution that they are of, and no other', async () => {
      await create(executionOf(1, closed(10)), executionOf(2))
      const [gone, kept] = [await runOf(1, 11), await runOf(2, 12)]
      expect(await removeOld(store(), at(50), 9)).toBe(1)
      expect(await store().mapRunByKey(gone.key)).toBeUndefined()
      expect(await store().mapRunLog(gone.key)).toEqual([])
      expect(await store().executionByKey(asId(11))).toBeUndefined()
      expect(await wholeLog(store(), asId(11))).toEqual([])
      expect(await store().childRows(gone.key)).toMatchObject({ endedItems: 0 })
      expect(await store().mapRunByKey(kept.key)).toBeDefined()
      expect(await wholeLog(store(), asId(12))).toHaveLength(2)
    })

    test('takes the Map Runs of children too, however deep', async () => {
      await create(executionOf(1, closed(10)))
      await runOf(1, 11)
      const inner = await runOf(11, 111)
      const innermost = await runOf(111, 1_111)
      expect(await removeOld(store(), at(50), 9)).toBe(1)
      for (const run of [inner, innermost]) {
        expect(await store().mapRunByKey(run.key)).toBeUndefined()
        expect(await store().mapRunLog(run.key)).toEqual([])
      }
      for (const key of [11, 111, 1_111]) {
        expect(await store().executionByKey(asId(key)), `execution ${key}`).toBeUndefined()
        expect(await wholeLog(store(), asId(key))).toEqual([])
      }
    })

    test('leaves the children of a run whose execution is kept, however old they are', async () => {
      await create(executionOf(1))
      await runOf(1, 11)
      expect(await removeOld(store(), at(1_000), 9)).toBe(0)
      expect(await store().executionByKey(asId(11))).toBeDefined()
    })

    test('is told the machines that have executions, whether they are there or not', async () => {
      const ofMachine = (key: number, machine: number) => executionOf(key, { stateMachineKey: asId(machine) })
      await create(ofMachine(1, 7), ofMachine(2, 3), ofMachine(3, 7), ofMachine(4, 5))
      expect(await store().machinesWithExecutions(asId(0), 9)).toEqual([3, 5, 7])
      expect(await store().machinesWithExecutions(asId(3), 1)).toEqual([5])
      expect(await store().machinesWithExecutions(asId(7), 9)).toEqual([])
    })

    test('is told what has closed of a machine, of whatever status, the oldest first, and without children', async () => {
      await create(
        executionOf(1, { status: 'FAILED', stopAt: at(30) }),
        executionOf(2, { status: 'ABORTED', stopAt: at(10) }),
        executionOf(3, { status: 'TIMED_OUT', stopAt: at(20) }),
        executionOf(4, { status: 'SUCCEEDED', stopAt: at(20) }),
        executionOf(5, { ...closed(1), stateMachineKey: asId(2) }),
        executionOf(6),
      )
      await runOf(6, 11)
      expect(await store().closedExecutions(asId(1), at(31), 9)).toEqual([2, 3, 4, 1])
      expect(await store().closedExecutions(asId(1), at(30), 2)).toEqual([2, 3])
      expect(await store().closedExecutions(asId(2), at(1), 9)).toEqual([])
      expect(await store().closedExecutions(asId(3), at(99), 9)).toEqual([])
    })

    test('leaves what was redriven, or closed anew, since it was asked for', async () => {
      await create(executionOf(1, closed(10)), executionOf(2, closed(10)), executionOf(3, closed(10)))
      const keys = await store().closedExecutions(asId(1), at(50), 9)
      await store().commit([
        { key: asId(1), sequence: 2, events: [], patch: { status: 'RUNNING', stopAt: null, redriveCount: 1, redriveAt: at(60) } },
        { key: asId(2), sequence: 2, events: [], patch: { stopAt: at(70), redriveCount: 1, redriveAt: at(60) } },
      ])
      expect(await store().removeClosed(keys, at(50))).toBe(1)
      expect(await store().executionByKey(asId(1))).toBeDefined()
      expect(await store().executionByKey(asId(2))).toBeDefined()
    })

    test('is told the machines that have a tag, with its value', async () => {
      const [one, other] = [await madeMachine(store(), 'one'), await madeMachine(store(), 'other')]
      await store().putTags(
        one.arn,
        new Map([
          ['days', '7'],
          ['team', 'a'],
        ]),
      )
      await store().putTags(other.arn, new Map([['team', 'b']]))
      await store().putTags(asId('arn:activity'), new Map([['days', '9']]))
      expect(await store().machinesWithTag('days')).toEqual(new Map([[one.key, '7']]))
      expect(await store().machinesWithTag('team')).toEqual(
        new Map([
          [one.key, 'a'],
          [other.key, 'b'],
        ]),
      )
      expect(await store().machinesWithTag('none')).toEqual(new Map())
    })

    test('gives no key of a Map Run out again', async () => {
      await create(executionOf(1, closed(10)))
      const run = await runOf(1, 11)
      await removeOld(store(), at(50), 9)
      await reopen()
      expect((await store().createMapRun(mapRunOf(2, 'arn:run:2'), [])).key).toBeGreaterThan(run.key)
    })
  })
}
