/**
 * SQS's errors. Each has two names: the shape of the JSON protocol and the older code of the Query protocol, which the
 * JSON answer carries too (`x-amzn-query-error`), so that programs written for either keep matching.
 * Source: Amazon SQS API reference, errors of each action; Smithy trait awsQueryError of the SQS model.
 */
import { WireError } from '../../wire/errors.ts'

import type { TagErrors } from '../kit/tags.ts'

const LEGACY = 'AWS.SimpleQueueService.'

const QUERY_CODES: ReadonlyMap<string, string> = new Map([
  ['QueueDoesNotExist', `${LEGACY}NonExistentQueue`],
  ['QueueNameExists', 'QueueAlreadyExists'],
  ['MessageNotInflight', `${LEGACY}MessageNotInflight`],
  ['PurgeQueueInProgress', `${LEGACY}PurgeQueueInProgress`],
  ['BatchEntryIdsNotDistinct', `${LEGACY}BatchEntryIdsNotDistinct`],
  ['BatchRequestTooLong', `${LEGACY}BatchRequestTooLong`],
  ['EmptyBatchRequest', `${LEGACY}EmptyBatchRequest`],
  ['InvalidBatchEntryId', `${LEGACY}InvalidBatchEntryId`],
  ['TooManyEntriesInBatchRequest', `${LEGACY}TooManyEntriesInBatchRequest`],
  ['UnsupportedOperation', `${LEGACY}UnsupportedOperation`],
  ['InvalidParameterValueException', 'InvalidParameterValue'],
  ['MissingRequiredParameterException', 'MissingParameter'],
])

/** `code` is the name of the JSON shape. */
export const sqsError = (code: string, message: string, status = 400): WireError => new WireError(status, code, message)

export const queryCodeOf = (code: string): string => QUERY_CODES.get(code) ?? code

export const queueDoesNotExist = (): WireError => sqsError('QueueDoesNotExist', 'The specified queue does not exist.')
export const invalidParameter = (message: string): WireError => sqsError('InvalidParameterValueException', message)
export const missingParameter = (name: string): WireError =>
  sqsError('MissingRequiredParameterException', `The request must contain the parameter ${name}.`)

export const tagErrors = (queue: string): TagErrors => ({
  tooMany: () => invalidParameter(`Too many tags added for queue ${queue}.`),
  badKey: () => invalidParameter('Tag keys must be between 1 and 128 characters long.'),
  badValue: () => invalidParameter('Tag values must be at most 256 characters long.'),
  reserved: () => invalidParameter('aws: prefixed tag key names are not allowed for external use.'),
})
