import { expect, test } from 'vitest'

import { asId } from '../base/id-in-test.ts'
import { deferred } from '../base/deferred.ts'

import { Quarantine } from './quarantine.ts'
import { settled, World } from './testing/world.ts'

const ARN = 'arn:aws:states:us-east-1:000000000000:execution:m:e'

/** A quarantine with one execution in it; a retry fails once more as long as `isBroken`. */
function begin() {
  const world = new World()
  const tried: number[] = []
  const since = world.clock.now()
  const hooks = { isBroken: true }
  const quarantine = new Quarantine(world.clock, world.log, async (key) => {
    tried.push(world.clock.now() - since)
    if (hooks.isBroken) quarantine.enter(key, ARN, new Error('still broken'))
    else quarantine.leave(key)
  })
  quarantine.enter(asId(1), ARN, new Error('it does not fold'))
  return { world, quarantine, tried, since, hooks }
}

async function pass({ clock }: World, seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    clock.advance(1_000)
    await settled()
  }
}

test('tells who stands aside, why, since when, and when it is tried again', () => {
  const { quarantine, since } = begin()
  expect(quarantine.list()).toEqual([
    { executionArn: ARN, reason: 'it does not fold', since, attempts: 1, retryAt: since + 1_000 },
  ])
  expect([
    quarantine.has(asId(1)),
    quarantine.has(asId(2)),
    quarantine.attemptsOf(asId(1)),
    quarantine.attemptsOf(asId(2)),
  ]).toEqual([true, false, 1, 0])
})

test('tries after a pause that doubles up to five minutes', async () => {
  const { world, quarantine, tried, since } = begin()
  await pass(world, 1_200)
  expect(tried.map((ms) => ms / 1_000)).toEqual([1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1_111])
  expect(quarantine.list()).toMatchObject([{ attempts: 12, since, reason: 'still broken' }])
  expect(world.lines.filter(({ level }) => level === 'error')).toHaveLength(12)
})

test('lets go of an execution that goes on, and never tries it again', async () => {
  const { world, quarantine, tried, hooks } = begin()
  hooks.isBroken = false
  await pass(world, 600)
  expect(tried).toEqual([1_000])
  expect(quarantine.list()).toEqual([])
})

test('tries at once when somebody asks, instead of later', async () => {
  const { world, quarantine, tried, hooks } = begin()
  expect(await quarantine.retryNow('arn:of:another')).toBe(false)
  expect(await quarantine.retryNow(ARN)).toBe(true)
  expect(tried).toEqual([0])
  expect(quarantine.list()).toMatchObject([{ attempts: 2, retryAt: world.clock.now() + 2_000 }])
  hooks.isBroken = false
  expect(await quarantine.retryNow(ARN)).toBe(true)
  await pass(world, 600)
  expect(tried).toEqual([0, 0])
})

test('tries once where it is told twice, and not while a try is under way', async () => {
  const world = new World()
  const tries = Array.from({ length: 2 }, () => deferred<void>())
  let tried = 0
  const quarantine = new Quarantine(world.clock, world.log, () => tries[tried++]?.promise ?? Promise.resolve())
  quarantine.enter(asId(1), ARN, new Error('a turn threw'))
  quarantine.enter(asId(1), ARN, new Error('and another'))
  await pass(world, 10)
  expect(tried).toBe(1)
  quarantine.enter(asId(1), ARN, new Error('once more'))
  const retried = quarantine.retryNow(ARN)
  await pass(world, 600)
  expect(tried).toBe(2)
  tries[1]?.resolve()
  expect(await retried).toBe(true)
})

test('tries nothing once it is closed', async () => {
  const { world, quarantine, tried } = begin()
  quarantine.close()
  await pass(world, 600)
  expect(tried).toEqual([])
})
