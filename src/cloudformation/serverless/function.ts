/**
 * AWS::Serverless::Function: the function with its role, and what its version, alias, address, asynchronous calls and events
 * need beside it.
 * Source: AWS SAM developer guide, "AWS::Serverless::Function", "Generated CloudFormation resources for AWS::Serverless::Function".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { objectAt } from '../resources/resource.ts'
import { inBucket, locationOf } from './code-location.ts'
import { attributeOf, FUNCTION_TAG, isTrue, only, present, ref, type SamResource, sha10, tagsWith } from './draft.ts'
import { invokeConfigOf } from './event-invoke-config.ts'
import { makeFunctionEvents } from './function-events.ts'
import { targetOf } from './function-target.ts'
import { managedPolicyArn } from './managed-policies.ts'
import { type Allowed, policyFor, roleOf } from './role.ts'

/** What is the same in CloudFormation. */
const SAME = [
  ...['Architectures', 'CapacityProviderConfig', 'CodeSigningConfigArn', 'Description', 'DurableConfig', 'Environment'],
  ...['EphemeralStorage', 'FileSystemConfigs', 'FunctionName', 'Handler', 'ImageConfig', 'KmsKeyArn', 'Layers', 'LoggingConfig'],
  ...['MemorySize', 'PackageType', 'RecursiveLoop', 'ReservedConcurrentExecutions', 'Runtime', 'RuntimeManagementConfig'],
  ...['SnapStart', 'TenancyConfig', 'Timeout', 'VpcConfig'],
]

export function makeFunction(resource: SamResource): void {
  const code = codeOf(resource)
  const tracing = resource.at('Tracing')
  const deadLetters = objectAt(resource.properties, 'DeadLetterQueue')
  const alias = aliasOf(resource)
  const events = makeFunctionEvents(resource, targetOf(resource.id, alias))
  const invoke = invokeConfigOf(resource, alias)
  const properties: JsonObject = present({
    Code: code,
    ...only(resource.properties, SAME),
    Role: roleOf(resource, {
      principal: 'lambda',
      tag: FUNCTION_TAG,
      managed: [...managedOf(resource), ...events.managed],
      policies: [...deadLetterPolicies(deadLetters), ...invoke.policies, ...events.policies],
    }),
    Tags: tagsWith(FUNCTION_TAG, resource.at('Tags')),
    TracingConfig: tracing === undefined ? undefined : { Mode: tracing },
    DeadLetterConfig: deadLetters && { TargetArn: getOwn(deadLetters, 'TargetArn') ?? null },
  })
  resource.become('AWS::Lambda::Function', properties)
  if (alias !== undefined) publish(resource, alias, code, properties)
  makeUrl(resource, alias)
}

function codeOf(resource: SamResource): Json {
  const inline = resource.at('InlineCode')
  if (inline !== undefined) return { ZipFile: inline }
  const image = resource.at('ImageUri')
  if (image !== undefined) return { ImageUri: image }
  if (resource.at('CodeUri') === undefined) {
    const { keepsPaths } = resource.draft.options
    // CDK and `sam build` name what they have built in the metadata.
    if (!keepsPaths) resource.refuse("Either 'InlineCode' or 'CodeUri' must be set.")
    return keepsPaths && String(resource.at('PackageType')) !== 'Image' ? '.' : {}
  }
  const location = locationOf(resource, 'CodeUri')
  return location === undefined ? {} : typeof location === 'string' ? location : inBucket(location)
}

function aliasOf(resource: SamResource): string | undefined {
  const given = resource.draft.known(resource.at('AutoPublishAlias'))
  if (given === undefined) return undefined
  if (typeof given === 'string') return given
  resource.refuse("'AutoPublishAlias' must be a string or a Ref to a template parameter", 'AutoPublishAlias')
  return undefined
}

function managedOf(resource: SamResource): readonly string[] {
  const arn = (name: string) => managedPolicyArn(name, resource.draft.options.partition)
  return [
    arn('AWSLambdaBasicExecutionRole'),
    ...(resource.at('Tracing') === undefined ? [] : [arn('AWSXrayWriteOnlyAccess')]),
    ...(resource.at('VpcConfig') === undefined ? [] : [arn('AWSLambdaVPCAccessExecutionRole')]),
  ]
}

function deadLetterPolicies(config: JsonObject | undefined): Allowed['policies'] {
  if (config === undefined) return []
  const action = getOwn(config, 'Type') === 'SNS' ? 'sns:Publish' : 'sqs:SendMessage'
  return [policyFor('DeadLetterQueuePolicy', action, getOwn(config, 'TargetArn') ?? null)]
}

/** A version is another resource whenever the code is another; those that were stay. */
function publish(resource: SamResource, alias: string, code: Json, properties: JsonObject): void {
  const { id, draft } = resource
  const path = resource.pathOf('AutoPublishAlias')
  const isOfAll = isTrue(resource.at('AutoPublishAliasAllProperties'))
  const sha = resource.at('AutoPublishCodeSha256')
  const hash = typeof sha === 'string' ? sha.slice(0, 10) : sha10(isOfAll ? properties : code)
  const version = `${id}Version${hash}`
  const name = `${id}Alias${alias}`
  resource.make(
    version,
    'AWS::Lambda::Version',
    { FunctionName: ref(id), Description: resource.at('VersionDescription') },
    { path, attributes: { DeletionPolicy: String(resource.at('VersionDeletionPolicy') ?? 'Retain') } },
  )
  resource.make(
    name,
    'AWS::Lambda::Alias',
    {
      Name: alias,
      FunctionName: ref(id),
      FunctionVersion: attributeOf(version, 'Version'),
      ProvisionedConcurrencyConfig: resource.at('ProvisionedConcurrencyConfig'),
    },
    { path },
  )
  draft.names.set(`${id}.Version`, version).set(`${id}.Alias`, name)
  if (resource.at('DeploymentPreference') !== undefined)
    resource.warn('the property DeploymentPreference has no effect here: the alias moves at once.', 'DeploymentPreference')
}

function makeUrl(resource: SamResource, alias: string | undefined): void {
  const config = resource.at('FunctionUrlConfig')
  if (!isObject(config)) return
  const { id } = resource
  const making = { path: resource.pathOf('FunctionUrlConfig') }
  const target = alias === undefined ? ref(id) : ref(`${id}Alias${alias}`)
  const type = getOwn(config, 'AuthType')
  resource.make(`${id}Url`, 'AWS::Lambda::Url', { TargetFunctionArn: target, ...config }, making)
  if (type !== 'NONE') return
  const permission = { FunctionName: target, Principal: '*' }
  resource.make(
    `${id}UrlPublicPermissions`,
    'AWS::Lambda::Permission',
    { Action: 'lambda:InvokeFunctionUrl', ...permission, FunctionUrlAuthType: type },
    making,
  )
  resource.make(
    `${id}URLInvokeFunctionAllowPublicAccess`,
    'AWS::Lambda::Permission',
    { Action: 'lambda:InvokeFunction', ...permission, InvokedViaFunctionUrl: true },
    making,
  )
}
