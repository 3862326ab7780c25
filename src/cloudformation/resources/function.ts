/**
 * Lambda functions, with their code (`../code.ts`). Code is sent when its hash differs, configuration
 * when one of its members does.
 * Source: CloudFormation template reference, AWS::Lambda::Function; Lambda API reference.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { FUNCTIONS_PATH, functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { readCode } from '../code.ts'
import { codeSha256 } from '../zip.ts'
import { changeLambdaTags } from './function-tags.ts'
import {
  arnOf,
  claim,
  type Code,
  type Declared,
  type DeployContext,
  type Deployed,
  droppedFrom,
  numberAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  roleArnOf,
  textAt,
  textsAt,
  valuesAt,
} from './resource.ts'
import { tagMapOf } from './tags.ts'
import { covers, typedMembers } from './typed.ts'

export const lambdaFunction: ResourceType = {
  ignores: [
    ...['CapacityProviderConfig', 'DurableConfig', 'FunctionScalingConfig'],
    ...['ImageConfig', 'PublishToLatestPublished', 'TenancyConfig'],
  ],
  replacedBy: ['FunctionName', 'PackageType', 'TenancyConfig'],
  async deploy(declared, context) {
    const resource = isImage(declared) ? asStub(declared, context) : declared
    const { properties } = resource
    const name = textAt(properties, 'FunctionName') ?? physicalName(context, resource.id, 64)
    const { zip, variables } = await readCode(resource, context)
    const wanted = configurationOf(resource, variables, context)
    const { found, change: put } = await putFunction(name, zip, wanted, resource, context)
    if (found === undefined) context.made(resource, name)
    const arn = arnOf(context, 'lambda', `function:${name}`)
    const isChanged = [
      await reserve(name, found, numberAt(properties, 'ReservedConcurrentExecutions'), context),
      await signCode(name, found, resource, context),
      await manageRuntime(name, resource, context),
      await allowLoops(name, resource, context),
      await changeLambdaTags(resource, arn, context.aws),
    ].includes(true)
    const change = isChanged && put === 'unchanged' ? 'updated' : put
    return { ref: name, attributes: { Arn: arn, FunctionName: name, ...snapStartOf(properties) }, change }
  },
  async remove(ref, aws) {
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', functionPath(ref)), 'ResourceNotFoundException')
    return undefined
  },
}

const isImage = ({ properties }: Declared): boolean =>
  textAt(properties, 'PackageType') === 'Image' || objectAt(properties, 'Code')?.['ImageUri'] !== undefined

/** There are no containers here: the function is there, and says so when it is called. */
function asStub(resource: Declared, context: DeployContext): Declared {
  const message = `${resource.id}: functions from container images do not run here`
  context.warn(`${message}: its calls fail.`)
  const thrown = `Object.assign(new Error(${JSON.stringify(message)}), { name: 'Runtime.ImageNotSupported' })`
  const { Code: _, ...properties } = resource.properties
  const ZipFile = `exports.handler = async () => { throw ${thrown} }`
  return { ...resource, properties: { ...properties, Runtime: 'nodejs22.x', Handler: 'index.handler', Code: { ZipFile } } }
}

function configurationOf(resource: Declared, defaults: Code['variables'], context: DeployContext): JsonObject {
  const { properties } = resource
  const variables = { ...defaults, ...objectAt(objectAt(properties, 'Environment') ?? {}, 'Variables') }
  const texts = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, printed(value)]))
  const layers = getOwn(properties, 'Layers')
  const key = textAt(properties, 'KmsKeyArn')
  const given = valuesAt(
    properties,
    Object.keys(UNSET).filter((name) => name !== 'KMSKeyArn'),
  )
  const gone = droppedFrom(resource, Object.keys(UNSET)).map((name) => [name, UNSET[name] ?? null] as const)
  return {
    ...Object.fromEntries(gone),
    ...(droppedFrom(resource, ['KmsKeyArn']).length > 0 && { KMSKeyArn: '' }),
    Role: roleArnOf(context, resource, 'Role'),
    Runtime: requiredText(properties, 'Runtime'),
    Handler:
      textAt(properties, 'Handler') ??
      (textAt(properties, 'Runtime')?.startsWith('provided') ? 'bootstrap' : requiredText(properties, 'Handler')),
    Timeout: numberAt(properties, 'Timeout') ?? 3,
    MemorySize: numberAt(properties, 'MemorySize') ?? 128,
    Environment: { Variables: texts },
    ...(isArray(layers) && { Layers: layers }),
    ...typedMembers(given, KINDS),
    ...(key !== undefined && { KMSKeyArn: key }),
  }
}

/** What is passed on as it is: how it is written where the template says it no more. */
const UNSET: JsonObject = {
  Architectures: ['x86_64'],
  DeadLetterConfig: { TargetArn: '' },
  Description: '',
  EphemeralStorage: { Size: 512 },
  FileSystemConfigs: [],
  Layers: [],
  LoggingConfig: { LogFormat: 'Text' },
  SnapStart: { ApplyOn: 'None' },
  TracingConfig: { Mode: 'PassThrough' },
  VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
}
const KINDS = { numbers: ['Size'], flags: ['Ipv6AllowedForDualStack'] }

/** A snapshot is shown of versions alone. */
function snapStartOf(properties: JsonObject): JsonObject {
  const ApplyOn = textAt(objectAt(properties, 'SnapStart') ?? {}, 'ApplyOn') ?? 'None'
  const OptimizationStatus = 'Off'
  return {
    SnapStartResponse: { ApplyOn, OptimizationStatus },
    'SnapStartResponse.ApplyOn': ApplyOn,
    'SnapStartResponse.OptimizationStatus': OptimizationStatus,
  }
}

