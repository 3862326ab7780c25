/** A function's record as the API shows it. Source: AWS Lambda API reference, "FunctionConfiguration". */
import { createHash } from 'node:crypto'

import type { JsonObject } from '../../base/json.ts'

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
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    RuntimeVersionConfig: { RuntimeVersionArn: runtimeArn(place, record.runtime) },
    LoggingConfig: { LogFormat: 'Text', LogGroup: `/aws/lambda/${record.name}` },
  }
}

/** One for each runtime, and always the same: what runs is this machine's own. */
const runtimeArn = (place: Place, runtime: string): string =>
  `arn:aws:lambda:${place.region}::runtime:${createHash('sha256').update(runtime).digest('hex')}`

/** Where the archive of a function's code is, beside Lambda's own doors. */
export const ARCHIVE_PATH = '/_regente/lambda/archive'

export function archiveLink(endpoint: string, record: FunctionRecord): string {
  const query = new URLSearchParams({ FunctionName: record.name, Qualifier: record.version })
  return `${endpoint}${ARCHIVE_PATH}?${query}`
}

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

export function renderPolicy(record: FunctionRecord): string {
  const statements = record.policy.map(({ statement }) => statement).join(',')
  return `{"Version":"2012-10-17","Id":"default","Statement":[${statements}]}`
}

export const isLatest = (qualifier: string | undefined): boolean => qualifier === undefined || qualifier === LATEST
