/** What `commit` promises when many write at once, and where a log is read from the middle of it. */
import { ALL_SHARDS } from '../../base/ids.ts'
import { asId } from '../../base/id-in-test.ts'
import { Payload } from '../../base/payload.ts'

import { describe, expect, test } from 'vitest'

import type { TurnRecord } from '../contract.ts'
import { at, eventsOf, executionOf, firstTurn, textOf } from './records.ts'
import { removeOld } from './retention.ts'
import { wholeLog } from './whole-log.ts'
import type { Opened } from './opened.ts'

const turnOf = (key: number, sequence: number, count = 2): TurnRecord => ({
  key: asId(key),
  sequence,
  events: eventsOf(count, sequence + 1),
  patch: { lastEventId: sequence + count },
})

export function testTurnPromises({ store, reopen }: Opened): void {
  test('a long input that is handed on and put out comes back wherever it was', async () => {
    const input = JSON.stringify({ text: 'é'.repeat(30_000) })
    const events = eventsOf(8).map((event) =>
      event.type === 'StateEntered' && event.id !== 3
        ? { ...event, input: Payload.ofText(input) }
        : event.type === 'StateExited'
          ? { ...event, output: Payload.ofText(input) }
          : event,
    )
    const record = executionOf(1, { input })
    await store().commit([firstTurn(record, events.slice(0, 4))])
    await store().commit([
      { key: record.key, input, sequence: 4, events: events.slice(4), patch: { output: input, lastEventId: 8 } },
    ])
    const atOnce = executionOf(2, { input, output: input, status: 'SUCCEEDED', stopAt: at(9) })
    await store().commit([firstTurn(atOnce, events.slice(0, 4))])
    await reopen()
    expect(await store().executionByKey(record.key)).toEqual({ ...record, output: input, lastEventId: 8 })
    expect(await store().execution(atOnce.arn)).toEqual(atOnce)
    expect(textOf(await wholeLog(store(), record.key))).toEqual(textOf(events))
    expect(textOf(await store().logPart(record.key, 4))).toEqual(textOf(events.slice(4)))
    expect(textOf(await store().history(record.key, 8, 3, true))).toEqual(textOf(events.toReversed().slice(0, 3)))
  })

  describe('many writers', () => {
    test('of executions of their own are all told that they are committed, and are all there', async () => {
      const keys = Array.from({ length: 200 }, () => store().newExecutionKey())
      const outcomes = await Promise.all(keys.map((key) => store().commit([firstTurn(executionOf(key))])))
      expect(outcomes.flat()).toEqual(keys.map(() => 'committed'))
      await reopen()
      for (const key of keys) {
        expect(await store().executionByKey(key)).toEqual(executionOf(key))
        expect(await wholeLog(store(), key)).toHaveLength(2)
      }
    })

    test('of one place of one log: one is committed, whoever it is, and the log is the one that it wrote', async () => {
      await store().commit([firstTurn(executionOf(1))])
      const writers = [1, 2, 3, 4, 5].map((count) => turnOf(1, 2, count))
      const outcomes = (await Promise.all(writers.map((turn) => store().commit([turn])))).flat()
      expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(1)
      const won = (writers[outcomes.indexOf('committed')]?.events.length ?? 0) + 2
      expect(await wholeLog(store(), asId(1))).toHaveLength(won)
      expect((await store().executionByKey(asId(1)))?.lastEventId).toBe(won)
    })

    test('of one name: one starts, and the rows of the others are nowhere', async () => {
      const { arn } = executionOf(1)
      const starts = [1, 2, 3, 4].map((key) => firstTurn(executionOf(key, { arn })))
      const outcomes = (await Promise.all(starts.map((start) => store().commit([start])))).flat()
      expect(outcomes.toSorted()).toEqual(['committed', 'name-taken', 'name-taken', 'name-taken'])
      const winner = outcomes.indexOf('committed') + 1
      expect((await store().execution(arn))?.key).toBe(winner)
      for (const key of [1, 2, 3, 4].filter((one) => one !== winner)) expect(await wholeLog(store(), asId(key))).toEqual([])
    })

    test('that read while others write find each execution with its whole log or not at all', async () => {
      const writing = Array.from({ length: 50 }, (_, i) => store().commit([firstTurn(executionOf(i + 1), eventsOf(6))]))
      const reading = Array.from({ length: 50 }, async (_, i) => {
        const row = await store().executionByKey(asId(i + 1))
        return row === undefined ? 6 : (await wholeLog(store(), asId(i + 1))).length
      })
      expect(new Set(await Promise.all(reading))).toEqual(new Set([6]))
      await Promise.all(writing)
    })
  })

  describe('one commit', () => {
    test('of nothing is answered with nothing', async () => {
      expect(await store().commit([])).toEqual([])
    })

    test('of several turns of one execution carries them out in their order', async () => {
      expect(await store().commit([firstTurn(executionOf(1)), turnOf(1, 2), turnOf(1, 4, 1)])).toEqual([
        'committed',
        'committed',
        'committed',
      ])
      expect((await wholeLog(store(), asId(1))).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5])
      expect((await store().executionByKey(asId(1)))?.lastEventId).toBe(5)
    })

    test('answers each turn in its place', async () => {
      await store().commit([firstTurn(executionOf(1))])
      const outcomes = await store().commit([
        turnOf(1, 0),
        firstTurn(executionOf(2)),
        firstTurn(executionOf(3, { arn: executionOf(1).arn })),
        { ...firstTurn(executionOf(4)), ofMachine: asId(99) },
        turnOf(1, 2),
        turnOf(5, 0),
      ])
      expect(outcomes).toEqual(['stale', 'committed', 'name-taken', 'machine-gone', 'committed', 'stale'])
    })

    test('of a whole row and a patch leaves the row as patched: an execution that ends in its first turn', async () => {
      const patch = { status: 'SUCCEEDED', stopAt: at(7), output: '1', isBusy: false, lastEventId: 2 } as const
      await store().commit([{ ...firstTurn(executionOf(1, { isBusy: true })), patch }])
      expect(await store().executionByKey(asId(1))).toEqual(executionOf(1, patch))
      expect(await store().busy(ALL_SHARDS, asId(0), 10)).toEqual([])
    })

    test('without events writes a row and no log: an Express execution', async () => {
      const row = executionOf(1, { type: 'EXPRESS' })
      const patch = { status: 'FAILED', stopAt: at(9), error: 'E', cause: '' } as const
      expect(await store().commit([{ key: asId(1), create: row, sequence: 0, events: [], patch }])).toEqual(['committed'])
      expect(await store().executionByKey(asId(1))).toEqual({ ...row, ...patch })
      expect(await wholeLog(store(), asId(1))).toEqual([])
    })
  })

  describe('a patch', () => {
    test('that names a member without a value leaves it as it is', async () => {
      const row = executionOf(1, { wakeAt: at(9), output: 'o', error: 'e', cause: 'c', redriveAt: at(3) })
      await store().commit([firstTurn(row)])
      const patch = Object.fromEntries(
        ['status', 'stopAt', 'output', 'error', 'cause', 'wakeAt', 'isBusy', 'redriveAt'].map((member) => [member, undefined]),
      )
      await store().commit([{ key: asId(1), sequence: 2, events: [], patch }])
      expect(await store().executionByKey(asId(1))).toEqual(row)
    })

    test('clears what is null, and what ended runs again: a redrive', async () => {
      const ended = { status: 'FAILED', stopAt: at(5), output: 'o', error: 'e', cause: 'c' } as const
      await store().commit([firstTurn(executionOf(1, ended))])
      const patch = {
        status: 'RUNNING',
        stopAt: null,
        output: null,
        error: null,
        cause: null,
        isBusy: true,
        redriveCount: 1,
        redriveAt: at(8),
      } as const
      await store().commit([{ key: asId(1), sequence: 2, events: eventsOf(1, 3), patch }])
      expect(await store().executionByKey(asId(1))).toEqual(executionOf(1, { isBusy: true, redriveCount: 1, redriveAt: at(8) }))
      expect(await store().busy(ALL_SHARDS, asId(0), 10)).toEqual([1])
      expect(await removeOld(store(), at(99), 10)).toBe(0)
    })

    test('keeps an empty text, and tells it from none', async () => {
      await store().commit([firstTurn(executionOf(1))])
      await store().commit([{ key: asId(1), sequence: 2, events: [], patch: { error: '', cause: '', output: '""' } }])
      expect(await store().executionByKey(asId(1))).toEqual(executionOf(1, { error: '', cause: '', output: '""' }))
    })
  })

  describe('a log', () => {
    test('is read from any turn on, and every part of it is of whole turns', async () => {
      await store().commit([firstTurn(executionOf(1), eventsOf(3))])
      const sequences = [3, 5, 9]
      for (const [i, sequence] of sequences.entries())
        await store().commit([turnOf(1, sequence, (sequences[i + 1] ?? 12) - sequence)])
      for (const from of [0, ...sequences]) {
        const part = await store().logPart(asId(1), from)
        expect(part[0]?.id).toBe(from + 1)
        expect([0, ...sequences, 12].slice(1)).toContain(part.at(-1)?.id)
      }
      expect(await store().logPart(asId(1), 12)).toEqual([])
      expect((await wholeLog(store(), asId(1))).map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    })

    test('of many turns is read part by part without loss', async () => {
      await store().commit([firstTurn(executionOf(1), eventsOf(1))])
      for (let n = 1; n < 130; n++) await store().commit([turnOf(1, n, 1)])
      let places = 0
      for (let part = await store().logPart(asId(1), 0); part.length > 0; part = await store().logPart(asId(1), places)) {
        expect(part[0]?.id).toBe(places + 1)
        places += part.length
      }
      expect(places).toBe(130)
    })

    test('of one execution has nothing of another', async () => {
      await store().commit([firstTurn(executionOf(1), eventsOf(2)), firstTurn(executionOf(2), eventsOf(4))])
      expect(await wholeLog(store(), asId(1))).toHaveLength(2)
      expect(await store().history(asId(2), 1, 100, false)).toHaveLength(4)
      expect(await store().history(asId(3), 1, 100, false)).toEqual([])
      expect(await store().logPart(asId(3), 0)).toEqual([])
    })
  })
}
