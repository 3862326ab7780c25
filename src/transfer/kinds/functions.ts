/**
 * Functions with their code, URLs, permissions and event sources. An alias comes along where it leads to the code of today.
 * Layers are told: a function is there without them.
 * Source: Lambda API reference, GetFunction; CloudFormation, AWS::Lambda::*.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { jsonOf } from '../../base/json-text.ts'

import { FUNCTIONS_PATH, functionPath } from '../../aws/paths.ts'
import { SERVICES } from '../../aws/services.ts'
import { orUndefined } from '../../cloudformation/aws.ts'
import { listAt, numberAt, objectAt, requiredText, textAt, textsAt, valuesAt } from '../../cloudformation/resources/resource.ts'

import type { Inventory } from '../inventory.ts'
import { pagesOf, queryOf, type Source } from '../source.ts'
import { tagsIn } from '../tags.ts'

const MARKER = ['NextMarker', 'Marker'] as const
const DISK_MB = 512

export async function readFunctions(source: Source, inventory: Inventory): Promise<void> {
  const list = (path: string) => (token: JsonObject) => source.get(SERVICES.lambda, path, queryOf(token))
  for (const listed of await pagesOf(list(FUNCTIONS_PATH), 'Functions', MARKER)) {
    const name = requiredText(listed, 'FunctionName')
    await inventory.attempt('functions', name, () => readFunction(name, source, inventory))
  }
  const mappings = await pagesOf(list('/2015-03-31/event-source-mappings'), 'EventSourceMappings', MARKER)
  for (const mapping of mappings) readMapping(mapping, inventory)
}

async function readFunction(name: string, source: Source, inventory: Inventory): Promise<void> {
  const told = await source.get(SERVICES.lambda, functionPath(name))
  const configuration = objectAt(told, 'Configuration') ?? {}
  const location = textAt(objectAt(told, 'Code') ?? {}, 'Location')
  if (textAt(configuration, 'PackageType') === 'Image' || location === undefined)
    return inventory.leave('functions', name, 'its code is an image, or a folder of its machine')
  for (const layer of listAt(configuration, 'Layers').filter(isObject))
    inventory.leave('functions', `${name}: ${textAt(layer, 'Arn')}`, 'layers are not copied; the function is there without it')
  for (const member of ['VpcConfig', 'FileSystemConfigs', 'KMSKeyArn'].filter((one) => isSaid(configuration[one])))
    inventory.leave('functions', `${name}: its ${member}`, 'what it leads to is not copied; the function is there without it')
  const arn = requiredText(configuration, 'FunctionArn')
  const reserved = numberAt(objectAt(told, 'Concurrency') ?? {}, 'ReservedConcurrentExecutions')
  inventory.add({
    kind: 'functions',
    type: 'AWS::Lambda::Function',
    name,
    properties: {
      FunctionName: name,
      ...settingsOf(configuration),
      ...(reserved !== undefined && { ReservedConcurrentExecutions: reserved }),
      ...tagsIn(told),
    },
    known: { [arn]: 'Arn' },
    // A link lasts ten minutes: one for whoever comes later.
    readCode: async () => {
      const again = await source.get(SERVICES.lambda, functionPath(name))
      return source.download(requiredText(objectAt(again, 'Code') ?? {}, 'Location'))
    },
  })
  await readUrl(name, arn, source, inventory)
  await readPermissions(name, arn, source, inventory)
  await readAliases(name, arn, configuration, source, inventory)
}

/** A network is told by its subnets. */
function isSaid(value: Json | undefined): boolean {
  if (isObject(value)) return listAt(value, 'SubnetIds').length > 0
  return isArray(value) ? value.length > 0 : value !== undefined && value !== ''
}

function settingsOf(configuration: JsonObject): JsonObject {
  const { Description = '' } = textsAt(configuration, ['Description'])
  const disk = numberAt(objectAt(configuration, 'EphemeralStorage') ?? {}, 'Size') ?? DISK_MB
  const variables = objectAt(objectAt(configuration, 'Environment') ?? {}, 'Variables')
  const logging = objectAt(configuration, 'LoggingConfig') ?? {}
  const isTraced = textAt(objectAt(configuration, 'TracingConfig') ?? {}, 'Mode') === 'Active'
  return {
    ...textsAt(configuration, ['Runtime', 'Handler', 'Role']),
    ...(Description !== '' && { Description }),
    ...valuesAt(configuration, ['Timeout', 'MemorySize', 'Architectures', 'DeadLetterConfig']),
    ...(variables !== undefined && Object.keys(variables).length > 0 && { Environment: { Variables: variables } }),
    ...(disk !== DISK_MB && { EphemeralStorage: { Size: disk } }),
    ...(isTraced && { TracingConfig: { Mode: 'Active' } }),
    ...(textAt(logging, 'LogFormat') === 'JSON' && { LoggingConfig: logging }),
  }
}

async function readUrl(name: string, arn: string, source: Source, inventory: Inventory): Promise<void> {
  const asked = source.get(SERVICES.lambda, `${functionPath(name, '2021-10-31')}/url`)
  const url = await orUndefined(asked, 'ResourceNotFoundException')
  if (url === undefined) return
  inventory.add({
    kind: 'functions',
    type: 'AWS::Lambda::Url',
    name: `${name}: its URL`,
    properties: { TargetFunctionArn: arn, ...valuesAt(url, ['AuthType', 'Cors', 'InvokeMode']) },
    known: { [requiredText(url, 'FunctionUrl')]: 'FunctionUrl' },
  })
}

