/** SNS's errors, in the words of the service. Source: Amazon SNS API reference, errors of each action. */
import { WireError } from '../../wire/errors.ts'

import type { TagErrors } from '../kit/tags.ts'

export const notFound = (what: 'Topic' | 'Subscription' | 'Resource'): WireError =>
  new WireError(404, what === 'Resource' ? 'ResourceNotFound' : 'NotFound', `${what} does not exist`)

/** `Invalid parameter: …` */
export const invalidParameter = (reason: string): WireError =>
  new WireError(400, 'InvalidParameter', `Invalid parameter: ${reason}`)

/** The same, of what came among the attributes of a new subscription. */
export const invalidAttribute = (reason: string): WireError => invalidParameter(`Attributes Reason: ${reason}`)

export const TAG_ERRORS: TagErrors = {
  tooMany: () => new WireError(400, 'TagLimitExceeded', 'Could not complete request: tag quota of per resource exceeded'),
  badKey: () => invalidParameter('Tags Reason: Tag keys must be between 1 and 128 characters long.'),
  badValue: () => invalidParameter('Tags Reason: Tag values must be at most 256 characters long.'),
  reserved: () => invalidParameter('Tags Reason: aws: prefixed tag key names are not allowed for external use.'),
}
