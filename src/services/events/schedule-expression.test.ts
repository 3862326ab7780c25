import { describe, expect, it } from 'vitest'

import { toInstant } from '../../base/time.ts'

import { isZone, nextDue, parseSchedule } from './schedule-expression.ts'

const at = (text: string) => toInstant(Date.parse(text))
const next = (expression: string, after: string, zone = 'UTC') => {
  const schedule = parseSchedule(expression, zone)
  const due = schedule && nextDue(schedule, at(after), at('2026-01-01T00:00:30Z'))
  return due === undefined ? undefined : new Date(due).toISOString().replace('.000Z', 'Z')
}

describe('the next due time', () => {
  it.each([
    ['rate(5 minutes)', '2026-01-01T00:01:00Z', '2026-01-01T00:05:30Z'],
    ['rate(1 hour)', '2026-01-01T01:00:30Z', '2026-01-01T02:00:30Z'],
    ['at(2026-03-01T12:00:00)', '2026-01-01T00:00:00Z', '2026-03-01T12:00:00Z'],
    ['at(2026-03-01T12:00:00)', '2026-03-01T12:00:00Z', undefined],
    ['cron(0 12 * * ? *)', '2026-01-01T12:00:00Z', '2026-01-02T12:00:00Z'],
    ['cron(0/15 8-9 ? * MON-FRI *)', '2026-11-20T09:45:00Z', '2026-11-23T08:00:00Z'],
    ['cron(0 0 L * ? *)', '2026-02-10T00:00:00Z', '2026-02-28T00:00:00Z'],
    ['cron(0 0 15W * ? *)', '2026-08-01T00:00:00Z', '2026-08-14T00:00:00Z'],
    ['cron(0 0 ? * 6L *)', '2026-11-01T00:00:00Z', '2026-11-27T00:00:00Z'],
    ['cron(0 0 ? * MON#2 *)', '2026-11-01T00:00:00Z', '2026-11-09T00:00:00Z'],
    ['cron(0 0 29 2 ? *)', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['cron(0 0 1 1 ? 2025)', '2026-01-01T00:00:00Z', undefined],
    ['cron(0 0 30 2 ? *)', '2026-01-01T00:00:00Z', undefined],
  ])('of %s after %s', (expression, after, expected) => expect(next(expression, after)).toBe(expected))

  it('is told by the clocks of the zone', () => {
    expect(next('cron(30 8 * * ? *)', '2026-06-30T12:00:00Z', 'Europe/Berlin')).toBe('2026-07-01T06:30:00Z')
    expect(next('at(2026-12-01T08:00:00)', '2026-06-30T12:00:00Z', 'America/New_York')).toBe('2026-12-01T13:00:00Z')
  })

  it('leaves out what clocks skip and takes once what they show twice', () => {
    expect(next('cron(30 2 * * ? *)', '2026-03-28T12:00:00Z', 'Europe/Berlin')).toBe('2026-03-30T00:30:00Z')
    expect(next('cron(30 2 * * ? *)', '2026-10-24T12:00:00Z', 'Europe/Berlin')).toBe('2026-10-25T00:30:00Z')
    expect(next('cron(30 2 * * ? *)', '2026-10-25T00:30:00Z', 'Europe/Berlin')).toBe('2026-10-26T01:30:00Z')
  })
})

it.each([
  ...['rate(0 minutes)', 'rate(1 minutes)', 'rate(5 minute)', 'cron(0 12 * * * *)', 'cron(60 12 * * ? *)', 'cron(* * * *)'],
  ...['cron(5-1 * * * ? *)', 'at(2026-02-30T00:00:00)', 'every day'],
])('%s is no schedule', (text) => expect(parseSchedule(text)).toBeUndefined())

it('a rate of Scheduler may have either number of its unit', () => {
  expect(parseSchedule('rate(1 hours)', 'UTC')).toEqual({ kind: 'rate', periodMs: 3_600_000 })
  expect(parseSchedule('rate(5 minute)', 'UTC')).toEqual({ kind: 'rate', periodMs: 300_000 })
  expect(parseSchedule('rate(0 minutes)', 'UTC')).toBeUndefined()
})

it('zones are those of the time zone database', () => expect([isZone('Asia/Tokyo'), isZone('Mars/Base')]).toEqual([true, false]))
