/**
 * State machines. The definition comes from a file (JSON or YAML), from the template as a mapping, or as a text; its
 * `${Name}` are replaced by DefinitionSubstitutions. An existing machine is updated when something differs.
 * Source: AWS SAM, AWS::Serverless::StateMachine; CloudFormation, AWS::StepFunctions::StateMachine.
 */
import { readFile } from 'node:fs/promises'

import { stateMachineArn } from '../../base/arn.ts'
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { positionOf, readSource } from '../../source/source.ts'
import { jsonOf } from '../../source/tree.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { localPath } from '../paths.ts'
import {
  booleanAt,
  type Declared,
  type DeployContext,
  type Deployed,
  objectAt,
  physicalName,
  PropertyError,
  type ResourceType,
  roleArnOf,
  tagsOf,
  textAt,
  warnIgnored,
} from './resource.ts'
import { deployAlias, publishVersion } from './state-machine-alias.ts'

export const stateMachine: ResourceType = {
  async deploy(resource, context) {
    const { properties } = resource
    warnIgnored(resource, context, ['Events', 'PermissionsBoundary'])
    const name = textAt(properties, 'StateMachineName') ?? textAt(properties, 'Name') ?? physicalName(context, resource.id, 80)
    const arn = stateMachineArn(context, name)
    const settings: JsonObject = {
      definition: await readDefinition(resource, context),
      roleArn: roleArnOf(context, resource, resource.type.startsWith('AWS::Serverless') ? 'Role' : 'RoleArn'),
      loggingConfiguration: loggingOf(properties),
      tracingConfiguration: tracingOf(properties),
    }
    const type = textAt(properties, 'Type') ?? textAt(properties, 'StateMachineType') ?? 'STANDARD'
    const change = await putStateMachine(arn, name, type, settings, properties, context)
    const description = await context.aws.json(SERVICES.sfn, 'DescribeStateMachine', { stateMachineArn: arn })
    const alias = textAt(properties, 'AutoPublishAlias')
    if (alias !== undefined) {
      const version = await publishVersion(arn, undefined, context)
      await deployAlias(alias, [{ stateMachineVersionArn: version, weight: 100 }], undefined, context)
    }
    const revision = textAt(description, 'revisionId') ?? 'INITIAL'
    return { ref: arn, attributes: { Arn: arn, Name: name, StateMachineRevisionId: revision }, change }
  },
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

async function readDefinition({ properties, metadata }: Declared, context: DeployContext): Promise<string> {
  const text = await definitionText(properties, metadata, context)
  const substitutions = objectAt(properties, 'DefinitionSubstitutions')
  if (substitutions === undefined) return text
  // As a text, like CloudFormation: a value is put in as it stands, quotes around it or not.
  return text.replaceAll(/\$\{([^{}]+)\}/g, (whole, name: string) => {
    const value = getOwn(substitutions, name.trim())
    if (value === undefined) return whole
    return isObject(value) ? JSON.stringify(value) : String(value)
  })
}

async function definitionText(properties: JsonObject, metadata: JsonObject, context: DeployContext): Promise<string> {
  const text = textAt(properties, 'DefinitionString')
  if (text !== undefined) return text
  const definition = getOwn(properties, 'Definition')
  if (isObject(definition)) return JSON.stringify(definition, null, 2)
  const uri = getOwn(properties, 'DefinitionUri')
  const asset = textAt(metadata, 'aws:asset:path')
  const given = typeof uri === 'string' ? uri : asset
  if (given === undefined) {
    throw new PropertyError(
      'A state machine needs DefinitionUri (a local file), Definition or DefinitionString.',
      'DefinitionUri',
    )
  }
  const path = localPath(context.folder, given, 'DefinitionUri')
  context.watch(path)
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new PropertyError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'DefinitionUri')
  })
  return /\.ya?ml$/i.test(path) ? jsonTextOf(content, path) : content
}

function jsonTextOf(yaml: string, path: string): string {
  const source = readSource(yaml, 'YAML')
  const [problem] = source.problems
  if (problem !== undefined) {
    const { line, column } = positionOf(source, problem.from)
    throw new PropertyError(`${path}:${line}:${column}: ${problem.message}`, 'DefinitionUri')
  }
  return JSON.stringify(source.root ? jsonOf(source.root) : null, null, 2)
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
  return {
    level: textAt(logging, 'Level') ?? 'OFF',
    includeExecutionData: booleanAt(logging, 'IncludeExecutionData') ?? false,
    ...(groups.length > 0 && { destinations: groups }),
  }
}

function tracingOf(properties: JsonObject): JsonObject {
  const tracing = objectAt(properties, 'Tracing') ?? objectAt(properties, 'TracingConfiguration')
  return { enabled: tracing === undefined ? false : (booleanAt(tracing, 'Enabled') ?? false) }
}
