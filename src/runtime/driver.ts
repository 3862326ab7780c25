/**
 * Drives executions: takes the signals of one execution in turn, steps the machine, commits what it tells, and only then
 * lets commands and answers out.
 *
 * 1. One turn of an execution at a time; turns of many executions share a commit.
 * 2. Nothing leaves before its events are durable.
 * 3. An execution that waits for time or a token alone is dropped from memory; a signal folds its log again.
 */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import { Payload } from '../base/payload.ts'
import { newSeed } from '../base/random.ts'
import type { Instant } from '../base/time.ts'

import { fold } from '../engine/apply.ts'
import type { Command } from '../engine/command.ts'
import type { Limits } from '../base/limits.ts'
import type { SignalBody } from '../engine/signal.ts'
import { isInHand, newExecutionState, nextDue } from '../engine/state.ts'
import { pendingCommands, step } from '../engine/step.ts'
import type { ExecutionKey, ExecutionRecord, Store, TurnOutcome } from '../store/contract.ts'

import { identityOf, type Place } from './identity.ts'
import { type Letter, type Live, newLive, type Observer, patched, patchOf } from './live.ts'
import type { Programs } from './programs.ts'

export interface DriverPorts {
  readonly store: Store
  readonly programs: Programs
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  readonly place: Place
  readonly observer: Observer
  /** Carries a command out; its results come back as signals. */
  dispatch(live: Live, command: Command): void
  /** An execution will be due then: see to it that its timers fire. */
  dueAt(at: Instant): void
}

export class Driver {
  readonly #ports: DriverPorts
  readonly #live = new Map<ExecutionKey, Live>()
  readonly #loading = new Map<ExecutionKey, Promise<Live | undefined>>()
  readonly #ends = new Map<ExecutionKey, ((record: ExecutionRecord) => void)[]>()

  constructor(ports: DriverPorts) {
    this.#ports = ports
  }

  get size(): number {
    return this.#live.size
  }

