import { expect, test } from 'vitest'

import { Alarm } from './alarm.ts'
import { VirtualClock } from './clock.ts'
import { silentLog } from './log.ts'

function alarmOf(work: () => void) {
  const clock = new VirtualClock()
  const complaints: unknown[] = []
  const log = { ...silentLog, error: (message: string, fields?: object) => complaints.push({ message, ...fields }) }
  return { clock, complaints, alarm: new Alarm({ clock, log, complaint: 'it failed', work }) }
}

test('it rings once, at the time that was set last', () => {
  let rings = 0
  const { clock, alarm } = alarmOf(() => rings++)
  alarm.setFor(clock.now() + 100)
  alarm.setFor(clock.now() + 200)
  clock.advance(150)
  expect(rings).toBe(0)
  clock.advance(1_000)
  expect(rings).toBe(1)
})

test('work that throws is done again after pauses that grow, and told each time', () => {
  let runs = 0
  const { clock, complaints, alarm } = alarmOf(() => {
    runs++
    throw new Error('database or disk is full')
  })
  alarm.ring()
  clock.advance(60_000)
  expect(runs).toBeGreaterThan(10)
  expect(runs).toBeLessThan(25)
  expect(complaints.slice(0, 3)).toEqual(
    [100, 200, 400].map((againInMs) => ({ message: 'it failed', error: 'Error: database or disk is full', againInMs })),
  )
})

test('while it pauses nobody makes it work, and afterwards it rings as ever', () => {
  let isFull = true
  let runs = 0
  const { clock, alarm } = alarmOf(() => {
    runs++
    if (isFull) throw new Error('full')
  })
  alarm.ring()
  for (let i = 0; i < 1_000; i++) alarm.ring()
  alarm.setFor(clock.now())
  clock.advance(50)
  expect(runs).toBe(1)
  isFull = false
  clock.advance(100)
  expect(runs).toBe(2)
  alarm.ring()
  expect(runs).toBe(3)
})

test('work may set the next time itself', () => {
  let runs = 0
  const { clock, alarm } = alarmOf(() => {
    runs++
    alarm.setFor(clock.now() + 1_000)
  })
  alarm.ring()
  clock.advance(3_500)
  expect(runs).toBe(4)
})

test('closed, it rings no more', () => {
  let runs = 0
  const { clock, alarm } = alarmOf(() => runs++)
  alarm.setFor(clock.now() + 10)
  alarm.close()
  alarm.ring()
  clock.advance(100)
  expect(runs).toBe(0)
})
