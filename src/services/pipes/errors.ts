/** The errors of Pipes, with AWS's names and statuses. Source: EventBridge Pipes API reference, "Errors" of each action. */
import { WireError } from '../../wire/errors.ts'

import { constraintText } from '../kit/constraint.ts'
import type { TagErrors } from '../kit/tags.ts'

export const invalid = (message: string): WireError => new WireError(400, 'ValidationException', message)
export const notFound = (name: string): WireError => new WireError(404, 'NotFoundException', `Pipe ${name} does not exist.`)
export const conflict = (message: string): WireError => new WireError(409, 'ConflictException', message)

/** AWS's text for a member that breaks its model's constraint. */
export const constraintError = (value: unknown, member: string, constraint: string): WireError =>
  invalid(constraintText(value === undefined || value === null ? 'null' : `'${String(value).slice(0, 300)}'`, member, constraint))

export const TAG_ERRORS: TagErrors = {
  tooMany: () => invalid('A pipe can have no more than 50 tags.'),
  badKey: (key) => constraintError(key, 'tags', 'Map keys must have length between 1 and 128, inclusive'),
  badValue: (value) => constraintError(value, 'tags', 'Map values must have length between 0 and 256, inclusive'),
  reserved: () => invalid('aws: prefixed tag key names are not allowed for external use.'),
}
