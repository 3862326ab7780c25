/**
 * The errors that Lambda's API answers with: AWS's names, statuses and texts. Thrown by the service, rendered by the handler.
 * Source: AWS Lambda API reference, "Errors" of each operation.
 */
import { WireError } from '../../wire/errors.ts'

import { constraintText } from '../kit/constraint.ts'
import type { TagErrors } from '../kit/tags.ts'

const STATUS = {
  CodeStorageExceededException: 400,
  InvalidParameterValueException: 400,
  InvalidRequestContentException: 400,
  PolicyLengthExceededException: 400,
  ValidationException: 400,
  AccessDeniedException: 403,
  CodeSigningConfigNotFoundException: 404,
  ProvisionedConcurrencyConfigNotFoundException: 404,
  ResourceNotFoundException: 404,
  UnknownOperationException: 404,
  ResourceConflictException: 409,
  PreconditionFailedException: 412,
  RequestTooLargeException: 413,
  UnsupportedMediaTypeException: 415,
  TooManyRequestsException: 429,
  ServiceException: 500,
} as const

export type LambdaErrorCode = keyof typeof STATUS

/** `detail` names further members of the error's body, such as the Reason of a throttle. */
export function lambdaError(
  code: LambdaErrorCode,
  message: string,
  options: { cause?: unknown; detail?: Record<string, string> } = {},
): WireError {
  const error = new WireError(STATUS[code], code, message, options.detail)
  if (options.cause !== undefined) error.cause = options.cause
  return error
}

/** Throws PreconditionFailedException where the caller has seen another revision than the current one. */
export function checkRevision(seen: string | undefined, current: string): void {
  if (seen === undefined || seen === current) return
  throw lambdaError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
  )
}

/** AWS's text for a member that breaks its model's constraint. */
export function constraintError(value: unknown, member: string, constraint: string): WireError {
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  return lambdaError('ValidationException', constraintText(`'${shown}'`, member, constraint))
}

export const TAG_ERRORS: TagErrors = {
  tooMany: () => lambdaError('InvalidParameterValueException', 'A resource can have no more than 50 tags.'),
  badKey: () => lambdaError('InvalidParameterValueException', 'Tag keys must be between 1 and 128 characters long.'),
  badValue: () => lambdaError('InvalidParameterValueException', 'Tag values must be at most 256 characters long.'),
  reserved: () => lambdaError('InvalidParameterValueException', 'aws: prefixed tag key names are not allowed for external use.'),
}
