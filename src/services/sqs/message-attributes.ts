/**
 * Message attributes: how they are read from a request, judged, and chosen for an answer.
 * Source: Amazon SQS developer guide, "Amazon SQS message metadata"; API reference, MessageAttributeValue, ReceiveMessage.
 */
import { getOwn, isObject, type Json, type JsonObject, utf8Length } from '../../base/json.ts'

import type { MessageAttribute, MessageAttributes } from './digest.ts'
import { invalidParameter } from './errors.ts'

const ATTRIBUTES_MAX = 10
const NAME = /^[\p{L}\p{N}_\-.]{1,256}$/u
const DATA_TYPE = /^(String|Number|Binary)(\..{1,250})?$/

const XML_TEXT = /^[\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u
/** XML 1.0 characters: what AWS takes in a body, and in the text of an attribute. */
export const isMessageText = (text: string): boolean => XML_TEXT.test(text)
export const BAD_CHARACTERS =
  'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF'

export function readMessageAttributes(input: JsonObject, name: string): MessageAttributes {
  const value = getOwn(input, name)
  if (!isObject(value)) return new Map()
  const entries = Object.entries(value)
  if (entries.length > ATTRIBUTES_MAX) {
    throw invalidParameter(`Number of message attributes [${entries.length}] exceeds the allowed maximum [${ATTRIBUTES_MAX}].`)
  }
  return new Map(entries.map(([key, attribute]) => [key, readAttribute(key, attribute)]))
}

function readAttribute(name: string, value: Json): MessageAttribute {
  const isReserved = /^(aws|amazon)\./i.test(name)
  if (!NAME.test(name) || isReserved || name.startsWith('.') || name.endsWith('.') || name.includes('..')) {
    throw invalidParameter(`The message attribute name '${name}' is invalid.`)
  }
  const member = (key: string) => {
    const found = isObject(value) ? getOwn(value, key) : undefined
    return typeof found === 'string' ? found : undefined
  }
  const type = member('DataType')
  if (type === undefined || type === '') {
    throw invalidParameter(`The message attribute '${name}' must contain a non-empty message attribute type.`)
  }
  if (!DATA_TYPE.test(type)) {
    throw invalidParameter(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    )
  }
  const isBinary = type.startsWith('Binary')
  const text = member(isBinary ? 'BinaryValue' : 'StringValue')
  if (text === undefined || text === '') {
    const wanted = type.split('.', 1)[0]
    throw invalidParameter(`Message (user) attribute '${name}' must contain a non-empty value of type '${wanted}'.`)
  }
  if (!isBinary && !isMessageText(text)) throw invalidParameter(BAD_CHARACTERS)
  if (type.startsWith('Number') && !/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    throw invalidParameter(`Can't cast the value of message (user) attribute '${name}' to a number.`)
  }
  return isBinary ? { DataType: type, BinaryValue: text } : { DataType: type, StringValue: text }
}

/** Bytes that count towards the limit of a message. */
export function attributesBytes(attributes: MessageAttributes): number {
  let bytes = 0
  for (const [name, { DataType, StringValue, BinaryValue }] of attributes) {
    bytes += utf8Length(name) + utf8Length(DataType)
    bytes += BinaryValue === undefined ? utf8Length(StringValue ?? '') : Buffer.byteLength(BinaryValue, 'base64')
  }
  return bytes
}

/** Those that the receiver asked for: by name, `All`, `.*`, or `prefix.*`. */
export function selectAttributes(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const wants = (name: string) =>
    names.some((wanted) => wanted === 'All' || wanted === '.*' || wanted === name || isPrefixOf(wanted, name))
  return new Map([...attributes].filter(([name]) => wants(name)))
}

const isPrefixOf = (wanted: string, name: string): boolean => wanted.endsWith('.*') && name.startsWith(wanted.slice(0, -1))

export const printAttributes = (attributes: MessageAttributes): string => JSON.stringify([...attributes])
export const parseAttributes = (text: string): MessageAttributes => new Map(JSON.parse(text) as [string, MessageAttribute][])
