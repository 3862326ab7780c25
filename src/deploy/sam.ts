/**
 * What SAM makes of its own resource types before CloudFormation sees them: globals go into them, and their events become
 * resources of their own, by the names that AWS documents. Their roles, versions and aliases can be referred to as well.
 * Source: AWS SAM developer guide, "Globals section", "Generated CloudFormation resources"; AWS SAM specification, EventSource.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import type { ResourceDeclaration, Template } from './template.ts'

export interface Expanded {
  readonly resources: ReadonlyMap<string, ResourceDeclaration>
  readonly warnings: readonly string[]
}

export function expandServerless(template: Template): Expanded {
  const resources = new Map<string, ResourceDeclaration>()
  const warnings: string[] = []
  for (const [id, declared] of template.resources) {
    const resource = withGlobals(declared, template.globals)
    resources.set(id, resource)
    const target = targetOf(resource)
    if (target === undefined) continue
    const put = (name: string, made: Made, path: readonly string[]) =>
      resources.set(name, { ...NOTHING_MORE, ...made, id: name, path, condition: resource.condition, isImplied: false })
    const retries = target.isMachine ? undefined : getOwn(resource.properties, 'EventInvokeConfig')
    if (isObject(retries)) {
      const name = `${id}EventInvokeConfig`
      put(name, invokeConfig(resource, retries), [...resource.path, 'Properties', 'EventInvokeConfig'])
    }
    const events = getOwn(resource.properties, 'Events')
    for (const [name, event] of Object.entries(isObject(events) ? events : {})) {
      if (!isObject(event)) continue
      const path = [...resource.path, 'Properties', 'Events', name]
      const made = madeOf(event, target, `${id}${name}`)
      if (made === undefined) warnings.push(`${id}: the event ${name} of type ${String(event['Type'])} has no effect here.`)
      else put(`${id}${name}`, made, path)
      for (const api of apisOf(event)) if (!resources.has(api.id)) resources.set(api.id, { ...api, path, ...NOTHING_MORE })
    }
  }
  return { resources, warnings }
}

// ---- globals

function withGlobals(resource: ResourceDeclaration, globals: JsonObject): ResourceDeclaration {
  const section = /^AWS::Serverless::(\w+)$/.exec(resource.type)?.[1]
  const common = section === undefined ? undefined : getOwn(globals, section)
  if (!isObject(common)) return resource
  const properties = merged(common, resource.properties)
  return isObject(properties) ? { ...resource, properties } : resource
}

/** Maps are merged, lists go one behind the other, of all else the resource's own counts. */
function merged(common: Json, own: Json): Json {
  if (isArray(common) && isArray(own)) return [...common, ...own]
  if (!isObject(common) || !isObject(own) || isFunction(common) || isFunction(own)) return own
  const inner = Object.entries(own).map(([key, value]): [string, Json] => {
    const inherited = getOwn(common, key)
    return [key, inherited === undefined ? value : merged(inherited, value)]
  })
  return { ...common, ...Object.fromEntries(inner) }
}

const isFunction = (value: JsonObject): boolean => {
  const [key, ...others] = Object.keys(value)
  return key !== undefined && others.length === 0 && (key === 'Ref' || key.startsWith('Fn::'))
}

// ---- events

/** What an event calls. */
interface Target {
  readonly arn: JsonObject
  readonly isMachine: boolean
}

function targetOf({ id, type, properties }: ResourceDeclaration): Target | undefined {
  const isMachine = type === 'AWS::Serverless::StateMachine'
  if (!isMachine && type !== 'AWS::Serverless::Function') return undefined
  const isAliased = getOwn(properties, 'AutoPublishAlias') !== undefined
  const hasAlias = isAliased && (!isMachine || String(getOwn(properties, 'UseAliasAsEventTarget')).toLowerCase() === 'true')
  const arn = hasAlias ? { 'Fn::GetAtt': [id, 'Alias'] } : isMachine ? { Ref: id } : { 'Fn::GetAtt': [id, 'Arn'] }
  return { arn, isMachine }
}

type Made = Pick<ResourceDeclaration, 'type' | 'properties'>

/** Undefined where nothing here could cause the event. */
function madeOf(event: JsonObject, target: Target, id: string): Made | undefined {
  const given = getOwn(event, 'Properties')
  const properties = isObject(given) ? given : {}
  switch (getOwn(event, 'Type')) {
    case 'Schedule':
      return scheduledRule(properties, target, id)
    case 'ScheduleV2':
      return schedule(properties, target, id)
    case 'EventBridgeRule':
    case 'CloudWatchEvent':
      return patternRule(properties, target, id)
    case 'SQS':
      return target.isMachine ? undefined : queueMapping(properties, target)
    case 'SNS':
      return target.isMachine || getOwn(properties, 'SqsSubscription') ? undefined : subscription(properties, target)
    default:
      return undefined
  }
}

const ROLE = { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}-events' }
const RULE_TARGET = ['Input', 'InputPath', 'InputTransformer', 'RetryPolicy']
const MAPPING = [
  ...['BatchSize', 'Enabled', 'FilterCriteria', 'FunctionResponseTypes', 'MaximumBatchingWindowInSeconds', 'ScalingConfig'],
]

function scheduledRule(properties: JsonObject, target: Target, id: string): Made {
  return {
    type: 'AWS::Events::Rule',
    properties: {
      ...only(properties, ['Description', 'Name']),
      ScheduleExpression: properties['Schedule'] ?? null,
      ...stateOf(properties),
      Targets: [ruleTarget(properties, target, `${id}Target`)],
    },
  }
}

