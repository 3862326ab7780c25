/**
 * What came of asynchronous calls and of batches of a source, told to whoever was named for it: a queue, a topic, a function, a
 * bus or a bucket. A row is written before its call is done with, and goes when its receiver took it: at least once.
 * Source: AWS Lambda developer guide, "Capturing records of Lambda asynchronous invocations", "Adding a dead-letter queue".
 */
import { randomUUID } from 'node:crypto'

import { growingPause } from '../../base/growing-pause.ts'
import type { Json, JsonObject } from '../../base/json.ts'
import { jsonOf, objectOf } from '../../base/json-text.ts'

import { endingOf, type SendResult } from '../kit/delivery.ts'
import { type Ending, Outbox, type OutboxRow } from '../kit/outbox.ts'
import { Senders } from '../kit/senders.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

export type ResultsDeps = Pick<ServiceDeps, 'database' | 'clock' | 'log' | 'endpoint' | 'region' | 'credentials'>

interface Row extends OutboxRow {
  readonly arn: string
  /** JSON text of a Message. */
  readonly message: string
  readonly madeMs: number
  readonly dueMs: number
}

type Message =
  /** The record of an invocation. */
  | { readonly kind: 'record'; readonly record: JsonObject; readonly isSuccess: boolean; readonly functionArn: string }
  /** The event itself, with why it was given up, to a dead-letter queue or topic. */
  | { readonly kind: 'deadLetter'; readonly event: string; readonly requestId: string; readonly error: string }
  /** A batch that was given up: its record, which has no success beside it. */
  | { readonly kind: 'batch'; readonly record: JsonObject; readonly folder: string }

const SHARE = 16
const AGE_MS_MAX = 86_400_000
const PAUSE = { firstMs: 1_000, longestMs: 600_000 }
const ERROR_CHARS_MAX = 1_000

export class Results {
  readonly #deps: ResultsDeps
  readonly #senders: Senders
  readonly #outbox: Outbox<Row>

  constructor(deps: ResultsDeps) {
    const { database, clock, log, endpoint, region, credentials } = deps
    this.#deps = deps
    this.#senders = new Senders({ endpoint, region, credentials })
    this.#outbox = new Outbox<Row>({
      database,
      clock,
      log,
      table: 'lambda_results',
      columns: ['arn', 'message', 'madeMs', 'dueMs'],
      due: 'dueMs',
      receiver: 'arn',
      share: SHARE,
      attempt: (row) => this.#attempt(row),
    })
  }

  tell(arn: string, message: Message): void {
    const now = this.#deps.clock.now()
    this.#outbox.add({ arn, message: JSON.stringify(message), madeMs: now, dueMs: now })
    this.#outbox.pump()
  }

  /** Carries on with what was left. When the endpoint answers. */
  resume(): void {
    this.#outbox.pump()
  }

  close(): void {
    this.#outbox.close()
  }

  async #attempt(row: Row): Promise<Ending> {
    const { clock, log } = this.#deps
    return endingOf(await this.#send(row.arn, JSON.parse(row.message) as Message), {
      pauseMs: () => (clock.now() - row.madeMs < AGE_MS_MAX ? growingPause(row.attempts + 1, PAUSE) : undefined),
      giveUp: async (reason) => log.warn('a result could not be told', { receiver: row.arn, reason }),
    })
  }

  #send(arn: string, message: Message): Promise<SendResult> {
    if (message.kind === 'deadLetter') return this.#bury(arn, message)
    const text = JSON.stringify(message.record)
    switch (arn.split(':')[2]) {
      case 'sqs':
        return this.#senders.toQueue(arn, { MessageBody: text })
      case 'sns':
        return this.#senders.toTopic(arn, text)
      case 'lambda':
        return this.#senders.toFunction(arn, text)
      case 's3':
        return this.#senders.toBucket(arn, this.#keyOf(message), text)
      case 'events':
        return message.kind === 'record' ? this.#senders.toBus(arn, entryOf(arn, message)) : this.#cannotBeTold(arn)
      default:
        return this.#cannotBeTold(arn)
    }
  }

  #cannotBeTold(arn: string): Promise<SendResult> {
    return Promise.resolve({ kind: 'refused', reason: `nothing can be told to ${arn}` })
  }

  #bury(arn: string, { event, requestId, error }: Message & { readonly kind: 'deadLetter' }): Promise<SendResult> {
    const text = (value: string, DataType = 'String'): JsonObject => ({ DataType, StringValue: value })
    const MessageAttributes = {
      RequestID: text(requestId),
      ErrorCode: text('200', 'Number'),
      ErrorMessage: text(error.slice(0, ERROR_CHARS_MAX) || 'Unknown'),
    }
    return arn.split(':')[2] === 'sns'
      ? this.#senders.toTopic(arn, event, { MessageAttributes })
      : this.#senders.toQueue(arn, { MessageBody: event, MessageAttributes })
  }

  #keyOf(message: Message & { readonly kind: 'record' | 'batch' }): string {
    const at = new Date(this.#deps.clock.now()).toISOString()
    const folder = message.kind === 'batch' ? message.folder : `async/${message.functionArn.split(':')[6] ?? ''}`
    const day = at.slice(0, 10)
    return `aws/lambda/${folder}/${day.replaceAll('-', '/')}/${at.slice(0, 19).replaceAll(':', '.')}-${randomUUID()}`
  }
}

const entryOf = (arn: string, { record, isSuccess, functionArn }: Message & { readonly kind: 'record' }) => ({
  Source: 'lambda',
  DetailType: `Lambda Function Invocation Result - ${isSuccess ? 'Success' : 'Failure'}`,
  Detail: JSON.stringify(record),
  Resources: [functionArn, arn],
})

export interface InvocationResult {
  readonly requestId: string
  /** With the version that was meant. */
  readonly functionArn: string
  readonly condition: 'Success' | 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency'
  readonly invokeCount: number
  readonly event: string
  /** Of the last attempt, where there was one. */
  readonly last?:
    | { readonly executedVersion: string; readonly payload: string; readonly functionError?: string | undefined }
    | undefined
  readonly at: number
}

/** The record that a destination is sent. */
export const recordOf = ({ requestId, functionArn, condition, invokeCount, event, last, at }: InvocationResult): JsonObject => ({
  version: '1.0',
  timestamp: new Date(at).toISOString(),
  requestContext: { requestId, functionArn, condition, approximateInvokeCount: invokeCount },
  requestPayload: jsonIn(event),
  ...(last && {
    responseContext: {
      statusCode: 200,
      executedVersion: last.executedVersion,
      ...(last.functionError !== undefined && { functionError: last.functionError }),
    },
    responsePayload: jsonIn(last.payload),
  }),
})

const jsonIn = (text: string): Json => jsonOf(text) ?? null

/** What an error's payload says in a line. */
export const errorMessageOf = (payload: string): string => String(objectOf(payload)?.['errorMessage'] ?? payload)
