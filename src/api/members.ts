/** Members that several operations have in common. */
import type * as sfn from '@aws-sdk/client-sfn'

import type { Input } from './input.ts'

export const ARN = { min: 1, max: 256 }
export const LONG_ARN = { min: 1, max: 2_000 }
const INCLUDED = ['ALL_DATA', 'METADATA_ONLY'] as const
export const MACHINE_TYPES = ['STANDARD', 'EXPRESS'] as const

interface Paged {
  maxResults?: number | undefined
  nextToken?: string | undefined
}

/** 0 and absent are a hundred. */
export function pageOf<T extends Paged>(
  input: Input<T>,
  tokenMax = 1_024,
): { readonly limit: number; readonly token: string | undefined } {
  const paged = input as unknown as Input<Paged>
  const max = paged.number('maxResults', { min: 0, max: 1_000 })
  return { limit: max || 100, token: paged.optionalText('nextToken', { min: 1, max: tokenMax }) }
}

export function isMetadataOnly<T extends { includedData?: sfn.IncludedData | undefined }>(input: Input<T>): boolean {
  return (input as unknown as Input<{ includedData: string }>).choice('includedData', INCLUDED) === 'METADATA_ONLY'
}

export const readTag = (tag: Input<sfn.Tag>) => ({
  key: tag.optionalText('key', { min: 1, max: 128 }) ?? '',
  value: tag.optionalText('value', { max: 256 }) ?? '',
})

export const readRoute = (route: Input<sfn.RoutingConfigurationListItem>) => ({
  stateMachineVersionArn: route.text('stateMachineVersionArn', ARN),
  weight: route.required('weight', route.number('weight', { min: 0, max: 100 }), 0),
})

export function readLogging(logging: Input<sfn.LoggingConfiguration>) {
  const level = logging.choice('level', ['ALL', 'ERROR', 'FATAL', 'OFF'])
  const includeExecutionData = logging.flag('includeExecutionData')
  const destinations = logging.list('destinations', { item: 'LogDestination' }, (destination) => {
    const group = destination.nested('cloudWatchLogsLogGroup', (group) => {
      const logGroupArn = group.optionalText('logGroupArn', ARN)
      return logGroupArn === undefined ? {} : { logGroupArn }
    })
    return group ? { cloudWatchLogsLogGroup: group } : {}
  })
  return {
    ...(level !== undefined && { level }),
    ...(includeExecutionData !== undefined && { includeExecutionData }),
    ...(destinations && { destinations }),
  }
}

export function readTracing(tracing: Input<sfn.TracingConfiguration>) {
  return { enabled: tracing.flag('enabled') ?? false }
}

export function readEncryption(encryption: Input<sfn.EncryptionConfiguration>) {
  const kmsKeyId = encryption.optionalText('kmsKeyId', { min: 1, max: 2_048 })
  const seconds = encryption.number('kmsDataKeyReusePeriodSeconds', { min: 60, max: 900 })
  const type = encryption.choice('type', ['AWS_OWNED_KEY', 'CUSTOMER_MANAGED_KMS_KEY'])
  return {
    type: encryption.required('type', type, 'AWS_OWNED_KEY'),
    ...(kmsKeyId !== undefined && { kmsKeyId }),
    ...(seconds !== undefined && { kmsDataKeyReusePeriodSeconds: seconds }),
  }
}
