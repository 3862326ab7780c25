/**
 * Lambda functions, with their code (`../code.ts`). Code is sent when its hash differs, configuration
 * when one of its members does.
 * Source: AWS SAM, AWS::Serverless::Function and Globals; CloudFormation, AWS::Lambda::Function; Lambda API reference.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { FUNCTIONS_PATH, functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { type Code, readCode } from '../code.ts'
import { codeSha256 } from '../zip.ts'
import { publishAs } from './function-alias.ts'
import {
  arnOf,
  type Declared,
  type DeployContext,
  type Deployed,
  numberAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  roleArnOf,
  tagsOf,
  textAt,
} from './resource.ts'

export const lambdaFunction: ResourceType = {
  ignores: [
    ...['VpcConfig', 'DeploymentPreference', 'FunctionUrlConfig', 'FileSystemConfigs', 'ImageConfig', 'DeadLetterConfig'],
    ...['DeadLetterQueue', 'ProvisionedConcurrencyConfig'],
  ],
  async deploy(declared, context) {
    const resource = isImage(declared) ? asStub(declared, context) : declared
    const { properties } = resource
    const name = textAt(properties, 'FunctionName') ?? physicalName(context, resource.id, 64)
    const { zip, variables } = await readCode(resource, context)
    const wanted = configurationOf(resource, variables, context)
    const { found, change: put } = await putFunction(name, zip, wanted, tagsOf(properties), context)
    const isReserved = await reserve(name, found, numberAt(properties, 'ReservedConcurrentExecutions'), context)
    const change = isReserved && put === 'unchanged' ? 'updated' : put
    const arn = arnOf(context, 'lambda', `function:${name}`)
    const alias = textAt(properties, 'AutoPublishAlias')
    const published = alias === undefined ? {} : await publishAs(alias, name, context)
    return { ref: name, attributes: { Arn: arn, FunctionName: name, ...published }, change }
  },
  async remove(ref, aws) {
    await orUndefined(aws.rest(SERVICES.lambda, 'DELETE', functionPath(ref)), 'ResourceNotFoundException')
    return undefined
  },
}

const isImage = ({ properties }: Declared): boolean =>
  textAt(properties, 'PackageType') === 'Image' || textAt(properties, 'ImageUri') !== undefined

/** There are no containers here: the function is there, and says so when it is called. */
function asStub(resource: Declared, context: DeployContext): Declared {
  const message = `${resource.id}: functions from container images do not run here`
  context.warn(`${message}: its calls fail.`)
  const thrown = `Object.assign(new Error(${JSON.stringify(message)}), { name: 'Runtime.ImageNotSupported' })`
  const { Code: _, ...properties } = resource.properties
  const InlineCode = `exports.handler = async () => { throw ${thrown} }`
  return { ...resource, properties: { ...properties, Runtime: 'nodejs22.x', Handler: 'index.handler', InlineCode } }
}

function configurationOf(resource: Declared, defaults: Code['variables'], context: DeployContext): JsonObject {
  const { properties } = resource
  const variables = { ...defaults, ...objectAt(objectAt(properties, 'Environment') ?? {}, 'Variables') }
  const texts = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, printed(value)]))
  const description = textAt(properties, 'Description')
  const architectures = getOwn(properties, 'Architectures')
  const layers = getOwn(properties, 'Layers')
  return {
    Role: roleArnOf(context, resource, 'Role'),
    Runtime: requiredText(properties, 'Runtime'),
    Handler:
      textAt(properties, 'Handler') ??
      (textAt(properties, 'Runtime')?.startsWith('provided') ? 'bootstrap' : requiredText(properties, 'Handler')),
    Timeout: numberAt(properties, 'Timeout') ?? 3,
    MemorySize: numberAt(properties, 'MemorySize') ?? 128,
    ...(description !== undefined && { Description: description }),
    Environment: { Variables: texts },
    ...(isArray(architectures) && { Architectures: architectures }),
    ...(isArray(layers) && { Layers: layers }),
  }
}

const printed = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

async function putFunction(
  name: string,
  zip: Buffer,
  wanted: JsonObject,
  tags: ReturnType<typeof tagsOf>,
  context: DeployContext,
): Promise<{ readonly found: JsonObject | undefined; readonly change: Deployed['change'] }> {
  const { aws } = context
  const path = functionPath(name)
  const found = await orUndefined(aws.rest(SERVICES.lambda, 'GET', path), 'ResourceNotFoundException')
  const code = { ZipFile: zip.toString('base64') }
  if (found === undefined) {
    const Tags = Object.fromEntries(tags.map(({ key, value }) => [key, value]))
    await aws.rest(SERVICES.lambda, 'POST', FUNCTIONS_PATH, {
      FunctionName: name,
      ...wanted,
      Code: code,
      ...(tags.length > 0 && { Tags }),
    })
    return { found, change: 'created' }
  }
  const current = objectAt(found, 'Configuration') ?? {}
  let isChanged = false
  if (textAt(current, 'CodeSha256') !== codeSha256(zip)) {
    await aws.rest(SERVICES.lambda, 'PUT', `${path}/code`, code)
    isChanged = true
  }
  const { Architectures: _, ...configuration } = wanted
  if (Object.entries(configuration).some(([key, value]) => !isSame(current[key], value))) {
    await aws.rest(SERVICES.lambda, 'PUT', `${path}/configuration`, configuration)
    isChanged = true
  }
  return { found, change: isChanged ? 'updated' : 'unchanged' }
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

/** An empty environment is not shown by Lambda, nor are layers where there are none. */
function isSame(found: Json | undefined, wanted: Json): boolean {
  if (isArray(wanted)) return stableJson(arnsIn(found)) === stableJson(wanted)
  const plain = (value: Json | undefined): Json =>
    isObject(value) ? { Variables: objectAt(value, 'Variables') ?? {} } : (value ?? null)
  return isObject(wanted)
    ? stableJson(isObject(found) ? plain(found) : { Variables: {} }) === stableJson(plain(wanted))
    : plain(found) === wanted
}

const arnsIn = (layers: Json | undefined): Json =>
  (isArray(layers) ? layers : []).map((layer) => (isObject(layer) ? (textAt(layer, 'Arn') ?? null) : layer))
