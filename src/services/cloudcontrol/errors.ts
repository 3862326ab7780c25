/** Cloud Control's refusals. Source: Cloud Control API reference, each operation's errors; recorded texts. */
import { WireError } from '../../wire/errors.ts'

const refusal = (code: string, message: string): WireError => new WireError(400, code, message)

export const invalidInput = (message: string): WireError => refusal('ValidationException', message)
export const invalidRequest = (message: string): WireError => refusal('InvalidRequestException', message)
export const noSuchType = (type: string): WireError => refusal('TypeNotFoundException', `The type '${type}' cannot be found.`)
export const noSuchResource = (type: string, identifier: string): WireError =>
  refusal('ResourceNotFoundException', `Resource of type '${type}' with identifier '${identifier}' was not found.`)
export const noSuchRequest = (token: string): WireError =>
  refusal('RequestTokenNotFoundException', `Request with token ${token} was not found`)
export const unsupported = (type: string, action: string): WireError =>
  refusal('UnsupportedActionException', `Resource type ${type} does not support ${action} action`)
export const notUpdatable = (names: readonly string[]): WireError => {
  const paths = names.map((name) => `/properties/${name}`).join(', ')
  return refusal('NotUpdatableException', `Invalid patch update: createOnlyProperties [${paths}] cannot be updated`)
}
export const atWork = (type: string, identifier: string): WireError =>
  refusal('ConcurrentOperationException', `Resource of type '${type}' with identifier '${identifier}' is being worked on.`)
export const isOver = (token: string): WireError =>
  refusal('ConcurrentModificationException', `Request with token ${token} cannot be cancelled any more.`)
export const otherRequest = (token: string): WireError =>
  refusal('ClientTokenConflictException', `The client token ${token} was used for another request.`)
