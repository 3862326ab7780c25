/**
 * What every store keeps, as tests: call it from a keeper's own test file. A store is opened, closed and opened again on the
 * same data, so that a promise holds for what is on the disk and not only for what is in memory.
 */
import { ALL_SHARDS, toExecutionKey } from '../base/ids.ts'
import { asId } from '../base/id-in-test.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { Payload } from '../base/payload.ts'

import type { EngineEvent } from '../engine/event.ts'
import type { MapRunEvent } from '../engine/map-run/event.ts'

import type { ActivityRecord, AliasRecord, ExecutionRecord, MapRunRecord, MapRunTurn, Store, TurnRecord } from './contract.ts'
import { testDefinitionPromises } from './testing/definitions.ts'
import { testListPromises } from './testing/lists.ts'
import { at, eventsOf, executionOf, firstTurn, machineOf, mapRunOf, revisionOf, textOf } from './testing/records.ts'
import { removeOld, testRetentionPromises } from './testing/retention.ts'
import { testTurnPromises } from './testing/turns.ts'
import { wholeLog } from './testing/whole-log.ts'

export interface Keeper {
  /** Opens the store on this test's data; called again after a close it finds what was kept. */
  open(): Promise<Store>
  /** Removes the data. */
  discard(): Promise<void>
}

