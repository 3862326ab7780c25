/**
 * Drives executions: takes the signals of one execution in turn, steps the machine, commits what it tells, and only then
 * lets commands and answers out.
 *
 * 1. One turn of an execution at a time; turns of many executions share a commit.
 * 2. Nothing leaves before its events are durable. Whoever sent a signal learns whether it is durable, refused or lost.
 * 3. A commit that failed, or whose outcome is not known, is read back: the log decides what has happened.
 * 4. A signal that nobody would send again is kept until it is durable; calls in flight keep their place meanwhile.
 * 5. An execution that waits for time or a token alone is dropped from memory; a signal folds its log again.
 * 6. A turn that throws, or a log that does not fold, puts its own execution aside and nobody else.
 */
import type { ArnScope } from '../base/arn.ts'
import { failure } from '../base/failure.ts'
import type { Clock } from '../base/clock.ts'
import type { ExecutionKey } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { Payload } from '../base/payload.ts'
import type { Entropy } from '../base/random.ts'
import { type Instant, toInstant } from '../base/time.ts'

import type { Command } from '../engine/command.ts'
import type { EngineEvent } from '../engine/event.ts'
import type { Limits } from '../base/limits.ts'
import type { SignalBody } from '../engine/signal.ts'
import { type ExecutionState, isInHand, newExecutionState, nextDue } from '../engine/state.ts'
import { pendingCommands, type Step, step } from '../engine/step.ts'
import type { ExecutionRecord, Store, TurnRecord } from '../store/contract.ts'
import { withPatch } from '../store/patch.ts'

import { type Activation, type Envelope, type Fate, newActivation, type Observer, patchOf, type SignalOf } from './activation.ts'
import { foldLog } from './fold-log.ts'
import { identityOf } from './identity.ts'
import { type KeepTrying, pauseAfter } from './keep-trying.ts'
import type { Programs } from './programs.ts'
import { Quarantine } from './quarantine.ts'

export interface DriverPorts {
  readonly store: Store
  readonly programs: Programs
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: Log
  readonly limits: Limits
  /** What a turn may do, in units of `expr/work.ts`; the engine's own bound unless told. */
  readonly turnWorkMax?: number | undefined
  readonly arnScope: ArnScope
  readonly observer: Observer
  readonly keepTrying: KeepTrying
  /** Lets the event loop serve others. */
  breathe(): Promise<void>
  /** Carries a command out; its results come back as signals. */
  dispatch(activation: Activation, command: Command): void
  /** An execution will be due then: see to it that its timers fire. */
  dueAt(at: Instant): void
}

export type StartOutcome = 'started' | 'name-taken' | 'machine-gone' | 'lost'

/** Some 20 ms: less than what anybody notices, and room for a crowd of short turns. */
const ROUND_WORK_MAX = 400_000

type Ended = (record: ExecutionRecord) => void

export class Driver {
  readonly #ports: DriverPorts
  readonly quarantine: Quarantine
  readonly #active = new Map<ExecutionKey, Activation>()
  readonly #loading = new Map<ExecutionKey, Promise<Activation | undefined>>()
  readonly #ends = new Map<ExecutionKey, Set<Ended>>()
  /** To be folded after an unknown outcome: what their logs ask for is in nobody's hands. */
  readonly #unattended = new Set<ExecutionKey>()
  /** Until then that is true of all that is folded. */
  #isRecovered = false
  /** Turns under way, and who waits for there to be none. */
  #turning = 0
  readonly #idle: (() => void)[] = []
  #isClosed = false
  /** What turns have cost in this round of the event loop, in units of `expr/work.ts`. */
  #worked = 0
  #isCounting = false

  constructor(ports: DriverPorts) {
    this.#ports = ports
    this.quarantine = new Quarantine(ports.clock, ports.log, (key) => this.retry(key))
  }

