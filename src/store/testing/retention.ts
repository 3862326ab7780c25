/** What the removal of old executions promises: all that belongs to them goes, and nothing else. */
import { asId } from '../../base/id-in-test.ts'

import { describe, expect, test } from 'vitest'

import type { ExecutionRecord, MapRunRecord } from '../contract.ts'
import { at, executionOf, firstTurn, mapRunOf } from './records.ts'
import { wholeLog } from './whole-log.ts'
import type { Opened } from './opened.ts'

const closed = (n: number): Partial<ExecutionRecord> => ({ status: 'SUCCEEDED', stopAt: at(n) })

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
      expect(await store().removeClosed(at(10), 9), 'ended at that instant, not before it').toBe(0)
      expect(await store().removeClosed(at(30), 1)).toBe(1)
      expect(await store().executionByKey(asId(2))).toBeUndefined()
      expect(await store().removeClosed(at(1_000), 9)).toBe(2)
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
      expect(await store().removeClosed(at(50), 9)).toBe(1)
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
      expect(await store().removeClosed(at(50), 9)).toBe(1)
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
      expect(await store().removeClosed(at(1_000), 9)).toBe(0)
      expect(await store().executionByKey(asId(11))).toBeDefined()
    })

    test('gives no key of a Map Run out again', async () => {
      await create(executionOf(1, closed(10)))
      const run = await runOf(1, 11)
      await store().removeClosed(at(50), 9)
      await reopen()
      expect((await store().createMapRun(mapRunOf(2, 'arn:run:2'), [])).key).toBeGreaterThan(run.key)
    })
  })
}