async function readPermissions(name: string, arn: string, source: Source, inventory: Inventory): Promise<void> {
  const asked = source.get(SERVICES.lambda, `${functionPath(name)}/policy`)
  const policy = jsonOf(textAt((await orUndefined(asked, 'ResourceNotFoundException')) ?? {}, 'Policy') ?? '')
  for (const statement of isObject(policy) ? listAt(policy, 'Statement').filter(isObject) : []) {
    const properties = permissionOf(statement)
    inventory.add({
      kind: 'functions',
      type: 'AWS::Lambda::Permission',
      name: `${name}: ${textAt(statement, 'Sid')}`,
      properties: { FunctionName: arn, ...properties },
    })
  }
}

/** A statement of a function's policy, as what it was made of. */
function permissionOf(statement: JsonObject): JsonObject {
  const principal = getOwn(statement, 'Principal')
  const who = isObject(principal) ? (textAt(principal, 'Service') ?? textAt(principal, 'AWS') ?? '*') : String(principal ?? '*')
  const conditions = Object.values(objectAt(statement, 'Condition') ?? {}).filter(isObject)
  const conditionOf = (key: string): string | undefined =>
    conditions.map((one) => Object.entries(one).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1]).find(isText)
  const given = {
    SourceArn: conditionOf('AWS:SourceArn'),
    SourceAccount: conditionOf('AWS:SourceAccount'),
    PrincipalOrgID: conditionOf('aws:PrincipalOrgID'),
    FunctionUrlAuthType: conditionOf('lambda:FunctionUrlAuthType'),
  }
  const said = Object.entries(given).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return {
    Action: textAt(statement, 'Action') ?? 'lambda:InvokeFunction',
    Principal: who.replace(/^arn:[\w-]+:iam::(\d{12}):root$/, '$1'),
    ...Object.fromEntries(said),
    ...(conditionOf('lambda:InvokedViaFunctionUrl') === 'true' && { InvokedViaFunctionUrl: true }),
  }
}

const isText = (value: Json | undefined): value is string => typeof value === 'string'

async function readAliases(name: string, arn: string, latest: JsonObject, source: Source, inventory: Inventory): Promise<void> {
  const ask = (token: JsonObject) => source.get(SERVICES.lambda, `${functionPath(name)}/aliases`, queryOf(token))
  for (const alias of await pagesOf(ask, 'Aliases', MARKER)) {
    const told = `${name}:${requiredText(alias, 'Name')}`
    const version = requiredText(alias, 'FunctionVersion')
    if (objectAt(alias, 'RoutingConfig') !== undefined || !(await isLatest(name, version, latest, source))) {
      inventory.leave('functions', told, 'it leads to an older version of the function, and only what it is now is copied')
      continue
    }
    const versionArn = `${arn}:${version}`
    if (version !== '$LATEST' && !inventory.found.some(({ known }) => known?.[VERSION + versionArn] !== undefined))
      inventory.add({
        kind: 'functions',
        type: 'AWS::Lambda::Version',
        name: `${name}:${version}`,
        properties: { FunctionName: arn },
        known: { [versionArn]: 'FunctionArn', [VERSION + versionArn]: 'Version' },
      })
    inventory.add({
      kind: 'functions',
      type: 'AWS::Lambda::Alias',
      name: told,
      properties: {
        FunctionName: arn,
        Name: requiredText(alias, 'Name'),
        FunctionVersion: version === '$LATEST' ? version : VERSION + versionArn,
        ...(textAt(alias, 'Description') ? { Description: requiredText(alias, 'Description') } : {}),
      },
      known: { [requiredText(alias, 'AliasArn')]: 'Ref' },
    })
  }
}

/** A version is told by its number, which is another one elsewhere: here it is told by its ARN. */
const VERSION = 'arn:version:'

async function isLatest(name: string, version: string, latest: JsonObject, source: Source): Promise<boolean> {
  if (version === '$LATEST') return true
  const path = `${functionPath(name)}/configuration`
  const found = await source.get(SERVICES.lambda, path, queryOf({ Qualifier: version }))
  return textAt(found, 'CodeSha256') === textAt(latest, 'CodeSha256')
}

const MAPPED = [
  ...[
    'BatchSize',
    'BisectBatchOnFunctionError',
    'DestinationConfig',
    'EventSourceArn',
    'FilterCriteria',
    'FunctionResponseTypes',
  ],
  ...['MaximumBatchingWindowInSeconds', 'MaximumRecordAgeInSeconds', 'MaximumRetryAttempts', 'ParallelizationFactor'],
  ...['ScalingConfig', 'StartingPosition', 'TumblingWindowInSeconds'],
]

function readMapping(mapping: JsonObject, inventory: Inventory): void {
  const functionArn = requiredText(mapping, 'FunctionArn')
  const from = textAt(mapping, 'EventSourceArn') ?? 'a source of its own'
  const source = /:table\/([^/]+)/.exec(from)?.[1] ?? from.split(':').at(-1)
  const name = `${source} → ${functionArn.split(':function:').at(-1)}`
  if (!/^arn:[\w-]+:(?:sqs:|dynamodb:)/.test(from))
    return inventory.leave('functions', name, 'only queues and streams of tables are event sources here')
  const isOff = /^Disabl/.test(textAt(mapping, 'State') ?? '')
  const properties = { FunctionName: functionArn, ...valuesAt(mapping, MAPPED), ...(isOff && { Enabled: false }) }
  inventory.add({ kind: 'functions', type: 'AWS::Lambda::EventSourceMapping', name, properties })
}
