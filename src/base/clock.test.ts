import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { systemClock, VirtualClock } from './clock.ts'

const HOUR = 3_600_000

describe('the real clock', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('comes to a due time within seconds when it is set forward', () => {
    const rung = vi.fn()
    systemClock.at(Date.now() + 2 * HOUR, rung)
    vi.setSystemTime(Date.now() + 3 * HOUR)
    vi.advanceTimersByTime(5_000)
    expect(rung).toHaveBeenCalledOnce()
  })

  test('comes to a due time later when it is set back', () => {
    const rung = vi.fn()
    systemClock.at(Date.now() + 10_000, rung)
    vi.setSystemTime(Date.now() - HOUR)
    vi.advanceTimersByTime(HOUR)
    expect(rung).not.toHaveBeenCalled()
    vi.advanceTimersByTime(10_000)
    expect(rung).toHaveBeenCalledOnce()
  })

  test('forgets a due time that was taken back, also after it has looked', () => {
    const rung = vi.fn()
    const alarm = systemClock.at(Date.now() + HOUR, rung)
    vi.advanceTimersByTime(60_000)
    alarm.cancel()
    vi.advanceTimersByTime(2 * HOUR)
    expect(rung).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })
})

test('a virtual clock that is set keeps time-outs as long as they were, and due times where they are', () => {
  const clock = new VirtualClock()
  const rung: string[] = []
  clock.after(1_000, () => rung.push('time-out'))
  clock.at(clock.now() + HOUR, () => rung.push('due'))
  clock.correct(2 * HOUR)
  clock.advance(999)
  expect(rung).toEqual(['due'])
  clock.advance(1)
  expect(rung).toEqual(['due', 'time-out'])
})

test('what has elapsed is what has passed, whatever the virtual clock was set to', () => {
  const clock = new VirtualClock()
  const begun = clock.elapsed()
  clock.advance(1_000)
  clock.correct(-3_600_000)
  clock.advance(500)
  expect(clock.elapsed() - begun).toBe(1_500)
})
