/**
 * Secrets Manager's errors, in the words of the service.
 * Source: Secrets Manager API reference, errors of each action; AWS's answers as SDK users report them.
 */
import { WireError } from '../../wire/errors.ts'

import { constraintText, memberShown } from '../kit/constraint.ts'
import type { TagErrors } from '../kit/tags.ts'

const refusal = (code: string, message: string): WireError => new WireError(400, code, message)

export const invalidParameter = (message: string): WireError => refusal('InvalidParameterException', message)
export const invalidRequest = (message: string): WireError => refusal('InvalidRequestException', message)
export const invalidToken = (): WireError => refusal('InvalidNextTokenException', 'The NextToken value is invalid.')
export const validation = (message: string): WireError => refusal('ValidationException', message)
export const exists = (message: string): WireError => refusal('ResourceExistsException', message)

export const secretNotFound = (): WireError =>
  refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
/** `by`: `staging label: AWSCURRENT`, `VersionId: …`. */
export const valueNotFound = (by: string): WireError =>
  refusal('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${by}`)
export const markedForDeletion = (): WireError =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
export const tokenInUse = (token: string, arn: string): WireError =>
  exists(`You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`)

/** AWS's text for a member that breaks its model's constraint. A text may be the secret itself: it is never shown. */
export function constraintError(value: unknown, member: string, constraint: string): WireError {
  const shown = value === undefined ? 'null' : typeof value === 'number' ? `'${value}'` : undefined
  return validation(constraintText(shown, memberShown(member), constraint))
}

export const TAG_ERRORS: TagErrors = {
  tooMany: () => refusal('LimitExceededException', 'A secret can have no more than 50 tags.'),
  badKey: () => invalidParameter('Tag keys must be between 1 and 128 characters long.'),
  badValue: () => invalidParameter('Tag values must be at most 256 characters long.'),
  reserved: () => invalidParameter('aws: prefixed tag key names are not allowed for external use.'),
}
