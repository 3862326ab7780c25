/** The errors of DynamoDB that we raise, under the names by which its clients know them. */
import type { Json } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

const OWN = 'com.amazonaws.dynamodb.v20120810#'
export const INTERNAL = `${OWN}InternalServerError`

export const dynamoError = (name: string, message: string, detail: Readonly<Record<string, Json>> = {}): WireError =>
  new WireError(400, OWN + name, message, detail)

export const validationError = (message: string): WireError =>
  new WireError(400, 'com.amazon.coral.validate#ValidationException', message)

const INVALID = 'One or more parameter values were invalid'
export const invalidValues = (message: string): WireError => validationError(`${INVALID}: ${message}`)

/** Of a body whose members have other types. */
export const typeError = (message: string): WireError =>
  new WireError(400, 'com.amazon.coral.service#SerializationException', message)

export const tableNotFound = (name: string): WireError =>
  dynamoError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`)
/** As the operations on items say it. */
export const resourceNotFound = (): WireError => dynamoError('ResourceNotFoundException', 'Requested resource not found')
export const tableInUse = (name: string): WireError => dynamoError('ResourceInUseException', `Table already exists: ${name}`)

/** `item`: what the condition was asked of, where the caller wants it back. */
export const conditionFailed = (item?: Json): WireError =>
  dynamoError('ConditionalCheckFailedException', 'The conditional request failed', item === undefined ? {} : { Item: item })

/** What a task in an error's name is called without its namespace. */
export const bareName = ({ code }: WireError): string => code.slice(code.indexOf('#') + 1)
