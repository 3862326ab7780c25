/**
 * Message move tasks: the messages of a dead-letter queue, moved to the queues that they came from, or to one that is named. A task
 * moves a slice in a commit with how far it has come, so that it goes on where it was over crashes, and no message is lost or doubled.
 * Source: Amazon SQS API reference, StartMessageMoveTask, ListMessageMoveTasks, CancelMessageMoveTask; texts of the service.
 */
import { randomUUID } from 'node:crypto'

import { Alarm } from '../../base/alarm.ts'
import type { Clock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { sqsError } from './errors.ts'
import { optionalInteger, optionalText, requiredText } from './input.ts'
import type { Messages, StoredMessage } from './messages.ts'
import type { Queue, Queues } from './queues.ts'
import { numberOf } from './sending.ts'

export interface MoveTasksDeps {
  readonly database: ServicesDatabase
  readonly clock: Clock
  readonly log: Log
  readonly queues: Queues
  readonly messages: Messages
  /** Messages have come to a queue. */
  readonly wake: (queue: number) => void
}

interface Task {
  readonly handle: string
  readonly source: string
  readonly destination: string | null
  readonly rate: number | null
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED'
  readonly failure: string | null
  readonly moved: number
  readonly toMove: number
  readonly startedAt: number
}

const SLICE = 200
const SLICE_PAUSE_MS = 5
const SECOND_MS = 1_000
const SHOWN_MAX = 10
const NO_SOURCE = 'CouldNotDetermineMessageSource'
const NO_QUEUE = 'AWS.SimpleQueueService.NonExistentQueue'

export class MoveTasks {
  readonly #deps: MoveTasksDeps
  readonly #sql: ReturnType<typeof prepare>
  readonly #alarm: Alarm
  /** When the next slice of a task with a rate may go. */
  readonly #dueAt = new Map<string, number>()

  constructor(deps: MoveTasksDeps) {
    const { clock, log, database } = deps
    this.#deps = deps
    this.#sql = prepare(database)
    this.#alarm = new Alarm({ clock, log, complaint: 'messages of a move task could not be moved', work: () => this.#work() })
    this.#alarm.ring()
  }

  close(): void {
    this.#alarm.close()
  }

  start(input: JsonObject): JsonObject {
    const { queues, messages, clock } = this.#deps
    const sourceArn = requiredText(input, 'SourceArn')
    const source = this.#queueAt(sourceArn, 'SourceArn')
    if (queues.sourcesOf(source).length === 0)
      throw sqsError('InvalidParameterValueException', 'Source queue must be configured as a Dead Letter Queue.')
    const destination = optionalText(input, 'DestinationArn')
    if (destination !== undefined) {
      const target = this.#queueAt(destination, 'DestinationArn')
      if (target.id === source.id)
        throw sqsError('InvalidParameterValueException', 'Source queue arn and destination queue arn cannot be the same.')
      if (target.isFifo !== source.isFifo)
        throw sqsError('InvalidParameterValueException', 'Source and destination queues must be of the same type.')
    }
    const rate = optionalInteger(input, 'MaxNumberOfMessagesPerSecond', 1, 500)
    if (this.#sql.running.all().some((task) => task.source === sourceArn)) {
      const message = 'There is already a task running. Only one active task is allowed for a source queue arn at a given time.'
      throw sqsError('UnsupportedOperation', message)
    }
    const handle = Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn })).toString('base64')
    const now = clock.now()
    const toMove = messages.count(source.id, now).visible
    this.#sql.insert.run(handle, sourceArn, destination ?? null, rate ?? null, toMove, now)
    this.#alarm.ring()
    return { TaskHandle: handle }
  }

  /** The latest first. */
  list(input: JsonObject): JsonObject {
    const sourceArn = requiredText(input, 'SourceArn')
    this.#queueAt(sourceArn, 'SourceArn')
    const max = optionalInteger(input, 'MaxResults', 1, SHOWN_MAX) ?? 1
    return { Results: this.#sql.latest.all(sourceArn, max).map(render) }
  }

  cancel(input: JsonObject): JsonObject {
    const task = this.#sql.get.get(requiredText(input, 'TaskHandle'))
    if (!task) throw sqsError('ResourceNotFoundException', 'Task does not exist.', 404)
    if (task.status !== 'RUNNING') throw sqsError('UnsupportedOperation', 'Only active tasks can be cancelled.')
    this.#sql.end.run('CANCELLED', null, task.handle)
    return { ApproximateNumberOfMessagesMoved: task.moved }
  }

  #queueAt(arn: string, member: string): Queue {
    const queue = this.#deps.queues.byArn(arn)
    if (queue) return queue
    throw sqsError('ResourceNotFoundException', `The resource that you specified for the ${member} parameter doesn't exist.`, 404)
  }

  /** A slice of each task that is due; then again, until none runs. */
  #work(): void {
    const now = this.#deps.clock.now()
    for (const task of this.#sql.running.all()) {
      if ((this.#dueAt.get(task.handle) ?? 0) > now) continue
      const touched = this.#deps.messages.atomically(() => this.#moveSlice(task))
      for (const queue of touched) this.#deps.wake(queue)
      this.#dueAt.set(task.handle, now + (task.rate === null ? 0 : SECOND_MS))
    }
    const left = this.#sql.running.all()
    for (const handle of this.#dueAt.keys()) if (!left.some((task) => task.handle === handle)) this.#dueAt.delete(handle)
    if (left.length === 0) return
    const due = left.map(({ handle }) => Math.max(this.#dueAt.get(handle) ?? 0, now + SLICE_PAUSE_MS))
    this.#alarm.setFor(Math.min(...due))
  }

  /** The queues to which messages have come. */
  #moveSlice(task: Task): ReadonlySet<number> {
    const { queues, messages, clock } = this.#deps
    const touched = new Set<number>()
    const source = queues.byArn(task.source)
    const now = clock.now()
    const found = source ? messages.receivable(source.id, source.isFifo, now, Math.min(task.rate ?? SLICE, SLICE)) : []
    if (!source || found.length === 0) {
      this.#sql.end.run(source ? 'COMPLETED' : 'FAILED', source ? null : NO_QUEUE, task.handle)
      return touched
    }
    for (const message of found) {
      const arn = task.destination ?? message.sourceArn
      const target = arn === undefined ? undefined : queues.byArn(arn)
      if (!target) {
        this.#sql.end.run('FAILED', arn === undefined ? NO_SOURCE : NO_QUEUE, task.handle)
        return touched
      }
      messages.add(target.id, renewed(message, target, now))
      messages.remove(message.id)
      this.#sql.count.run(task.handle)
      touched.add(target.id)
    }
    return touched
  }
}

/** What is moved is a new message of its queue. */
const renewed = (message: StoredMessage, target: Queue, now: ReturnType<Clock['now']>) => ({
  ...message,
  messageId: randomUUID(),
  sentAt: now,
  visibleAt: now,
  expiresAt: now + numberOf(target, 'MessageRetentionPeriod') * SECOND_MS,
})

const render = (task: Task): JsonObject => ({
  ...(task.status === 'RUNNING' && { TaskHandle: task.handle }),
  Status: task.status,
  SourceArn: task.source,
  ...(task.destination !== null && { DestinationArn: task.destination }),
  ...(task.rate !== null && { MaxNumberOfMessagesPerSecond: task.rate }),
  ApproximateNumberOfMessagesMoved: task.moved,
  ApproximateNumberOfMessagesToMove: task.toMove,
  ...(task.failure !== null && { FailureReason: task.failure }),
  StartedTimestamp: task.startedAt,
})

const prepare = (database: ServicesDatabase) => ({
  insert: database.prepare<[string, string, string | null, number | null, number, number]>(
    "INSERT INTO sqs_move_tasks (handle, source, destination, rate, status, moved, toMove, startedAt) VALUES (?, ?, ?, ?, 'RUNNING', 0, ?, ?)",
  ),
  get: database.prepare<[string], Task>('SELECT * FROM sqs_move_tasks WHERE handle = ?'),
  running: database.prepare<[], Task>("SELECT * FROM sqs_move_tasks WHERE status = 'RUNNING'"),
  latest: database.prepare<[string, number], Task>(
    'SELECT * FROM sqs_move_tasks WHERE source = ? ORDER BY startedAt DESC, id DESC LIMIT ?',
  ),
  count: database.prepare<[string]>('UPDATE sqs_move_tasks SET moved = moved + 1 WHERE handle = ?'),
  end: database.prepare<[string, string | null, string]>('UPDATE sqs_move_tasks SET status = ?, failure = ? WHERE handle = ?'),
})
