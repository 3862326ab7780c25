/** CloudWatch Logs' errors, with AWS's names and texts. Source: CloudWatch Logs API reference, "Errors" of each action. */
import { WireError } from '../../wire/errors.ts'

import { constraintText } from '../kit/constraint.ts'
import type { TagErrors } from '../kit/tags.ts'

export const logsError = (code: string, message: string): WireError => new WireError(400, code, message)

export const groupNotFound = (): WireError => logsError('ResourceNotFoundException', 'The specified log group does not exist.')
export const streamNotFound = (): WireError => logsError('ResourceNotFoundException', 'The specified log stream does not exist.')
export const groupExists = (): WireError => logsError('ResourceAlreadyExistsException', 'The specified log group already exists')
export const streamExists = (): WireError =>
  logsError('ResourceAlreadyExistsException', 'The specified log stream already exists')
export const invalidParameter = (message: string): WireError => logsError('InvalidParameterException', message)

/** AWS's text for a member that breaks its model's constraint. */
export function constraintError(value: unknown, member: string, constraint: string): WireError {
  const shown =
    value === undefined
      ? 'null'
      : typeof value === 'string'
        ? `'${value.slice(0, 600)}'`
        : `'${JSON.stringify(value)?.slice(0, 600)}'`
  return invalidParameter(constraintText(shown, member, constraint))
}

export const TAG_ERRORS: TagErrors = {
  tooMany: () => logsError('TooManyTagsException', 'A resource can have no more than 50 tags.'),
  badKey: (key) => constraintError(key, 'tags', 'Map keys must satisfy constraint: [Member must have length between 1 and 128]'),
  badValue: (value) =>
    constraintError(value, 'tags', 'Map values must satisfy constraint: [Member must have length between 0 and 256]'),
  reserved: () => invalidParameter('aws: prefixed tag key names are not allowed for external use.'),
}
