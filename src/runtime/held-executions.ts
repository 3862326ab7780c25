/**
 * What is asked of executions that are held here, by this node's own callers or by others' (`cluster/mail.ts`). What comes late is
 * told from what is meant now: it says for which redrive it is meant.
 */
import { assertNever } from '../base/assert.ts'
import type { Clock } from '../base/clock.ts'
import { deferred } from '../base/deferred.ts'
import type { Failure } from '../base/failure.ts'
import type { ExecutionKey, FrameId, TaskId } from '../base/ids.ts'
import { Payload } from '../base/payload.ts'

import type { SignalBody, TaskSignal } from '../engine/signal.ts'
import type { ExecutionState } from '../engine/state.ts'
import { readTaskToken } from '../engine/task-token.ts'
import type { Store } from '../store/contract.ts'

import type { Fate, SignalOf } from './activation.ts'
import type { AbortedChild, Answer, Message, TaskAnswer } from './cluster/node-calls.ts'
import type { MapRuns } from './distributed-map/map-runs.ts'
import type { Driver } from './driver.ts'
import { ANSWERED } from './task-runner.ts'

export interface HeldExecutionsPorts {
  readonly clock: Clock
  readonly store: Store
  readonly driver: Driver
  readonly mapRuns: MapRuns
  /** Looks at who holds what. */
  look(): Promise<void>
}

/** What whoever has sent a signal is told of its fate. */
export const ANSWER_OF_FATE = { durable: 'changed', refused: 'refused', lost: 'unavailable' } as const satisfies Record<
  Fate,
  Answer
>

/** How long the answer of a task waits for what the service itself says to the call. */
const HEARD_WITHIN_MS = 250

/** How often a signal is handed to an execution that another node may have. */
const ASKED_AGAIN = 3

export class HeldExecutions {
  readonly #ports: HeldExecutionsPorts

  constructor(ports: HeldExecutionsPorts) {
    this.#ports = ports
  }

  /** Never rejects. */
  async carryOut(message: Message): Promise<Answer> {
    switch (message.type) {
      case 'Stop':
        return this.#stop(message.key, message.failure, message.redriveCount)
      case 'Redrive':
        return this.#redrive(message)
      case 'AnswerTask':
        return this.#answer(message)
      case 'ChangeMapRun':
        return ANSWER_OF_FATE[await this.#ports.mapRuns.changeLimits(message.mapRunArn, message.limits)]
      default:
        return assertNever(message, 'message')
    }
  }

  /** Unless it was redriven since. */
  #stop(key: ExecutionKey, failure: Failure, redriveCount: number): Promise<Answer> {
    return this.#ask(key, (state) => (state.redriveCount === redriveCount ? { type: 'Stop', failure } : undefined))
  }

  /** Unless it was redriven since. */
  #redrive({ key, redriveCount }: Extract<Message, { type: 'Redrive' }>): Promise<Answer> {
    return this.#ask(key, (state) => (state.redriveCount === redriveCount ? { type: 'Redrive' } : undefined), true)
  }

  /**
   * Stops a child of a Map Run, unless the run was redriven since. Never rejects. The run does not end while a child runs: what its row says once the child is known to run is
   * what the child runs for.
   */
  async abort({ key, mapRunArn, redriveCount }: AbortedChild): Promise<void> {
    try {
      const child = await this.#ports.driver.load(key)
      if (!child) return
      const { redriveCount: ofChild } = child.state
      const run = await this.#ports.store.mapRun(mapRunArn)
      if (run?.redriveCount === redriveCount) await this.#stop(key, {}, ofChild)
    } catch {
      // It is asked again.
    }
  }

  async #answer({ key, token, answer }: Extract<Message, { type: 'AnswerTask' }>): Promise<Answer> {
    const place = readTaskToken(token)
    if (!place) return 'refused'
    // What comes in this turn keeps its order where nobody is waited for.
    const hearing = answer.type === 'heartbeat' ? undefined : this.#hearService(key, place.frame, token)
    if (hearing) await hearing
    let task: TaskId | undefined
    const answered = await this.#ask(key, (state) => {
      const waiting = state.frames.get(place.frame)?.active?.task
      if (waiting?.token !== token) return undefined
      task = waiting.id
      return answerSignal({ frame: place.frame, task }, answer)
    })
    if (answered === 'changed' && task !== undefined && answer.type !== 'heartbeat')
      this.#ports.driver.find(key)?.calls.get(task)?.abort(ANSWERED)
    return answered
  }

  /**
   * Whoever has the token may answer before the service that passed it on has said that it did: AWS tells that one first
   * (recorded: callback). Never rejects; undefined where no call is under way.
   */
  #hearService(key: ExecutionKey, frame: FrameId, token: string): Promise<void> | undefined {
    const activation = this.#ports.driver.find(key)
    const task = activation?.state.frames.get(frame)?.active?.task
    const call = task?.token === token ? activation?.calls.get(task.id) : undefined
    return call && this.#within(HEARD_WITHIN_MS, call.heard)
  }

  async #within(ms: number, awaited: Promise<void>): Promise<void> {
    const { promise: late, resolve } = deferred<void>()
    const alarm = this.#ports.clock.after(ms, resolve)
    await Promise.race([awaited, late])
    alarm.cancel()
  }

  /**
   * Hands a signal to an execution. It is refused for what the log says, not for what this node remembers: while it was frozen,
   * say, another may have gone on with the execution, and it does not know yet.
   */
  async #ask(key: ExecutionKey, signalOf: SignalOf, mayBeClosed = false): Promise<Answer> {
    for (let tries = ASKED_AGAIN; tries > 0; tries--) {
      let seen: Pick<ExecutionState, 'identity' | 'lastEventId'> | undefined
      const fate = await this.#ports.driver.deliver(
        key,
        (state) => {
          seen = { identity: state.identity, lastEventId: state.lastEventId }
          return signalOf(state)
        },
        mayBeClosed,
      )
      if (fate !== 'refused' || !seen || (await this.#isAllOf(seen))) return ANSWER_OF_FATE[fate]
      await this.#ports.look()
    }
    return 'unavailable'
  }

  /** Whether the log has no more than that. */
  async #isAllOf({
    identity: { executionArn },
    lastEventId,
  }: Pick<ExecutionState, 'identity' | 'lastEventId'>): Promise<boolean> {
    const { leases } = this.#ports.store
    if (!leases) return true
    try {
      return ((await leases.positions([executionArn])).get(executionArn) ?? lastEventId) === lastEventId
    } catch {
      return false
    }
  }
}

function answerSignal(place: TaskSignal, answer: TaskAnswer): SignalBody {
  switch (answer.type) {
    case 'succeeded':
      return { type: 'TaskSucceeded', ...place, output: Payload.ofText(answer.output) }
    case 'failed':
      return { type: 'TaskFailed', ...place, failure: answer.failure, phase: 'run' }
    case 'heartbeat':
      return { type: 'HeartbeatReceived', ...place }
    default:
      return assertNever(answer, 'answer of a task')
  }
}
