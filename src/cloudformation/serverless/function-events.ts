/**
 * The events of a function: what is made so that a service calls it, or Lambda polls for it, and what its role has to be allowed
 * for the latter.
 * Source: AWS SAM developer guide, "EventSource"; "Generated CloudFormation resources".
 */
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

import { makeApiEvent, makeHttpApiEvent } from './api-events.ts'
import { asList, attributeOf, isTrue, only, ref, type SamResource } from './draft.ts'
import { type EventSource, eventsOf, makeRule, makeSchedule, refuseEvent, required } from './event-source.ts'
import { permit, type Target } from './function-target.ts'
import { isPolled, makeMapping } from './polled-sources.ts'
import type { Allowed } from './role.ts'

/** Answers what the function's role is to be allowed. */
export function makeFunctionEvents(resource: SamResource, target: Target): Allowed {
  const allowed = eventsOf(resource).map((event) => makeEvent(event, target))
  return {
    managed: allowed.flatMap(({ managed }) => managed),
    policies: allowed.flatMap(({ policies }) => policies),
  }
}

const NOTHING: Allowed = { managed: [], policies: [] }

function makeEvent(event: EventSource, target: Target): Allowed {
  if (isPolled(event)) return makeMapping(event, target, event.id, event.properties)
  if (event.type === 'SNS') return makeSubscription(event, target)
  makeCall(event, target)
  return NOTHING
}

/** Of an event whose source calls the function. */
function makeCall(event: EventSource, target: Target): void {
  switch (event.type) {
    case 'Schedule':
    case 'EventBridgeRule':
    case 'CloudWatchEvent':
      makeRule(event, { arn: target.arn, suffix: 'LambdaTarget' })
      return permit(event, target, 'events', { SourceArn: attributeOf(event.id, 'Arn') })
    case 'ScheduleV2':
      return makeSchedule(event, target.arn, 'lambda:InvokeFunction', 'LambdaPolicy')
    case 'S3':
      return makeNotification(event, target)
    case 'CloudWatchLogs':
      return makeLogFilter(event, target)
    case 'IoTRule':
      return makeIotRule(event, target)
    case 'Cognito':
      return makeUserPoolTrigger(event, target)
    case 'AlexaSkill': {
      const token = getOwn(event.properties, 'SkillId')
      return permit(event, target, 'alexa-appkit.amazon.com', { EventSourceToken: token })
    }
    case 'Api':
      return makeApiEvent(event, target)
    case 'HttpApi':
      return makeHttpApiEvent(event, target)
    default:
      return refuseEvent(event, `Unknown event type '${event.type}'.`)
  }
}

// ---- topics

function makeSubscription(event: EventSource, target: Target): Allowed {
  const { resource, id, properties, path } = event
  const TopicArn = required(event, 'Topic') ?? null
  const subscribe = (Protocol: string, Endpoint: Json): void => {
    const members = ['FilterPolicy', 'FilterPolicyScope', 'RedrivePolicy', 'Region']
    const told = { Protocol, Endpoint, TopicArn, ...only(properties, members) }
    resource.make(id, 'AWS::SNS::Subscription', told, { path })
  }
  const queue = getOwn(properties, 'SqsSubscription')
  if (queue === undefined || (!isObject(queue) && !isTrue(queue))) {
    subscribe('lambda', target.arn)
    permit(event, target, 'sns', { SourceArn: TopicArn })
    return NOTHING
  }
  const made = `${id}Queue`
  if (!isObject(queue)) resource.make(made, 'AWS::SQS::Queue', {}, { path })
  const own = isObject(queue) ? queue : {}
  const arn = getOwn(own, 'QueueArn') ?? attributeOf(made, 'Arn')
  const url = getOwn(own, 'QueueUrl') ?? ref(made)
  if (isObject(queue) && (getOwn(queue, 'QueueArn') === undefined || getOwn(queue, 'QueueUrl') === undefined))
    refuseEvent(event, 'No QueueARN or QueueURL provided.')
  subscribe('sqs', arn)
  const Statement = [
    {
      Action: 'sqs:SendMessage',
      Effect: 'Allow',
      Principal: '*',
      Resource: arn,
      Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
    },
  ]
  resource.make(
    String(getOwn(own, 'QueuePolicyLogicalId') ?? `${id}QueuePolicy`),
    'AWS::SQS::QueuePolicy',
    { PolicyDocument: { Version: '2012-10-17', Statement }, Queues: [url] },
    { path },
  )
  const settings = { Queue: arn, BatchSize: getOwn(own, 'BatchSize') ?? 10, Enabled: getOwn(own, 'Enabled') ?? true }
  return makeMapping(event, target, `${id}EventSourceMapping`, settings)
}