  /** Executions in memory and on their way there, the signals and calls of those, and whoever waits for an end. */
  get sizes() {
    const active = [...this.#active.values()]
    return {
      active: active.length,
      loading: this.#loading.size,
      awaitedEnds: this.#ends.size,
      signals: active.reduce((sum, { mailbox, held }) => sum + mailbox.length + held.length, 0),
      calls: active.reduce((sum, { calls }) => sum + calls.size, 0),
      quarantined: this.quarantine.list().length,
    }
  }

  /**
   * Begins an execution; its first turn is durable when this answers `started`. `name-taken`: an execution of that ARN is
   * there. `machine-gone`: its machine was deleted meanwhile. `lost`: it has not begun as far as can be told; nothing of it
   * stays in memory. Rejects with a bug in its turn.
   */
  async start(activation: Activation, isRowThere = false): Promise<StartOutcome> {
    const { state, record } = activation
    // Another attempt at the same child is under way: its outcome is this one's.
    if (this.#active.has(record.key)) return 'started'
    if (this.#isClosed) return 'lost'
    this.#active.set(record.key, activation)
    activation.bornAt = this.#ports.clock.elapsed()
    this.#beginTurn(activation)
    try {
      if (this.#isFull) await this.#ports.breathe()
      const { entropy, limits, turnWorkMax } = this.#ports
      const first = step(state, { type: 'Start', at: state.startAt, seed: entropy.seed() }, limits, turnWorkMax)
      this.#count(first.work)
      const outcome = await this.#commitFirst(activation, first.events, isRowThere)
      if (outcome !== 'started') {
        this.#drop(activation)
        // Whether it is there will be known when the store answers again: then somebody must go on with it.
        if (outcome === 'lost') void this.recover(record.key)
        return outcome
      }
      this.#afterTurn(activation, first)
      this.#work(activation, first.isUnfinished)
      return 'started'
    } catch (error) {
      this.#drop(activation)
      throw error
    } finally {
      this.#endTurn()
    }
  }

  /** Hands a signal to an execution; resolves once its fate is known. Never rejects. */
  async deliver(key: ExecutionKey, signal: SignalBody | SignalOf): Promise<Fate> {
    let activation: Activation | undefined
    try {
      activation = await this.load(key)
    } catch {
      return 'lost'
    }
    if (!activation) return 'refused'
    return this.send(activation, signal)
  }

  /** The same for an execution that is in memory. */
  send(activation: Activation, signal: SignalBody | SignalOf): Promise<Fate> {
    return new Promise((settle) => this.#take(activation, { signal, mustArrive: false, settle }))
  }

  /** A signal that nobody would send again: kept until it is durable or refused. `arrived` is told when it is. */
  post(activation: Activation, signal: SignalBody, arrived?: () => void): void {
    this.#take(activation, { signal, mustArrive: true, settle: arrived })
  }

  /**
   * The execution in memory; folds its log when it is parked. Undefined when it is closed or unknown. Rejects with the
   * store's error, or with UnreadableLogError: the execution then stands in quarantine.
   */
  load(key: ExecutionKey, mayBeClosed = false): Promise<Activation | undefined> {
    const active = this.#active.get(key)
    if (active) return Promise.resolve(active)
    const loading = this.#loading.get(key)
    // One that was not to be closed may be nobody's; who takes closed ones too asks again.
    if (loading) return mayBeClosed ? loading.then((found) => found ?? this.load(key, true)) : loading
    const promise = this.#load(key, mayBeClosed).finally(() => this.#loading.delete(key))
    this.#loading.set(key, promise)
    return promise
  }

  find(key: ExecutionKey): Activation | undefined {
    return this.#active.get(key)
  }

  /** Calls back once with the row of an execution when it has ended. The answer takes the wish back. */
  whenEnded(key: ExecutionKey, tell: Ended): () => void {
    const waiting = this.#ends.get(key) ?? new Set()
    this.#ends.set(key, waiting.add(tell))
    return () => {
      if (waiting.delete(tell) && waiting.size === 0 && this.#ends.get(key) === waiting) this.#ends.delete(key)
    }
  }

  /**
   * Takes up an execution that nobody may have in hand, as after a start: what its log asks for, and the states that are left
   * to run. Never rejects.
   */
  async recover(key: ExecutionKey): Promise<void> {
    if (this.#active.has(key) || this.#isClosed) return
    this.#unattended.add(key)
    try {
      if (!(await this.load(key))) this.#unattended.delete(key)
    } catch (error) {
      if (!(error instanceof UnreadableLogError)) this.quarantine.enter(key, `the execution in row ${key}`, error)
    }
  }

  /** All that a process before this one had in hand is in hand again. */
  recovered(): void {
    this.#isRecovered = true
  }

  /** Tries an execution that stands aside: it leaves the quarantine unless something throws once more. Never rejects. */
  async retry(key: ExecutionKey): Promise<void> {
    const before = this.quarantine.attemptsOf(key)
    await this.recover(key)
    if (this.quarantine.attemptsOf(key) !== before) return
    const activation = this.#active.get(key)
    if (activation) this.#release(activation)
    await this.deliver(key, { type: 'TimerFired' })
    if (this.quarantine.attemptsOf(key) === before) this.quarantine.leave(key)
  }

  /** Takes no signal any more; resolves when no turn is under way. What is not durable by then is the next start's. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.quarantine.close()
    for (const { alarm, pause } of this.#active.values()) {
      alarm?.cancel()
      pause?.cancel()
    }
    if (this.#turning > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #take(activation: Activation, envelope: Envelope): void {
    if (this.#isClosed) return settle(envelope, 'lost')
    const { key } = activation.record
    const active = this.#active.get(key)
    if (active && active !== activation) return this.#take(active, envelope)
    if (!active) {
      // It has left the memory since it was looked up, and somebody else may have moved its log on.
      if (!activation.isExpress) activation.isStale = true
      this.#active.set(key, activation)
    }
    activation.mailbox.push(envelope)
    if (!activation.isTurning) this.#work(activation, false)
  }

  #beginTurn(activation: Activation): void {
    activation.isTurning = true
    this.#turning++
  }

  #endTurn(): void {
    if (--this.#turning > 0) return
    for (const tell of this.#idle.splice(0)) tell()
  }

  /** Takes turns until the mailbox is empty. */
  #work(activation: Activation, isUnfinished: boolean): void {
    if (isUnfinished) activation.mailbox.push(CONTINUE)
    if (this.#rest(activation)) return
    this.#beginTurn(activation)
    void this.#turns(activation, isUnfinished).finally(() => this.#endTurn())
  }

  /** Many small turns at once would add up to a long silence: past their share of a round of the event loop they wait for the next. */
  get #isFull(): boolean {
    return this.#worked >= ROUND_WORK_MAX
  }

  #count(work: number): void {
    this.#worked += work
    if (this.#isCounting) return
    this.#isCounting = true
    void this.#ports.breathe().then(() => {
      this.#worked = 0
      this.#isCounting = false
    })
  }

  async #turns(activation: Activation, isUnfinished: boolean): Promise<void> {
    let mustBreathe = isUnfinished
    do {
      if (mustBreathe || this.#isFull) await this.#ports.breathe()
      const envelope = this.#isClosed ? undefined : activation.mailbox.shift()
      mustBreathe = envelope !== undefined && (await this.#turn(activation, envelope))
      if (mustBreathe) activation.mailbox.push(CONTINUE)
    } while (!this.#rest(activation))
  }

  /** True when there is nothing to do for an execution now: it leaves the memory if it can. */
  #rest(activation: Activation): boolean {
    if (this.#isClosed) for (const envelope of activation.mailbox.splice(0)) settle(envelope, 'lost')
    if (activation.mailbox.length > 0) return false
    activation.isTurning = false
    // What is held may still be a redrive.
    if (activation.held.length > 0) return true
    if (!activation.isStale && activation.state.status !== 'RUNNING') {
      this.#end(activation)
      return true
    }
    const isNeeded = activation.calls.size > 0 || activation.isExpress
    if (!isNeeded && (activation.isStale || !isInHand(activation.state))) this.#forget(activation)
    return true
  }

  /** One turn; true when states are left to run. Never rejects. */
  async #turn(activation: Activation, envelope: Envelope): Promise<boolean> {
    const { record } = activation
    if (activation.isStale && !(await this.#readBack(activation))) {
      this.#setBack(activation, envelope)
      return false
    }
    const { sequence, status } = activation.state
    let taken: Step = NOTHING
    try {
      const { entropy, limits, turnWorkMax } = this.#ports
      const signal = typeof envelope.signal === 'function' ? envelope.signal(activation.state) : envelope.signal
      const at = toInstant(Math.max(this.#now(activation), envelope.notBefore ?? 0))
      if (signal) taken = step(activation.state, { ...signal, at, seed: entropy.seed() }, limits, turnWorkMax)
    } catch (error) {
      this.#throwAway(activation, envelope, error)
      return false
    }
    const { events } = taken
    this.#count(taken.work)
    if (events.length > 0) {
      if (activation.isExpress) {
        if (status === 'RUNNING' && activation.state.status !== 'RUNNING') await this.#closeExpress(activation)
      } else if (!(await this.#commit(activation, { key: record.key, patch: patchOf(activation.state), sequence, events }))) {
        this.#setBack(activation, envelope)
        return false
      }
      activation.hasRun = true
      activation.setbacks = 0
      if (activation.held.length > 0) this.#release(activation)
    }
    settle(envelope, events.length > 0 ? 'durable' : 'refused')
    this.#afterTurn(activation, taken)
    return taken.isUnfinished
  }

  /** Makes a turn durable. False: it is not in the log, and the state in memory is stale. */
  async #commit(activation: Activation, turn: TurnRecord): Promise<boolean> {
    try {
      const [outcome] = await this.#ports.store.commit([turn])
      if (outcome === 'committed') return true
      activation.isStale = true
      return false
    } catch (error) {
      this.#ports.log.debug('a commit failed and is read back', { executionArn: activation.record.arn, error: String(error) })
    }
    activation.isStale = true
    const isThere = await this.#isThere(turn)
    if (isThere !== undefined && (await this.#readBack(activation))) return isThere
    activation.isUnsettled = true
    activation.held.push(CONTINUE)
    return false
  }

  /** Whether the log has a turn: at its place stand its events and no other's. Undefined: it cannot be read. */
  async #isThere({ key, sequence, events }: TurnRecord): Promise<boolean | undefined> {
    try {
      const log = await this.#ports.store.logPart(key, sequence)
      return events.every(({ id, type, at }, i) => log[i]?.id === id && log[i]?.type === type && log[i]?.at === at)
    } catch (error) {
      this.#ports.log.debug('a log cannot be read', { error: String(error) })
      return undefined
    }
  }

  /** Folds the log anew into the activation. False when it cannot be read or folded. Never rejects. */
  async #readBack(activation: Activation): Promise<boolean> {
    const { record, state } = activation
    const { store, breathe } = this.#ports
    try {
      const empty = newExecutionState(state.program, state.identity, state.input, record.startAt)
      activation.state = await foldLog(store, record.key, empty, breathe)
      activation.isStale = false
      if (activation.isUnsettled) {
        activation.hasRun = true
        this.#attend(activation)
      }
      return true
    } catch (error) {
      activation.isStale = true
      // A store that does not answer is nobody's trouble in particular: whoever needs the state asks again.
      if (store.health().status === 'ok') this.quarantine.enter(record.key, record.arn, error)
      return false
    }
  }

  /** Dispatches what the log asks for and nobody has in hand. Throws when the state cannot tell. */
  #attend(activation: Activation): void {
    const { clock, entropy, limits } = this.#ports
    activation.isUnsettled = false
    for (const command of pendingCommands(activation.state, clock.now(), entropy.seed(), limits)) {
      if (command.type !== 'RunTask' || !activation.calls.has(command.task)) this.#ports.dispatch(activation, command)
    }
  }

  /** A turn could not be made durable: who can send its signal again is told; what must arrive waits. */
  #setBack(activation: Activation, envelope: Envelope): void {
    activation.setbacks++
    if (envelope.mustArrive) activation.held.push(envelope)
    else settle(envelope, 'lost')
    if (activation.held.length === 0 || activation.pause || this.#isClosed) return
    activation.pause = this.#ports.clock.after(pauseAfter(activation.setbacks), () => this.#release(activation))
  }

  /** What was held goes first, in its order. */
  #release(activation: Activation): void {
    activation.pause?.cancel()
    activation.pause = undefined
    if (this.#isClosed) return
    activation.mailbox.unshift(...activation.held.splice(0))
    if (!activation.isTurning) this.#work(activation, false)
  }

  /** A turn threw: a bug of ours, which the log knows nothing of. */
  #throwAway(activation: Activation, envelope: Envelope, error: unknown): void {
    const { key, arn } = activation.record
    if (activation.isExpress) {
      const cause = `An internal failure: ${error instanceof Error ? error.message : String(error)}`
      this.#ports.log.error('a turn of an Express execution threw', { executionArn: arn, stack: (error as Error).stack })
      settle(envelope, 'lost')
      activation.mailbox.unshift({ signal: { type: 'Break', failure: failure('States.Runtime', cause) }, mustArrive: true })
      return
    }
    activation.isStale = true
    if (envelope.mustArrive) activation.held.push(envelope)
    else settle(envelope, 'lost')
    // Whoever asked from outside has his answer, and the execution is as it was.
    const { signal } = envelope
    const isOwn = envelope.mustArrive || (typeof signal === 'object' && signal.type === 'TimerFired')
    if (isOwn) this.quarantine.enter(key, arn, error)
    else
      this.#ports.log.error('a turn threw, and its signal was given back', { executionArn: arn, stack: (error as Error).stack })
  }

  #afterTurn(activation: Activation, { events, commands }: Step): void {
    if (events.length > 0) {
      try {
        this.#ports.observer.committed(activation, events)
      } catch (error) {
        this.#ports.log.error('an observer threw', { error: String(error), stack: (error as Error).stack })
      }
    }
    // The next start takes them from the log.
    if (!this.#isClosed) for (const command of commands) this.#dispatch(activation, command)
    const due = nextDue(activation.state)
    if (due === undefined || this.#isClosed) return
    if (activation.isExpress) this.#setAlarm(activation, due)
    else this.#ports.dueAt(due)
  }

  #dispatch(activation: Activation, command: Command): void {
    try {
      this.#ports.dispatch(activation, command)
    } catch (error) {
      this.quarantine.enter(activation.record.key, activation.record.arn, error)
    }
  }

  #setAlarm(activation: Activation, due: Instant): void {
    activation.alarm?.cancel()
    const now = Math.max(this.#now(activation), activation.state.lastAt)
    activation.alarm = this.#ports.clock.after(due - now, () =>
      this.#take(activation, { signal: { type: 'TimerFired' }, mustArrive: true, notBefore: due }),
    )
  }

  /** An Express execution lives here alone: its time is how long it has lived, and a clock that is set moves none of its timers. */
  #now({ state, isExpress, bornAt }: Activation): Instant {
    const { clock } = this.#ports
    return isExpress ? toInstant(state.startAt + clock.elapsed() - bornAt) : clock.now()
  }

  async #commitFirst(activation: Activation, events: readonly EngineEvent[], isRowThere: boolean): Promise<StartOutcome> {
    const { state, record, isExpress } = activation
    if (isExpress) {
      if (state.status !== 'RUNNING') await this.#closeExpress(activation)
      return 'started'
    }
    const patch = patchOf(state)
    const turn: TurnRecord = isRowThere
      ? { key: record.key, patch: { ...patch, startAt: state.startAt }, sequence: 0, events }
      : { key: record.key, create: withPatch(record, patch), ofMachine: record.stateMachineKey, sequence: 0, events }
    try {
      const [outcome = 'stale'] = await this.#ports.store.commit([turn])
      if (outcome === 'name-taken' || outcome === 'machine-gone') return outcome
      if (outcome === 'committed') return 'started'
    } catch (error) {
      this.#ports.log.debug('a first commit failed and is read back', { executionArn: record.arn, error: String(error) })
    }
    activation.isStale = true
    const isThere = await this.#isThere(turn)
    return isThere === true && (await this.#readBack(activation)) ? 'started' : 'lost'
  }

  async #load(key: ExecutionKey, mayBeClosed: boolean): Promise<Activation | undefined> {
    const { store, programs, arnScope } = this.#ports
    const record = await store.executionByKey(key)
    if (!record || record.type === 'EXPRESS' || (record.status !== 'RUNNING' && !mayBeClosed)) return undefined
    const revision = await store.revision(record.revisionKey)
    if (!revision) return undefined
    const run = record.mapRunKey === undefined ? undefined : await store.mapRunByKey(record.mapRunKey)
    let state: ExecutionState
    try {
      const program = await programs.of(revision)
      const identity = identityOf(record, revision.roleArn, arnScope)
      const empty = newExecutionState(program, identity, Payload.ofText(record.input), record.startAt)
      state = await foldLog(store, key, empty, this.#ports.breathe)
    } catch (error) {
      this.quarantine.enter(key, record.arn, error)
      throw new UnreadableLogError(record.arn, error)
    }
    const activation = newActivation(record, state, {
      loggingConfiguration: revision.loggingConfiguration,
      mapRunArn: run?.arn,
    })
    // It may have been started meanwhile.
    const active = this.#active.get(key)
    if (active) return active
    this.#active.set(key, activation)
    // Before anybody can take a turn: what the log asks for is what it asked for until now.
    if (this.#unattended.has(key) || !this.#isRecovered) {
      try {
        this.#attend(activation)
      } catch (error) {
        this.#forget(activation)
        this.quarantine.enter(key, record.arn, error)
        throw new UnreadableLogError(record.arn, error)
      }
      this.#unattended.delete(key)
      this.post(activation, { type: 'Continue' })
    }
    return activation
  }

  /** The row of an Express child is written when it ends; other Express executions leave none. */
  async #closeExpress({ record, state }: Activation): Promise<void> {
    if (record.mapRunKey === undefined) return
    const turn = { key: record.key, patch: { ...patchOf(state), startAt: state.startAt }, sequence: 0, events: [] }
    await this.#ports.keepTrying.until('writing the end of a Map Run’s child', () => this.#ports.store.commit([turn]))
  }

  #end(activation: Activation): void {
    const { key } = activation.record
    for (const call of activation.calls.values()) call.abort()
    this.#forget(activation)
    for (const envelope of [...activation.mailbox.splice(0), ...activation.held.splice(0)]) settle(envelope, 'refused')
    if (this.quarantine.has(key)) this.quarantine.leave(key)
    const waiting = this.#ends.get(key)
    if (!waiting || !activation.hasRun) return
    this.#ends.delete(key)
    const row = withPatch({ ...activation.record, startAt: activation.state.startAt }, patchOf(activation.state))
    for (const tell of waiting) tell(row)
  }

  /** An execution that has not begun: who has sent it something meanwhile may send it again. */
  #drop(activation: Activation): void {
    this.#forget(activation)
    for (const envelope of activation.mailbox.splice(0)) settle(envelope, 'lost')
  }

  #forget(activation: Activation): void {
    activation.isTurning = false
    activation.alarm?.cancel()
    activation.pause?.cancel()
    if (this.#active.get(activation.record.key) === activation) this.#active.delete(activation.record.key)
  }
}

/** Why an execution cannot be taken up: its log, or the revision that it runs. */
export class UnreadableLogError extends Error {
  override readonly name = 'UnreadableLogError'

  constructor(executionArn: string, cause: unknown) {
    super(`${executionArn} cannot be taken up: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

const NOTHING: Step = { events: [], commands: [], isUnfinished: false, work: 0 }
const CONTINUE: Envelope = { signal: { type: 'Continue' }, mustArrive: true }

function settle(envelope: Envelope, fate: Fate): void {
  envelope.settle?.(fate)
}
