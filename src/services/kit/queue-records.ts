/**
 * Messages of a queue in the members that Lambda and Pipes have for them. Pure.
 * Source: AWS Lambda developer guide, "Using Lambda with Amazon SQS".
 */
import { getOwn, isObject, type Json, type JsonObject } from '../../base/json.ts'

/** As ReceiveMessage gives it. */
export type Message = JsonObject

export function queueRecord(message: Message, eventSourceARN: string, awsRegion: string): JsonObject {
  const attributes = getOwn(message, 'MessageAttributes')
  const digest = getOwn(message, 'MD5OfMessageAttributes')
  return {
    messageId: message['MessageId'] ?? null,
    receiptHandle: message['ReceiptHandle'] ?? null,
    body: message['Body'] ?? null,
    attributes: message['Attributes'] ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(isObject(attributes) ? attributes : {}).map(([name, value]) => [name, attributeOf(value)]),
    ),
    ...(digest !== undefined && { md5OfMessageAttributes: digest }),
    md5OfBody: message['MD5OfBody'] ?? null,
    eventSource: 'aws:sqs',
    eventSourceARN,
    awsRegion,
  }
}

function attributeOf(value: Json): JsonObject {
  const given = isObject(value) ? value : {}
  const text = getOwn(given, 'StringValue')
  const bytes = getOwn(given, 'BinaryValue')
  return {
    ...(text !== undefined && { stringValue: text }),
    ...(bytes !== undefined && { binaryValue: bytes }),
    stringListValues: [],
    binaryListValues: [],
    dataType: getOwn(given, 'DataType') ?? 'String',
  }
}
