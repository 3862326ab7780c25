/** Schedules and their groups. Source: EventBridge Scheduler API reference, GetSchedule; CloudFormation, AWS::Scheduler::*. */
import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'
import { numberAt, requiredText, textAt, textsAt, valuesAt } from '../../cloudformation/resources/resource.ts'

import type { Inventory } from '../inventory.ts'
import { pagesOf, queryOf, type Source } from '../source.ts'
import { tagsIn } from '../tags.ts'

const TOKEN = ['NextToken', 'NextToken'] as const
const TEXTS = ['ActionAfterCompletion', 'Description', 'ScheduleExpression', 'ScheduleExpressionTimezone', 'State']

export async function readSchedules(source: Source, inventory: Inventory): Promise<void> {
  const list = (path: string) => (token: JsonObject) => source.get(SERVICES.scheduler, path, queryOf(token))
  const arns = new Map<string, string>()
  for (const group of await pagesOf(list('/schedule-groups'), 'ScheduleGroups', TOKEN)) {
    const [name, arn] = [requiredText(group, 'Name'), requiredText(group, 'Arn')]
    if (name === 'default') continue
    arns.set(name, arn)
    await inventory.attempt('schedules', name, async () => {
      const tags = tagsIn(await source.get(SERVICES.scheduler, `/tags/${encodeURIComponent(arn)}`))
      const properties = { Name: name, ...tags }
      inventory.add({ kind: 'schedules', type: 'AWS::Scheduler::ScheduleGroup', name, properties, known: { [arn]: 'Arn' } })
    })
  }
  for (const listed of await pagesOf(list('/schedules'), 'Schedules', TOKEN)) {
    const [name, groupName] = [requiredText(listed, 'Name'), textAt(listed, 'GroupName') ?? 'default']
    await inventory.attempt('schedules', name, async () => {
      const path = `/schedules/${encodeURIComponent(name)}`
      const schedule = await source.get(SERVICES.scheduler, path, queryOf({ groupName }))
      const group = arns.get(groupName)
      inventory.add({
        kind: 'schedules',
        type: 'AWS::Scheduler::Schedule',
        name,
        properties: {
          Name: name,
          ...(groupName !== 'default' && { GroupName: groupName }),
          ...textsAt(schedule, TEXTS),
          ...valuesAt(schedule, ['FlexibleTimeWindow', 'Target']),
          ...dateAt(schedule, 'StartDate'),
          ...dateAt(schedule, 'EndDate'),
        },
        known: { [requiredText(schedule, 'Arn')]: 'Arn' },
        ...(group !== undefined && { follows: [group] }),
      })
    })
  }
}

function dateAt(schedule: JsonObject, member: string): JsonObject {
  const seconds = numberAt(schedule, member)
  return seconds === undefined ? {} : { [member]: new Date(seconds * 1000).toISOString() }
}
