import { describe, expect, test } from 'vitest'

import { findCatcher, findRetrier, matchesError, retryDelay } from './retry.ts'

const retrier = (over: object = {}) => ({
  errorEquals: ['States.ALL'],
  intervalSeconds: 2,
  maxAttempts: 3,
  backoffRate: 2,
  maxDelaySeconds: undefined,
  jitterStrategy: 'NONE' as const,
  ...over,
})

describe('retryDelay', () => {
  test('grows by the rate with each attempt until they are used up', () => {
    expect([0, 1, 2, 3].map((used) => retryDelay(retrier(), used, () => 0))).toEqual([2, 4, 8, undefined])
  })

  test('is capped by MaxDelaySeconds before the jitter is drawn', () => {
    expect(retryDelay(retrier({ maxDelaySeconds: 3, jitterStrategy: 'FULL' }), 2, () => 0.5)).toBe(1.5)
  })

  test('is never asked for when MaxAttempts is 0', () => {
    expect(retryDelay(retrier({ maxAttempts: 0 }), 0, () => 0)).toBeUndefined()
  })
})

describe('matchesError', () => {
  test('States.ALL takes everything but States.Runtime', () => {
    expect(matchesError(['States.ALL'], 'Boom')).toBe(true)
    expect(matchesError(['States.ALL'], 'States.DataLimitExceeded')).toBe(true)
    expect(matchesError(['States.ALL', 'States.Runtime'], 'States.Runtime')).toBe(false)
  })

  test('States.TaskFailed takes no timeouts', () => {
    expect(matchesError(['States.TaskFailed'], 'Boom')).toBe(true)
    expect(matchesError(['States.TaskFailed'], 'States.Timeout')).toBe(false)
    expect(matchesError(['States.TaskFailed'], 'States.HeartbeatTimeout')).toBe(false)
  })

  test('a missed heartbeat answers to States.Timeout too', () => {
    expect(matchesError(['States.Timeout'], 'States.HeartbeatTimeout')).toBe(true)
  })
})

test('the first retrier that takes the error is the one, and so with catchers', () => {
  const retriers = [retrier({ errorEquals: ['A'] }), retrier({ errorEquals: ['B', 'A'] })]
  expect(findRetrier(retriers, 'A')).toBe(0)
  expect(findRetrier(retriers, 'B')).toBe(1)
  expect(findRetrier(retriers, 'C')).toBeUndefined()
  const catcher = { errorEquals: ['States.ALL'], next: 'X', resultPath: undefined, output: undefined, assign: undefined }
  expect(findCatcher([catcher], 'C')).toBe(catcher)
})
