/** EventBridge Scheduler's actions as aws-sdk tasks use them. Source: EventBridge Scheduler API reference. */
import type { RestAction } from './rest.ts'

const SCHEDULE = '/schedules/{Name}'
const GROUP = '/schedule-groups/{Name}'
const JSON_RESULT = { body: 'json' } as const
const IN_GROUP = { GroupName: 'groupName', ClientToken: 'clientToken' }
const PAGES = { NamePrefix: 'NamePrefix', NextToken: 'NextToken', MaxResults: 'MaxResults' }

export const SCHEDULER_ACTIONS: ReadonlyMap<string, RestAction> = new Map<string, RestAction>([
  ['createSchedule', { method: 'POST', path: SCHEDULE, body: 'json', result: JSON_RESULT }],
  ['updateSchedule', { method: 'PUT', path: SCHEDULE, body: 'json', result: JSON_RESULT }],
  ['getSchedule', { method: 'GET', path: SCHEDULE, query: IN_GROUP, result: JSON_RESULT }],
  ['deleteSchedule', { method: 'DELETE', path: SCHEDULE, query: IN_GROUP, result: JSON_RESULT }],
  [
    'listSchedules',
    {
      method: 'GET',
      path: '/schedules',
      query: { ...PAGES, GroupName: 'ScheduleGroup', State: 'State' },
      result: JSON_RESULT,
    },
  ],
  ['createScheduleGroup', { method: 'POST', path: GROUP, body: 'json', result: JSON_RESULT }],
  ['getScheduleGroup', { method: 'GET', path: GROUP, result: JSON_RESULT }],
  ['deleteScheduleGroup', { method: 'DELETE', path: GROUP, query: { ClientToken: 'clientToken' }, result: JSON_RESULT }],
  ['listScheduleGroups', { method: 'GET', path: '/schedule-groups', query: PAGES, result: JSON_RESULT }],
])
