/**
 * Drives executions: hands the signals of one execution to its turns (`turn-taker.ts`), one after the other, and tells whoever
 * sent them what became of them.
 *
 * 1. One turn of an execution at a time; turns of many executions share a commit.
 * 2. Nothing leaves before its events are durable. Whoever sent a signal learns whether it is durable, refused or lost.
 * 3. A commit that failed, or whose outcome is not known, is read back: the log decides what has happened.
 * 4. A signal that nobody would send again is kept until it is durable; calls in flight keep their place meanwhile.
 * 5. An execution that waits for time or a token alone is dropped from memory; a signal folds its log again.
 * 6. A turn that throws, or a log that does not fold, puts its own execution aside and nobody else.
 * 7. An execution whose shard another node has is dropped at once: nothing of it is tried, told or called any more.
 */
import type { ArnScope } from '../base/arn.ts'
import { failure } from '../base/failure.ts'
import { type ExecutionKey, type Shard, shardOf } from '../base/ids.ts'
import { describeBug } from '../base/log.ts'
import type { Instant } from '../base/time.ts'

import type { SignalBody } from '../engine/signal.ts'
import { isInHand, nextDue } from '../engine/state.ts'
import type { Step } from '../engine/step.ts'
import type { ExecutionRecord, TurnRecord } from '../store/contract.ts'
import { withPatch } from '../store/patch.ts'
import { isAway } from '../store/unavailable.ts'

import { type Activation, type Envelope, type Fate, livesHereAlone, patchOf, type SignalOf, timeOf } from './activation.ts'
import { Activations, UnreadableLogError } from './activations.ts'
import { AwaitedEnds } from './awaited-ends.ts'
import { pauseAfter } from './keep-trying.ts'
import type { Programs } from './programs.ts'
import { Quarantine } from './quarantine.ts'
import { Round } from './round.ts'
import { MOVED } from './task-runner.ts'
import { type StartOutcome, type TurnPorts, TurnTaker } from './turn-taker.ts'

export interface DriverPorts extends TurnPorts {
  readonly programs: Programs
  readonly arnScope: ArnScope
  /** Turns of that execution may be taken here. */
  holds(key: ExecutionKey): boolean
  /** What the log of that execution asks for is in somebody's hands here. */
  isTakenUp(key: ExecutionKey): boolean
  /** A commit was refused because another node has the execution. */
  fenced(key: ExecutionKey): void
  /** The shards are about to be another node's: what turns ask for is for that one to carry out. */
  isLeaving(): boolean
  /** An execution is over, and its log says so. */
  ended(record: ExecutionRecord): void
  /** An execution will be due then: see to it that its timers fire. */
  dueAt(at: Instant): void
}

export class Driver {
  readonly #ports: DriverPorts
  readonly quarantine: Quarantine
  readonly #activations: Activations
  readonly #turns: TurnTaker
  readonly #round: Round
  readonly #ends = new AwaitedEnds()
  /** What their logs ask for is in nobody's hands: to be folded, with the first turn where nobody knows whether it is in the log. */
  readonly #unattended = new Map<ExecutionKey, TurnRecord | undefined>()
  /** When those are tried again that the store could not tell of, and how often in a row it could not. */
  #recovery: { cancel(): void } | undefined
  #absences = 0
  /** Turns under way, and who waits for there to be none. */
  #turning = 0
  readonly #idle: (() => void)[] = []
  #isClosed = false

