import { expect, it, vi } from 'vitest'

import { DELIVERED, endingOf } from './delivery.ts'

it.each([
  ['is over when it was delivered', DELIVERED, 5, { kind: 'over' }, 0],
  ['is tried again after its pause', { kind: 'again', reason: 'r' }, 5, { kind: 'again', pauseMs: 5, counts: true }, 0],
  [
    'is tried again at once where the pause is none',
    { kind: 'again', reason: 'r' },
    0,
    { kind: 'again', pauseMs: 0, counts: true },
    0,
  ],
  ['is given up when it was tried often enough', { kind: 'again', reason: 'r' }, undefined, { kind: 'over' }, 1],
  ['is given up when it was refused, however many attempts are left', { kind: 'refused', reason: 'r' }, 5, { kind: 'over' }, 1],
] as const)('a delivery %s', async (_, result, pauseMs, ending, givenUp) => {
  const giveUp = vi.fn(async () => {})
  expect(await endingOf(result, { pauseMs: () => pauseMs, giveUp })).toEqual(ending)
  expect(giveUp).toHaveBeenCalledTimes(givenUp)
})
