/** EventBridge Scheduler's schedules and their groups. A schedule is written again only when something differs. */
import type { Json, JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import {
  arnOf,
  type Change,
  type DeployContext,
  objectAt,
  physicalName,
  PropertyError,
  requiredText,
  type ResourceType,
  textAt,
} from './resource.ts'

const SCHEDULER = SERVICES.scheduler
/** What Regente's Scheduler can call. */
const CALLED = /^arn:[^:]+:(?:sqs|sns|lambda|states|logs|events):/
const DEFAULT_GROUP = 'default'

export const scheduleGroup: ResourceType = {
  async deploy({ id, properties }, context) {
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 64)
    const path = `/schedule-groups/${encodeURIComponent(name)}`
    const found = await orUndefined(context.aws.rest(SCHEDULER, 'GET', path), 'ResourceNotFoundException')
    if (found === undefined) await context.aws.rest(SCHEDULER, 'POST', path, {})
    const arn = requiredText(found ?? (await context.aws.rest(SCHEDULER, 'GET', path)), 'Arn')
    return { ref: name, attributes: { Arn: arn, State: 'ACTIVE' }, change: found === undefined ? 'created' : 'unchanged' }
  },
  async remove(ref, aws) {
    const path = `/schedule-groups/${encodeURIComponent(ref)}`
    await orUndefined(aws.rest(SCHEDULER, 'DELETE', path), 'ResourceNotFoundException')
    return undefined
  },
}

export const schedule: ResourceType = {
  async deploy({ id, properties }, context) {
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 64)
    const group = textAt(properties, 'GroupName') ?? DEFAULT_GROUP
    const ref = group === DEFAULT_GROUP ? name : `${group}|${name}`
    const target = textAt(objectAt(properties, 'Target') ?? {}, 'Arn') ?? ''
    if (!CALLED.test(target)) {
      context.warn(`${id}: ${target} cannot be called here; the schedule is left out.`)
      const arn = arnOf(context, 'scheduler', `schedule/${group}/${name}`)
      return { ref, attributes: { Arn: arn }, change: 'recorded' }
    }
    const change = await putSchedule(name, group, inputOf(properties), context)
    const arn = requiredText(await context.aws.rest(SCHEDULER, 'GET', pathOf(name), undefined, inGroup(group)), 'Arn')
    return { ref, attributes: { Arn: arn }, change }
  },
  async remove(ref, aws) {
    const [first = '', second] = ref.split('|')
    const [group, name] = second === undefined ? [DEFAULT_GROUP, first] : [first, second]
    const gone = aws.rest(SCHEDULER, 'DELETE', pathOf(name), undefined, inGroup(group))
    await orUndefined(gone, 'ResourceNotFoundException')
    return undefined
  },
}

const pathOf = (name: string): string => `/schedules/${encodeURIComponent(name)}`
const inGroup = (groupName: string): URLSearchParams => new URLSearchParams({ groupName })

const TEXTS = ['Description', 'KmsKeyArn', 'ScheduleExpression', 'ScheduleExpressionTimezone', 'State'] as const

function inputOf(properties: JsonObject): JsonObject {
  const window = objectAt(properties, 'FlexibleTimeWindow') ?? {}
  // YAML 1.1 reads OFF as false.
  const mode = textAt(window, 'Mode') === 'false' ? 'OFF' : textAt(window, 'Mode')
  const minutes = textAt(window, 'MaximumWindowInMinutes')
  const input: Record<string, Json> = {
    FlexibleTimeWindow: { Mode: mode ?? 'OFF', ...(minutes !== undefined && { MaximumWindowInMinutes: Number(minutes) }) },
    Target: objectAt(properties, 'Target') ?? {},
  }
  for (const name of TEXTS) {
    const text = textAt(properties, name)
    if (text !== undefined) input[name] = text
  }
  for (const name of ['StartDate', 'EndDate'] as const) {
    const text = textAt(properties, name)
    if (text !== undefined) input[name] = epochSeconds(text, name)
  }
  return input
}

function epochSeconds(text: string, property: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new PropertyError(`${property} must be a date: 2025-01-31T08:00:00Z.`, property)
  return ms / 1000
}

async function putSchedule(name: string, group: string, input: JsonObject, { aws }: DeployContext): Promise<Change> {
  const found = await orUndefined(
    aws.rest(SCHEDULER, 'GET', pathOf(name), undefined, inGroup(group)),
    'ResourceNotFoundException',
  )
  const isSame = (key: string) => stableJson(found?.[key] ?? null) === stableJson(input[key] ?? null)
  if (found !== undefined && Object.keys(input).every(isSame)) return 'unchanged'
  await aws.rest(SCHEDULER, found === undefined ? 'POST' : 'PUT', pathOf(name), { ...input, GroupName: group })
  return found === undefined ? 'created' : 'updated'
}
