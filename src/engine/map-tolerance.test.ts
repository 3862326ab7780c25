import { expect, test } from 'vitest'

import { MapRunState } from './map-tolerance.ts'

const run = (limits: Partial<ConstructorParameters<typeof MapRunState>[0]> = {}) =>
  new MapRunState({ maxConcurrency: 0, toleratedFailureCount: 0, toleratedFailurePercentage: 0, ...limits })

function fail(state: MapRunState, items: number): void {
  state.started()
  state.ended('FAILED', items)
}

test('without tolerance the first failure is one too many', () => {
  const state = run()
  state.added(10)
  expect(state.isIntolerable).toBe(false)
  fail(state, 1)
  expect(state.isIntolerable).toBe(true)
})

test('the percentage is of all items, judged when all are known', () => {
  const state = run({ toleratedFailurePercentage: 5 })
  state.added(100)
  fail(state, 5)
  expect(state.isIntolerable).toBe(false)
  fail(state, 1)
  expect(state.isIntolerable).toBe(false)
  state.readingDone()
  expect(state.isIntolerable).toBe(true)
})

test('the count decides as soon as it is passed', () => {
  const state = run({ toleratedFailureCount: 2 })
  fail(state, 2)
  expect(state.isIntolerable).toBe(false)
  fail(state, 1)
  expect(state.isIntolerable).toBe(true)
})

test('no more children run than MaxConcurrency says', () => {
  const state = run({ maxConcurrency: 2 })
  state.started()
  expect(state.room).toBe(1)
  state.started()
  expect(state.room).toBe(0)
})
