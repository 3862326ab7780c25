/**
 * AWS::Serverless::StateMachine: the machine with its role, its version and alias, and what its events need.
 * The definition stays an object where the template has one: CloudFormation takes that as well as SAM's text, and its places
 * stay known.
 * Source: AWS SAM developer guide, "AWS::Serverless::StateMachine", "Generated CloudFormation resources".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { makeMachineApiEvent } from './api-events.ts'
import { locationOf } from './code-location.ts'
import { attributeOf, isTrue, only, present, ref, type SamResource, tagsWith } from './draft.ts'
import { type EventSource, eventsOf, makeRule, makeSchedule, refuseEvent } from './event-source.ts'
import { managedPolicyArn } from './managed-policies.ts'
import { policyFor, roleOf, trustOf } from './role.ts'

const TAG = 'stateMachine:createdBy'

export function makeStateMachine(resource: SamResource): void {
  const { id } = resource
  const alias = aliasOf(resource)
  const tracing = resource.at('Tracing')
  const isTraced = isObject(tracing) && isTrue(getOwn(tracing, 'Enabled'))
  if (isGiven(resource, 'Role') && isGiven(resource, 'Policies'))
    resource.refuse("Specify either 'Role' or 'Policies' or neither property and not both.", 'Policies')
  resource.become('AWS::StepFunctions::StateMachine', {
    ...definitionOf(resource),
    ...only(resource.properties, ['DefinitionSubstitutions']),
    RoleArn: roleOf(resource, {
      principal: 'states',
      tag: TAG,
      managed: isTraced ? [managedPolicyArn('AWSXrayWriteOnlyAccess', resource.draft.options.partition)] : [],
      policies: [],
    }),
    StateMachineName: resource.at('Name'),
    StateMachineType: resource.at('Type'),
    LoggingConfiguration: resource.at('Logging'),
    TracingConfiguration: tracing,
    Tags: tagsWith(TAG, resource.at('Tags')),
  })
  if (alias !== undefined) publish(resource, alias)
  const isAliased = alias !== undefined && isTrue(resource.at('UseAliasAsEventTarget'))
  const arn = ref(isAliased ? `${id}Alias${alias}` : id)
  for (const event of eventsOf(resource)) makeEvent(event, arn)
}

const isGiven = (resource: SamResource, name: string): boolean => resource.at(name) !== undefined

function definitionOf(resource: SamResource): JsonObject {
  const definition = resource.at('Definition')
  if (definition !== undefined && isGiven(resource, 'DefinitionUri'))
    resource.refuse("Specify either 'Definition' or 'DefinitionUri' property and not both.", 'DefinitionUri')
  if (definition !== undefined) return { Definition: definition }
  if (!isGiven(resource, 'DefinitionUri')) {
    resource.refuse("Either 'Definition' or 'DefinitionUri' property must be specified.")
    return {}
  }
  const location = locationOf(resource, 'DefinitionUri')
  if (location === undefined) return {}
  if (typeof location === 'string') return { DefinitionUri: location }
  const { bucket, key, version } = location
  return { DefinitionS3Location: present({ Bucket: bucket, Key: key, Version: version }) }
}

function aliasOf(resource: SamResource): string | undefined {
  const given = resource.draft.known(resource.at('AutoPublishAlias'))
  if (given === undefined || typeof given === 'string') return given
  resource.refuse("'AutoPublishAlias' must be a string or a Ref to a template parameter", 'AutoPublishAlias')
  return undefined
}

/** A machine has one version in a stack: a new revision replaces it, and the one that was stays. */
function publish(resource: SamResource, alias: string): void {
  const { id, draft } = resource
  const path = resource.pathOf('AutoPublishAlias')
  const version = `${id}Version`
  const preference = resource.at('DeploymentPreference')
  const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' }
  const revision = attributeOf(id, 'StateMachineRevisionId')
  resource.make(
    version,
    'AWS::StepFunctions::StateMachineVersion',
    { StateMachineArn: ref(id), StateMachineRevisionId: revision },
    { path, attributes: kept },
  )
  const DeploymentPreference = {
    StateMachineVersionArn: ref(version),
    Type: 'ALL_AT_ONCE',
    ...(isObject(preference) && only(preference, ['Alarms', 'Interval', 'Percentage', 'Type'])),
  }
  resource.make(`${id}Alias${alias}`, 'AWS::StepFunctions::StateMachineAlias', { Name: alias, DeploymentPreference }, { path })
  draft.names.set(`${id}.Version`, version).set(`${id}.Alias`, `${id}Alias${alias}`)
}

function makeEvent(event: EventSource, arn: JsonObject): void {
  switch (event.type) {
    case 'Schedule':
    case 'EventBridgeRule':
    case 'CloudWatchEvent':
      return makeRule(event, { arn, suffix: 'StepFunctionsTarget', roleArn: startingRole(event, 'events', arn) })
    case 'ScheduleV2':
      return makeSchedule(event, arn, 'states:StartExecution', 'StartExecutionPolicy')
    case 'Api':
      return makeMachineApiEvent(event, arn, startingRole(event, 'apigateway', arn))
    default:
      return refuseEvent(event, `Unknown event type '${event.type}'.`)
  }
}

/** By which the source of an event starts executions. Answers its ARN. */
function startingRole({ resource, id, path }: EventSource, principal: string, machine: JsonObject): Json {
  const role = `${id}Role`
  resource.make(
    role,
    'AWS::IAM::Role',
    {
      AssumeRolePolicyDocument: trustOf(principal),
      Policies: [policyFor(`${role}StartExecutionPolicy`, 'states:StartExecution', machine)],
      PermissionsBoundary: resource.at('PermissionsBoundary'),
    },
    { path },
  )
  return attributeOf(role, 'Arn')
}