  constructor(ports: DriverPorts) {
    const { store, programs, arnScope, breathe, clock, log } = ports
    this.#ports = ports
    this.quarantine = new Quarantine(clock, log, (key) => this.retry(key))
    this.#round = new Round(breathe)
    this.#turns = new TurnTaker(ports, this.quarantine, this.#round)
    this.#activations = new Activations({
      store,
      programs,
      arnScope,
      breathe,
      quarantine: this.quarantine,
      holds: (key) => ports.holds(key),
      loaded: (activation) => this.#takeUp(activation),
    })
  }

  /** Executions in memory and on their way there, the signals and calls of those, and whoever waits for an end. */
  get sizes() {
    const active = [...this.#activations.all()]
    return {
      active: active.length,
      loading: this.#activations.loading,
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
    const { key } = activation.record
    // Another attempt at the same child is under way: its outcome is this one's.
    if (this.#activations.find(key)) return 'started'
    if (this.#isClosed || !this.#isOurs(activation)) return 'lost'
    this.#activations.add(activation)
    activation.bornAt = this.#ports.clock.elapsed()
    this.#beginTurn(activation)
    try {
      if (this.#round.isFull) await this.#ports.breathe()
      const { outcome, step } = await this.#turns.takeFirst(activation, isRowThere)
      if (outcome !== 'started') {
        const isGone = activation.isDropped
        this.#drop(activation)
        if (outcome === 'fenced' && !isGone) this.#ports.fenced(key)
        // Whether it is there will be known when the store answers again: then somebody must go on with it.
        if (outcome === 'lost') {
          this.#unattended.set(key, activation.unsettled ?? this.#unattended.get(key))
          void this.recover(key)
        }
        return outcome
      }
      this.#unattended.delete(key)
      this.#afterTurn(activation, step)
      this.#work(activation, step.isUnfinished)
      return 'started'
    } catch (error) {
      this.#drop(activation)
      throw error
    } finally {
      this.#endTurn()
    }
  }

  /** Hands a signal to an execution; resolves once its fate is known. Never rejects. */
  async deliver(key: ExecutionKey, signal: SignalBody | SignalOf, mayBeClosed = false): Promise<Fate> {
    let activation: Activation | undefined
    if (!this.#ports.holds(key) && !this.find(key)) return 'lost'
    try {
      activation = await this.load(key, mayBeClosed)
    } catch {
      return 'lost'
    }
    if (!activation) return this.#ports.holds(key) ? 'refused' : 'lost'
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
    return this.#activations.load(key, mayBeClosed)
  }

  find(key: ExecutionKey): Activation | undefined {
    return this.#activations.find(key)
  }

  /** Calls back once with the row of an execution when it has ended. The answer takes the wish back. */
  whenEnded(key: ExecutionKey, tell: (record: ExecutionRecord) => void): () => void {
    return this.#ends.add(key, tell)
  }

  /**
   * Takes up an execution that nobody may have in hand, as after a start: what its log asks for, and the states that are left
   * to run. Never rejects.
   */
  async recover(key: ExecutionKey): Promise<void> {
    if (this.#activations.find(key) || this.#isClosed || !this.#ports.holds(key)) return
    const unsettled = this.#unattended.get(key)
    this.#unattended.set(key, unsettled)
    try {
      // A turn that nobody has heard of may have been the last one too; a closed execution does not stay in memory.
      const activation = await this.load(key, unsettled !== undefined)
      this.#absences = 0
      if (!activation) this.#unattended.delete(key)
      else if (unsettled) this.post(activation, { type: 'Continue' })
    } catch (error) {
      if (error instanceof UnreadableLogError) return
      // Nothing is wrong with it: all that could not be read are tried together, when the store may be back.
      if (isAway(this.#ports.store, error)) this.#recoverLater()
      else this.quarantine.enter(key, `the execution in row ${key}`, error)
    }
  }

  /** The store was away and answers again: what waits for it to is tried now. */
  storeIsBack(): void {
    for (const activation of [...this.#activations.all()]) if (activation.pause) this.#release(activation)
    this.#recoverLeft()
  }

  /** Drops the executions of these shards as they stand: another node goes on with them. */
  letGo(shards: ReadonlySet<Shard>): void {
    const isGone = (key: ExecutionKey) => shards.has(shardOf(key))
    for (const activation of [...this.#activations.all()]) {
      if (!isGone(activation.record.key) || livesHereAlone(activation)) continue
      for (const call of activation.calls.values()) call.abort(MOVED)
      this.#drop(activation)
    }
    for (const key of [...this.#unattended.keys()]) if (isGone(key)) this.#unattended.delete(key)
    this.quarantine.forget(isGone)
  }

  /** Shards of which a call is under way, or would be made anew elsewhere: an Express child of a Map Run begins again there. */
  callingShards(): ReadonlySet<Shard> {
    const calling = [...this.#activations.all()].filter((one) => (one.calls.size > 0 || one.isExpress) && !livesHereAlone(one))
    return new Set(calling.map(({ record }) => shardOf(record.key)))
  }

  /** Tries an execution that stands aside: it leaves the quarantine unless something throws once more. Never rejects. */
  async retry(key: ExecutionKey): Promise<void> {
    const before = this.quarantine.attemptsOf(key)
    await this.recover(key)
    if (this.quarantine.attemptsOf(key) !== before) return
    const activation = this.#activations.find(key)
    if (activation) this.#release(activation)
    await this.deliver(key, { type: 'TimerFired' })
    if (this.quarantine.attemptsOf(key) === before) this.quarantine.leave(key)
  }

  /** Takes no signal any more; resolves when no turn is under way. What is not durable by then is the next start's. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.quarantine.close()
    this.#recovery?.cancel()
    for (const { alarm, pause } of this.#activations.all()) {
      alarm?.cancel()
      pause?.cancel()
    }
    if (this.#turning > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #recoverLater(): void {
    if (this.#isClosed || this.#recovery) return
    this.#recovery = this.#ports.clock.after(pauseAfter(++this.#absences), () => this.#recoverLeft())
  }

  #recoverLeft(): void {
    this.#recovery?.cancel()
    this.#recovery = undefined
    for (const key of [...this.#unattended.keys()]) void this.recover(key)
  }

  #isStaying(activation: Activation): boolean {
    return this.#isOurs(activation) && (!this.#ports.isLeaving() || livesHereAlone(activation))
  }

  #isOurs(activation: Activation): boolean {
    return !activation.isDropped && (livesHereAlone(activation) || this.#ports.holds(activation.record.key))
  }

  #take(activation: Activation, envelope: Envelope): void {
    if (this.#isClosed || !this.#isOurs(activation)) return settle(envelope, 'lost')
    const active = this.#activations.find(activation.record.key)
    if (active && active !== activation) return this.#take(active, envelope)
    if (!active) {
      // It has left the memory since it was looked up, and somebody else may have moved its log on.
      if (!activation.isExpress) activation.isStale = true
      this.#activations.add(activation)
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
    void this.#takeTurns(activation, isUnfinished).finally(() => this.#endTurn())
  }

  async #takeTurns(activation: Activation, isUnfinished: boolean): Promise<void> {
    let mustBreathe = isUnfinished
    do {
      if (mustBreathe || this.#round.isFull) await this.#ports.breathe()
      const envelope = this.#isClosed || !this.#isOurs(activation) ? undefined : activation.mailbox.shift()
      mustBreathe = envelope !== undefined && (await this.#turn(activation, envelope))
      if (mustBreathe) activation.mailbox.push(CONTINUE)
    } while (!this.#rest(activation))
  }

  /** True when there is nothing to do for an execution now: it leaves the memory if it can. */
  #rest(activation: Activation): boolean {
    if (!this.#isOurs(activation)) {
      this.#drop(activation)
      return true
    }
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
    if (!isNeeded && (activation.isStale || !isInHand(activation.state))) this.#activations.forget(activation)
    return true
  }

  /** One turn; true when states are left to run. Never rejects. */
  async #turn(activation: Activation, envelope: Envelope): Promise<boolean> {
    const turn = await this.#turns.take(activation, envelope)
    if (turn.kind === 'threw') {
      this.#throwAway(activation, envelope, turn.error)
      return false
    }
    if (turn.kind === 'fenced') {
      settle(envelope, 'lost')
      // A shard that went and came again is not lost once more.
      if (!activation.isDropped) this.#ports.fenced(activation.record.key)
      return false
    }
    if (turn.kind !== 'taken') {
      if (turn.kind === 'unsettled') activation.held.push(CONTINUE)
      this.#setBack(activation, envelope)
      return false
    }
    const { step } = turn
    if (step.events.length > 0) {
      activation.hasRun = true
      activation.setbacks = 0
      if (activation.held.length > 0) this.#release(activation)
    }
    settle(envelope, step.events.length > 0 ? 'durable' : 'refused')
    this.#afterTurn(activation, step)
    return step.isUnfinished
  }

  /** A turn could not be made durable: who can send its signal again is told; what must arrive waits. */
  #setBack(activation: Activation, envelope: Envelope): void {
    if (activation.isDropped) return settle(envelope, 'lost')
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
      this.#ports.log.error('a turn of an Express execution threw', { executionArn: arn, ...describeBug(error) })
      settle(envelope, 'lost')
      activation.mailbox.unshift({ signal: { type: 'Break', failure: failure('States.Runtime', cause) }, mustArrive: true })
      return
    }
    if (activation.isDropped) return settle(envelope, 'lost')
    activation.isStale = true
    if (envelope.mustArrive) activation.held.push(envelope)
    else settle(envelope, 'lost')
    // Whoever asked from outside has his answer, and the execution is as it was.
    const { signal } = envelope
    const isOwn = envelope.mustArrive || (typeof signal === 'object' && signal.type === 'TimerFired')
    if (isOwn) this.quarantine.enter(key, arn, error)
    else this.#ports.log.error('a turn threw, and its signal was given back', { executionArn: arn, ...describeBug(error) })
  }

  #afterTurn(activation: Activation, { events, commands }: Step): void {
    this.#turns.tell(activation, events)
    // Whoever goes on with it takes them from the log: the next start, or another node.
    const isStaying = this.find(activation.record.key) === activation && this.#isStaying(activation)
    if (!this.#isClosed && isStaying) this.#turns.dispatch(activation, commands)
    const due = nextDue(activation.state)
    if (due === undefined || this.#isClosed || !this.#isOurs(activation)) return
    if (activation.isExpress) this.#setAlarm(activation, due)
    else this.#ports.dueAt(due)
  }

  #setAlarm(activation: Activation, due: Instant): void {
    activation.alarm?.cancel()
    const now = Math.max(timeOf(activation, this.#ports.clock), activation.state.lastAt)
    activation.alarm = this.#ports.clock.after(due - now, () =>
      this.#take(activation, { signal: { type: 'TimerFired' }, mustArrive: true, notBefore: due }),
    )
  }

  /** Before anybody can take a turn: what the log asks for is what it asked for until now. */
  #takeUp(activation: Activation): void {
    const { key } = activation.record
    if (this.#ports.isTakenUp(key) && !this.#unattended.has(key)) return
    const unsettled = this.#unattended.get(key)
    if (unsettled) {
      activation.unsettled = unsettled
      activation.isStale = true
    } else this.#turns.attend(activation)
    this.#unattended.delete(key)
    this.post(activation, { type: 'Continue' })
  }

  #end(activation: Activation): void {
    const { key } = activation.record
    for (const call of activation.calls.values()) call.abort()
    this.#activations.forget(activation)
    for (const envelope of [...activation.mailbox.splice(0), ...activation.held.splice(0)]) settle(envelope, 'refused')
    if (this.quarantine.has(key)) this.quarantine.leave(key)
    if (!activation.hasRun) return
    const { record, state } = activation
    if (!activation.isExpress) this.#ports.ended(record)
    this.#ends.tell(key, () => withPatch({ ...record, startAt: state.startAt }, patchOf(state)))
  }

  /** An execution that has not begun, or is not ours: who has sent it something meanwhile may send it again. */
  #drop(activation: Activation): void {
    activation.isDropped = true
    this.#activations.forget(activation)
    for (const envelope of [...activation.mailbox.splice(0), ...activation.held.splice(0)]) settle(envelope, 'lost')
  }
}

const CONTINUE: Envelope = { signal: { type: 'Continue' }, mustArrive: true }

function settle(envelope: Envelope, fate: Fate): void {
  envelope.settle?.(fate)
}
