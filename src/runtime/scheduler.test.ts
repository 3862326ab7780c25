import { expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { type ExecutionKey, toExecutionKey } from '../base/ids.ts'
import { toInstant } from '../base/time.ts'

import { insertExecution } from '../store/memory/executions.ts'
import { withPatch } from '../store/patch.ts'

import { Scheduler } from './scheduler.ts'
import { ARN, settled, World } from './testing/world.ts'

const SECOND = 1_000
const MINUTE = 60_000

/** A scheduler over a disk; whoever is woken waits for nothing more, unless `wake` says so. */
function begin(world = new World()) {
  const woken: ExecutionKey[] = []
  let atOnce = 0
  let breaths = 0
  const counts = { mostAtOnce: 0, breathsAt: [] as number[] }
  const hooks = { wake: (key: ExecutionKey): boolean | Promise<boolean> => rest(world, key) }
  const scheduler = new Scheduler({
    store: world.store,
    clock: world.clock,
    log: world.log,
    breathe: async () => void breaths++,
    async wake(key) {
      counts.mostAtOnce = Math.max(counts.mostAtOnce, ++atOnce)
      counts.breathsAt.push(breaths)
      woken.push(key)
      const isRecorded = await hooks.wake(key)
      atOnce--
      return isRecorded
    },
  })
  return { world, scheduler, woken, counts, hooks }
}

let keys = 0
/** A row that waits until `at`. */
function waitUntil({ disk }: World, at: number): ExecutionKey {
  const key = toExecutionKey(++keys)
  insertExecution(disk, {
    key,
    arn: asId(`${ARN}:execution:m:e${key}`),
    name: `e${key}`,
    stateMachineArn: asId(`${ARN}:stateMachine:m`),
    stateMachineKey: asId(1),
    revisionKey: asId(1),
    type: 'STANDARD',
    status: 'RUNNING',
    startAt: toInstant(0),
    input: '{}',
    wakeAt: toInstant(at),
    isBusy: false,
    redriveCount: 0,
    lastEventId: 0,
  })
  return key
}

function rest({ disk }: World, key: ExecutionKey): true {
  const row = disk.executions.get(key)
  if (row) disk.executions.set(key, withPatch(row, { wakeAt: null }))
  return true
}

async function pass(world: World, ms: number, stepMs = SECOND): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    world.clock.advance(Math.min(left, stepMs))
    await settled()
  }
}

test('what is due at the start is woken then, and what is due later at its time', async () => {
  const { world, scheduler, woken } = begin()
  const now = world.clock.now()
  const [late, later] = [waitUntil(world, now - MINUTE), waitUntil(world, now + 90 * SECOND)]
  scheduler.start()
  await settled()
  expect(woken).toEqual([late])
  await pass(world, 89 * SECOND)
  expect(woken).toEqual([late])
  await pass(world, SECOND)
  expect(woken).toEqual([late, later])
})

test('what is told to be due earlier is woken earlier', async () => {
  const { world, scheduler, woken } = begin()
  scheduler.start()
  await settled()
  const at = toInstant(world.clock.now() + 250)
  const key = waitUntil(world, at)
  scheduler.dueAt(at)
  world.clock.advance(249)
  await settled()
  expect(woken).toEqual([])
  world.clock.advance(1)
  await settled()
  expect(woken).toEqual([key])
})

test('five thousand that are due at once are each woken once, twenty at a time, and others get their turn between', async () => {
  const { world, scheduler, woken, counts } = begin()
  const all = Array.from({ length: 5_000 }, () => waitUntil(world, world.clock.now()))
  scheduler.start()
  await settled()
  expect(woken).toEqual(all)
  expect(counts.mostAtOnce).toBe(20)
  expect(counts.breathsAt).toEqual(all.map((_, i) => Math.floor(i / 20)))
  expect(
    world.unruly.calls.filter((method) => method === 'due'),
    'in pages',
  ).toHaveLength(6)
})

