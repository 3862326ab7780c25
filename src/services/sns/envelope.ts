/**
 * What a subscriber receives: SNS's JSON envelope, the bare message, or a Lambda event.
 * Source: Amazon SNS developer guide, "Parsing Amazon SNS message formats"; AWS Lambda developer guide, "Using Lambda with SNS".
 */
import type { Json, JsonObject } from '../../base/json.ts'

import type { MessageAttribute } from './message-attributes.ts'

export interface Notification {
  readonly messageId: string
  readonly topicArn: string
  readonly subject: string | undefined
  readonly message: string
  readonly timestamp: string
  readonly attributes: ReadonlyMap<string, MessageAttribute>
  readonly sequenceNumber: string | undefined
  /** Messages of FIFO topics have none. */
  readonly signature: Signature | undefined
  readonly unsubscribeUrl: string
}

export interface Signature {
  readonly version: string
  /** Base64. */
  readonly value: string
  readonly certUrl: string
}

/** `{ Type, Value }` per attribute, as envelopes show them. */
function renderAttributes(attributes: ReadonlyMap<string, MessageAttribute>): JsonObject {
  return Object.fromEntries(
    [...attributes].map(([name, a]) => [name, { Type: a.DataType, Value: a.StringValue ?? a.BinaryValue ?? '' }]),
  )
}

/** Spelled over lines, with a space before each colon, as SNS spells it. */
export function renderEnvelope(n: Notification): string {
  return spell([
    ['Type', 'Notification'],
    ['MessageId', n.messageId],
    ['SequenceNumber', n.sequenceNumber],
    ['TopicArn', n.topicArn],
    ['Subject', n.subject],
    ['Message', n.message],
    ['Timestamp', n.timestamp],
    ...signatureMembers(n.signature),
    ['UnsubscribeURL', n.unsubscribeUrl],
    ['MessageAttributes', n.attributes.size === 0 ? undefined : renderAttributes(n.attributes)],
  ])
}

export interface Confirmation {
  readonly messageId: string
  readonly token: string
  readonly topicArn: string
  readonly message: string
  readonly subscribeUrl: string
  readonly timestamp: string
  readonly signature: Signature
}

export function renderConfirmation(c: Confirmation): string {
  return spell([
    ['Type', 'SubscriptionConfirmation'],
    ['MessageId', c.messageId],
    ['Token', c.token],
    ['TopicArn', c.topicArn],
    ['Message', c.message],
    ['SubscribeURL', c.subscribeUrl],
    ['Timestamp', c.timestamp],
    ...signatureMembers(c.signature),
  ])
}

const signatureMembers = (signature: Signature | undefined) =>
  [
    ['SignatureVersion', signature?.version],
    ['Signature', signature?.value],
    ['SigningCertURL', signature?.certUrl],
  ] as const

function spell(members: readonly (readonly [string, Json | undefined])[]): string {
  const lines = members.flatMap(([name, value]) =>
    value === undefined ? [] : [`  ${JSON.stringify(name)} : ${spellValue(value)}`],
  )
  return `{\n${lines.join(',\n')}\n}`
}

function spellValue(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const lines = Object.entries(value).map(([name, member]) => `    ${JSON.stringify(name)} : ${JSON.stringify(member)}`)
  return `{\n${lines.join(',\n')}\n  }`
}

export function renderLambdaEvent(n: Notification, subscriptionArn: string): string {
  return JSON.stringify({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn,
        Sns: {
          Type: 'Notification',
          MessageId: n.messageId,
          TopicArn: n.topicArn,
          Subject: n.subject ?? null,
          Message: n.message,
          Timestamp: n.timestamp,
          SignatureVersion: n.signature?.version,
          Signature: n.signature?.value,
          SigningCertUrl: n.signature?.certUrl,
          UnsubscribeUrl: n.unsubscribeUrl,
          MessageAttributes: renderAttributes(n.attributes),
        },
      },
    ],
  })
}
