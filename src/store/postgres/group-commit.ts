/**
 * Turns on their way into the database. While batches are under way the next gathers, so that the cost of a commit is shared by
 * all who wait.
 * 1. Of one execution one turn is under way; the next one waits for its answer. Turns of different executions have no order.
 * 2. So many batches are under way as there are lanes, and each is bounded.
 * 3. A promise resolves after its turn's commit. Where a connection breaks, the promises that were open on it reject; before
 *    they do, the session is ended under which they were asked, if the database can be reached: what has not been done by then
 *    never is, and reading it back tells what became of it.
 * 4. A database that fails is tried again after a growing pause.
 * Turns that are refused (fence, machine) are taken out and the others asked again; of turns that fail together each half is
 * tried alone, so that a turn that cannot be stored fails alone.
 */
import { systemClock } from '../../base/clock.ts'
import { type Deferred, deferred } from '../../base/deferred.ts'
import { growingPause } from '../../base/growing-pause.ts'
import type { ExecutionKey } from '../../base/ids.ts'
import type { Log } from '../../base/log.ts'

import type { StoreHealth, TurnOutcome } from '../contract.ts'
import type { Channel } from './channel.ts'
import { isConnectionLost, isOfOne, isStoreFailure, reasonOf } from './failure.ts'
import { type Fence, namesIn } from './fence.ts'
import { argumentsOf, COMMIT_ARGUMENTS, type PackedTurn } from './packed-turns.ts'
import { type SqlValue, text } from './shape.ts'
import { only, prepared } from './statement.ts'

const BATCH_MAX = 1_000
const BATCH_CHARS = 4 * 1024 * 1024
/** Turns that are not to wait for the batch under way. */
const WORTH_A_LANE = 64
/** Answers that are told before the event loop serves others. */
const TOLD_AT_ONCE = 64
const PAUSE = { firstMs: 100, longestMs: 2_000 }
/** So long a close waits for answers. */
const CLOSE_MS = 4_000
/** So often a batch is asked again whose session has been ended meanwhile. */
const SESSIONS_MAX = 5

const marks = (count: number) => Array.from({ length: count }, (_, i) => `$${i + 1}`).join(', ')
export const COMMIT = prepared(`SELECT regente_commit_v1(${marks(COMMIT_ARGUMENTS)})`, only(text))
const BEGIN_SESSION = prepared('SELECT regente_begin_session_v1($1, $2)::text', only(text))
const PROBE = prepared("UPDATE counters SET value = value + 1 WHERE name = 'probe' RETURNING name", only(text))

type Answer = TurnOutcome | { readonly error: unknown }
const OUTCOMES: Readonly<Record<string, TurnOutcome>> = { c: 'committed', n: 'name-taken', s: 'stale' }

interface Waiting {
  readonly turn: PackedTurn
  readonly done: Deferred<TurnOutcome>
}

interface Lane {
  readonly channel: Channel
  isBusy: boolean
}

export interface GroupCommitPorts {
  readonly lanes: readonly Channel[]
  readonly fence: Fence
  readonly log: Log
  /** What the log calls the database. */
  readonly shown: string
}

export class GroupCommit {
  readonly #lanes: readonly Lane[]
  readonly #fence: Fence
  readonly #log: Log
  readonly #shown: string
  #gathering: Waiting[] = []
  readonly #underWay = new Set<ExecutionKey>()
  #isSendDue = false
  #isClosed = false
  #health: StoreHealth = { status: 'ok' }
  #failures = 0
  #retry: { cancel(): void } | undefined
  #beginning: Promise<void> | undefined
  #open = 0
  #idle: Deferred<void> | undefined

  constructor({ lanes, fence, log, shown }: GroupCommitPorts) {
    this.#lanes = lanes.map((channel) => ({ channel, isBusy: false }))
    this.#fence = fence
    this.#log = log
    this.#shown = shown
  }

  health(): StoreHealth {
    return this.#health
  }

  commit(turn: PackedTurn): Promise<TurnOutcome> {
    const done = deferred<TurnOutcome>()
    const refusal = this.#refusal()
    if (refusal) done.reject(refusal)
    else this.#gather({ turn, done })
    return done.promise
  }

