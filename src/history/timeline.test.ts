import { expect, test } from 'vitest'

import { FAILED } from './test-history.ts'
import { timelineOf } from './timeline.ts'
import { foldHistory } from './visits.ts'

test('bars share one axis, and open ones end now', () => {
  const [both, slow] = timelineOf(foldHistory(FAILED, 5), 104)
  expect(both).toMatchObject({ from: 0, width: 1, depth: 0 })
  expect(slow).toMatchObject({ from: 2 / 3, depth: 1 })
})

test('an axis that begins before the first visit moves it', () => {
  expect(timelineOf(foldHistory(FAILED, 5), 104, 98)[0]).toMatchObject({ from: 0.5, width: 0.5 })
})
