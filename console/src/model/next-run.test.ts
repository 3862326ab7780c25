import { expect, test } from 'vitest'

import { nextRunOfRule, nextRunOfSchedule } from './next-run.ts'

const NOW = Date.UTC(2026, 10, 23, 12, 0, 30)
const schedule = { Name: 's', GroupName: 'default', State: 'ENABLED', Target: { Arn: 'arn:x' } }

test('a cron rule tells when it comes next; a rate does not', () => {
  expect(nextRunOfRule('cron(0 13 * * ? *)', NOW)).toBe(Date.UTC(2026, 10, 23, 13))
  expect(nextRunOfRule('rate(5 minutes)', NOW)).toBeUndefined()
  expect(nextRunOfRule('nonsense', NOW)).toBeUndefined()
})

test('a schedule comes in its own zone, counts from its own start, and ends', () => {
  const noon = { ...schedule, ScheduleExpression: 'cron(0 12 * * ? *)', ScheduleExpressionTimezone: 'America/Sao_Paulo' }
  expect(nextRunOfSchedule(noon, NOW)).toBe(Date.UTC(2026, 10, 23, 15))
  const rate = { ...schedule, ScheduleExpression: 'rate(1 hour)', LastModificationDate: Date.UTC(2026, 10, 23, 11, 45) / 1_000 }
  expect(nextRunOfSchedule(rate, NOW)).toBe(Date.UTC(2026, 10, 23, 12, 45))
  expect(nextRunOfSchedule({ ...rate, EndDate: NOW / 1_000 }, NOW)).toBeUndefined()
  expect(nextRunOfSchedule({ ...rate, State: 'DISABLED' }, NOW)).toBeUndefined()
})
