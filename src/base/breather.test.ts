import { expect, test } from 'vitest'

import { createBreather, inSlices } from './breather.ts'
import { finish, type Slices } from './slices.ts'

test('one waiter goes on in each round of the event loop, the oldest first', async () => {
  const breathe = createBreather()
  const told: string[] = []
  const others = new Promise<void>((resolve) => {
    const round = (left: number) => {
      told.push('round')
      if (left > 0) setImmediate(() => round(left - 1))
      else resolve()
    }
    setImmediate(() => round(3))
  })
  await Promise.all([...['a', 'b', 'c'].map((name) => breathe().then(() => told.push(name))), others])
  expect(told.filter((one) => one !== 'round')).toEqual(['a', 'b', 'c'])
  for (const [i, one] of told.entries()) if (one !== 'round') expect(told[i + 1] ?? 'round').toBe('round')
})

function* counting(pieces: number, done: () => void): Slices<number> {
  for (let i = 0; i < pieces; i++) {
    for (const until = performance.now() + 3; performance.now() < until; );
    done()
    yield
  }
  return pieces
}

test('long work breathes, and comes to the same as at once', async () => {
  let breaths = 0
  const breathe = () => {
    breaths++
    return Promise.resolve()
  }
  expect(
    await inSlices(
      counting(12, () => {}),
      breathe,
    ),
  ).toBe(12)
  expect(breaths).toBeGreaterThanOrEqual(3)
  expect(finish(counting(2, () => {}))).toBe(2)
})

test('what the work throws is thrown', async () => {
  const broken = function* (): Slices<never> {
    yield
    throw new Error('broken')
  }
  await expect(inSlices(broken(), createBreather())).rejects.toThrow('broken')
})
