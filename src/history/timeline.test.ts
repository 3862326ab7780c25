import { expect, test } from 'vitest'

import { FAILED, RETRIED } from './test-history.ts'
import { axisOf, stretchesOf, timelineOf } from './timeline.ts'
import { foldHistory } from './visits.ts'

test('bars share one axis, and open ones end now', () => {
  const [both, slow] = timelineOf(foldHistory(FAILED, 5), 104)
  expect(both).toMatchObject({ from: 0, width: 1, depth: 0 })
  expect(slow).toMatchObject({ from: 2 / 3, depth: 1 })
})

test('an axis that begins before the first visit moves it', () => {
  expect(timelineOf(foldHistory(FAILED, 5), 104, 98)[0]).toMatchObject({ from: 0.5, width: 0.5 })
})

test('a visit that was tried more than once tells its attempts and the pauses between them', () => {
  const run = foldHistory(RETRIED, 5)
  const [visit] = run.visits
  const axis = axisOf(run, 106, 100)
  expect(axis).toEqual({ start: 100, span: 6 })
  expect(visit && stretchesOf(visit, axis, 106).map(({ kind, from, width }) => [kind, from * 6, width * 6])).toEqual([
    ['failed', 2, 1],
    ['pause', 3, 1],
    ['running', 4, 2],
  ])
  expect(foldHistory(FAILED).visits.flatMap((one) => stretchesOf(one, axis, 106))).toEqual([])
})
