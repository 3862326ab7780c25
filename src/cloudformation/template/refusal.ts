/** How CloudFormation refuses a template or what is said with it. */
import { WireError } from '../../wire/errors.ts'

export const validationError = (message: string): WireError => new WireError(400, 'ValidationError', message)

export const formatError = (message: string): WireError => validationError(`Template format error: ${message}`)

export const templateError = (message: string): WireError => validationError(`Template error: ${message}`)

/** As AWS prints lists. */
export const listed = (names: Iterable<string>): string => `[${[...names].join(', ')}]`
