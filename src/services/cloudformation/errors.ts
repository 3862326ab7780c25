/** CloudFormation's refusals. Source: CloudFormation API reference, "Common errors" and each action's errors; recorded texts. */
import { WireError } from '../../wire/errors.ts'

export const validationError = (message: string): WireError => new WireError(400, 'ValidationError', message)

export const noSuchStack = (name: string): WireError => validationError(`Stack with id ${name} does not exist`)

export const alreadyExists = (name: string): WireError =>
  new WireError(400, 'AlreadyExistsException', `Stack [${name}] already exists`)

export const noSuchChangeSet = (name: string): WireError =>
  new WireError(404, 'ChangeSetNotFound', `ChangeSet [${name}] does not exist`)

export const changeSetExists = (name: string): WireError =>
  new WireError(
    400,
    'AlreadyExistsException',
    `ChangeSet ${name} cannot be created due to a mismatch with existing attribute Template`,
  )

export const invalidChangeSet = (message: string): WireError => new WireError(400, 'InvalidChangeSetStatus', message)

export const constraintError = (value: string, member: string, constraint: string): WireError =>
  validationError(`1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`)
