/** SQS: its JSON protocol, and our own door to look at messages without receiving them. */
import { SERVICES } from '../../../src/aws/services.ts'
import type { Page } from '../ui/use-pages.ts'
import { callJson, readJson } from './client.ts'

export interface WaitingMessage {
  /** The row, by which the message is removed. */
  readonly id: string
  readonly messageId: string
  readonly body: string
  /** The body goes on. */
  readonly isCut: boolean
  /** Epoch milliseconds. */
  readonly sentAt: number
  readonly receiveCount: number
  readonly state: 'available' | 'inFlight' | 'delayed'
  readonly groupId?: string
  readonly deduplicationId?: string
  readonly attributes: Readonly<Record<string, { readonly StringValue?: string; readonly DataType?: string }>>
}

export const callSqs = (operation: string, input: object, signal?: AbortSignal): Promise<unknown> =>
  callJson(SERVICES.sqs, operation, input, signal)

export async function listQueues(token: string | undefined, signal: AbortSignal): Promise<Page<string>> {
  const input = { MaxResults: 100, ...(token !== undefined && { NextToken: token }) }
  const { QueueUrls = [], NextToken } = (await callSqs('ListQueues', input, signal)) as {
    QueueUrls?: readonly string[]
    NextToken?: string
  }
  return { items: QueueUrls, next: NextToken }
}

const door = (query: Record<string, string>): string => `/_regente/sqs/messages?${new URLSearchParams(query)}`

/** Messages as they lie, oldest first; none of them is received. */
export async function peekMessages(queue: string, after: string | undefined, signal: AbortSignal): Promise<Page<WaitingMessage>> {
  const query = { QueueUrl: queue, ...(after !== undefined && { after }) }
  const { messages, next } = (await readJson(await fetch(door(query), { signal }))) as {
    messages: readonly WaitingMessage[]
    next?: string
  }
  return { items: messages, next }
}

export const discardMessage = async (queue: string, id: string): Promise<unknown> =>
  readJson(await fetch(door({ QueueUrl: queue, id }), { method: 'DELETE' }))
