import { asId } from '../base/id-in-test.ts'

import { beforeEach, expect, test } from 'vitest'

import type { ExecutionKey } from '../base/ids.ts'
import { toInstant } from '../base/time.ts'

import type { StateMachineRecord, Store } from '../store/contract.ts'
import { MemoryDisk } from '../store/memory/disk.ts'
import { openMemoryStore } from '../store/memory/store.ts'
import { executionOf, firstTurn, madeMachine } from '../store/testing/records.ts'

import { Retention, RETENTION_DAYS, RETENTION_TAG, type RetentionPorts } from './retention.ts'
import { settled, World } from './testing/world.ts'

const DAY_MS = 24 * 3_600_000
const HOUR_MS = 3_600_000

let world: World
let store: Store
let disk: MemoryDisk
beforeEach(() => {
  world = new World()
  disk = new MemoryDisk()
  store = openMemoryStore(disk)
})

function retention(over: Partial<RetentionPorts> = {}): Retention {
  const { clock, log } = world
  return new Retention({ store, clock, log, days: RETENTION_DAYS, ...over })
}
async function startAndSweep(over: Partial<RetentionPorts> = {}): Promise<Retention> {
  const made = retention(over)
  made.start()
  await after(60_000)
  return made
}
async function after(ms: number): Promise<void> {
  world.clock.advance(ms)
  await settled()
}

const daysAgo = (days: number) => toInstant(world.clock.now() - days * DAY_MS)
let lastKey = 0
/** An execution that has closed, or runs, and began so many days ago. */
async function add(
  machine: StateMachineRecord,
  days: number,
  status: 'SUCCEEDED' | 'RUNNING' = 'SUCCEEDED',
): Promise<ExecutionKey> {
  const key = ++lastKey
  const stopAt = status === 'RUNNING' ? {} : { stopAt: daysAgo(days) }
  await store.commit([firstTurn(executionOf(key, { stateMachineKey: machine.key, status, startAt: daysAgo(days), ...stopAt }))])
  return asId(key)
}
const kept = () => [...disk.executions.keys()]

test('what closed more than 90 days ago is removed, a minute after the start and then each hour', async () => {
  const machine = await madeMachine(store)
  const [old, young, running] = [await add(machine, 91), await add(machine, 90), await add(machine, 1_000, 'RUNNING')]
  retention().start()
  await after(59_999)
  expect(kept()).toEqual([old, young, running])
  await after(1)
  expect(kept()).toEqual([running])
  const next = await add(machine, 91)
  expect(kept()).toEqual([running, next])
  await after(HOUR_MS)
  expect(kept()).toEqual([running])
})

test('the executions of a machine that is gone are removed as those of others', async () => {
  const machine = await madeMachine(store)
  await add(machine, 91)
  await store.deleteStateMachine(machine.key)
  await startAndSweep()
  expect(kept()).toEqual([])
})

test('a tag of a machine keeps its executions shorter or longer, and those of no other', async () => {
  const [short, long, other] = [await madeMachine(store, 'a'), await madeMachine(store, 'b'), await madeMachine(store, 'c')]
  await store.putTags(short.arn, new Map([[RETENTION_TAG, '2']]))
  await store.putTags(long.arn, new Map([[RETENTION_TAG, '3650']]))
  const young = [await add(short, 1), await add(long, 3_649), await add(other, 89)]
  for (const [machine, days] of [
    [short, 3],
    [long, 3_651],
    [other, 91],
  ] as const)
    await add(machine, days)
  await startAndSweep()
  expect(kept()).toEqual(young)
})

test('the server may keep all of them for another time', async () => {
  const machine = await madeMachine(store)
  const young = await add(machine, 6)
  await add(machine, 8)
  await startAndSweep({ days: 7 })
  expect(kept()).toEqual([young])
})

test.each(['0', '3651', '-1', '1.5', 'a week', ''])(
  'a tag that is no number of days, %j, is told and counts for nothing',
  async (tag) => {
    const machine = await madeMachine(store)
    await store.putTags(machine.arn, new Map([[RETENTION_TAG, tag]]))
    const young = await add(machine, 89)
    await add(machine, 91)
    await startAndSweep()
    expect(kept()).toEqual([young])
    expect(world.lines).toEqual([
      { level: 'warn', message: `the tag ${RETENTION_TAG} of a state machine is not a number of days from 1 to 3650` },
    ])
  },
)

test('more than a part of them, of more machines than are read at once, go in one sweep', async () => {
  for (let n = 0; n < 101; n++) await add(await madeMachine(store, `m${n}`), 91)
  const machine = await madeMachine(store, 'large')
  for (let n = 0; n < 1_001; n++) await add(machine, 91)
  await startAndSweep()
  while (kept().length > 0) await settled()
  expect(kept()).toEqual([])
})

test('nothing is removed before it is in the archive', async () => {
  const machine = await madeMachine(store)
  const old = await add(machine, 91)
  let written: (() => void) | undefined
  const asked: (readonly ExecutionKey[])[] = []
  const archive = (keys: readonly ExecutionKey[]) => {
    asked.push(keys)
    return new Promise<void>((resolve) => (written = resolve))
  }
  await startAndSweep({ archive })
  expect([asked, kept()]).toEqual([[[old]], [old]])
  written?.()
  await settled()
  expect(kept()).toEqual([])
})

test('what could not be written is kept, told, and tried an hour later; the other machines do not wait for it', async () => {
  const [bad, good] = [await madeMachine(store, 'bad'), await madeMachine(store, 'good')]
  const [left] = [await add(bad, 91), await add(good, 91)]
  let isAway = true
  const archive = async (keys: readonly ExecutionKey[]) => {
    if (isAway && left !== undefined && keys.includes(left)) throw new Error('the bucket is away')
  }
  await startAndSweep({ archive })
  expect(kept()).toEqual([left])
  expect(world.lines).toEqual([{ level: 'warn', message: 'removing old executions failed' }])
  isAway = false
  await after(HOUR_MS)
  expect(kept()).toEqual([])
})

test('what is redriven while it is written to the archive is kept', async () => {
  const machine = await madeMachine(store)
  const key = await add(machine, 91)
  const archive = async () => {
    await store.commit([{ key, sequence: 2, events: [], patch: { status: 'RUNNING', stopAt: null, redriveCount: 1 } }])
  }
  await startAndSweep({ archive })
  expect(kept()).toEqual([key])
})

test('a store that fails is asked again an hour later, and nothing is asked after the stop', async () => {
  let asked = 0
  const failing: Store = {
    ...store,
    async machinesWithTag() {
      asked++
      throw new Error('the disk is full')
    },
  }
  const made = await startAndSweep({ store: failing })
  expect(world.lines).toEqual([{ level: 'warn', message: 'removing old executions failed' }])
  await after(HOUR_MS)
  expect(asked).toBe(2)
  made.stop()
  await after(10 * HOUR_MS)
  expect(asked).toBe(2)
})