  /**
   * A write of another kind behind the same fence: what it answers, 'S' apart, which means an ended session, and is asked again.
   * Those that are asked at once are carried out in their order.
   */
  async write(ask: (channel: Channel) => Promise<string>): Promise<string> {
    const refusal = this.#refusal()
    const channel = this.#lanes[0]?.channel
    if (refusal || !channel) throw refusal ?? new Error('there is no lane')
    this.#open++
    try {
      for (let sessions = 0; sessions < SESSIONS_MAX; sessions++) {
        const { session } = this.#fence
        const answer = await ask(channel)
        this.#recover()
        if (answer !== 'S') return answer
        await this.#beginSession(session)
      }
      throw new Error('the sessions of this node end too fast')
    } catch (error) {
      throw await this.#failed(error)
    } finally {
      this.#close1()
    }
  }

  /** Waits for what was given, as long as the database answers. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#retry?.cancel()
    if (this.#open === 0) return
    const idle = deferred<void>()
    this.#idle = idle
    const alarm = systemClock.after(CLOSE_MS, () => idle.resolve())
    await idle.promise
    alarm.cancel()
  }

  #refusal(): Error | undefined {
    if (this.#isClosed) return new Error('the store is closed')
    const { status } = this.#health
    if (status === 'ok' || this.#lanes.some(({ channel }) => channel.isConnected)) return undefined
    return new Error(`the store could not write: ${this.#reason}`)
  }

  #gather(waiting: Waiting): void {
    this.#open++
    this.#gathering.push(waiting)
    if (this.#isSendDue || !this.#lanes.some((lane) => this.#isOpen(lane))) return
    this.#isSendDue = true
    setImmediate(() => {
      this.#isSendDue = false
      this.#sendNext()
    })
  }

  #sendNext(): void {
    for (const lane of this.#lanes) {
      if (this.#gathering.length === 0 || !this.#isOpen(lane)) continue
      const batch = this.#nextBatch()
      if (batch.length === 0) return
      lane.isBusy = true
      void this.#carryOut(lane, batch)
    }
  }

  /** A batch costs the same however small it is: another one is begun beside it only when it is worth that. */
  #isOpen(lane: Lane): boolean {
    if (lane.isBusy) return false
    return this.#gathering.length >= WORTH_A_LANE || this.#lanes.every(({ isBusy }) => !isBusy)
  }

  /** What waits for an earlier turn of its execution waits on (1). */
  #nextBatch(): Waiting[] {
    const batch: Waiting[] = []
    const left: Waiting[] = []
    let chars = 0
    for (const [i, waiting] of this.#gathering.entries()) {
      if (batch.length === BATCH_MAX || chars > BATCH_CHARS) {
        left.push(...this.#gathering.slice(i))
        break
      }
      const { key, size } = waiting.turn
      if (this.#underWay.has(key)) left.push(waiting)
      else {
        this.#underWay.add(key)
        chars += size
        batch.push(waiting)
      }
    }
    this.#gathering = left
    return batch
  }

  async #carryOut(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    const answers = await this.#commitAll(
      lane.channel,
      batch.map(({ turn }) => turn),
    )
    for (const { turn } of batch) this.#underWay.delete(turn.key)
    lane.isBusy = false
    // Before the promises: the database works while their callers run.
    this.#sendNext()
    this.#tell(batch, answers, 0)
  }

  #tell(batch: readonly Waiting[], answers: readonly Answer[], from: number): void {
    for (let i = from; i < Math.min(batch.length, from + TOLD_AT_ONCE); i++) {
      const answer = answers[i] ?? { error: new Error('no answer') }
      if (typeof answer === 'string') batch[i]?.done.resolve(answer)
      else batch[i]?.done.reject(new Error(`the store could not write: ${reasonOf(answer.error)}`, { cause: answer.error }))
      this.#close1()
    }
    if (from + TOLD_AT_ONCE < batch.length) setImmediate(() => this.#tell(batch, answers, from + TOLD_AT_ONCE))
  }

  #close1(): void {
    if (--this.#open === 0) this.#idle?.resolve()
  }

  /** An answer for each, in their order. Never rejects. */
  async #commitAll(channel: Channel, turns: readonly PackedTurn[]): Promise<readonly Answer[]> {
    try {
      const answers = await this.#ask(channel, turns)
      this.#recover()
      return answers
    } catch (error) {
      const isHere = error instanceof PackingError
      if (!isHere && !isOfOne(error)) {
        const failed = await this.#failed(error)
        return turns.map(() => ({ error: failed }))
      }
      if (turns.length === 1) return [{ error: isHere ? error.cause : error }]
      const half = turns.length >> 1
      const first = await this.#commitAll(channel, turns.slice(0, half))
      return [...first, ...(await this.#commitAll(channel, turns.slice(half)))]
    }
  }

  async #ask(channel: Channel, turns: readonly PackedTurn[]): Promise<readonly Answer[]> {
    const answers = new Map<PackedTurn, TurnOutcome>()
    for (let sessions = 0; sessions < SESSIONS_MAX; ) {
      for (const turn of turns)
        if (!answers.has(turn) && this.#fence.epochOf(turn.shard) === undefined) answers.set(turn, 'fenced')
      const left = turns.filter((turn) => !answers.has(turn))
      if (left.length === 0) return turns.map((turn) => answers.get(turn) ?? 'stale')
      const told = this.#fence.tell(left.map(({ shard }) => shard))
      const { asked, values } = packed(left)
      const [answer = ''] = await channel.query(COMMIT, ...told.values, ...values)
      switch (answer[0]) {
        case 'S':
          sessions++
          await this.#beginSession(told.session)
          break
        case 'F': {
          const lost = this.#fence.refused(answer, told)
          for (const turn of left) if (lost.has(turn.shard)) answers.set(turn, 'fenced')
          break
        }
        case 'M': {
          const gone = new Set(namesIn(answer))
          for (const turn of left) if (turn.ofMachine !== undefined && gone.has(turn.ofMachine)) answers.set(turn, 'machine-gone')
          break
        }
        default:
          for (const [i, turn] of asked.entries()) answers.set(turn, OUTCOMES[answer[i] ?? ''] ?? 'stale')
      }
    }
    throw new Error('the sessions of this node end too fast')
  }

  /** What to reject with. Where the connection broke, the session is ended first (3). */
  async #failed(error: unknown): Promise<unknown> {
    if (!isStoreFailure(error)) return error
    this.#fail(reasonOf(error))
    if (!isConnectionLost(error) || this.#isClosed) return error
    await this.#beginSession(this.#fence.session).catch(() => {})
    return new Error(`what became of a write is not known: ${reasonOf(error)}`, { cause: error })
  }

  /** Ends `session`, unless that has been done. */
  async #beginSession(session: number): Promise<void> {
    const { node } = this.#fence
    if (this.#beginning) return this.#beginning
    if (this.#fence.session !== session) return
    const next = session + 1
    const begin = async () => {
      const channel = this.#lanes[0]?.channel
      await channel?.open()
      await channel?.query(BEGIN_SESSION, node, next)
      this.#fence.session = next
      this.#recover()
    }
    this.#beginning = begin().finally(() => {
      this.#beginning = undefined
    })
    return this.#beginning
  }

  #fail(reason: string): void {
    this.#failures++
    if (this.#health.status === 'ok') {
      this.#health = { status: 'failing', reason, since: systemClock.now() }
      this.#log.error('the store cannot write; what asks for it is told to try again', { reason, store: this.#shown })
    }
    if (this.#retry || this.#isClosed) return
    this.#retry = systemClock.after(growingPause(this.#failures, PAUSE), () => void this.#try())
  }

  /** Finds out whether the database takes writes again: writes what changes nothing. */
  async #try(): Promise<void> {
    this.#retry = undefined
    if (this.#health.status === 'ok' || this.#isClosed) return
    try {
      for (const { channel } of this.#lanes) {
        if (!channel.isConnected) await channel.open()
        await channel.query(PROBE)
      }
      if (this.#fence.hasJoined) await this.#beginSession(this.#fence.session)
      this.#recover()
    } catch (error) {
      this.#fail(reasonOf(error))
    }
  }

  #recover(): void {
    if (this.#health.status === 'ok') return
    this.#retry?.cancel()
    this.#retry = undefined
    this.#failures = 0
    this.#health = { status: 'ok' }
    this.#log.warn('the store writes again', { store: this.#shown })
  }

  get #reason(): string {
    return this.#health.status === 'ok' ? 'there is no connection' : this.#health.reason
  }
}

/** A value that is none for its column: found before anything is sent. */
class PackingError extends Error {}

/** Sorted, so that no two commits wait for each other. Of one name the first stays the first. */
function packed(turns: readonly PackedTurn[]): { readonly asked: readonly PackedTurn[]; readonly values: readonly SqlValue[] } {
  const creates = turns.filter(({ create }) => create).sort((a, b) => compare(a.create?.arn ?? '', b.create?.arn ?? ''))
  const others = turns.filter(({ create }) => !create).sort((a, b) => a.key - b.key)
  try {
    return { asked: [...creates, ...others], values: argumentsOf(creates, others) }
  } catch (cause) {
    throw new PackingError(reasonOf(cause), { cause })
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