// ---- buckets

/** The bucket's own resource tells whom it notifies, after the permission is there. */
function makeNotification(event: EventSource, target: Target): void {
  const { resource, id, properties } = event
  const { resources } = resource.draft
  const name = getOwn(properties, 'Bucket')
  const bucketId = isObject(name) ? getOwn(name, 'Ref') : undefined
  const bucket = typeof bucketId === 'string' ? resources.get(bucketId) : undefined
  if (bucket === undefined) return refuseEvent(event, 'S3 events must reference an S3 bucket in the same template.')
  permit(event, target, 's3', { SourceAccount: ref('AWS::AccountId') })
  const { condition } = resource
  const filter = getOwn(properties, 'Filter')
  const configurations = asList(required(event, 'Events')).map((Event): Json => {
    const configuration = { Function: target.arn, ...(filter !== undefined && { Filter: filter }), Event }
    return condition === undefined ? configuration : { 'Fn::If': [condition, configuration, ref('AWS::NoValue')] }
  })
  const given = getOwn(bucket.properties, 'NotificationConfiguration')
  const notified = isObject(given) ? given : {}
  const before = getOwn(notified, 'LambdaConfigurations')
  const LambdaConfigurations = [...(isArray(before) ? before : []), ...configurations]
  const permission = `${id}Permission`
  // Of a resource that may not be made nothing can depend but a value.
  const tag = {
    Key: `sam:ConditionalDependsOn:${permission}`,
    Value: { 'Fn::If': [condition ?? '', ref(permission), 'no dependency'] },
  }
  resources.set(bucket.id, {
    ...bucket,
    dependsOn: condition === undefined ? [...bucket.dependsOn, permission] : bucket.dependsOn,
    properties: {
      ...bucket.properties,
      NotificationConfiguration: { ...notified, LambdaConfigurations },
      ...(condition !== undefined && { Tags: [...asList(getOwn(bucket.properties, 'Tags')), tag] }),
    },
  })
}

// ---- others that call

function makeLogFilter(event: EventSource, target: Target): void {
  const { resource, id, path } = event
  const group = required(event, 'LogGroupName') ?? null
  const filter = required(event, 'FilterPattern') ?? null
  const arn = 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${__LogGroupName__}:*'
  permit(event, target, 'logs', { SourceArn: { 'Fn::Sub': [arn, { __LogGroupName__: group }] } })
  resource.make(
    id,
    'AWS::Logs::SubscriptionFilter',
    { LogGroupName: group, FilterPattern: filter, DestinationArn: target.arn },
    { path, dependsOn: [`${id}Permission`] },
  )
}

function makeIotRule(event: EventSource, target: Target): void {
  const { resource, id, path, properties } = event
  const arn = 'arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:rule/${RuleName}'
  permit(event, target, 'iot', {
    SourceAccount: { 'Fn::Sub': '${AWS::AccountId}' },
    SourceArn: { 'Fn::Sub': [arn, { RuleName: ref(id) }] },
  })
  const TopicRulePayload = {
    Sql: required(event, 'Sql') ?? null,
    ...only(properties, ['AwsIotSqlVersion']),
    RuleDisabled: false,
    Actions: [{ Lambda: { FunctionArn: target.arn } }],
  }
  resource.make(id, 'AWS::IoT::TopicRule', { TopicRulePayload }, { path })
}

function makeUserPoolTrigger(event: EventSource, target: Target): void {
  const { resource } = event
  const { resources } = resource.draft
  const named = required(event, 'UserPool')
  const poolId = isObject(named) ? getOwn(named, 'Ref') : undefined
  const pool = typeof poolId === 'string' ? resources.get(poolId) : undefined
  if (pool === undefined) return refuseEvent(event, 'Cognito events must reference a Cognito UserPool in the same template.')
  permit(event, target, 'cognito-idp', { SourceArn: attributeOf(pool.id, 'Arn') }, `${resource.id}CognitoPermission`)
  const given = getOwn(pool.properties, 'LambdaConfig')
  const triggers = asList(required(event, 'Trigger')).map((trigger) => [String(trigger), target.arn] as const)
  const LambdaConfig = { ...(isObject(given) ? given : {}), ...Object.fromEntries(triggers) }
  resources.set(pool.id, { ...pool, properties: { ...pool.properties, LambdaConfig } })
}
