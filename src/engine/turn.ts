/**
 * One turn: the events and commands that one signal brings about. Gives events their ids, instants and previousEventIds,
 * applies each at once, draws all chance from the signal's seed, and counts the work, so that it ends before others wait.
 */
import type { Failure } from '../base/failure.ts'
import { type FrameId, ROOT_FRAME } from '../base/ids.ts'
import type { Json } from '../base/json.ts'
import type { Limits } from '../base/limits.ts'
import type { Payload } from '../base/payload.ts'
import { drawUuid, type RandomSource, seededRandom } from '../base/random.ts'
import { type Instant, toInstant } from '../base/time.ts'

import { CHARS_PER_UNIT, Work } from '../expr/work.ts'
import type { Draws } from '../asl/program.ts'

import { apply } from './apply.ts'
import type { Command } from './command.ts'
import { type EngineEvent, type EventBody, type Fact, isHistoryEvent, type ShownBody } from './event.ts'
import type { Inspection } from './inspection.ts'
import type { ExecutionState, Frame } from './state.ts'
import { ENGINE_VERSION } from './version.ts'

/** After so much work, some 5 to 10 ms, a turn begins no other state. */
export const TURN_WORK_MAX = 80_000
/** Making, folding, storing and showing an event without its payload. */
const EVENT_WORK = 50

export class Turn {
  readonly state: ExecutionState
  readonly at: Instant
  readonly limits: Limits
  readonly events: EngineEvent[] = []
  readonly commands: Command[] = []
  /** Frames that stand between states, in the order in which they came there. */
  readonly ready: FrameId[] = []
  /** Forks in which a branch or iteration has ended: they may open another, or be complete. */
  readonly joined: FrameId[] = []
  /** Frames whose state has begun and neither works nor waits: redriven, or told late. */
  readonly idle: FrameId[] = []
  /** What the state in hand may still do. */
  readonly work = new Work()
  /** What was done besides, and for the states before it. */
  #spent = 0
  /** Kept only for TestState. */
  inspection: Inspection | undefined
  /** Takes the context object's place in TestState. */
  givenContext: Json | undefined
  readonly #seed: string
  #drawn: RandomSource | undefined
  readonly draws: Draws

  #lastCounted: Payload | undefined
  readonly #workMax: number

  constructor(state: ExecutionState, at: Instant, seed: string, limits: Limits, workMax = TURN_WORK_MAX) {
    this.state = state
    this.at = at
    this.limits = limits
    this.#workMax = workMax
    this.#seed = seed
    this.draws = { uuid: () => this.uuid(), next: () => this.uniform(), now: at }
  }

  /** What this turn's events tell as their instant: a history never runs back, though a wall clock may be set back. */
  get toldAt(): Instant {
    return toInstant(Math.max(this.at, this.state.lastAt))
  }

  get isOver(): boolean {
    return this.state.status !== 'RUNNING'
  }

  /** All that was done in this turn. */
  get workDone(): number {
    return this.#spent + this.work.spent
  }

  /** The turn goes no further: a Continue signal does. */
  get isFull(): boolean {
    return this.workDone >= this.#workMax
  }

  /** Another state, or another attempt to deal with this one, begins with a budget of its own. */
  beginWork(): void {
    this.#spent += this.work.refill()
  }

  /** Counts a payload that is printed, stored and read again: once, however many states hand it on. */
  count(payload: Payload): void {
    if (payload === this.#lastCounted) return
    this.#lastCounted = payload
    this.#spent += payload.text.length / CHARS_PER_UNIT
  }

  /** Few turns draw anything: the source is made when one does. */
  get #random(): RandomSource {
    this.#drawn ??= seededRandom(this.#seed)
    return this.#drawn
  }

  uniform(): number {
    return this.#random.next()
  }

  uuid(): string {
    return drawUuid(this.#random)
  }

  /** The id that the next event will have. */
  get nextEventId(): number {
    return this.state.lastEventId + 1
  }

  /** Tells an event of AWS's history. `previousEventId`: the frame's last event unless given. */
  emit(frame: Frame, body: ShownBody, previousEventId = frame.previousEventId): void {
    if (this.isOver) return
    const id = this.nextEventId
    if (id >= this.limits.historyEventsMax && !ENDS.has(body.type)) {
      this.#push({
        ...OVER_LONG,
        cause: OVER_LONG_CAUSE(this.limits.historyEventsMax),
        id,
        previousEventId: frame.previousEventId,
        at: this.toldAt,
        frame: ROOT_FRAME,
      })
      return
    }
    this.#push({ ...body, id, previousEventId, at: this.toldAt, frame: frame.id })
  }

  /** The event that an execution, or its redrive, begins with. */
  begin(body: Extract<EventBody, { type: 'ExecutionStarted' | 'ExecutionRedriven' }>): void {
    const id = this.nextEventId
    this.#push({
      ...body,
      engine: ENGINE_VERSION,
      id,
      previousEventId: this.state.lastEventId,
      at: this.toldAt,
      frame: ROOT_FRAME,
    })
  }

  /** Tells what only the fold needs. */
  note(frame: Frame, fact: Fact, previousEventId = frame.previousEventId): void {
    if (this.isOver) return
    this.#push({ ...fact, id: 0, previousEventId, at: this.toldAt, frame: frame.id })
  }

  #push(event: EngineEvent): void {
    this.#spent += EVENT_WORK
    this.events.push(event)
    apply(this.state, event)
    if (isHistoryEvent(event) && ENDS.has(event.type)) this.#cancelAll()
  }

  /** The execution is over: whatever still works for it is told to stop. */
  #cancelAll(): void {
    for (const { active } of this.state.frames.values()) if (active) this.cancel(active)
  }

  cancel(active: NonNullable<Frame['active']>): void {
    if (active.task) this.commands.push({ type: 'CancelTask', task: active.task.id })
    if (active.mapRun?.isRunning) this.commands.push({ type: 'StopMapRun', mapRunArn: active.mapRun.arn })
  }

  childEnded(parent: Frame): void {
    this.joined.push(parent.id)
  }

  after(seconds: number): Instant {
    return toInstant(this.at + seconds * 1000)
  }

  /** The execution ends with this failure, whatever its states say. */
  failExecution(frame: Frame, failure: Failure, previousEventId = frame.previousEventId): void {
    const { error, cause } = this.cut(failure)
    this.emit(frame, { type: 'ExecutionFailed', error, cause }, previousEventId)
  }

  /** A failure as it is told: name and cause as long as they may be. */
  cut({ error, cause }: Failure): Failure {
    const { errorCharsMax, causeCharsMax } = this.limits
    return {
      ...(error !== undefined && { error: error.slice(0, errorCharsMax) }),
      ...(cause !== undefined && { cause: cause.slice(0, causeCharsMax) }),
    }
  }
}

const ENDS: ReadonlySet<string> = new Set(['ExecutionSucceeded', 'ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut'])
const OVER_LONG = { type: 'ExecutionFailed', error: 'States.Runtime' } as const
const OVER_LONG_CAUSE = (max: number) => `The execution reached the maximum number of history events (${max}).`
