/** SNS's errors, in the words of the service. Source: Amazon SNS API reference, errors of each action. */
import { WireError } from '../../wire/errors.ts'

export const notFound = (what: 'Topic' | 'Subscription' | 'Resource'): WireError =>
  new WireError(404, what === 'Resource' ? 'ResourceNotFound' : 'NotFound', `${what} does not exist`)

/** `Invalid parameter: …` */
export const invalidParameter = (reason: string): WireError =>
  new WireError(400, 'InvalidParameter', `Invalid parameter: ${reason}`)
