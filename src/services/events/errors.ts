/** EventBridge's errors, with AWS's names and texts. Source: EventBridge API reference, "Errors" of each action. */
import { WireError } from '../../wire/errors.ts'

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
  return invalidParameter(
    `1 validation error detected: Value ${shown} at '${member}' failed to satisfy constraint: ${constraint}`,
  )
}
