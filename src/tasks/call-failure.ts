/**
 * How a call that went wrong appears to Retry and Catch. Two styles: optimized integrations speak like the Java SDK 1,
 * aws-sdk integrations like the Java SDK 2.
 * Source: recorded texts (conformance families error_handling, services); AWS developer guide, "Error names" of aws-sdk.
 */
import { type Failure, failure } from '../base/failure.ts'

import type { TransportError } from '../wire/client.ts'
import type { Endpoints } from '../aws/endpoints.ts'
import type { CallFailure } from '../aws/failure.ts'
import type { AwsService } from '../aws/services.ts'

import { OwnOutage } from './connector.ts'
import { MODELLED_ERRORS } from './modelled-errors.ts'

/** `resourceType` names the task in the one text that does: `'lambda'`, `'aws-sdk:s3'`. */
export function optimizedFailure(service: AwsService, call: CallFailure, resourceType: string): Failure {
  const names = service.optimized ?? { prefix: service.sdk, service: service.sdk, unmodelled: `${service.sdk}Exception` }
  if (call.kind !== 'service') return clientFailure(names.prefix, call, resourceType)
  const { code, status, message, requestId } = call
  const cause = `${message} (Service: ${names.service}; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`
  return failure(`${names.prefix}.${modelledName(service, code) ?? names.unmodelled}`, cause)
}

/**
 * Throws OwnOutage where our own Step Functions says that it can keep nothing just now: neither could the failure of the task
 * that asked be kept, and when it can be, the task itself can be done.
 */
export function throwOwnOutage(endpoints: Endpoints, service: AwsService, call: CallFailure): void {
  const isOutage = call.kind === 'service' && call.status === 503 && call.code === 'ServiceUnavailable'
  if (isOutage && endpoints.endpointFor(service.id).isOwn === true) throw new OwnOutage(call.message)
}

export function sdkFailure(service: AwsService, call: CallFailure, resourceType: string): Failure {
  if (call.kind !== 'service') return clientFailure(service.sdk, call, resourceType)
  const name = modelledName(service, call.code) ?? `${service.sdk}Exception`
  return failure(`${service.sdk}.${name}`, sdkCause(service.sdk, call))
}

/** The newer SDK counts attempts in its texts; recordings show that for Step Functions, and not for S3 and DynamoDB. */
export function sdkCause(prefix: string, call: Extract<CallFailure, { kind: 'service' }>): string {
  const { message, status, requestId, extendedRequestId } = call
  const extended = extendedRequestId === undefined ? '' : `, Extended Request ID: ${extendedRequestId}`
  const attempts = prefix === 'Sfn' ? ' (SDK Attempt Count: 1)' : ''
  return `${message} (Service: ${prefix}, Status Code: ${status}, Request ID: ${requestId}${extended})${attempts}`
}

/** Older Query codes of SQS and their classes. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['NonExistentQueue', 'QueueDoesNotExist'],
  ['QueueAlreadyExists', 'QueueNameExists'],
])

/** The class of an error code, always ending in `Exception`; undefined where the SDK has none. */
function modelledName(service: AwsService, code: string): string | undefined {
  const last = code.slice(code.lastIndexOf('.') + 1)
  const bare = (RENAMED.get(last) ?? last).replace(/Exception$/, '')
  return MODELLED_ERRORS[service.id].has(bare) ? `${bare}Exception` : undefined
}

function clientFailure(prefix: string, call: Exclude<CallFailure, { kind: 'service' }>, resourceType: string): Failure {
  if (call.kind === 'credentials') return failure(`${prefix}.SdkClientException`, call.message)
  if (call.error.kind === 'tooLarge') {
    return failure(
      'States.DataLimitExceeded',
      `The state/task '${resourceType}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    )
  }
  return failure(`${prefix}.SdkClientException`, `Unable to execute HTTP request: ${describeTransport(call.error, call.host)}`)
}

function describeTransport(error: TransportError, host: string): string {
  const bare = host.replace(/:\d+$/, '')
  switch (systemCodeOf(error.cause)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${bare}: Name or service not known`
    case 'ECONNREFUSED':
      return `Connect to ${host} [${bare}] failed: Connection refused (Connection refused)`
    case 'ECONNRESET':
      return 'Connection reset'
    default:
      return error.kind === 'timeout' ? 'Read timed out' : error.message
  }
}

const systemCodeOf = (cause: unknown): string => {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return ''
  return typeof cause.code === 'string' ? cause.code : ''
}
