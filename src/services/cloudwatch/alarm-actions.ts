/**
 * Carries out what alarms do when their state changes: messages to topics, calls of functions. Each is a row that is written with
 * the change and goes only when it was taken, or given up; the alarm's history tells which. Other actions are not here.
 */
import type { Clock } from '../../base/clock.ts'
import { growingPause } from '../../base/growing-pause.ts'
import type { Log } from '../../base/log.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { endingOf, type SendResult } from '../kit/delivery.ts'
import { type Ending, Outbox, type OutboxRow } from '../kit/outbox.ts'
import { Senders, type SendersDeps } from '../kit/senders.ts'

import { type Change, functionEvent, subjectOf, topicMessage } from './alarm-messages.ts'
import type { AlarmStore, Kind } from './alarm-store.ts'

interface Delivery extends OutboxRow {
  readonly target: string
  readonly alarm: string
  readonly kind: Kind
  readonly subject: string
  readonly message: string
  readonly dueMs: number
}

export interface ActionsDeps extends SendersDeps {
  readonly database: ServicesDatabase
  readonly clock: Clock
  readonly log: Log
  readonly store: AlarmStore
}

const ATTEMPTS_MAX = 10
const PAUSE = { firstMs: 1_000, longestMs: 300_000 }
const SHARE = 4

export class AlarmActions {
  readonly #deps: ActionsDeps
  readonly #senders: Senders
  readonly #outbox: Outbox<Delivery>

  constructor(deps: ActionsDeps) {
    this.#deps = deps
    this.#senders = new Senders(deps)
    this.#outbox = new Outbox<Delivery>({
      database: deps.database,
      clock: deps.clock,
      log: deps.log,
      table: 'cloudwatch_deliveries',
      columns: ['target', 'alarm', 'kind', 'subject', 'message', 'dueMs'],
      due: 'dueMs',
      receiver: 'target',
      share: SHARE,
      attempt: (delivery) => this.#attempt(delivery),
    })
  }

  /** Call inside the commit of the change; then `pump()`. */
  add(targets: readonly string[], change: Change): void {
    const { name: alarm, kind } = change.after
    for (const target of targets) {
      const message = isFunction(target) ? functionEvent(change) : topicMessage(change)
      this.#outbox.add({ target, alarm, kind, subject: subjectOf(change), message, dueMs: this.#deps.clock.now() })
    }
  }

  pump(): void {
    this.#outbox.pump()
  }

  close(): void {
    this.#outbox.close()
  }

  async #attempt(delivery: Delivery): Promise<Ending> {
    const result = await this.#send(delivery)
    if (result.kind === 'delivered') this.#note(delivery, `Successfully executed action ${delivery.target}`, 'Succeeded')
    return endingOf(result, {
      pauseMs: () => (delivery.attempts + 1 < ATTEMPTS_MAX ? growingPause(delivery.attempts + 1, PAUSE) : undefined),
      giveUp: async (reason) =>
        this.#note(delivery, `Failed to execute action ${delivery.target}. Received error: "${reason}"`, 'Failed', reason),
    })
  }

  async #send({ target, subject, message }: Delivery): Promise<SendResult> {
    if (isFunction(target)) return this.#senders.toFunction(target, message)
    if (/^arn:[^:]*:sns:/.test(target)) return this.#senders.toTopic(target, message, { Subject: subject })
    return {
      kind: 'refused',
      reason: 'The local CloudWatch sends to topics of SNS and calls functions of Lambda; other actions are kept only.',
    }
  }

  #note({ alarm, kind, target }: Delivery, summary: string, actionState: string, error?: string): void {
    const data = { actionState, notificationResource: target, ...(error !== undefined && { error }) }
    this.#deps.store.note({ name: alarm, kind }, 'Action', summary, data)
  }
}

const isFunction = (target: string): boolean => /^arn:[^:]*:lambda:/.test(target)
