import { expect, test } from 'vitest'

import { KeepTrying, pauseAfter } from './keep-trying.ts'
import { settled, World } from './testing/world.ts'

/** An action that fails so many times, begun on a world. */
function begin(failures: number) {
  const world = new World()
  const tries: number[] = []
  const since = world.clock.now()
  const keepTrying = new KeepTrying(world.clock, world.log)
  const answers: unknown[] = []
  const action = async () => {
    tries.push(world.clock.now() - since)
    if (tries.length <= failures) throw new Error('not yet')
    return 'done'
  }
  void keepTrying.until('it', action).then((answer) => answers.push(answer))
  return { world, keepTrying, action, tries, answers }
}

test('the pause doubles from a tenth of a second to ten seconds', () => {
  expect([1, 2, 3, 7, 8, 9, 1_000].map(pauseAfter)).toEqual([100, 200, 400, 6_400, 10_000, 10_000, 10_000])
})

test('an action is tried until it is done, and each failure is told', async () => {
  const { world, tries, answers } = begin(3)
  for (let i = 0; i < 20; i++) {
    await settled()
    world.clock.advance(100)
  }
  expect(tries).toEqual([0, 100, 300, 700])
  expect(answers).toEqual(['done'])
  expect(world.lines).toEqual(Array(3).fill({ level: 'warn', message: 'it failed and is tried again' }))
})

test('a close ends all pauses; nothing is tried after it', async () => {
  const { world, keepTrying, action, tries, answers } = begin(1_000)
  await settled()
  keepTrying.close()
  await settled()
  expect(answers).toEqual([undefined])
  expect(await keepTrying.until('another', action)).toBeUndefined()
  world.clock.advance(60_000)
  await settled()
  expect(tries).toEqual([0])
})
