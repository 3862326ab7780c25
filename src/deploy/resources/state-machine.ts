/**
 * State machines, with their definitions (`../definition.ts`). An existing machine is updated when something differs.
 * Source: AWS SAM, AWS::Serverless::StateMachine; CloudFormation, AWS::StepFunctions::StateMachine.
 */
import { stateMachineArn } from '../../base/arn.ts'
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { WireError } from '../../wire/errors.ts'
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { type Definition, problemsOf, readDefinition } from '../definition.ts'
import { TemplateError } from '../problem.ts'
import {
  booleanAt,
  type DeployContext,
  type Deployed,
  objectAt,
  physicalName,
  PropertyError,
  type ResourceType,
  roleArnOf,
  tagsOf,
  textAt,
} from './resource.ts'
import { deployAlias, publishVersion } from './state-machine-alias.ts'

export const stateMachine: ResourceType = {
  ignores: ['DeploymentPreference', 'EncryptionConfiguration'],
  async deploy(resource, context) {
    const { properties } = resource
    const name = textAt(properties, 'StateMachineName') ?? textAt(properties, 'Name') ?? physicalName(context, resource.id, 80)
    const arn = stateMachineArn(context, name)
    const definition = await readDefinition(resource, context)
    const settings: JsonObject = {
      definition: definition.text,
      roleArn: roleArnOf(context, resource, resource.type.startsWith('AWS::Serverless') ? 'Role' : 'RoleArn'),
      loggingConfiguration: loggingOf(properties),
      tracingConfiguration: tracingOf(properties),
    }
    const type = textAt(properties, 'Type') ?? textAt(properties, 'StateMachineType') ?? 'STANDARD'
    const change = await putStateMachine(arn, name, type, settings, properties, context).catch((error: unknown) =>
      throwAtPlace(error, definition, resource.id, type, context),
    )
    const description = await context.aws.json(SERVICES.sfn, 'DescribeStateMachine', { stateMachineArn: arn })
    const alias = textAt(properties, 'AutoPublishAlias')
    const published = alias === undefined ? {} : await publishAs(alias, arn, context)
    const revision = textAt(description, 'revisionId') ?? 'INITIAL'
    return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: revision, ...published }, change }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(SERVICES.sfn, 'DeleteStateMachine', { stateMachineArn: ref }), 'StateMachineDoesNotExist')
    return undefined
  },
}

async function publishAs(alias: string, arn: string, context: DeployContext): Promise<{ Version: string; Alias: string }> {
  const version = await publishVersion(arn, undefined, context)
  const { ref } = await deployAlias(alias, [{ stateMachineVersionArn: version, weight: 100 }], undefined, context)
  return { Version: version, Alias: ref }
}

/** A definition that is refused is told as problems of its own file. */
async function throwAtPlace(
  error: unknown,
  definition: Definition,
  id: string,
  type: string,
  context: DeployContext,
): Promise<never> {
  const isInvalid = error instanceof WireError && error.code === 'InvalidDefinition'
  const problems = isInvalid ? await problemsOf(definition, id, type, context) : []
  throw problems.length > 0 ? new TemplateError(problems, { cause: error }) : error
}

async function putStateMachine(
  arn: string,
  name: string,
  type: string,
  settings: JsonObject,
  properties: JsonObject,
  context: DeployContext,
): Promise<Deployed['change']> {
  const { aws } = context
  const target = { stateMachineArn: arn }
  const found = await orUndefined(aws.json(SERVICES.sfn, 'DescribeStateMachine', target), 'StateMachineDoesNotExist')
  if (found === undefined) {
    const tags = tagsOf(properties)
    const input = { name, type, ...settings, ...(tags.length > 0 && { tags }) }
    await aws.json(SERVICES.sfn, 'CreateStateMachine', input)
    return 'created'
  }
  if (getOwn(found, 'type') !== type) {
    throw new PropertyError(
      `The state machine ${name} exists with the type ${String(found['type'])}; a type cannot be changed.`,
      'Type',
    )
  }
  if (Object.entries(settings).every(([key, value]) => isSame(key, found[key] ?? null, value))) return 'unchanged'
  await aws.json(SERVICES.sfn, 'UpdateStateMachine', { ...target, ...settings })
  return 'updated'
}

function isSame(key: string, found: Json, wanted: Json): boolean {
  if (key === 'definition') return found === wanted
  const withoutDefaults = (value: Json): Json =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== false && stableJson(member) !== '[]'))
      : value
  return stableJson(withoutDefaults(found)) === stableJson(withoutDefaults(wanted))
}

/** SAM calls it Logging, CloudFormation LoggingConfiguration; both write its members in upper camel case. */
function loggingOf(properties: JsonObject): JsonObject {
  const logging = objectAt(properties, 'Logging') ?? objectAt(properties, 'LoggingConfiguration')
  if (logging === undefined) return { level: 'OFF', includeExecutionData: false }
  const destinations = getOwn(logging, 'Destinations')
  const groups = (Array.isArray(destinations) ? destinations : []).flatMap((destination: Json) => {
    const group = isObject(destination) ? objectAt(destination, 'CloudWatchLogsLogGroup') : undefined
    const arn = group === undefined ? undefined : textAt(group, 'LogGroupArn')
    return arn === undefined ? [] : [{ cloudWatchLogsLogGroup: { logGroupArn: arn.endsWith(':*') ? arn : `${arn}:*` } }]
  })
  const level = textAt(logging, 'Level')
  return {
    // YAML 1.1 reads OFF as false.
    level: level === undefined || level === 'false' ? 'OFF' : level,
    includeExecutionData: booleanAt(logging, 'IncludeExecutionData') ?? false,
    ...(groups.length > 0 && { destinations: groups }),
  }
}

function tracingOf(properties: JsonObject): JsonObject {
  const tracing = objectAt(properties, 'Tracing') ?? objectAt(properties, 'TracingConfiguration')
  return { enabled: tracing === undefined ? false : (booleanAt(tracing, 'Enabled') ?? false) }
}
