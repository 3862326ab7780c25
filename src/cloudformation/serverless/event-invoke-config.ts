/**
 * EventInvokeConfig of a function: a resource of its own, the queues and topics that it wants made, and what the function's role
 * may send.
 * Source: AWS SAM developer guide, "EventInvokeConfiguration", "OnSuccess", "OnFailure".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { attributeOf, isNoValue, only, ref, type SamResource, sha10 } from './draft.ts'
import { type Allowed, policyFor } from './role.ts'

const ACTIONS: Readonly<Record<string, string>> = {
  SQS: 'sqs:SendMessage',
  SNS: 'sns:publish',
  EventBridge: 'events:PutEvents',
  Lambda: 'lambda:InvokeFunction',
  S3Bucket: 's3:PutObject',
}

/** Makes what it wants. */
export function invokeConfigOf(resource: SamResource, alias: string | undefined): Pick<Allowed, 'policies'> {
  const config = resource.at('EventInvokeConfig')
  if (!isObject(config)) return { policies: [] }
  const id = `${resource.id}EventInvokeConfig`
  const policies: JsonObject[] = []
  const destinations: Record<string, Json> = {}
  const told = getOwn(config, 'DestinationConfig')
  for (const event of ['OnSuccess', 'OnFailure']) {
    const given = isObject(told) ? getOwn(told, event) : undefined
    if (!isObject(given)) continue
    const type = String(getOwn(given, 'Type'))
    const Destination = destinationOf(resource, given, type, id + event, event)
    destinations[event] = { Destination }
    policies.push(policyFor(`${id}${event}${type}Policy`, ACTIONS[type] ?? '', Destination))
  }
  resource.make(
    id,
    'AWS::Lambda::EventInvokeConfig',
    {
      FunctionName: ref(resource.id),
      Qualifier: alias ?? '$LATEST',
      ...only(config, ['MaximumEventAgeInSeconds', 'MaximumRetryAttempts']),
      DestinationConfig: Object.keys(destinations).length > 0 ? destinations : undefined,
    },
    {
      path: resource.pathOf('EventInvokeConfig'),
      dependsOn: alias === undefined ? [] : [`${resource.id}Alias${alias}`],
    },
  )
  return { policies }
}

/** The ARN that is given; where none is, of a queue or a topic that is made. */
function destinationOf(resource: SamResource, given: JsonObject, type: string, id: string, event: string): Json {
  const path = ['EventInvokeConfig', 'DestinationConfig', event]
  if (!Object.hasOwn(ACTIONS, type))
    resource.refuse(`'Type: ${type}' must be one of ['SQS', 'SNS', 'EventBridge', 'Lambda', 'S3Bucket']`, ...path)
  const destination = getOwn(given, 'Destination')
  const choice = isObject(destination) ? getOwn(destination, 'Fn::If') : undefined
  const [condition, yes = null, no = null] = isArray(choice) ? choice : []
  const isChosen = typeof condition === 'string' && isNoValue(yes) !== isNoValue(no)
  if (destination !== undefined && !isChosen) return destination
  if (type !== 'SQS' && type !== 'SNS') {
    resource.refuse("Destination is required if Type is not ['SQS', 'SNS']", ...path)
    return null
  }
  const wanted = isChosen ? conditionOf(resource, condition, isNoValue(yes)) : undefined
  const made = `${id}${type === 'SQS' ? 'Queue' : 'Topic'}`
  const making = { path: resource.pathOf(...path), condition: both(resource, wanted) }
  resource.make(made, type === 'SQS' ? 'AWS::SQS::Queue' : 'AWS::SNS::Topic', {}, making)
  const arn = type === 'SQS' ? attributeOf(made, 'Arn') : ref(made)
  return wanted === undefined ? arn : { 'Fn::If': [wanted, arn, isNoValue(yes) ? no : yes] }
}

/** The condition under which nothing is given, made where there is none of that sense. */
function conditionOf({ id, draft }: SamResource, condition: string, isAsItIs: boolean): string {
  if (isAsItIs) return condition
  const name = `NOT${condition}${sha10(`${id}EventInvokeConfig`)}`
  draft.conditions.set(name, { 'Fn::Not': [{ Condition: condition }] })
  return name
}

function both({ id, condition, draft }: SamResource, wanted: string | undefined): string | undefined {
  if (condition === undefined || wanted === undefined) return wanted ?? condition
  const name = `${condition}AND${wanted}${sha10(id)}`
  draft.conditions.set(name, { 'Fn::And': [{ Condition: condition }, { Condition: wanted }] })
  return name
}