export function testStoreContract(name: string, newKeeper: () => Promise<Keeper>): void {
  describe(`${name} keeps the store's contract`, () => {
    let keeper: Keeper
    let store: Store
    const create = (...records: ExecutionRecord[]) => store.commit(records.map((record) => firstTurn(record)))
    const reopen = async () => {
      await store.close()
      store = await keeper.open()
    }
    beforeEach(async () => {
      keeper = await newKeeper()
      store = await keeper.open()
    })
    afterEach(async () => {
      await store.close()
      await keeper.discard()
    })

    describe('turns', () => {
      test('a resolved commit is seen by reads, and after the store was opened again', async () => {
        const record = executionOf(store.newExecutionKey(), { wakeAt: at(5), isBusy: true, traceHeader: 't', error: '' })
        expect(await store.commit([firstTurn(record, eventsOf(22))])).toEqual(['committed'])
        expect(await store.execution(record.arn)).toEqual(record)
        await reopen()
        expect(await store.executionByKey(record.key)).toEqual(record)
        expect(textOf(await wholeLog(store, record.key))).toEqual(textOf(eventsOf(22)))
      })

      test('of two starts with one name one gets name-taken and leaves no row and no log', async () => {
        const [first, second] = [executionOf(1), executionOf(2, { arn: executionOf(1).arn })]
        expect((await Promise.all([create(first), create(second)])).flat()).toEqual(['committed', 'name-taken'])
        expect(await store.executionByKey(asId(2))).toBeUndefined()
        expect(await wholeLog(store, asId(2))).toEqual([])
        expect((await store.execution(first.arn))?.key).toBe(1)
      })

      test('a start of a machine that was deleted gets machine-gone and leaves nothing', async () => {
        const machine = await store.createStateMachine(machineOf('m'), revisionOf('x'))
        if (machine === 'name-taken') throw new Error('the name was free')
        const start = (key: number): TurnRecord => ({ ...firstTurn(executionOf(key)), ofMachine: machine.key })
        expect(await store.commit([start(1)])).toEqual(['committed'])
        await store.deleteStateMachine(machine.key)
        expect(await store.commit([start(2)])).toEqual(['machine-gone'])
        expect(await store.executionByKey(asId(2))).toBeUndefined()
        expect(await wholeLog(store, asId(2))).toEqual([])
      })

      test('of two writers of one turn one gets stale, and its patch is not applied', async () => {
        await create(executionOf(1))
        const turn = (status: 'FAILED' | 'SUCCEEDED'): TurnRecord => ({
          key: asId(1),
          patch: { status, stopAt: at(9) },
          sequence: 2,
          events: eventsOf(2, 3),
        })
        expect(await store.commit([turn('FAILED'), turn('SUCCEEDED')])).toEqual(['committed', 'stale'])
        expect((await store.executionByKey(asId(1)))?.status).toBe('FAILED')
        expect(await wholeLog(store, asId(1))).toHaveLength(4)
      })

      test('a refused turn does not disturb its others in the same commit', async () => {
        await create(executionOf(1))
        const outcomes = await create(executionOf(2), executionOf(3, { arn: executionOf(1).arn }), executionOf(4))
        expect(outcomes).toEqual(['committed', 'name-taken', 'committed'])
        expect(await store.executionByKey(asId(4))).toBeDefined()
      })

      test('a turn that cannot be stored does not take the others down', async () => {
        const broken = executionOf(2, { input: undefined as unknown as string })
        const [good] = await Promise.allSettled([create(executionOf(1)), create(broken)])
        expect(good.status).toBe('fulfilled')
        expect(await store.executionByKey(asId(1))).toBeDefined()
        expect(await store.executionByKey(asId(2))).toBeUndefined()
        expect(await wholeLog(store, asId(2))).toEqual([])
      })

      test('a start or a turn that is told again, because its answer was lost, is there once', async () => {
        const turn: TurnRecord = { key: asId(1), patch: { lastEventId: 4 }, sequence: 2, events: eventsOf(2, 3) }
        await store.commit([firstTurn(executionOf(1))])
        await store.commit([turn])
        expect(await store.commit([firstTurn(executionOf(1)), turn])).toEqual(['name-taken', 'stale'])
        expect(await store.executionByKey(asId(1))).toEqual(executionOf(1, { lastEventId: 4 }))
        expect((await wholeLog(store, asId(1))).map(({ id }) => id)).toEqual([1, 2, 3, 4])
      })

      test('a turn of an execution that is gone leaves nothing', async () => {
        const turn: TurnRecord = { key: asId(77), patch: { lastEventId: 2 }, sequence: 0, events: eventsOf(2) }
        expect(await store.commit([turn])).toEqual(['stale'])
        expect(await wholeLog(store, asId(77))).toEqual([])
      })

      test('a patch changes the members it has, and null clears', async () => {
        await create(executionOf(1, { wakeAt: at(9), cause: 'c' }))
        await store.commit([{ key: asId(1), patch: { wakeAt: null, isBusy: true, lastEventId: 7 }, sequence: 2, events: [] }])
        expect(await store.executionByKey(asId(1))).toEqual(executionOf(1, { cause: 'c', isBusy: true, lastEventId: 7 }))
      })

      test('payload texts come back as they were spelled', async () => {
        const text = '{"__proto__": {"x": 1e400}, "s": "\\u00e9 \u2028"}'
        const events = eventsOf(1).map((event) => ({ ...event, input: Payload.ofText(text) }) as EngineEvent)
        await store.commit([firstTurn(executionOf(1, { input: text }), events)])
        expect(textOf(await wholeLog(store, asId(1)))).toEqual(textOf(events))
        expect((await store.executionByKey(asId(1)))?.input).toBe(text)
      })
    })

    test('texts come back as they were, whatever characters they have', async () => {
      const texts = ['\0', 'a\0b\0', '\u0010', '\u00100\0\u00101', '\\0 "{}", NULL', '\u{1f600} \u2028 \ufeff', "'; --", '']
      const records = texts.map((text, i) => executionOf(i + 1, { error: text, cause: `${text}.`, traceHeader: text }))
      await create(...records)
      await store.putTags(asId('arn'), new Map(texts.map((text, i) => [`${i}`, text])))
      const cleared = texts.map((text, i): TurnRecord => ({ key: asId(i + 1), patch: { cause: text }, sequence: 2, events: [] }))
      await store.commit(cleared)
      const run = await store.createMapRun({ ...mapRunOf(1, 'arn:run'), settings: texts.join('|') }, [])
      await reopen()
      for (const [i, text] of texts.entries())
        expect(await store.executionByKey(asId(i + 1))).toEqual(
          executionOf(i + 1, { error: text, cause: text, traceHeader: text }),
        )
      expect([...(await store.tags(asId('arn'))).values()]).toEqual(texts)
      expect((await store.wholeMapRun(run.arn))?.settings).toBe(texts.join('|'))
    })

    describe('history', () => {
      beforeEach(async () => {
        const fact: EngineEvent = { type: 'HeartbeatReceived', id: 0, previousEventId: 4, at: at(4), frame: asId(0) }
        await store.commit([firstTurn(executionOf(1), [...eventsOf(4), fact])])
        await store.commit([{ key: asId(1), sequence: 5, events: [fact] }])
        await store.commit([{ key: asId(1), sequence: 6, events: eventsOf(4, 5) }])
      })
      const ids = async (from: number, limit: number, reverse: boolean) =>
        (await store.history(asId(1), from, limit, reverse)).map(({ id }) => id)

      test('rises from an id and leaves facts out', async () => {
        expect(await ids(1, 100, false)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
        expect(await ids(4, 2, false)).toEqual([4, 5])
        expect(await ids(9, 2, false)).toEqual([])
      })
      test('falls from an id', async () => {
        expect(await ids(8, 100, true)).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
        expect(await ids(5, 3, true)).toEqual([5, 4, 3])
      })
      test('comes in parts where it is large, without loss, rising and falling', async () => {
        const large = eventsOf(1).map((event) => ({ ...event, input: Payload.ofText(JSON.stringify('x'.repeat(200_000))) }))
        await store.commit([firstTurn(executionOf(2), eventsOf(1, 1))])
        for (const id of [2, 3, 4, 5, 6])
          await store.commit([
            { key: asId(2), sequence: id - 1, events: large.map((event) => ({ ...event, id })) as EngineEvent[] },
          ])
        const inParts = async (from: number, step: 1 | -1) => {
          const parts: number[][] = []
          for (let next = from; ; ) {
            const part = (await store.history(asId(2), next, 100, step < 0)).map(({ id }) => id)
            const last = part.at(-1)
            if (last === undefined) return parts
            parts.push(part)
            next = last + step
          }
        }
        expect((await inParts(1, 1)).flat()).toEqual([1, 2, 3, 4, 5, 6])
        expect((await inParts(6, -1)).flat()).toEqual([6, 5, 4, 3, 2, 1])
        const places: number[] = []
        for (let part = await store.logPart(asId(2), 0); part.length > 0; part = await store.logPart(asId(2), places.length))
          places.push(...part.map(({ id }) => id))
        expect(places).toEqual([1, 2, 3, 4, 5, 6])
      })
      test('is part of a log that has the facts too', async () => {
        expect((await wholeLog(store, asId(1))).map(({ id }) => id)).toEqual([1, 2, 3, 4, 0, 0, 5, 6, 7, 8])
        expect((await store.logPart(asId(1), 6)).map(({ id }) => id)).toEqual([5, 6, 7, 8])
        expect(await store.logPart(asId(1), 10)).toEqual([])
      })
    })

    describe('lists and clocks', () => {
      test('lists newest first, by stop when closed, page by page without loss', async () => {
        await create(...[1, 2, 3, 4, 5].map((key) => executionOf(key)))
        await store.commit([{ key: asId(1), patch: { status: 'SUCCEEDED', stopAt: at(100) }, sequence: 2, events: [] }])
        const seen: number[] = []
        let from: string | undefined
        do {
          const page = await store.executions({ stateMachineKey: asId(1) }, 2, from)
          seen.push(...page.rows.map(({ key }) => key))
          from = page.next
        } while (from !== undefined)
        expect(seen).toEqual([1, 5, 4, 3, 2])
      })

      test('filters by status, version, alias, redrive and Map Run', async () => {
        await create(
          executionOf(1, { status: 'FAILED', stopAt: at(50), redriveCount: 1 }),
          executionOf(2, { versionArn: asId('v1') }),
          executionOf(3, { versionArn: asId('v1'), aliasArn: asId('a1') }),
          executionOf(4, { mapRunKey: asId(9), itemIndex: 0 }),
          executionOf(5, { stateMachineKey: asId(2) }),
        )
        const keys = async (filter: Parameters<Store['executions']>[0]) =>
          (await store.executions(filter, 10)).rows.map(({ key }) => key)
        expect(await keys({ stateMachineKey: asId(1) })).toEqual([1, 3, 2])
        expect(await keys({ stateMachineKey: asId(1), status: 'RUNNING' })).toEqual([3, 2])
        expect(await keys({ stateMachineKey: asId(1), isRedriven: true })).toEqual([1])
        expect(await keys({ stateMachineKey: asId(1), isRedriven: false })).toEqual([3, 2])
        expect(await keys({ versionArn: asId('v1') })).toEqual([3, 2])
        expect(await keys({ aliasArn: asId('a1') })).toEqual([3])
        expect(await keys({ mapRunKey: asId(9) })).toEqual([4])
        expect(await store.countsByStatus(asId(1))).toEqual({ FAILED: 1, RUNNING: 2 })
      })

      test('only running executions are due or busy', async () => {
        const closed = { status: 'ABORTED', stopAt: at(1), wakeAt: at(1), isBusy: true } as const
        await create(executionOf(1, { wakeAt: at(30) }), executionOf(2, { wakeAt: at(10), isBusy: true }), executionOf(3, closed))
        const second = { key: toExecutionKey(2), wakeAt: at(10) }
        const first = { key: toExecutionKey(1), wakeAt: at(30) }
        expect(await store.nextDue(at(0))).toBe(at(10))
        expect(await store.nextDue(at(10))).toBe(at(30))
        expect(await store.nextDue(at(30))).toBeUndefined()
        expect(await store.due(at(30), 10)).toEqual([second, first])
        expect(await store.due(at(30), 10, second)).toEqual([first])
        expect(await store.due(at(29), 10)).toEqual([second])
        expect(await store.busy(ALL_SHARDS, asId(0), 10)).toEqual([2])
        expect(await store.busy(ALL_SHARDS, asId(2), 10)).toEqual([])
      })
    })

    test('a summary tells of one execution what a list tells', async () => {
      await create(executionOf(1, { versionArn: asId('v1'), redriveCount: 2 }))
      const { input: _, isBusy: __, lastEventId: ___, ...summary } = executionOf(1, { versionArn: asId('v1'), redriveCount: 2 })
      expect(await store.executionSummary(executionOf(1).arn)).toMatchObject(summary)
      expect((await store.executions({ stateMachineKey: asId(1) }, 2)).rows).toMatchObject([summary])
      expect(await store.executionSummary(asId('arn:none'))).toBeUndefined()
    })

    test('client tokens of redrives are the last ten of an execution, each as old as it may be', async () => {
      await create(executionOf(1), executionOf(2))
      await store.keepRedrive(asId(1), 't', at(5))
      expect(await store.redriveOf(asId(1), 't', at(4))).toBe(at(5))
      expect(await store.redriveOf(asId(1), 't', at(5))).toBeUndefined()
      expect(await store.redriveOf(asId(1), 'other', at(4))).toBeUndefined()
      expect(await store.redriveOf(asId(2), 't', at(4))).toBeUndefined()
      for (let n = 0; n < 10; n++) await store.keepRedrive(asId(1), `t${n}`, at(10 + n))
      await reopen()
      expect(await store.redriveOf(asId(1), 't', at(4))).toBeUndefined()
      expect(await store.redriveOf(asId(1), 't0', at(4))).toBe(at(10))
    })

    describe('removal', () => {
      const closed = { status: 'SUCCEEDED', stopAt: at(10) } as const
      test('takes closed executions with their logs, at most limit, and frees their names', async () => {
        await create(
          executionOf(1, closed),
          executionOf(2, closed),
          executionOf(3),
          executionOf(4, { ...closed, stopAt: at(99) }),
        )
        expect(await removeOld(store, at(50), 1)).toBe(1)
        expect(await removeOld(store, at(50), 10)).toBe(1)
        expect(await removeOld(store, at(50), 10)).toBe(0)
        expect(await wholeLog(store, asId(1))).toEqual([])
        expect(await create(executionOf(9, { arn: executionOf(1).arn }))).toEqual(['committed'])
        expect(await store.executionByKey(asId(3))).toBeDefined()
      })

      test('does not give a removed key out again', async () => {
        await create(executionOf(5, closed))
        await removeOld(store, at(50), 10)
        await reopen()
        expect(store.newExecutionKey()).toBeGreaterThan(5)
      })
    })

    describe('Map Runs', () => {
      const turnOf = (key: number, sequence: number, more: Partial<MapRunTurn> = {}): MapRunTurn => ({
        key: asId(key),
        sequence,
        events: [{ type: 'ReadingDone', at: at(2) }],
        patch: {},
        children: [],
        reopensChildren: false,
        ...more,
      })
      const childOf = (run: MapRunRecord, key: number, itemIndex: number, over: Partial<ExecutionRecord> = {}) =>
        executionOf(key, { status: 'PENDING', mapRunKey: run.key, itemIndex, itemCount: 1, ...over })
      const BEGUN: MapRunEvent = { type: 'Begun', at: at(1), seed: '0'.repeat(32) }

      test('are created, changed and listed by execution', async () => {
        const run = await store.createMapRun(mapRunOf(1, 'arn:run:1'), [BEGUN])
        await store.createMapRun(mapRunOf(1, 'arn:run:2'), [BEGUN])
        const over = { status: 'SUCCEEDED', stopAt: at(3) } as const
        expect(await store.commitMapRun(turnOf(run.key, 1, { patch: { ...over, maxConcurrency: 9 } }))).toBe('committed')
        const { settings: _, ...summary } = { ...run, ...over, maxConcurrency: 9 }
        expect(await store.mapRunByKey(run.key)).toMatchObject(summary)
        expect(await store.mapRun(asId('arn:run:1'))).toMatchObject(summary)
        expect((await store.runningMapRuns(ALL_SHARDS)).map(({ arn }) => arn)).toEqual(['arn:run:2'])
        await store.commitMapRun(turnOf(run.key, 2, { patch: { stopAt: null } }))
        expect(await store.mapRunByKey(run.key)).not.toHaveProperty('stopAt')
        const page = await store.mapRuns(asId(1), 1)
        const rest = await store.mapRuns(asId(1), 1, page.next)
        expect([...page.rows, ...rest.rows].map(({ arn }) => arn).sort()).toEqual(['arn:run:1', 'arn:run:2'])
        expect(rest.next).toBeUndefined()
      })

      test('have a log, whose places are taken once', async () => {
        const run = await store.createMapRun(mapRunOf(1, 'arn:run'), [BEGUN])
        const made: MapRunEvent = { type: 'ChildrenMade', at: at(2), itemsRead: 1 }
        const first = turnOf(run.key, 1, { events: [made], patch: { itemsRead: 1 }, children: [childOf(run, 11, 0)] })
        expect(await store.commitMapRun(first)).toBe('committed')
        expect(await store.commitMapRun({ ...first, children: [childOf(run, 12, 1)], patch: { itemsRead: 2 } })).toBe('stale')
        expect(await store.mapRunLog(run.key)).toEqual([BEGUN, made])
        expect(await store.wholeMapRun(asId('arn:run'))).toEqual({ ...run, itemsRead: 1 })
        expect(await store.childCounts(run.key)).toEqual({ PENDING: { executions: 1, items: 1 } })
        expect(await store.mapRunLog(asId(99))).toEqual([])
      })

      test('take no turn whose predecessor was not made', async () => {
        const run = await store.createMapRun(mapRunOf(1, 'arn:run'), [BEGUN])
        const turn = (sequence: number) => turnOf(run.key, sequence, { children: [childOf(run, 10 + sequence, sequence)] })
        expect(await store.commitMapRun(turn(3))).toBe('stale')
        const both = { ...turn(1), events: [BEGUN, BEGUN] }
        expect(await Promise.all([both, turn(2), turn(3)].map((one) => store.commitMapRun(one)))).toEqual([
          ...(['committed', 'stale', 'committed'] as const),
        ])
        expect((await store.children(run.key, ['PENDING'], -1, 9)).map(({ key }) => key)).toEqual([11, 13])
      })

      test('write children that are over once, with their logs', async () => {
        const run = await store.createMapRun(mapRunOf(1, 'arn:run'), [BEGUN])
        const over = childOf(run, 11, 0, { status: 'SUCCEEDED', stopAt: at(3), output: '1', lastEventId: 3 })
        const events = eventsOf(3)
        await store.commitMapRun(
          turnOf(run.key, 1, { children: [over, childOf(run, 12, 1)], childLogs: [{ key: asId(11), events }] }),
        )
        expect(await store.executionByKey(asId(11))).toEqual(over)
        expect(await wholeLog(store, asId(11))).toEqual(events)
        expect(await wholeLog(store, asId(12))).toEqual([])
        expect(await store.childRows(run.key)).toMatchObject({ endedItems: 1, waiting: [{ child: 1, items: 1 }] })
      })

      test('count children and items by status and give children by index', async () => {
        const run = await store.createMapRun(mapRunOf(1, 'arn:run'), [])
        const child = (key: number, itemIndex: number) => childOf(run, key, itemIndex, { itemCount: 10 })
        const patch = { itemsRead: 30, isReadingDone: true }
        await store.commitMapRun(turnOf(run.key, 0, { patch, children: [child(11, 1), child(12, 0), child(13, 2)] }))
        await store.commit([{ key: asId(12), patch: { status: 'RUNNING' }, sequence: 0, events: eventsOf(2) }])
        expect(await store.mapRunByKey(run.key)).toMatchObject({ itemsRead: 30, isReadingDone: true })
        expect(await store.childCounts(run.key)).toEqual({
          PENDING: { executions: 2, items: 20 },
          RUNNING: { executions: 1, items: 10 },
        })
        const keys = async (after: number, limit: number) =>
          (await store.children(run.key, ['PENDING', 'RUNNING'], after, limit)).map(({ key }) => key)
        expect(await keys(-1, 2)).toEqual([12, 11])
        expect(await keys(1, 2)).toEqual([13])
      })

      test('tell how their children stand, in the order of the items', async () => {
        const run = await store.createMapRun(mapRunOf(1, 'arn:run'), [BEGUN])
        const statuses = ['PENDING', 'FAILED', 'RUNNING', 'SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED'] as const
        // Written from the last to the first.
        const children = statuses.map((status, i) => childOf(run, 20 - i, i * 10, { status, itemCount: i + 1 })).reverse()
        await store.commitMapRun(turnOf(run.key, 1, { children }))
        expect(await store.childRows(run.key)).toEqual({
          running: [{ child: 20, items: 3 }],
          waiting: [
            { child: 0, items: 1 },
            { child: 50, items: 6 },
          ],
          endedItems: 2 + 4 + 5 + 7,
          failedItems: 2 + 5,
        })
        expect(await store.childRows(asId(99))).toEqual({ running: [], waiting: [], endedItems: 0, failedItems: 0 })
      })

      test('that are created again, because the answer was lost, are there once, and so are their children', async () => {
        const run = await store.createMapRun(mapRunOf(1, 'arn:run'), [BEGUN])
        expect(await store.createMapRun({ ...mapRunOf(1, 'arn:run'), settings: 'other' }, [BEGUN])).toEqual(run)
        expect(await store.mapRunLog(run.key)).toEqual([BEGUN])
        await store.commitMapRun(turnOf(run.key, 1, { patch: { itemsRead: 1 }, children: [childOf(run, 11, 0)] }))
        const again = turnOf(run.key, 2, { patch: { itemsRead: 2 }, children: [childOf(run, 12, 1), childOf(run, 11, 0)] })
        await expect(store.commitMapRun(again)).rejects.toThrow()
        expect(await store.childCounts(run.key)).toEqual({ PENDING: { executions: 1, items: 1 } })
        expect(await store.wholeMapRun(asId('arn:run'))).toEqual({ ...run, itemsRead: 1 })
        expect(await store.mapRunLog(run.key)).toHaveLength(2)
      })

      test('open once more for a redrive, with the children that did not succeed', async () => {
        const run = await store.createMapRun({ ...mapRunOf(1, 'arn:run'), status: 'FAILED', stopAt: at(5) }, [BEGUN])
        const statuses = ['SUCCEEDED', 'FAILED', 'PENDING', 'TIMED_OUT', 'ABORTED'] as const
        const children = statuses.map((status, i) => childOf(run, 11 + i, i, { status }))
        await store.commitMapRun(turnOf(run.key, 1, { children }))
        const patch = { status: 'RUNNING', stopAt: null, redriveCount: 1, redriveAt: at(9), settings: 'again' } as const
        await store.commitMapRun(turnOf(run.key, 2, { patch, reopensChildren: true }))
        const { stopAt: _, ...open } = run
        expect(await store.wholeMapRun(asId('arn:run'))).toEqual({ ...open, ...patch, stopAt: undefined })
        expect(await store.childCounts(run.key)).toMatchObject({
          PENDING: { executions: 1 },
          PENDING_REDRIVE: { executions: 3 },
          SUCCEEDED: { executions: 1 },
        })
      })
    })

    describe('definitions', () => {
      test('a machine has one holder of its name, and keeps its revisions', async () => {
        const made = await store.createStateMachine(machineOf('m'), revisionOf('1'))
        if (made === 'name-taken') throw new Error('the name was free')
        expect(await store.createStateMachine(machineOf('m'), revisionOf('x'))).toBe('name-taken')
        const updated = await store.updateStateMachine(made.key, { ...revisionOf('2'), revisionId: 'r2' })
        expect(await store.stateMachine(asId('arn:machine:m'))).toEqual(updated)
        expect((await store.revision(made.revision.key))?.definition).toBe('1')
        expect(updated?.revision).toMatchObject({ definition: '2', revisionId: 'r2' })
        await store.setStateMachineStatus(made.key, 'DELETING')
        expect((await store.stateMachine(asId('arn:machine:m')))?.status).toBe('DELETING')
      })

      test('a re-created namesake has new keys; the revisions that executions need stay', async () => {
        const made = await store.createStateMachine(machineOf('m'), revisionOf('1'))
        if (made === 'name-taken') throw new Error('the name was free')
        await create(executionOf(1, { stateMachineKey: made.key, revisionKey: made.revision.key }))
        await store.putTags(made.arn, new Map([['k', 'v']]))
        await store.deleteStateMachine(made.key)
        expect(await store.stateMachine(made.arn)).toBeUndefined()
        expect((await store.tags(made.arn)).size).toBe(0)
        expect((await store.revision(made.revision.key))?.definition).toBe('1')
        const again = await store.createStateMachine(machineOf('m'), revisionOf('1'))
        expect(again).not.toMatchObject({ key: made.key })
      })

      test('versions count up, are never numbered again, and list newest first', async () => {
        const made = await store.createStateMachine(machineOf('m'), revisionOf('1'))
        if (made === 'name-taken') throw new Error('the name was free')
        const publish = (revisionKey: number) =>
          store.createVersion({ stateMachineKey: made.key, revisionKey: asId(revisionKey), createdAt: at(1) }, made.arn)
        const first = await publish(made.revision.key)
        expect(first).toMatchObject({ version: 1, arn: `${made.arn}:1` })
        expect(await store.versionOfRevision(made.revision.key)).toEqual(first)
        await store.deleteVersion(asId(first?.arn ?? ''))
        expect(await publish(made.revision.key)).toMatchObject({ version: 2 })
        const updated = await store.updateStateMachine(made.key, revisionOf('2'))
        await publish(updated?.revision.key ?? 0)
        const page = await store.versions(made.key, 1)
        expect(page.rows.map(({ version }) => version)).toEqual([3])
        expect((await store.versions(made.key, 5, page.next)).rows.map(({ version }) => version)).toEqual([2])
      })

      test('aliases are put, replaced, listed and deleted', async () => {
        const made = await store.createStateMachine(machineOf('m'), revisionOf('1'))
        if (made === 'name-taken') throw new Error('the name was free')
        const alias: AliasRecord = {
          arn: asId('arn:m:a'),
          stateMachineKey: made.key,
          name: 'a',
          routing: '[]',
          createdAt: at(1),
          updatedAt: at(1),
        }
        await store.putAlias(alias)
        await store.putAlias({ ...alias, routing: '[1]', updatedAt: at(2) })
        expect((await store.aliases(made.key, 5)).rows).toEqual([{ ...alias, routing: '[1]', updatedAt: at(2) }])
        await store.deleteAlias(asId(alias.arn))
        expect(await store.alias(asId(alias.arn))).toBeUndefined()
      })

      test('nothing is added to a machine that is gone', async () => {
        const made = await store.createStateMachine(machineOf('m'), revisionOf('1'))
        if (made === 'name-taken') throw new Error('the name was free')
        await store.deleteStateMachine(made.key)
        const { key: stateMachineKey, revision, arn } = made
        const times = { createdAt: at(1), updatedAt: at(1) }
        expect(await store.updateStateMachine(stateMachineKey, revisionOf('2'))).toBeUndefined()
        expect(await store.createVersion({ stateMachineKey, revisionKey: revision.key, createdAt: at(1) }, arn)).toBeUndefined()
        expect(await store.putAlias({ arn: asId(`${arn}:a`), stateMachineKey, name: 'a', routing: '[]', ...times })).toBe(false)
      })

      test('machines are listed while others are deleted', async () => {
        for (let round = 0; round < 30; round++) {
          const made = await store.createStateMachine(machineOf(`m${round}`), revisionOf('1'))
          if (made === 'name-taken') throw new Error('the name was free')
          const [page] = await Promise.all([
            store.stateMachines(100),
            store.deleteStateMachine(made.key),
            store.stateMachines(100),
          ])
          expect(page.rows.length).toBeLessThanOrEqual(1)
        }
      })

      test('machines are listed page by page', async () => {
        for (const name of ['c', 'a', 'b']) await store.createStateMachine(machineOf(name), revisionOf('1'))
        const page = await store.stateMachines(2)
        const rest = await store.stateMachines(2, page.next)
        expect([...page.rows, ...rest.rows].map(({ name }) => name).sort()).toEqual(['a', 'b', 'c'])
        expect(rest.next).toBeUndefined()
      })
    })

    test('activities exist once, and go with their tags', async () => {
      const activity: ActivityRecord = { arn: asId('arn:activity'), name: 'a', createdAt: at(1) }
      expect(await store.createActivity(activity)).toBe('created')
      expect(await store.createActivity({ ...activity, createdAt: at(2) })).toBe('exists')
      expect((await store.activities(5)).rows).toEqual([activity])
      await store.putTags(
        asId(activity.arn),
        new Map([
          ['k', '1'],
          ['__proto__', '2'],
        ]),
      )
      await store.putTags(asId(activity.arn), new Map([['k', '3']]))
      expect([...(await store.tags(asId(activity.arn)))]).toEqual([
        ['k', '3'],
        ['__proto__', '2'],
      ])
      await store.removeTags(asId(activity.arn), ['k'])
      expect((await store.tags(asId(activity.arn))).size).toBe(1)
      await store.deleteActivity(asId(activity.arn))
      expect((await store.tags(asId(activity.arn))).size).toBe(0)
      expect(await store.activity(asId(activity.arn))).toBeUndefined()
    })

    const opened = { store: () => store, reopen }
    testTurnPromises(opened)
    testListPromises(opened)
    testRetentionPromises(opened)
    testDefinitionPromises(opened)

    test('keys are fresh, also after the store was opened again', async () => {
      const [a, b] = [store.newExecutionKey(), store.newExecutionKey()]
      expect(b).toBeGreaterThan(a)
      await create(executionOf(b))
      await reopen()
      expect(store.newExecutionKey()).toBeGreaterThan(b)
    })

    test('close finishes what was asked for', async () => {
      const commit = create(executionOf(1))
      await reopen()
      expect(await commit).toEqual(['committed'])
      expect(await store.executionByKey(asId(1))).toBeDefined()
    })
  })
}
