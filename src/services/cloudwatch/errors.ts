/**
 * CloudWatch's errors: the code in JSON and CBOR, and the older one of the Query protocol, which clients of all three show.
 * Source: CloudWatch's Smithy model (`awsQueryError`); AWS's answers as SDK users report them.
 */
import { WireError } from '../../wire/errors.ts'

import { constraintText, memberShown } from '../kit/constraint.ts'
import type { TagErrors } from '../kit/tags.ts'

const QUERY_CODES: ReadonlyMap<string, string> = new Map([
  ['DashboardInvalidInputError', 'InvalidParameterInput'],
  ['DashboardNotFoundError', 'ResourceNotFound'],
  ['InternalServiceFault', 'InternalServiceError'],
  ['InvalidFormatFault', 'InvalidFormat'],
  ['InvalidParameterCombinationException', 'InvalidParameterCombination'],
  ['InvalidParameterValueException', 'InvalidParameterValue'],
  ['LimitExceededFault', 'LimitExceeded'],
  ['MissingRequiredParameterException', 'MissingParameter'],
  ['UnknownOperationException', 'InvalidAction'],
])

export const queryCodeOf = (code: string): string => QUERY_CODES.get(code) ?? code

const refusal = (code: string, message: string, status = 400): WireError => new WireError(status, code, message)

export const invalidValue = (message: string): WireError => refusal('InvalidParameterValueException', message)
export const invalidCombination = (message: string): WireError => refusal('InvalidParameterCombinationException', message)
export const missingParameter = (member: string): WireError =>
  refusal('MissingRequiredParameterException', `The parameter ${member} is required.`)
export const validation = (message: string): WireError => refusal('ValidationError', message)
export const invalidFormat = (message: string): WireError => refusal('InvalidFormatFault', message)
export const invalidToken = (): WireError => refusal('InvalidNextToken', 'The next token specified is invalid.')
export const alarmNotFound = (): WireError => refusal('ResourceNotFound', 'Unknown', 404)
export const resourceNotFound = (): WireError => refusal('ResourceNotFoundException', 'Unknown', 404)
export const dashboardNotFound = (names: string): WireError =>
  refusal('DashboardNotFoundError', `The specified dashboard does not exist. [${names}]`, 404)
export const invalidDashboard = (text: string): WireError =>
  refusal('DashboardInvalidInputError', `The field DashboardBody must be a valid JSON object${text}`)

/** AWS's text for a member that breaks its model's constraint. */
export function constraintError(value: unknown, member: string, constraint: string): WireError {
  const shown = value === undefined ? 'null' : `'${typeof value === 'object' ? JSON.stringify(value) : String(value)}'`
  return validation(constraintText(shown, memberShown(member), constraint))
}

export const TAG_ERRORS: TagErrors = {
  tooMany: () => invalidValue('An alarm can have no more than 50 tags.'),
  badKey: () => invalidValue('Tag keys must be between 1 and 128 characters long.'),
  badValue: () => invalidValue('Tag values must be at most 256 characters long.'),
  reserved: () => invalidValue('aws: prefixed tag key names are not allowed for external use.'),
}
