/**
 * An event of a function or a state machine, as the template has it, and the rules and schedules that both have alike.
 * Source: AWS SAM developer guide, "EventSource", "Schedule", "ScheduleV2", "EventBridgeRule".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { deadLettersOf } from './dead-letters.ts'
import { attributeOf, isTrue, only, type SamResource } from './draft.ts'
import { policyFor, trustOf } from './role.ts'

export interface EventSource {
  readonly resource: SamResource
  readonly name: string
  /** The logical id of what is made for it. */
  readonly id: string
  readonly type: string
  readonly properties: JsonObject
  readonly path: readonly string[]
}

export function eventsOf(resource: SamResource): readonly EventSource[] {
  const events = resource.at('Events')
  return Object.entries(isObject(events) ? events : {}).flatMap(([name, event]) => {
    if (!isObject(event) || typeof getOwn(event, 'Type') !== 'string') {
      refuseEvent({ resource, name }, "Event is missing 'Type'")
      return []
    }
    const given = getOwn(event, 'Properties')
    const path = resource.pathOf('Events', name)
    const properties = isObject(given) ? given : {}
    return [{ resource, name, id: `${resource.id}${name}`, type: String(event['Type']), properties, path }]
  })
}

export function refuseEvent({ resource, name }: Pick<EventSource, 'resource' | 'name'>, reason: string): void {
  resource.refuse(`Event with id [${name}] is invalid. ${reason}`, 'Events', name)
}

/** Undefined, and refused, where it is not there. */
export function required(event: EventSource, property: string): Json | undefined {
  const value = getOwn(event.properties, property)
  if (value === undefined) refuseEvent(event, `Missing required property '${property}'.`)
  return value
}

/** What a rule calls, besides its input. `suffix` ends the target's id unless one is told. */
export interface RuleTarget {
  readonly arn: JsonObject
  readonly suffix: string
  readonly roleArn?: Json
}

const TARGET_ID_CHARS_MAX = 64

/** A rule by a pattern or by the clock. */
export function makeRule(event: EventSource, { arn, suffix, roleArn }: RuleTarget): void {
  const { resource, id, properties, path } = event
  const isClock = event.type === 'Schedule'
  const subject = required(event, isClock ? 'Schedule' : 'Pattern') ?? null
  const named = getOwn(properties, 'Target')
  const targetId = (isObject(named) ? getOwn(named, 'Id') : undefined) ?? shortened(id, suffix)
  const letters = deadLettersOf(resource, getOwn(properties, 'DeadLetterConfig'), id, path, attributeOf(id, 'Arn'))
  const target = {
    Arn: arn,
    Id: targetId,
    ...(roleArn !== undefined && { RoleArn: roleArn }),
    ...only(properties, ['Input', 'InputPath', 'InputTransformer', 'RetryPolicy']),
    ...(letters !== undefined && { DeadLetterConfig: { Arn: letters } }),
  }
  resource.make(
    id,
    'AWS::Events::Rule',
    {
      Name: getOwn(properties, isClock ? 'Name' : 'RuleName'),
      Description: getOwn(properties, 'Description'),
      ...(isClock
        ? { ScheduleExpression: subject }
        : { EventBusName: getOwn(properties, 'EventBusName'), EventPattern: subject }),
      State: stateOf(event),
      Targets: [target],
    },
    { path },
  )
}

const shortened = (id: string, suffix: string): string => `${id.slice(0, TARGET_ID_CHARS_MAX - suffix.length)}${suffix}`

function stateOf(event: EventSource): Json | undefined {
  const [state, enabled] = [getOwn(event.properties, 'State'), getOwn(event.properties, 'Enabled')]
  if (state !== undefined && enabled !== undefined) refuseEvent(event, 'State and Enabled Properties cannot both be specified.')
  return state ?? (enabled === undefined ? undefined : isTrue(enabled) ? 'ENABLED' : 'DISABLED')
}

/** EventBridge Scheduler's, with the role by which it calls. */
export function makeSchedule(event: EventSource, arn: JsonObject, action: string, policy: string): void {
  const { resource, id, properties, path } = event
  const ScheduleExpression = required(event, 'ScheduleExpression') ?? null
  const letters = deadLettersOf(resource, getOwn(properties, 'DeadLetterConfig'), id, path)
  const omitsName = isTrue(getOwn(properties, 'OmitName'))
  const members = ['Description', 'EndDate', 'GroupName', 'KmsKeyArn', 'ScheduleExpressionTimezone', 'StartDate', 'State']
  const given = getOwn(properties, 'RoleArn')
  const role = `${id}Role`
  resource.make(
    id,
    'AWS::Scheduler::Schedule',
    {
      Name: omitsName ? undefined : (getOwn(properties, 'Name') ?? id),
      ScheduleExpression,
      FlexibleTimeWindow: getOwn(properties, 'FlexibleTimeWindow') ?? { Mode: 'OFF' },
      ...only(properties, members),
      Target: {
        Arn: arn,
        RoleArn: given ?? attributeOf(role, 'Arn'),
        ...only(properties, ['Input', 'RetryPolicy']),
        ...(letters !== undefined && { DeadLetterConfig: { Arn: letters } }),
      },
    },
    { path },
  )
  if (given !== undefined) return
  const sending = letters === undefined ? [] : [policyFor(`${id}SQSPolicy`, 'sqs:SendMessage', letters)]
  resource.make(
    role,
    'AWS::IAM::Role',
    {
      AssumeRolePolicyDocument: trustOf('scheduler'),
      Policies: [policyFor(`${id}${policy}`, action, arn), ...sending],
      PermissionsBoundary: getOwn(properties, 'PermissionsBoundary'),
    },
    { path },
  )
}
