/**
 * Message attributes: how they are read from a request, and what is said of those that SNS does not take.
 * Source: Amazon SNS developer guide, "Amazon SNS message attributes"; texts as SNS answers them.
 */
import { getOwn, isObject, type JsonObject, utf8Length } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import { constraintText } from '../kit/constraint.ts'
import { objectList } from '../kit/input.ts'

import { optionalText } from './input.ts'

export interface MessageAttribute {
  readonly DataType: string
  readonly StringValue?: string
  readonly BinaryValue?: string
}

const NAME_CHARS_MAX = 256
const TYPE = /^(String|Number|Binary|String\.Array)(\..+)?$/

const invalid = (message: string) => new WireError(400, 'ParameterValueInvalid', message)

/** `within` is what stands before the member in texts: `publishBatchRequestEntries.1.member.`. */
export function readAttributes(input: JsonObject, within: string): ReadonlyMap<string, MessageAttribute> {
  const entries = objectList(input, 'MessageAttributes').map((entry) => {
    const name = optionalText(entry, 'Name') ?? ''
    checkName(name)
    const value = getOwn(entry, 'Value')
    return [name, readAttribute(name, isObject(value) ? value : {}, within)] as const
  })
  return new Map(entries)
}

function checkName(name: string): void {
  if (name.length > NAME_CHARS_MAX) throw invalid('Length of message attribute name must be less than 256 bytes.')
  if (name.startsWith('.')) throw invalid("Invalid message attribute name starting with character '.' was found.")
  if (name.endsWith('.')) throw invalid("Invalid message attribute name ending with character '.' was found.")
  const stranger = /[^\w.-]/u.exec(name)?.[0]
  if (stranger !== undefined) {
    const code = (stranger.codePointAt(0) ?? 0).toString(16).toUpperCase()
    throw invalid(
      `Invalid non-alphanumeric character '#x${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    )
  }
  if (name.includes('..')) throw invalid("Message attribute name can not have successive '.' character.")
}

function readAttribute(name: string, value: JsonObject, within: string): MessageAttribute {
  const type = optionalText(value, 'DataType')
  if (type === undefined) {
    const member = `${within}messageAttributes.${name}.member.dataType`
    throw new WireError(400, 'ValidationError', constraintText('null', member, 'Member must not be null'))
  }
  if (!TYPE.test(type))
    throw invalid(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  const kind = type.startsWith('Binary') ? 'Binary' : 'String'
  const [text, other] = [
    optionalText(value, `${kind}Value`),
    optionalText(value, kind === 'Binary' ? 'StringValue' : 'BinaryValue'),
  ]
  if (text === undefined && other !== undefined)
    throw invalid(`The message attribute '${name}' with type '${type}' must use field '${kind}'.`)
  if (text === undefined || text === '')
    throw invalid(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
    )
  if (type.startsWith('Number') && !Number.isFinite(Number(text)))
    throw invalid(`Could not cast message attribute '${name}' value to number.`)
  return kind === 'Binary' ? { DataType: type, BinaryValue: text } : { DataType: type, StringValue: text }
}

/** What counts towards the limit of a message. */
export function attributesBytes(attributes: ReadonlyMap<string, MessageAttribute>): number {
  let bytes = 0
  for (const [name, a] of attributes)
    bytes += utf8Length(name) + utf8Length(a.DataType) + utf8Length(a.StringValue ?? a.BinaryValue ?? '')
  return bytes
}
