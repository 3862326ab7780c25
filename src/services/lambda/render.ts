/** A function's record as the API shows it. Source: AWS Lambda API reference, "FunctionConfiguration". */
import { createHash } from 'node:crypto'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { type AliasRecord, type FunctionRecord, LATEST } from './records.ts'

export interface Place {
  readonly region: string
  readonly account: string
}

export const functionArn = (place: Place, name: string, qualifier?: string): string =>
  `arn:aws:lambda:${place.region}:${place.account}:function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`

/** `qualifier` is what the caller asked with; without one the ARN names no version. */
export function renderFunction(place: Place, record: FunctionRecord, qualifier?: string): JsonObject {
  return {
    FunctionName: record.name,
    FunctionArn: functionArn(place, record.name, qualifier),
    Runtime: record.runtime,
    Role: record.role,
    Handler: record.handler,
    CodeSize: record.codeSize,
    Description: record.description,
    Timeout: record.timeoutSeconds,
    MemorySize: record.memoryMb,
    LastModified: new Date(record.lastModifiedMs).toISOString().replace('Z', '+0000'),
    CodeSha256: record.codeSha256,
    Version: record.version,
    ...(record.variables && { Environment: { Variables: record.variables } }),
    TracingConfig: { Mode: record.tracingMode },
    RevisionId: record.revisionId,
    ...(record.layers.length > 0 && { Layers: record.layers.map((Arn) => ({ Arn, CodeSize: 0 })) }),
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: record.architectures,
    EphemeralStorage: { Size: record.ephemeralMb },
    ...renderKept(record),
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeArn(place, record.runtime) },
  }
}

export const logGroupOf = ({ name, logGroup }: FunctionRecord): string => logGroup ?? `/aws/lambda/${name}`

/** What is kept of a function without effect, as the service shows it. */
function renderKept(record: FunctionRecord): JsonObject {
  const member = (name: string): JsonObject => {
    const value = record.kept && getOwn(record.kept, name)
    return isObject(value) ? value : {}
  }
  const key = record.kept && getOwn(record.kept, 'KMSKeyArn')
  const systems = record.kept && getOwn(record.kept, 'FileSystemConfigs')
  const network = member('VpcConfig')
  const subnets = getOwn(network, 'SubnetIds')
  const applyOn = getOwn(member('SnapStart'), 'ApplyOn') ?? 'None'
  const isSnapped = applyOn !== 'None' && record.version !== LATEST
  const { LogFormat = 'Text', ...levels } = member('LoggingConfig')
  return {
    ...(record.deadLetterArn !== undefined && { DeadLetterConfig: { TargetArn: record.deadLetterArn } }),
    ...(isText(key) && key !== '' && { KMSKeyArn: key }),
    ...(isArray(systems) && systems.length > 0 && { FileSystemConfigs: systems }),
    ...(isArray(subnets) &&
      subnets.length > 0 && { VpcConfig: { Ipv6AllowedForDualStack: false, SecurityGroupIds: [], VpcId: VPC, ...network } }),
    SnapStart: { ApplyOn: applyOn, OptimizationStatus: isSnapped ? 'On' : 'Off' },
    LoggingConfig: {
      LogFormat,
      ...(LogFormat === 'JSON' && { ApplicationLogLevel: 'INFO', SystemLogLevel: 'INFO', ...levels }),
      LogGroup: logGroupOf(record),
    },
  }
}

/** There are no networks here: all subnets are of one. */
const VPC = 'vpc-00000000000000000'
const isText = (value: Json | undefined): value is string => typeof value === 'string'

/** One for each runtime, and always the same: what runs is this machine's own. */
const runtimeArn = (place: Place, runtime: string): string =>
  `arn:aws:lambda:${place.region}::runtime:${createHash('sha256').update(runtime).digest('hex')}`

/** Where the archive of a function's code is, beside Lambda's own doors. */
export const ARCHIVE_PATH = '/_regente/lambda/archive'

export const archiveLink = (endpoint: string, record: FunctionRecord): string =>
  linkTo(endpoint, { FunctionName: record.name, Qualifier: record.version })

export const layerLink = (endpoint: string, name: string, version: number): string =>
  linkTo(endpoint, { LayerName: name, Version: String(version) })

const linkTo = (endpoint: string, query: Record<string, string>): string =>
  `${endpoint}${ARCHIVE_PATH}?${new URLSearchParams(query)}`

export function renderAlias(place: Place, functionName: string, alias: AliasRecord): JsonObject {
  return {
    AliasArn: functionArn(place, functionName, alias.name),
    Name: alias.name,
    FunctionVersion: alias.functionVersion,
    Description: alias.description,
    ...(alias.canary && { RoutingConfig: { AdditionalVersionWeights: { [alias.canary.version]: alias.canary.weight } } }),
    RevisionId: alias.revisionId,
  }
}

export const isLatest = (qualifier: string | undefined): boolean => qualifier === undefined || qualifier === LATEST
