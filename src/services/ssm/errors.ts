/**
 * Parameter Store's errors, in the words of the service.
 * Source: Systems Manager API reference, errors of each action; AWS's answers as SDK users report them.
 */
import { WireError } from '../../wire/errors.ts'

import { constraintText, memberShown } from '../kit/constraint.ts'
import type { TagErrors } from '../kit/tags.ts'

export const ssmError = (code: string, message: string): WireError => new WireError(400, code, message)

export const validation = (message: string): WireError => ssmError('ValidationException', message)
export const parameterNotFound = (name: string): WireError => ssmError('ParameterNotFound', `Parameter ${name} not found.`)
export const publicNotFound = (name: string): WireError =>
  ssmError(
    'ParameterNotFound',
    `Parameter ${name} not found. Of AWS's public parameters the local Parameter Store has those of machine images alone; give the value itself, or put a parameter of your own.`,
  )
export const versionNotFound = (name: string, version: string | number): WireError =>
  ssmError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
  )
export const alreadyExists = (): WireError =>
  ssmError(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  )
export const invalidToken = (): WireError => ssmError('InvalidNextToken', 'The specified token is not valid.')
export const typeMismatch = (): WireError =>
  ssmError(
    'HierarchyTypeMismatchException',
    "Parameter store does not support changing a parameter type in a hierarchy. For example, you can't change a parameter from a String type to a SecureString type. You must create a new, unique parameter.",
  )
export const oldestHasLabel = (name: string, version: number): WireError =>
  ssmError(
    'ParameterMaxVersionLimitExceeded',
    `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
  )

/** AWS's text for a member that breaks its model's constraint. Values are never shown. */
export function constraintError(value: unknown, member: string, constraint: string): WireError {
  const shown = value === undefined ? 'null' : typeof value === 'string' || typeof value === 'number' ? `'${value}'` : undefined
  return validation(constraintText(shown, memberShown(member), constraint))
}

export const TAG_ERRORS: TagErrors = {
  tooMany: () => ssmError('TooManyTagsError', 'A parameter can have no more than 50 tags.'),
  badKey: () => validation('Tag keys must be between 1 and 128 characters long.'),
  badValue: () => validation('Tag values must be at most 256 characters long.'),
  reserved: () => validation('aws: prefixed tag key names are not allowed for external use.'),
}
