/**
 * A look at a queue's messages that leaves them as they are: nothing is received, counted or moved to a dead-letter queue.
 * A door of ours beside SQS's own (`/_regente/sqs/messages`), for the console: AWS has no such call.
 */
import type { Json, JsonObject } from '../../base/json.ts'
import type { Instant } from '../../base/time.ts'

import { cutPage } from '../kit/page.ts'

import type { StoredMessage } from './messages.ts'

export const PEEK_PATH = '/_regente/sqs/messages'
export const PEEKED_MAX = 20
/** Of a body, so that a page of messages stays small. */
const BODY_CHARS_MAX = 65_536

/** A page of messages as the door shows them; `next` is where the next page begins. */
export function renderPeeked(messages: readonly StoredMessage[], now: Instant): JsonObject {
  const { items, last } = cutPage(messages, PEEKED_MAX)
  return { messages: items.map((message) => renderMessage(message, now)), ...(last && { next: String(last.id) }) }
}

function renderMessage(message: StoredMessage, now: Instant): JsonObject {
  const shown: Record<string, Json | undefined> = {
    id: String(message.id),
    messageId: message.messageId,
    body: message.body.slice(0, BODY_CHARS_MAX),
    isCut: message.body.length > BODY_CHARS_MAX,
    sentAt: message.sentAt,
    receiveCount: message.receiveCount,
    state: stateOf(message, now),
    groupId: message.groupId,
    deduplicationId: message.deduplicationId,
    attributes: Object.fromEntries([...message.attributes].map(([name, attribute]) => [name, { ...attribute }])) as JsonObject,
  }
  return Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== undefined)) as JsonObject
}

function stateOf({ visibleAt, receipt }: StoredMessage, now: Instant): string {
  if (visibleAt <= now) return 'available'
  return receipt === undefined ? 'delayed' : 'inFlight'
}
