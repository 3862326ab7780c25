/**
 * Tells what happens to objects: to queues, topics, functions and EventBridge, as each bucket has it. What is to be told is a row
 * that is written in the commit of what happened, and goes when it was taken: at least once, in no order, as on AWS.
 * Source: Amazon S3 user guide, "Amazon S3 Event Notifications".
 */
import { growingPause } from '../../base/growing-pause.ts'
import { objectOf } from '../../base/json-text.ts'
import type { JsonObject } from '../../base/json.ts'

import { parseXml } from '../../wire/xml.ts'
import type { ServiceEvent } from '../../aws/service-events.ts'
import { SERVICES } from '../../aws/services.ts'

import { endingOf, type SendResult } from '../kit/delivery.ts'
import { type Ending, OVER, Outbox, type OutboxRow } from '../kit/outbox.ts'
import { Senders } from '../kit/senders.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'

import type { BucketSettings } from './bucket-settings.ts'
import { busEvent, type Cause, type EventObject, eventMessage, testMessage } from './event-message.ts'
import { NO_NOTIFICATIONS, type NotificationRule, type Notifications, readNotifications, rulesFor } from './notification-rules.ts'

export type AnnouncementsDeps = Pick<
  ServiceDeps,
  'database' | 'clock' | 'log' | 'endpoint' | 'region' | 'account' | 'credentials'
> & {
  /** Tells the default event bus. */
  readonly tellBus: (events: readonly ServiceEvent[]) => void
}

interface Row extends OutboxRow {
  /** ARN, or `EVENT_BUS`. */
  readonly target: string
  readonly event: string
  readonly due_at: number
}

const EVENT_BUS = 'events'
const SHARE = 8
/** A day in all, as S3 goes on. */
const PAUSE = { firstMs: 1_000, longestMs: 600_000 }
const ATTEMPTS_MAX = 150
const SUBJECT = 'Amazon S3 Notification'

export class Announcements {
  readonly #deps: AnnouncementsDeps
  readonly #settings: BucketSettings
  readonly #senders: Senders
  readonly #outbox: Outbox<Row>
  /** What was read last, by the text that it was read from. */
  readonly #read = new Map<string, { readonly text: string; readonly notifications: Notifications }>()

  constructor(deps: AnnouncementsDeps, settings: BucketSettings) {
    const { database, clock, log } = deps
    this.#deps = deps
    this.#settings = settings
    this.#senders = new Senders(deps)
    this.#outbox = new Outbox<Row>({
      database,
      clock,
      log,
      table: 's3_delivery',
      columns: ['target', 'event', 'due_at'],
      due: 'due_at',
      receiver: 'target',
      share: SHARE,
      attempt: (row) => this.#attempt(row),
    })
  }

  /** Call inside the commit; then `pump()`. */
  add(bucket: string, cause: Cause, object: EventObject): void {
    const notifications = this.#notificationsOf(bucket)
    if (notifications === NO_NOTIFICATIONS) return
    const { region, account, clock } = this.#deps
    const atMs = clock.now()
    const place = { region, account, bucket, atMs }
    const add = (target: string, event: object) => this.#outbox.add({ target, event: JSON.stringify(event), due_at: atMs })
    for (const { id, target } of rulesFor(notifications, cause.event, object.key))
      add(target, eventMessage(place, cause, object, id))
    if (notifications.isForEventBridge) add(EVENT_BUS, busEvent(place, cause, object))
  }

  pump(): void {
    this.#outbox.pump()
  }

  close(): void {
    this.#outbox.close()
  }

  #notificationsOf(bucket: string): Notifications {
    const text = this.#settings.text(bucket, 'notification')
    if (text === undefined) return NO_NOTIFICATIONS
    const known = this.#read.get(bucket)
    if (known?.text === text) return known.notifications
    const notifications = readNotifications(parseXml(text))
    this.#read.set(bucket, { text, notifications })
    return notifications
  }

  async #attempt({ target, event, attempts }: Row): Promise<Ending> {
    const parsed = objectOf(event)
    if (!parsed) return OVER
    return endingOf(await this.#send(target, parsed), {
      pauseMs: () => (attempts >= ATTEMPTS_MAX ? undefined : growingPause(attempts + 1, PAUSE)),
      giveUp: async (reason) => this.#deps.log.warn('an event of S3 could not be delivered', { target, reason }),
    })
  }

  async #send(target: string, event: JsonObject): Promise<SendResult> {
    if (target === EVENT_BUS) {
      this.#deps.tellBus([event as unknown as ServiceEvent])
      return { kind: 'delivered' }
    }
    const text = JSON.stringify(event)
    const service = target.split(':')[2]
    if (service === 'sqs') return this.#senders.toQueue(target, { MessageBody: text })
    if (service === 'lambda') return this.#senders.toFunction(target, text)
    const message = { TopicArn: target, Message: text, Subject: SUBJECT }
    return this.#senders.toAction(SERVICES.sns, 'Publish', message)
  }

  /** Sends each queue and topic a message, to see whether it is there; why one cannot be told, or undefined. */
  async test(bucket: string, { rules }: Notifications, requestId: string): Promise<Refusal | undefined> {
    const message = testMessage(bucket, requestId, this.#deps.clock.now())
    const targets = new Set(rules.map(({ target }) => target))
    for (const target of targets) {
      // A function is not told that it will be; and what cannot be reached now may be later.
      if (target.split(':')[2] === 'lambda') continue
      const sent = await this.#send(target, message)
      if (sent.kind === 'refused') return { target, reason: sent.reason }
    }
    return undefined
  }
}

export interface Refusal {
  readonly target: NotificationRule['target']
  readonly reason: string
}
