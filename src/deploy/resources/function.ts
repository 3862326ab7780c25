/**
 * Lambda functions, from a folder, a zip file, or code in the template. Code is sent when its hash differs, configuration
 * when one of its members does.
 * Source: AWS SAM, AWS::Serverless::Function and Globals; CloudFormation, AWS::Lambda::Function; Lambda API reference.
 */
import { readFile, stat } from 'node:fs/promises'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { FUNCTIONS_PATH, functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { localPath } from '../paths.ts'
import { codeSha256, zipEntries, zipFolder } from '../zip.ts'
import {
  arnOf,
  type Declared,
  type DeployContext,
  type Deployed,
  numberAt,
  objectAt,
  physicalName,
  PropertyError,
  requiredText,
  type ResourceType,
  roleArnOf,
  tagsOf,
  textAt,
  warnIgnored,
} from './resource.ts'

export const lambdaFunction: ResourceType = {
  async deploy(declared, context) {
    const resource = declared.type === 'AWS::Serverless::Function' ? withGlobals(declared, context.globals) : declared
    const { properties } = resource
    if (textAt(properties, 'PackageType') === 'Image' || textAt(properties, 'ImageUri') !== undefined) {
      throw new PropertyError('Functions from container images are not supported; give CodeUri.', 'PackageType')
    }
    warnIgnored(resource, context, [
      'Events',
      'Layers',
      'VpcConfig',
      'DeploymentPreference',
      'FunctionUrlConfig',
      'FileSystemConfigs',
    ])
    const name = textAt(properties, 'FunctionName') ?? physicalName(context, resource.id, 64)
    const zip = await readCode(resource, context)
    const change = await putFunction(name, zip, configurationOf(resource, context), tagsOf(properties), context)
    const arn = arnOf(context, 'lambda', `function:${name}`)
    return { ref: name, attributes: { Arn: arn, FunctionName: name }, change }
  },
}

/** What stands under Globals holds where the function says nothing; environments and tags are merged. */
function withGlobals(resource: Declared, globals: JsonObject): Declared {
  const common = objectAt(globals, 'Function')
  if (common === undefined) return resource
  const merged: Record<string, Json> = { ...common, ...resource.properties }
  for (const name of ['Environment', 'Tags']) {
    const [outer, inner] = [objectAt(common, name), objectAt(resource.properties, name)]
    if (outer === undefined || inner === undefined) continue
    const variables = { ...objectAt(outer, 'Variables'), ...objectAt(inner, 'Variables') }
    merged[name] = name === 'Environment' ? { Variables: variables } : { ...outer, ...inner }
  }
  return { ...resource, properties: merged }
}

function configurationOf(resource: Declared, context: DeployContext): JsonObject {
  const { properties } = resource
  const variables = objectAt(objectAt(properties, 'Environment') ?? {}, 'Variables') ?? {}
  const texts = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, printed(value)]))
  const description = textAt(properties, 'Description')
  const architectures = getOwn(properties, 'Architectures')
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
  }
}

const printed = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

async function putFunction(
  name: string,
  zip: Buffer,
  wanted: JsonObject,
  tags: ReturnType<typeof tagsOf>,
  context: DeployContext,
): Promise<Deployed['change']> {
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
    return 'created'
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
  return isChanged ? 'updated' : 'unchanged'
}

/** An empty environment is not shown by Lambda. */
function isSame(found: Json | undefined, wanted: Json): boolean {
  const plain = (value: Json | undefined): Json =>
    isObject(value) ? { Variables: objectAt(value, 'Variables') ?? {} } : (value ?? null)
  return isObject(wanted)
    ? stableJson(isObject(found) ? plain(found) : { Variables: {} }) === stableJson(plain(wanted))
    : plain(found) === wanted
}

async function readCode({ properties, metadata }: Declared, context: DeployContext): Promise<Buffer> {
  const code = objectAt(properties, 'Code') ?? {}
  const inline = textAt(properties, 'InlineCode') ?? textAt(code, 'ZipFile')
  if (inline !== undefined) return zipEntries([{ name: inlineName(properties), data: Buffer.from(inline) }])
  const uri =
    textAt(properties, 'CodeUri') ??
    textAt(metadata, 'aws:asset:path') ??
    (typeof properties['Code'] === 'string' ? properties['Code'] : undefined)
  if (uri === undefined) {
    throw new PropertyError('The code of a function must be local: CodeUri with a folder or zip file, or InlineCode.', 'CodeUri')
  }
  const path = localPath(context.folder, uri, 'CodeUri')
  context.watch(path)
  const status = await stat(path).catch(() => undefined)
  if (status === undefined) throw new PropertyError(`${path} does not exist.`, 'CodeUri')
  if (status.isDirectory()) return zipFolder(path)
  if (/\.(zip|jar)$/i.test(path)) return readFile(path)
  throw new PropertyError(`${path} is neither a folder nor a zip file.`, 'CodeUri')
}

/** Lambda puts code from a template into `index`, with the ending of the runtime. */
function inlineName(properties: JsonObject): string {
  const module = (textAt(properties, 'Handler') ?? 'index.handler').replace(/\.[^.]*$/, '')
  const runtime = textAt(properties, 'Runtime') ?? ''
  if (runtime.startsWith('python')) return `${module}.py`
  const source = textAt(properties, 'InlineCode') ?? textAt(objectAt(properties, 'Code') ?? {}, 'ZipFile') ?? ''
  return /^\s*(import|export)\s/m.test(source) ? `${module}.mjs` : `${module}.js`
}
