import { expect, test } from 'vitest'

import { createBreather } from './breather.ts'

test('one waiter goes on in each round of the event loop, the oldest first', async () => {
  const breathe = createBreather()
  const rounds: string[] = []
  const waits = ['a', 'b', 'c'].map((name) => breathe().then(() => rounds.push(name)))
  const round = () => new Promise<void>((resolve) => setImmediate(resolve))
  await round()
  rounds.push('|')
  await round()
  rounds.push('|')
  await Promise.all(waits)
  expect(rounds).toEqual(['a', '|', 'b', '|', 'c'])
})
