/**
 * IAM's errors, in the words of the service.
 * Source: IAM API reference, errors of each action; AWS's recorded answers.
 */
import { WireError } from '../../wire/errors.ts'

import { constraintText, memberShown } from '../kit/constraint.ts'

export const noSuchEntity = (message: string): WireError => new WireError(404, 'NoSuchEntity', message)
export const alreadyExists = (message: string): WireError => new WireError(409, 'EntityAlreadyExists', message)
export const limitExceeded = (message: string): WireError => new WireError(409, 'LimitExceeded', message)
export const quotaExceeded = (quota: string, most: number): WireError =>
  limitExceeded(`Cannot exceed quota for ${quota}: ${most}`)
export const invalidInput = (message: string): WireError => new WireError(400, 'InvalidInput', message)
export const validationError = (message: string): WireError => new WireError(400, 'ValidationError', message)
export const malformedPolicy = (message: string): WireError => new WireError(400, 'MalformedPolicyDocument', message)
export const unmodifiable = (roleName: string): WireError =>
  new WireError(
    400,
    'UnmodifiableEntity',
    `Cannot perform the operation on the protected role '${roleName}' - this role is only modifiable by AWS`,
  )
export const accessDenied = (caller: string, action: string, resource: string): WireError =>
  new WireError(403, 'AccessDenied', `User: ${caller} is not authorized to perform: iam:${action} on resource: ${resource}`)

export const deleteConflict = (message: string): WireError => new WireError(409, 'DeleteConflict', message)
/** `must`: `detach all policies`. */
export const mustFirst = (must: string): WireError => deleteConflict(`Cannot delete entity, must ${must} first.`)

/** AWS's text for a member that breaks its model's constraint; IAM does not show the value. */
export const constraintError = (member: string, constraint: string): WireError =>
  validationError(constraintText(undefined, memberShown(member), constraint))