test('those that stay due, because they stand aside, keep nobody from being woken and are not asked for over and over', async () => {
  const { world, scheduler, woken, hooks } = begin()
  const aside = new Set(Array.from({ length: 2_300 }, () => waitUntil(world, world.clock.now() - MINUTE)))
  const healthy = waitUntil(world, world.clock.now())
  hooks.wake = (key) => aside.has(key) || rest(world, key)
  scheduler.start()
  await settled()
  expect(woken).toContain(healthy)
  await pass(world, 59 * SECOND)
  expect(woken).toHaveLength(2_301)
})

test('while the store takes nothing the rest waits for a growing pause, and is woken when it takes things again', async () => {
  const { world, scheduler, woken, hooks } = begin()
  const all = Array.from({ length: 200 }, () => waitUntil(world, world.clock.now()))
  hooks.wake = () => false
  scheduler.start()
  await settled()
  expect(woken, 'the first few tell enough').toHaveLength(20)
  await pass(world, MINUTE, 50)
  // After 100 ms, 200, 400 … and then every ten seconds: each time no more than are woken at once.
  expect(woken.length / 20).toBeGreaterThan(5)
  expect(woken.length / 20).toBeLessThan(15)
  hooks.wake = (key) => rest(world, key)
  woken.length = 0
  await pass(world, 10 * SECOND)
  expect(woken.toSorted((a, b) => a - b)).toEqual(all)
})

test('a store that cannot be asked is asked again later, and logged no more often', async () => {
  const { world, scheduler, woken } = begin()
  const key = waitUntil(world, world.clock.now())
  world.unruly.fail()
  scheduler.start()
  await pass(world, MINUTE, 50)
  expect(world.lines.filter(({ level }) => level === 'error').length).toBeLessThan(15)
  world.unruly.recover()
  await pass(world, 10 * SECOND)
  expect(woken).toEqual([key])
})

test('a clock that is set forward makes things due', async () => {
  const { world, scheduler, woken } = begin()
  const key = waitUntil(world, world.clock.now() + 120 * MINUTE)
  scheduler.start()
  await settled()
  world.clock.correct(180 * MINUTE)
  await pass(world, SECOND)
  expect(woken).toEqual([key])
})

test('a clock that is set back wakes nobody early, and everybody at his time', async () => {
  const { world, scheduler, woken } = begin()
  const at = world.clock.now() + 10 * SECOND
  const key = waitUntil(world, at)
  scheduler.start()
  await settled()
  world.clock.correct(-60 * MINUTE)
  await pass(world, 60 * MINUTE)
  expect(woken).toEqual([])
  await pass(world, 10 * SECOND)
  expect(woken).toEqual([key])
})

test('a clock that is set back while somebody is being woken loses nobody that is due in between', async () => {
  const { world, scheduler, woken, hooks } = begin()
  const [first, second] = [waitUntil(world, world.clock.now()), waitUntil(world, world.clock.now() - 5 * SECOND)]
  hooks.wake = (key) => {
    if (key !== second) return rest(world, key)
    // Its timer is not due any more, as its turn reads the clock.
    if (woken.length <= 2) {
      world.clock.correct(-10 * SECOND)
      return true
    }
    return rest(world, key)
  }
  scheduler.start()
  await settled()
  expect(woken).toEqual([second, first])
  await pass(world, 10 * SECOND)
  expect(woken).toEqual([second, first, second])
})

test('after a stop nobody is woken', async () => {
  const { world, scheduler, woken, hooks } = begin()
  for (let i = 0; i < 100; i++) waitUntil(world, world.clock.now())
  hooks.wake = (key) => {
    scheduler.stop()
    return rest(world, key)
  }
  scheduler.start()
  await settled()
  expect(woken).toHaveLength(20)
  scheduler.dueAt(world.clock.now())
  await pass(world, 2 * MINUTE)
  expect(woken).toHaveLength(20)
})
