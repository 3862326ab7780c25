import { expect, test } from 'vitest'

import { toInstant } from '../base/time.ts'

import type { ExecutionPatch } from '../store/contract.ts'

import { changesOf } from './activation.ts'

const running: ExecutionPatch = { status: 'RUNNING', stopAt: null, output: null, wakeAt: null, isBusy: true, lastEventId: 4 }

test('of what a row says only what has changed is written, and all of it where nobody knows what it says', () => {
  const later: ExecutionPatch = { ...running, wakeAt: toInstant(9), lastEventId: 9 }
  expect(changesOf(later, running)).toEqual({ wakeAt: 9, lastEventId: 9 })
  expect(changesOf(running, later), 'what is no longer there is cleared').toEqual({ wakeAt: null, lastEventId: 4 })
  expect(changesOf({ ...running, redriveAt: toInstant(1) }, running)).toEqual({ redriveAt: 1 })
  expect(changesOf(running, undefined)).toEqual(running)
})
