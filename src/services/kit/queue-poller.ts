/**
 * Polls one queue for whoever takes its messages, over the wire as on AWS.
 *
 * 1. A message is deleted only after it was taken; what was not comes back when its visibility timeout is over.
 * 2. Nothing is received that could not be handed over at once: so many batches are under way, then polling waits.
 * 3. A queue or taker that is not there, or does not answer, is asked again after a pause that grows: messages that nobody
 *    takes would otherwise all be received, again and again, and end in the dead-letter queue.
 * 4. Gathering ends when there is as much as a taker can be given at once; what the last receive brought beyond that goes
 *    in an event of its own.
 */
import type { Clock } from '../../base/clock.ts'
import { growingPause } from '../../base/growing-pause.ts'
import { type Json, type JsonObject, utf8Length } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import { callJson } from '../../aws/call.ts'
import type { Endpoints } from '../../aws/endpoints.ts'
import { orThrow } from '../../aws/failure.ts'
import { SERVICES } from '../../aws/services.ts'

import { objectList } from './input.ts'
import { pause } from './pause.ts'
import type { Message } from './queue-records.ts'

export interface QueuePollerOptions {
  readonly clock: Clock
  readonly log: Log
  readonly endpoints: Endpoints
  /** Where the queue is. */
  readonly queueUrl: string
  /** Of one batch's messages; at least one, seconds that it may take to gather. */
  readonly batchSize: number
  readonly windowSeconds: number
  /** Batches under way. */
  readonly concurrency?: number | undefined
  /** Of one event. */
  readonly payloadBytesMax: number
  /** Is given `done`, which deletes what was taken. Rejects where nobody takes anything now. */
  readonly take: (batch: readonly Message[], done: (messages: readonly Message[]) => Promise<void>) => Promise<void>
  /** For the log. */
  readonly names: Readonly<Record<string, string>>
}

const WAIT_SECONDS = 20
const RECEIVED_MAX = 10
const UNDER_WAY_MAX = 5
const PAUSE = { firstMs: 500, longestMs: 30_000 }
/** An empty answer that comes sooner was no long poll: the server is about to stop. */
const SOON_MS = 1_000
const SOON_PAUSE_MS = 2_000
/** The first failure may be the end of the server itself. */
const COMPLAINED_AT = 2

export class QueuePoller {
  readonly #options: QueuePollerOptions
  readonly #end = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  readonly #polling: Promise<void>
  /** How many batches in a row nobody has taken. */
  #refused = 0

  constructor(options: QueuePollerOptions) {
    this.#options = options
    this.#polling = this.#poll()
  }

  /** Receives nothing more, and waits for what is under way. */
  async close(): Promise<void> {
    this.#end.abort()
    await this.#polling
    await Promise.all(this.#underWay)
  }

  async #poll(): Promise<void> {
    const { signal } = this.#end
    for (let failures = 0; !signal.aborted; ) {
      if (this.#refused > 0) await this.#pause(growingPause(this.#refused, PAUSE))
      try {
        const startedAt = this.#options.clock.elapsed()
        const batch = await this.#gather()
        failures = 0
        if (batch.length > 0) await this.#hand(batch)
        else if (this.#options.clock.elapsed() - startedAt < SOON_MS) await this.#pause(SOON_PAUSE_MS)
      } catch (error) {
        if (signal.aborted) return
        failures++
        if (failures === COMPLAINED_AT) this.#complain('a queue cannot be polled', error)
        await this.#pause(growingPause(failures, PAUSE))
      }
    }
  }

  /** Up to a batch, or as much as an event may hold, within the window; without one, what a poll finds. */
  async #gather(): Promise<readonly Message[]> {
    const { batchSize, windowSeconds, clock, payloadBytesMax } = this.#options
    const batch = [...(await this.#receive(Math.min(batchSize, RECEIVED_MAX), WAIT_SECONDS))]
    const endsAt = clock.elapsed() + windowSeconds * 1000
    const isOver = () => clock.elapsed() >= endsAt || bytesOf(batch) >= payloadBytesMax || this.#end.signal.aborted
    while (batch.length > 0 && batch.length < batchSize && !isOver()) {
      const leftSeconds = Math.ceil((endsAt - clock.elapsed()) / 1000)
      const room = Math.min(batchSize - batch.length, RECEIVED_MAX)
      batch.push(...(await this.#receive(room, Math.min(leftSeconds, WAIT_SECONDS))))
    }
    return batch
  }

  async #receive(limit: number, waitSeconds: number): Promise<readonly Message[]> {
    const answer = await this.#call('ReceiveMessage', {
      MaxNumberOfMessages: limit,
      WaitTimeSeconds: waitSeconds,
      AttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    })
    return objectList(answer, 'Messages')
  }

  /** Returns when there is room for another batch. */
  async #hand(batch: readonly Message[]): Promise<void> {
    const one = this.#process(batch).finally(() => this.#underWay.delete(one))
    this.#underWay.add(one)
    const most = this.#options.concurrency ?? UNDER_WAY_MAX
    if (this.#underWay.size >= most) await Promise.race(this.#underWay)
  }

  /** Never rejects. */
  async #process(batch: readonly Message[]): Promise<void> {
    try {
      await this.#options.take(batch, (messages) => this.#delete(messages))
      this.#refused = 0
    } catch (error) {
      this.#refused++
      if (this.#refused === 1) this.#complain('messages of a queue could not be handed over', error)
    }
  }

  async #delete(messages: readonly Message[]): Promise<void> {
    for (let start = 0; start < messages.length; start += RECEIVED_MAX) {
      const Entries: Json = messages
        .slice(start, start + RECEIVED_MAX)
        .map((message, index) => ({ Id: String(index), ReceiptHandle: message['ReceiptHandle'] ?? null }))
      await this.#call('DeleteMessageBatch', { Entries })
    }
  }

  async #call(action: string, input: JsonObject): Promise<JsonObject> {
    const isPoll = action === 'ReceiveMessage'
    const options = { timeoutMs: 2 * WAIT_SECONDS * 1000, ...(isPoll && { signal: this.#end.signal }) }
    const request = { QueueUrl: this.#options.queueUrl, ...input }
    return orThrow(await callJson(this.#options.endpoints, SERVICES.sqs, action, request, options)).body
  }

  #pause(ms: number): Promise<void> {
    return pause(this.#options.clock, ms, this.#end.signal)
  }

  #complain(message: string, error: unknown): void {
    const { log, names } = this.#options
    log.warn(message, { ...names, error: String(error) })
  }
}

/** Of their bodies, which are what is large. */
const bytesOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { Body }) => sum + (typeof Body === 'string' ? utf8Length(Body) : 0), 0)
