/**
 * EventBridge Scheduler's schedules and their groups. A schedule is written again only when something differs.
 * Source: CloudFormation, AWS::Scheduler::Schedule and AWS::Scheduler::ScheduleGroup.
 */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import {
  arnOf,
  type Change,
  changeOf,
  claim,
  type Declared,
  type DeployContext,
  droppedFrom,
  listAt,
  numberAt,
  objectAt,
  physicalName,
  PropertyError,
  requiredText,
  type ResourceType,
  textAt,
  textsAt,
} from './resource.ts'
import { changeTags, tagList, tagMapOf } from './tags.ts'
import { typed } from './typed.ts'

const SCHEDULER = SERVICES.scheduler
/** What Regente's Scheduler can call. */
const CALLED = /^arn:[^:]+:(?:sqs|sns|lambda|states|logs|events|scheduler):/
const DEFAULT_GROUP = 'default'

export const scheduleGroup: ResourceType = {
  replacedBy: ['Name'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 64)
    const path = groupPath(name)
    const asked = aws.rest(SCHEDULER, 'GET', path)
    const found = claim(await orUndefined(asked, 'ResourceNotFoundException'), resource, name, context)
    const Tags = tagList(tagMapOf(properties))
    if (found === undefined) await aws.rest(SCHEDULER, 'POST', path, Tags.length > 0 ? { Tags } : {})
    const group = found ?? (await aws.rest(SCHEDULER, 'GET', path))
    const arn = requiredText(group, 'Arn')
    const hasOtherTags = found !== undefined && (await changeGroupTags(resource, arn, aws))
    const attributes = {
      Arn: arn,
      CreationDate: isoDate(group, 'CreationDate'),
      LastModificationDate: isoDate(group, 'LastModificationDate'),
      State: textAt(group, 'State') ?? 'ACTIVE',
    }
    return { ref: name, attributes, change: changeOf(found, hasOtherTags) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.rest(SCHEDULER, 'DELETE', groupPath(ref)), 'ResourceNotFoundException')
    return undefined
  },
}

const groupPath = (name: string): string => `/schedule-groups/${encodeURIComponent(name)}`
const isoDate = (group: JsonObject, name: string): string => new Date((numberAt(group, name) ?? 0) * 1000).toISOString()

function changeGroupTags(resource: Declared, arn: string, aws: Aws): Promise<boolean> {
  const path = `/tags/${encodeURIComponent(arn)}`
  return changeTags(resource, {
    list: async () => tagMapOf(await aws.rest(SCHEDULER, 'GET', path)),
    put: (tags) => aws.rest(SCHEDULER, 'POST', path, { Tags: tagList(tags) }),
    remove: (keys) => {
      const query = new URLSearchParams(keys.map((key): [string, string] => ['TagKeys', key]))
      return aws.rest(SCHEDULER, 'DELETE', path, undefined, query)
    },
  })
}

export const schedule: ResourceType = {
  replacedBy: ['Name'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 64)
    const group = textAt(properties, 'GroupName') ?? DEFAULT_GROUP
    const target = textAt(objectAt(properties, 'Target') ?? {}, 'Arn') ?? ''
    if (!CALLED.test(target)) {
      context.warn(`${id}: ${target} cannot be called here; the schedule is left out.`)
      const arn = arnOf(context, 'scheduler', `schedule/${group}/${name}`)
      return { ref: name, attributes: { Arn: arn }, change: 'recorded' }
    }
    const change = await putSchedule(name, group, resource, context)
    const arn = requiredText(await context.aws.rest(SCHEDULER, 'GET', pathOf(name), undefined, inGroup(group)), 'Arn')
    await leaveGroup(name, group, resource, context.aws)
    return { ref: name, attributes: { Arn: arn }, change }
  },
  /** Older versions called it by its group, too. */
  async remove(ref, aws, { properties } = {}) {
    const [first = '', second] = ref.split('|')
    const name = second ?? first
    const named = second === undefined ? undefined : first
    const known = properties === undefined ? undefined : (textAt(properties, 'GroupName') ?? DEFAULT_GROUP)
    const group = named ?? known ?? (await groupOf(name, aws))
    if (group !== undefined) await deleteSchedule(name, group, aws)
    return undefined
  },
}