const printed = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

async function putFunction(
  name: string,
  zip: Buffer,
  wanted: JsonObject,
  resource: Declared,
  context: DeployContext,
): Promise<{ readonly found: JsonObject | undefined; readonly change: Deployed['change'] }> {
  const { aws } = context
  const path = functionPath(name)
  const shown = await orUndefined(aws.rest(SERVICES.lambda, 'GET', path), 'ResourceNotFoundException')
  const found = claim(shown, resource, name, context)
  const code = { ZipFile: zip.toString('base64') }
  const { Architectures, ...configuration } = wanted
  const platform = Architectures === undefined ? {} : { Architectures }
  if (found === undefined) {
    const Tags = tagMapOf(resource.properties)
    const signing = textsAt(resource.properties, ['CodeSigningConfigArn'])
    const all = { FunctionName: name, ...configuration, ...platform, ...signing, Code: code }
    await aws.rest(SERVICES.lambda, 'POST', FUNCTIONS_PATH, { ...all, ...(Object.keys(Tags).length > 0 && { Tags }) })
    return { found, change: 'created' }
  }
  const current = objectAt(found, 'Configuration') ?? {}
  const hasOtherCode =
    textAt(current, 'CodeSha256') !== codeSha256(zip) || !isSame(current['Architectures'], Architectures ?? null)
  if (hasOtherCode) await aws.rest(SERVICES.lambda, 'PUT', `${path}/code`, { ...code, ...platform })
  const hasOthers = Object.entries(configuration).some(([key, value]) => !isSame(current[key], value))
  if (hasOthers) await aws.rest(SERVICES.lambda, 'PUT', `${path}/configuration`, configuration)
  return { found, change: hasOtherCode || hasOthers ? 'updated' : 'unchanged' }
}

/** Whether the executions that are kept for it were others. */
async function reserve(
  name: string,
  found: JsonObject | undefined,
  wanted: number | undefined,
  { aws }: DeployContext,
): Promise<boolean> {
  if (numberAt(objectAt(found ?? {}, 'Concurrency') ?? {}, 'ReservedConcurrentExecutions') === wanted) return false
  const path = `${functionPath(name, '2017-10-31')}/concurrency`
  if (wanted === undefined) await aws.rest(SERVICES.lambda, 'DELETE', path)
  else await aws.rest(SERVICES.lambda, 'PUT', path, { ReservedConcurrentExecutions: wanted })
  return true
}

/** Whether the code is to be signed by others than before. A function is made with what it says. */
async function signCode(
  name: string,
  found: JsonObject | undefined,
  resource: Declared,
  { aws }: DeployContext,
): Promise<boolean> {
  const wanted = textAt(resource.properties, 'CodeSigningConfigArn')
  const isDropped = droppedFrom(resource, ['CodeSigningConfigArn']).length > 0
  if (wanted === undefined && !isDropped) return false
  const path = `${functionPath(name, '2020-06-30')}/code-signing-config`
  const before = found === undefined ? undefined : textAt(await aws.rest(SERVICES.lambda, 'GET', path), 'CodeSigningConfigArn')
  if (before === wanted) return false
  if (wanted === undefined) await aws.rest(SERVICES.lambda, 'DELETE', path)
  else await aws.rest(SERVICES.lambda, 'PUT', path, { CodeSigningConfigArn: wanted })
  return true
}

/** Whether its runtime is kept up to date in another way. */
function manageRuntime(name: string, resource: Declared, context: DeployContext): Promise<boolean> {
  const unset = { UpdateRuntimeOn: 'Auto' }
  const isDropped = droppedFrom(resource, ['RuntimeManagementConfig']).length > 0
  const wanted = objectAt(resource.properties, 'RuntimeManagementConfig') ?? (isDropped ? unset : undefined)
  return putSetting(`${functionPath(name, '2021-07-20')}/runtime-management-config`, wanted, context)
}

/** Whether it may be called in circles. */
function allowLoops(name: string, resource: Declared, context: DeployContext): Promise<boolean> {
  const isDropped = droppedFrom(resource, ['RecursiveLoop']).length > 0
  const RecursiveLoop = textAt(resource.properties, 'RecursiveLoop') ?? (isDropped ? 'Terminate' : undefined)
  const wanted = RecursiveLoop === undefined ? undefined : { RecursiveLoop }
  return putSetting(`${functionPath(name, '2024-08-31')}/recursion-config`, wanted, context)
}

async function putSetting(path: string, wanted: JsonObject | undefined, { aws }: DeployContext): Promise<boolean> {
  if (wanted === undefined || covers(await aws.rest(SERVICES.lambda, 'GET', path), wanted)) return false
  await aws.rest(SERVICES.lambda, 'PUT', path, wanted)
  return true
}

/** Of variables, all are compared; of layers, their ARNs. */
function isSame(found: Json | undefined, wanted: Json): boolean {
  if (isArray(wanted) && isArray(found)) return stableJson(arnsIn(found)) === stableJson(wanted)
  const variables = isObject(wanted) ? objectAt(wanted, 'Variables') : undefined
  if (variables !== undefined)
    return stableJson((isObject(found) && objectAt(found, 'Variables')) || {}) === stableJson(variables)
  return wanted === null || covers(found, wanted)
}

const arnsIn = (layers: readonly Json[]): Json =>
  layers.map((layer) => (isObject(layer) ? (textAt(layer, 'Arn') ?? layer) : layer))