function patternRule(properties: JsonObject, target: Target, id: string): Made {
  const named = getOwn(properties, 'Target')
  const targetId = isObject(named) ? getOwn(named, 'Id') : undefined
  const name = getOwn(properties, 'RuleName')
  return {
    type: 'AWS::Events::Rule',
    properties: {
      ...only(properties, ['EventBusName']),
      ...(name !== undefined && { Name: name }),
      EventPattern: properties['Pattern'] ?? null,
      ...stateOf(properties),
      Targets: [ruleTarget(properties, target, targetId ?? `${id}Target`)],
    },
  }
}

const ruleTarget = (properties: JsonObject, target: Target, id: Json): JsonObject => ({
  Id: typeof id === 'string' ? id.slice(-64) : id,
  Arn: target.arn,
  ...(target.isMachine && { RoleArn: ROLE }),
  ...only(properties, RULE_TARGET),
  ...deadLetters(properties),
})

function schedule(properties: JsonObject, target: Target, id: string): Made {
  const members = ['Description', 'EndDate', 'GroupName', 'KmsKeyArn', 'ScheduleExpression', 'ScheduleExpressionTimezone']
  return {
    type: 'AWS::Scheduler::Schedule',
    properties: {
      Name: id.slice(-64),
      FlexibleTimeWindow: { Mode: 'OFF' },
      ...only(properties, [...members, 'FlexibleTimeWindow', 'Name', 'StartDate', 'State']),
      Target: {
        Arn: target.arn,
        RoleArn: ROLE,
        ...only(properties, ['Input', 'RetryPolicy', 'RoleArn']),
        ...deadLetters(properties),
      },
    },
  }
}

const queueMapping = (properties: JsonObject, target: Target): Made => ({
  type: 'AWS::Lambda::EventSourceMapping',
  properties: { FunctionName: target.arn, EventSourceArn: properties['Queue'] ?? null, ...only(properties, MAPPING) },
})

const subscription = (properties: JsonObject, target: Target): Made => ({
  type: 'AWS::SNS::Subscription',
  properties: {
    TopicArn: properties['Topic'] ?? null,
    Protocol: 'lambda',
    Endpoint: target.arn,
    ...only(properties, ['FilterPolicy', 'FilterPolicyScope', 'RedrivePolicy']),
  },
})

function invokeConfig({ id, properties }: ResourceDeclaration, config: JsonObject): Made {
  const members = ['DestinationConfig', 'MaximumEventAgeInSeconds', 'MaximumRetryAttempts']
  const Qualifier = getOwn(properties, 'AutoPublishAlias') ?? '$LATEST'
  return {
    type: 'AWS::Lambda::EventInvokeConfig',
    properties: { FunctionName: { Ref: id }, Qualifier, ...only(config, members) },
  }
}

/** Older templates say `Enabled: false`. */
function stateOf(properties: JsonObject): JsonObject {
  const state = getOwn(properties, 'State')
  if (state !== undefined) return { State: state }
  return String(getOwn(properties, 'Enabled')).toLowerCase() === 'false' ? { State: 'DISABLED' } : {}
}

function deadLetters(properties: JsonObject): JsonObject {
  const config = getOwn(properties, 'DeadLetterConfig')
  const arn = isObject(config) ? getOwn(config, 'Arn') : undefined
  return arn === undefined ? {} : { DeadLetterConfig: { Arn: arn } }
}

const only = (properties: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)))

// ---- what can be referred to besides

const NOTHING_MORE = {
  dependsOn: [],
  metadata: {},
  isRetained: false,
  condition: undefined,
  properties: {},
  isImplied: true,
} as const

/** The API that SAM makes for events that name none, and its stage. */
function apisOf(event: JsonObject): readonly { readonly id: string; readonly type: string }[] {
  const properties = getOwn(event, 'Properties')
  if (isObject(properties) && (Object.hasOwn(properties, 'RestApiId') || Object.hasOwn(properties, 'ApiId'))) return []
  switch (getOwn(event, 'Type')) {
    case 'Api':
      return [
        { id: 'ServerlessRestApi', type: 'AWS::ApiGateway::RestApi' },
        { id: 'ServerlessRestApiProdStage', type: 'AWS::ApiGateway::Stage' },
      ]
    case 'HttpApi':
      return [
        { id: 'ServerlessHttpApi', type: 'AWS::ApiGatewayV2::Api' },
        { id: 'ServerlessHttpApiApiGatewayDefaultStage', type: 'AWS::ApiGatewayV2::Stage' },
      ]
    default:
      return []
  }
}

export interface Implied {
  /** Whose it is. */
  readonly owner: string
  /** The attribute of the owner that stands for it. */
  readonly attribute: 'Role' | 'Version' | 'Alias' | 'Url'
}

/** `ProcessRole` belongs to `Process` where the template declares only the latter, as a SAM resource. */
export function impliedBy(name: string, resources: ReadonlyMap<string, ResourceDeclaration>): Implied | undefined {
  if (resources.has(name)) return undefined
  const [, owner = '', suffix = ''] = /^(\w+?)(Role|Version|Url|Alias\w+)$/.exec(name) ?? []
  const attribute = suffix.startsWith('Alias') ? 'Alias' : suffix
  if (resources.get(owner)?.type.startsWith('AWS::Serverless::') !== true) return undefined
  return attribute === 'Role' || attribute === 'Version' || attribute === 'Alias' || attribute === 'Url'
    ? { owner, attribute }
    : undefined
}
