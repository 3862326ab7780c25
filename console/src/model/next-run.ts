/** When a schedule comes next, by the server's own reading of schedule expressions. Instants in epoch milliseconds. */
import { toInstant } from '../../../src/base/time.ts'
import { nextDue, parseSchedule } from '../../../src/services/events/schedule-expression.ts'
import type { Schedule } from '../api/events.ts'

/** Of a rule: only a cron expression tells it; a rate counts from an instant that the API does not give. */
export function nextRunOfRule(expression: string, now: number): number | undefined {
  const schedule = parseSchedule(expression)
  return schedule?.kind === 'cron' ? nextDue(schedule, toInstant(now), toInstant(now)) : undefined
}

/** Of a schedule of EventBridge Scheduler: a rate counts from its start date, or from when it was last saved. */
export function nextRunOfSchedule(given: Schedule, now: number): number | undefined {
  const { ScheduleExpression = '', ScheduleExpressionTimezone = 'UTC', State, StartDate, EndDate } = given
  const schedule = parseSchedule(ScheduleExpression, ScheduleExpressionTimezone)
  if (!schedule || State === 'DISABLED') return undefined
  const origin = (StartDate ?? given.LastModificationDate ?? 0) * 1_000
  const next = nextDue(schedule, toInstant(Math.max(now, origin - 1)), toInstant(origin))
  return next === undefined || (EndDate !== undefined && next > EndDate * 1_000) ? undefined : next
}
