/** EventBridge's errors, with AWS's names and texts. Source: EventBridge API reference, "Errors" of each action. */
import { WireError } from '../../wire/errors.ts'

import { constraintText } from '../kit/constraint.ts'
import type { TagErrors } from '../kit/tags.ts'

export const eventsError = (code: string, message: string): WireError => new WireError(400, code, message)

export const invalidParameter = (message: string): WireError => eventsError('ValidationException', message)
export const invalidPattern = (reason: string): WireError =>
  eventsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`)
export const busNotFound = (bus: string): WireError =>
  eventsError('ResourceNotFoundException', `Event bus ${bus} does not exist.`)
export const ruleNotFound = (rule: string, bus: string): WireError =>
  eventsError('ResourceNotFoundException', `Rule ${rule} does not exist on EventBus ${bus}.`)
export const alreadyExists = (what: string): WireError => eventsError('ResourceAlreadyExistsException', `${what} already exists.`)

/** AWS's text for a member that breaks its model's constraint. */
export function constraintError(value: unknown, member: string, constraint: string): WireError {
  const shown = value === undefined || value === null ? 'null' : `'${String(value).slice(0, 300)}'`
  return invalidParameter(constraintText(shown, member, constraint))
}

export const TAG_ERRORS: TagErrors = {
  tooMany: () => eventsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.'),
  badKey: (key) => constraintError(key, 'tags.1.member.key', 'Member must have length between 1 and 128, inclusive'),
  badValue: (value) => constraintError(value, 'tags.1.member.value', 'Member must have length between 0 and 256, inclusive'),
  reserved: () => invalidParameter('aws: prefixed tag key names are not allowed for external use.'),
}