  /** Begins an execution. The first turn is durable when this resolves; `record` is its row as it will be created. */
  async start(live: Live, isRowThere = false): Promise<TurnOutcome> {
    const { state, record } = live
    const at = state.startAt
    this.#live.set(record.key, live)
    live.isTurning = true
    const { events, commands, isUnfinished } = step(state, { type: 'Start', at, seed: newSeed() }, this.#ports.limits)
    if (!live.isExpress) {
      const patch = patchOf(state)
      const [outcome = 'stale'] = await this.#ports.store.commit([
        isRowThere
          ? { key: record.key, patch: { ...patch, startAt: at }, sequence: 0, events }
          : { key: record.key, create: patched(record, patch), sequence: 0, events },
      ])
      if (outcome !== 'committed') {
        this.#live.delete(record.key)
        return outcome
      }
    } else if (state.status !== 'RUNNING') await this.#closeExpress(live)
    live.isTurning = false
    if (isUnfinished) live.mailbox.unshift({ signal: { type: 'Continue', at: this.#ports.clock.now(), seed: newSeed() } })
    this.#afterTurn(live, events, commands)
    return 'committed'
  }

  /** Hands a signal to an execution; resolves once what it brought about is durable. False: no such execution, or it is closed. */
  async deliver(key: ExecutionKey, body: SignalBody): Promise<boolean> {
    const live = await this.load(key)
    if (!live) return false
    await new Promise<void>((done) => this.post(live, body, done))
    return true
  }

  post(live: Live, body: SignalBody, done?: () => void): void {
    live.mailbox.push({ signal: { ...body, at: this.#ports.clock.now(), seed: newSeed() }, done })
    this.#run(live)
  }

  /** The execution in memory; folds its log when it is parked. Undefined when it is closed or unknown. */
  load(key: ExecutionKey, mayBeClosed = false): Promise<Live | undefined> {
    const live = this.#live.get(key)
    if (live) return Promise.resolve(live)
    const loading = this.#loading.get(key)
    if (loading) return loading
    const promise = this.#fold(key, mayBeClosed).finally(() => this.#loading.delete(key))
    this.#loading.set(key, promise)
    return promise
  }

  find(key: ExecutionKey): Live | undefined {
    return this.#live.get(key)
  }

  /** Calls back with the row of an execution when it has ended. */
  whenEnded(key: ExecutionKey): Promise<ExecutionRecord> {
    return new Promise((resolve) => {
      const waiting = this.#ends.get(key)
      if (waiting) waiting.push(resolve)
      else this.#ends.set(key, [resolve])
    })
  }

  /** Takes up an execution whose process died: what it still asks for, and the states that are left to run. */
  async recover(key: ExecutionKey): Promise<void> {
    const live = await this.load(key)
    if (!live) return
    const { clock, limits } = this.#ports
    for (const command of pendingCommands(live.state, clock.now(), newSeed(), limits)) this.#ports.dispatch(live, command)
    this.post(live, { type: 'Continue' })
  }

  async #fold(key: ExecutionKey, mayBeClosed: boolean): Promise<Live | undefined> {
    const { store, programs } = this.#ports
    const record = await store.executionByKey(key)
    if (!record || record.type === 'EXPRESS' || (record.status !== 'RUNNING' && !mayBeClosed)) return undefined
    const revision = await store.revision(record.revisionKey)
    if (!revision) return undefined
    const events = await store.log(key)
    const run = record.mapRunKey === undefined ? undefined : await store.mapRunByKey(record.mapRunKey)
    const empty = newExecutionState(
      await programs.of(revision),
      identityOf(record, revision.roleArn, this.#ports.place),
      Payload.ofText(record.input),
      record.startAt,
    )
    const live = newLive(record, fold(empty, events), {
      loggingConfiguration: revision.loggingConfiguration,
      mapRunArn: run?.arn,
    })
    this.#live.set(key, live)
    return live
  }

  #run(live: Live): void {
    if (live.isTurning) return
    const letter = live.mailbox.shift()
    if (!letter) return
    live.isTurning = true
    void this.#turn(live, letter)
  }

  async #turn(live: Live, letter: Letter): Promise<void> {
    const { store, log, limits, clock } = this.#ports
    const { state, record } = live
    const sequence = state.sequence
    try {
      const wasRunning = state.status === 'RUNNING'
      const { events, commands, isUnfinished } = step(state, letter.signal, limits)
      if (events.length > 0) {
        if (!live.isExpress) {
          const [outcome] = await store.commit([{ key: record.key, patch: patchOf(state), sequence, events }])
          if (outcome !== 'committed') return this.#forget(live, letter)
        } else if (wasRunning && state.status !== 'RUNNING') await this.#closeExpress(live)
      }
      live.isTurning = false
      letter.done?.()
      if (isUnfinished) live.mailbox.unshift({ signal: { type: 'Continue', at: clock.now(), seed: newSeed() } })
      this.#afterTurn(live, events, commands)
    } catch (error) {
      log.error('a turn failed; the execution is folded again from its log', {
        executionArn: record.arn,
        error: String(error),
        stack: (error as Error).stack,
      })
      this.#forget(live, letter)
    }
  }

  #afterTurn(live: Live, events: readonly Parameters<Observer['committed']>[1][number][], commands: readonly Command[]): void {
    if (events.length > 0) this.#ports.observer.committed(live, events)
    for (const command of commands) this.#ports.dispatch(live, command)
    if (live.state.status !== 'RUNNING') return this.#close(live)
    const due = nextDue(live.state)
    if (due !== undefined) {
      if (live.isExpress) this.#setAlarm(live, due)
      else this.#ports.dueAt(due)
    }
    if (live.mailbox.length > 0) this.#run(live)
    else if (!live.isExpress && !isInHand(live.state) && live.calls.size === 0) this.#live.delete(live.record.key)
  }

  #setAlarm(live: Live, due: Instant): void {
    live.alarm?.cancel()
    live.alarm = this.#ports.clock.after(due - this.#ports.clock.now(), () => this.post(live, { type: 'TimerFired' }))
  }

  /** The row of an Express child is written when it ends; other Express executions leave none. */
  async #closeExpress(live: Live): Promise<void> {
    if (live.record.mapRunKey === undefined) return
    await this.#ports.store.commit([
      { key: live.record.key, patch: { ...patchOf(live.state), startAt: live.state.startAt }, sequence: 0, events: [] },
    ])
  }

  #close(live: Live): void {
    const { key } = live.record
    live.alarm?.cancel()
    for (const call of live.calls.values()) call.abort()
    this.#live.delete(key)
    for (const letter of live.mailbox) letter.done?.()
    const waiting = this.#ends.get(key)
    if (!waiting) return
    this.#ends.delete(key)
    const row = patched({ ...live.record, startAt: live.state.startAt }, patchOf(live.state))
    for (const tell of waiting) tell(row)
  }

  /** What is in memory can no longer be trusted: the log is. */
  #forget(live: Live, letter: Letter): void {
    this.#live.delete(live.record.key)
    letter.done?.()
    for (const other of live.mailbox) other.done?.()
  }
}
