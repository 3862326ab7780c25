import { expect, test } from 'vitest'

import { Retention } from './retention.ts'
import { settled, World } from './testing/world.ts'

const DAY_MS = 24 * 3_600_000

/** A store that answers with so many removed, one call each, and keeps how long before now it was asked to remove. */
function sweeping(answers: (number | Error)[]) {
  const { clock, log, lines } = new World()
  const asked: number[] = []
  const removeClosed = async (before: number): Promise<number> => {
    asked.push(clock.now() - before)
    const answer = answers.shift() ?? 0
    if (answer instanceof Error) throw answer
    return answer
  }
  return { clock, retention: new Retention({ store: { removeClosed }, clock, log }), asked, lines }
}

test('what closed more than 90 days ago is removed, part by part, a minute after the start and then each hour', async () => {
  const { clock, retention, asked } = sweeping([1_000, 1_000, 7])
  retention.start()
  clock.advance(59_999)
  await settled()
  expect(asked).toEqual([])
  clock.advance(1)
  await settled()
  expect(asked).toEqual([90 * DAY_MS, 90 * DAY_MS, 90 * DAY_MS])
  clock.advance(3_600_000)
  await settled()
  expect(asked).toHaveLength(4)
})

test('a store that fails is asked again an hour later, and nothing is asked after the stop', async () => {
  const { clock, retention, asked, lines } = sweeping([new Error('the disk is full')])
  retention.start()
  clock.advance(60_000)
  await settled()
  expect(lines).toEqual([{ level: 'warn', message: 'removing old executions failed' }])
  clock.advance(3_600_000)
  await settled()
  expect(asked).toHaveLength(2)
  retention.stop()
  clock.advance(10 * 3_600_000)
  await settled()
  expect(asked).toHaveLength(2)
})