const pathOf = (name: string): string => `/schedules/${encodeURIComponent(name)}`
const inGroup = (groupName: string): URLSearchParams => new URLSearchParams({ groupName })

const deleteSchedule = (name: string, group: string, aws: Aws): Promise<unknown> =>
  orUndefined(aws.rest(SCHEDULER, 'DELETE', pathOf(name), undefined, inGroup(group)), 'ResourceNotFoundException')

/** Where nobody says in which: the one that has one of that name. */
async function groupOf(name: string, aws: Aws): Promise<string | undefined> {
  const told = await aws.rest(SCHEDULER, 'GET', '/schedules', undefined, new URLSearchParams({ NamePrefix: name }))
  const [found, ...others] = listAt(told, 'Schedules').filter((one) => isObject(one) && textAt(one, 'Name') === name)
  return isObject(found) && others.length === 0 ? textAt(found, 'GroupName') : undefined
}

/** One that goes to another group is made there, and goes from where it was. */
async function leaveGroup(name: string, group: string, { before }: Declared, aws: Aws): Promise<void> {
  const held = before && (textAt(before.properties, 'GroupName') ?? DEFAULT_GROUP)
  if (held !== undefined && held !== group) await deleteSchedule(name, held, aws)
}

const TEXTS = ['ActionAfterCompletion', 'Description', 'KmsKeyArn', 'ScheduleExpression', 'ScheduleExpressionTimezone', 'State']
const KINDS = { numbers: ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts'] }
/** How what is said no more is shown. */
const UNSET: JsonObject = { ActionAfterCompletion: 'NONE', ScheduleExpressionTimezone: 'UTC', State: 'ENABLED' }

function inputOf(properties: JsonObject): JsonObject {
  const window = objectAt(properties, 'FlexibleTimeWindow') ?? {}
  // YAML 1.1 reads OFF as false.
  const mode = textAt(window, 'Mode') === 'false' ? 'OFF' : textAt(window, 'Mode')
  const minutes = numberAt(window, 'MaximumWindowInMinutes')
  const dates = Object.entries(textsAt(properties, ['StartDate', 'EndDate'])).map(([name, text]) => [
    name,
    epochSeconds(text, name),
  ])
  return {
    FlexibleTimeWindow: { Mode: mode ?? 'OFF', ...(minutes !== undefined && { MaximumWindowInMinutes: minutes }) },
    Target: typed(objectAt(properties, 'Target') ?? {}, KINDS),
    ...textsAt(properties, TEXTS),
    ...Object.fromEntries(dates),
  }
}

function epochSeconds(text: string, property: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new PropertyError(`${property} must be a date: 2025-01-31T08:00:00Z.`, property)
  return ms / 1000
}

async function putSchedule(name: string, group: string, resource: Declared, context: DeployContext): Promise<Change> {
  const { aws } = context
  const asked = aws.rest(SCHEDULER, 'GET', pathOf(name), undefined, inGroup(group))
  const found = claim(await orUndefined(asked, 'ResourceNotFoundException'), resource, name, context)
  const input = inputOf(resource.properties)
  const gone = droppedFrom(resource, [...TEXTS, 'StartDate', 'EndDate'])
  const isSame = (key: string, wanted: Json) => stableJson(found?.[key] ?? null) === stableJson(wanted)
  if (
    found !== undefined &&
    Object.entries(input).every(([key, value]) => isSame(key, value)) &&
    gone.every((key) => isSame(key, UNSET[key] ?? null))
  )
    return 'unchanged'
  // What is not given is as if it had never been said.
  await aws.rest(SCHEDULER, found === undefined ? 'POST' : 'PUT', pathOf(name), { ...input, GroupName: group })
  return found === undefined ? 'created' : 'updated'
}
