/**
 * What happens to a stack and its resources, told to the topics that the stack names: a message an event, in their order. Each is
 * a row that is written with the event and goes only when the topic has taken it, or it was given up.
 * Source: CloudFormation API reference, CreateStack, NotificationARNs; user guide, "Stack options".
 */
import type { Clock } from '../../base/clock.ts'
import { growingPause } from '../../base/growing-pause.ts'
import type { Log } from '../../base/log.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { endingOf } from '../kit/delivery.ts'
import { type Ending, Outbox, type OutboxRow } from '../kit/outbox.ts'
import { Senders, type SendersDeps } from '../kit/senders.ts'

import type { StackEvent } from './records.ts'

interface Notification extends OutboxRow {
  readonly topic: string
  readonly message: string
  readonly dueMs: number
}

export interface NotificationsDeps extends SendersDeps {
  readonly database: ServicesDatabase
  readonly clock: Clock
  readonly log: Log
  readonly account: string
}

const SUBJECT = 'AWS CloudFormation Notification'
const ATTEMPTS_MAX = 10
const PAUSE = { firstMs: 1_000, longestMs: 60_000 }

export class Notifications {
  readonly #deps: NotificationsDeps
  readonly #senders: Senders
  readonly #outbox: Outbox<Notification>

  constructor(deps: NotificationsDeps) {
    this.#deps = deps
    this.#senders = new Senders(deps)
    this.#outbox = new Outbox<Notification>({
      database: deps.database,
      clock: deps.clock,
      log: deps.log,
      table: 'cloudformation_notifications',
      columns: ['topic', 'message', 'dueMs'],
      due: 'dueMs',
      receiver: 'topic',
      isOrdered: () => true,
      share: 1,
      attempt: (notification) => this.#attempt(notification),
    })
  }

  /** Call inside the commit of the event. */
  add(topics: readonly string[], stackId: string, event: StackEvent): void {
    if (topics.length === 0) return
    const message = messageOf(stackId, event, this.#deps.account)
    for (const topic of topics) this.#outbox.add({ topic, message, dueMs: this.#deps.clock.now() })
    this.#outbox.pump()
  }

  resume(): void {
    this.#outbox.pump()
  }

  close(): void {
    this.#outbox.close()
  }

  async #attempt({ topic, message, attempts }: Notification): Promise<Ending> {
    const result = await this.#senders.toTopic(topic, message, { Subject: SUBJECT })
    return endingOf(result, {
      pauseMs: () => (attempts + 1 < ATTEMPTS_MAX ? growingPause(attempts + 1, PAUSE) : undefined),
      giveUp: async (reason) => this.#deps.log.warn('a notification of a stack could not be delivered', { topic, reason }),
    })
  }
}

/** Lines of `Name='value'`; what is not known is `null`. */
function messageOf(stackId: string, event: StackEvent, account: string): string {
  const lines: readonly (readonly [name: string, value: string | undefined])[] = [
    ['StackId', stackId],
    ['Timestamp', new Date(event.atMs).toISOString()],
    ['EventId', event.eventId],
    ['LogicalResourceId', event.logicalId],
    ['Namespace', account],
    ['PhysicalResourceId', event.physicalId],
    ['PrincipalId', account],
    ['ResourceProperties', event.properties],
    ['ResourceStatus', event.status],
    ['ResourceStatusReason', event.reason ?? ''],
    ['ResourceType', event.type],
    ['StackName', stackId.split('/')[1]],
    ['ClientRequestToken', event.clientToken],
  ]
  return lines.map(([name, value]) => `${name}='${value ?? 'null'}'\n`).join('')
}
