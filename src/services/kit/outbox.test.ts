import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'

import { type ServicesDatabase, openServicesDatabase } from './database.ts'
import { type Ending, OVER, Outbox, type OutboxRow } from './outbox.ts'

interface Row extends OutboxRow {
  readonly receiver: string
  readonly due: number
}

let database: ServicesDatabase
let clock: VirtualClock
let outbox: Outbox<Row>
/** What is under way: `receiver` and id, and how it is brought to its end. */
let sent: { readonly name: string; end(ending?: Ending): void }[] = []

const open = () =>
  new Outbox<Row>({
    database,
    clock,
    log: silentLog,
    table: 'sends',
    columns: ['receiver', 'due'],
    due: 'due',
    receiver: 'receiver',
    share: 4,
    isOrdered: (receiver) => receiver.startsWith('lane'),
    attempt: ({ id, receiver }) =>
      new Promise((resolve) => sent.push({ name: `${receiver} ${id}`, end: (ending = OVER) => resolve(ending) })),
  })

beforeEach(() => {
  sent = []
  clock = new VirtualClock()
  database = openServicesDatabase()
  database.exec(`
    CREATE TABLE sends (id INTEGER PRIMARY KEY, receiver TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL);
    CREATE INDEX by_due ON sends (due);
    CREATE INDEX by_receiver ON sends (receiver, due, id)`)
  outbox = open()
})
afterEach(() => outbox.close())

function add(receiver: string, count = 1): void {
  for (let i = 0; i < count; i++) outbox.add({ receiver, due: clock.now() })
  outbox.pump()
}
const turn = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}
const left = () => (database.prepare('SELECT count(*) AS count FROM sends').get() as { count: number }).count
const writes = (allowed: boolean) => database.exec(`PRAGMA query_only = ${allowed ? 0 : 1}`)

describe('an outbox', () => {
  it('gives a receiver its share, so that one that hangs delays only itself', async () => {
    add('hangs', 3_000)
    add('answers', 100)
    await turn()
    expect(sent.filter(({ name }) => name.startsWith('hangs'))).toHaveLength(4)
    while (left() > 3_000) {
      for (const one of sent) if (one.name.startsWith('answers')) one.end()
      await turn()
    }
    expect(sent.filter(({ name }) => name.startsWith('hangs'))).toHaveLength(4)
  })

  it('lets receivers take turns where there are more of them than may be under way', async () => {
    for (let i = 0; i < 60; i++) add(`r${i}`, 20)
    await turn()
    expect(sent).toHaveLength(128)
    const first = new Set(sent.map(({ name }) => name.split(' ')[0]))
    for (const one of sent.splice(0)) one.end()
    await turn()
    const second = new Set(sent.map(({ name }) => name.split(' ')[0]))
    expect(new Set([...first, ...second]).size).toBe(60)
  })

  it('tries again after the pause, and counts attempts', async () => {
    add('a')
    await turn()
    sent[0]?.end({ kind: 'again', pauseMs: 1_000, counts: true })
    await turn()
    expect(sent).toHaveLength(1)
    clock.advance(1_000)
    await turn()
    expect(sent).toHaveLength(2)
    expect(database.prepare('SELECT attempts FROM sends').get()).toMatchObject({ attempts: 1 })
  })

  it('keeps the order of those who want it, over a failure too', async () => {
    add('lane', 3)
    await turn()
    expect(sent.map(({ name }) => name)).toEqual(['lane 1'])
    sent[0]?.end({ kind: 'again', pauseMs: 1_000, counts: true })
    await turn()
    expect(sent).toHaveLength(1)
    clock.advance(1_000)
    await turn()
    sent[1]?.end()
    await turn()
    expect(sent.map(({ name }) => name)).toEqual(['lane 1', 'lane 1', 'lane 2'])
  })

  it('sends nothing twice while what came of it cannot be written, and goes on when it can', async () => {
    add('a', 6)
    await turn()
    writes(false)
    for (const one of sent) one.end()
    await turn()
    clock.advance(60_000)
    await turn()
    expect(sent).toHaveLength(4)
    expect(left()).toBe(6)
    writes(true)
    clock.advance(5_000)
    await turn()
    expect(left()).toBe(2)
    expect(sent.map(({ name }) => name)).toEqual(['a 1', 'a 2', 'a 3', 'a 4', 'a 5', 'a 6'])
  })

  it('writes at its end what has ended, and leaves the rest to the next start', async () => {
    add('a', 2)
    await turn()
    sent[0]?.end()
    for (let i = 0; i < 5; i++) await Promise.resolve()
    outbox.close()
    expect(left()).toBe(1)
    sent[1]?.end()
    await turn()
    outbox.close()
    expect(left()).toBe(1)
    outbox = open()
    outbox.pump()
    await turn()
    expect(sent.map(({ name }) => name)).toEqual(['a 1', 'a 2', 'a 2'])
  })

  it('tells an attempt that throws, and tries it again without counting it', async () => {
    const error = vi.fn()
    outbox.close()
    outbox = new Outbox<Row>({
      database,
      clock,
      log: { ...silentLog, error },
      table: 'sends',
      columns: ['receiver', 'due'],
      due: 'due',
      receiver: 'receiver',
      share: 4,
      attempt: () => Promise.reject(new Error('EMFILE')),
    })
    add('a')
    await turn()
    expect(error).toHaveBeenCalledTimes(1)
    clock.advance(30_000)
    await turn()
    expect(error).toHaveBeenCalledTimes(2)
    expect(database.prepare('SELECT attempts FROM sends').get()).toMatchObject({ attempts: 0 })
  })
})
