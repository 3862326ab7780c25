/**
 * Drives one Map Run: takes its signals in turn, steps the machine, commits what it tells, and only then reads items, starts
 * and aborts children, writes results and tells the parent.
 *
 * 1. One turn at a time; nothing leaves before its events are durable, and those of all turns before it.
 * 2. While a turn is being committed the next may be taken, TURNS_AHEAD at most: the store carries them out in their order,
 *    and none without its predecessor.
 * 3. A turn that may not be durable breaks the drive off: the run is folded anew, by a new drive.
 * 4. A child's end is a signal once it is durable; that our own store fails is no child's failure.
 */
import { partArn } from '../../base/arn.ts'
import { assert, assertNever } from '../../base/assert.ts'
import { deferred } from '../../base/deferred.ts'
import type { ExecutionKey } from '../../base/ids.ts'

import type { NewChild, MapRunCommand } from '../../engine/map-run/command.ts'
import { applyChild } from '../../engine/map-run/apply.ts'
import type { Making } from '../../engine/map-run/children.ts'
import type { ChildEnd, ChildIndex, MapRunEnd } from '../../engine/map-run/event.ts'
import type { MapRunSignalBody } from '../../engine/map-run/signal.ts'
import type { MapRunState } from '../../engine/map-run/state.ts'
import { type MapRunStep, STARTED_AT_ONCE, stepMapRun } from '../../engine/map-run/step.ts'
import type { ExecutionRecord, ExecutionStatus, MapRunRecord } from '../../store/contract.ts'

import type { Fate } from '../activation.ts'
import type { EndedAtOnce } from '../at-once.ts'
import { ItemReader } from './item-reader.ts'
import { commitRun, foldLogOf } from './map-run-log.ts'
import type { MapRunOf, MapRunPorts } from './ports.ts'
import { exportResults, joinOutputs } from './results.ts'

/** A child that is just being started cannot be aborted yet. */
const ABORT_AGAIN_MS = 500
/** A turn's work, in units of `expr/work.ts`: some 5 ms. */
const WORK_AT_ONCE = 100_000
/** Turns that are being committed while another one is taken. */
const TURNS_AHEAD = 8

const ANY_STATUS: readonly ExecutionStatus[] = [
  ...(['PENDING', 'PENDING_REDRIVE', 'RUNNING'] as const),
  ...(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const),
]

interface Envelope {
  readonly signal: MapRunSignalBody
  readonly settle?: (fate: Fate) => void
}

const CONTINUE: Envelope = { signal: { type: 'Continue' } }

export class MapRun {
  readonly #ports: MapRunPorts
  readonly #record: MapRunRecord
  readonly #mailbox: Envelope[] = []
  readonly #over = deferred<void>()
  /** Children that were made here, that wait, and that nobody can have run. */
  readonly #made = new Map<ChildIndex, ExecutionRecord>()
  /** New children that are over, until they are written. */
  readonly #ended = new Map<ChildIndex, EndedAtOnce>()
  /** Turns that are not durable yet, the oldest first; each resolves after those before it. */
  readonly #underWay: Promise<void>[] = []
  /** Children started and work done since others had their turn. */
  readonly #since = { started: 0, work: 0 }
  readonly #inFlight = new Map<ChildIndex, ExecutionKey>()
  #reader: ItemReader | undefined
  #abortAgain: { cancel(): void } | undefined
  /** Folded: turns may be taken. */
  #folded: { readonly state: MapRunState; readonly making: Making } | undefined
  #isTurning = false
  #isDetached = false

  constructor(ports: MapRunPorts, record: MapRunRecord) {
    this.#ports = ports
    this.#record = record
  }

  /** Resolves when the parent was told how the run ended, or the process ends. Rejects when our own store fails it. */
  async run(): Promise<void> {
    try {
      this.#folded = await this.#fold()
      this.#mailbox.push({ signal: { type: 'Resume' } })
      this.#work()
      await this.#over.promise
    } finally {
      this.detach()
    }
  }

  /** Resolves once the signal's fate is known. Never rejects. */
  send(signal: MapRunSignalBody): Promise<Fate> {
    if (this.#isDetached) return Promise.resolve('lost')
    return new Promise((settle) => {
      this.#mailbox.push({ signal, settle })
      this.#work()
    })
  }

  /** Leaves everything as it stands. */
  detach(): void {
    this.#isDetached = true
    this.#reader?.stop()
    this.#abortAgain?.cancel()
    for (const { settle } of this.#mailbox.splice(0)) settle?.('lost')
    this.#over.resolve()
  }

  async #fold() {
    const { store, entropy, payloadBytesMax, program } = this.#ports
    const state = await foldLogOf(this.#ports, this.#record, entropy)
    applyChild(state, { type: 'ChildrenRecalled', ...(await store.childRows(this.#record.key)) })
    const map = (await program(state.request.revisionKey)).states.get(state.request.mapState)
    const itemSelector = map?.type === 'Map' ? map.itemSelector : undefined
    const run = await this.#ports.runAtOnce(state.request)
    const runAtOnce = (child: NewChild) => {
      const ended = run(this.#recordOf(child, state))
      if (!ended) return undefined
      this.#ended.set(child.index, ended)
      return { end: endOf(ended.record), work: ended.work }
    }
    return { state, making: { itemSelector, payloadBytesMax, workMax: WORK_AT_ONCE, runAtOnce } }
  }

  #post(signal: MapRunSignalBody): void {
    if (this.#isDetached) return
    this.#mailbox.push({ signal })
    this.#work()
  }

  #work(): void {
    if (this.#isTurning || !this.#folded) return
    this.#isTurning = true
    this.#turns(this.#folded.state, this.#folded.making).catch((error: unknown) => this.#over.reject(error))
  }

  /** Takes turns until there is nothing to do. */
  async #turns(state: MapRunState, making: Making): Promise<void> {
    let isUnfinished = false
    while (!this.#isDetached) {
      const envelope = this.#mailbox.shift() ?? (isUnfinished ? CONTINUE : undefined)
      if (!envelope) break
      const taken = stepMapRun(state, { ...envelope.signal, at: this.#ports.clock.now() }, making)
      isUnfinished = taken.isUnfinished
      if (taken.events.length > 0 || this.#underWay.length > 0) this.#commit(state, taken, envelope)
      else {
        envelope.settle?.('refused')
        this.#leave(taken.commands, state)
      }
      if (this.#underWay.length >= TURNS_AHEAD) await this.#underWay[0]
      if (!isUnfinished && !this.#isFull(taken)) continue
      await this.#ports.breathe()
      Object.assign(this.#since, { started: 0, work: 0 })
    }
    // Without a pause after the last look into the mailbox.
    this.#isTurning = false
  }

  /** Others should have their turn. */
  #isFull({ commands, work }: MapRunStep): boolean {
    const since = this.#since
    since.work += work
    for (const command of commands) if (command.type === 'StartChildren') since.started += command.children.length
    return since.started >= STARTED_AT_ONCE || since.work >= WORK_AT_ONCE
  }

  /** Hands the turn to the store; what it asks for leaves when it is durable, and all turns before it are. */
  #commit(state: MapRunState, taken: MapRunStep, { settle }: Envelope): void {
    // Reading leaves nothing behind.
    for (const command of taken.commands) if (command.type === 'ReadItems') this.#carryOut(command, state)
    const [before] = this.#underWay.slice(-1)
    const turn = Promise.all([this.#written(state, taken), before]).then(
      ([tell]) => {
        this.#underWay.shift()
        tell()
        settle?.(taken.events.length > 0 ? 'durable' : 'refused')
        this.#leave(
          taken.commands.filter(({ type }) => type !== 'ReadItems'),
          state,
        )
      },
      (error: unknown) => {
        settle?.('lost')
        throw error
      },
    )
    this.#underWay.push(turn)
    turn.catch((error: unknown) => this.#over.reject(error))
  }

  /** Resolves when the turn is durable: with what is to be done for its children then. */
  async #written(state: MapRunState, { events, children }: MapRunStep): Promise<() => void> {
    if (events.length === 0) return () => {}
    const ended: EndedAtOnce[] = []
    const made = new Map<ChildIndex, ExecutionRecord>()
    const records = children.map((child) => {
      const atOnce = this.#ended.get(child.index)
      const record = atOnce?.record ?? this.#recordOf(child, state)
      if (atOnce) ended.push(atOnce)
      else made.set(child.index, record)
      return record
    })
    this.#ended.clear()
    const logged = state.request.executionType === 'STANDARD' ? ended : []
    const childLogs = logged.map(({ record: { key }, events: log }) => ({ key, events: log }))
    await commitRun(this.#ports, this.#record, state, { events, children: records, childLogs })
    return () => {
      for (const [index, record] of made) this.#made.set(index, record)
      for (const { tell } of ended) tell()
    }
  }

  #leave(commands: readonly MapRunCommand[], state: MapRunState): void {
    // The next process takes them from the log.
    if (!this.#isDetached) for (const command of commands) this.#carryOut(command, state)
  }

  #carryOut(command: MapRunCommand, state: MapRunState): void {
    const { request } = state
    const { key } = this.#record
    switch (command.type) {
      case 'ReadItems':
        this.#reader ??= new ItemReader(request, this.#ports.source, command.from)
        return this.#answer(this.#reader.next())
      case 'StopReading':
        return this.#reader?.stop()
      case 'StartChildren':
        for (const child of command.children) this.#answer(this.#runChild(child, request))
        return
      case 'AbortChildren':
        return this.#abortChildren(state)
      case 'WriteResults':
        return this.#answer(exportResults(this.#ports, key, request))
      case 'JoinOutputs':
        return this.#answer(joinOutputs(this.#ports, key, request))
      case 'TellParent':
        return this.#answer(this.#tellParent(state, command.end))
      default:
        return assertNever(command, 'command of a Map Run')
    }
  }

  #answer(signal: Promise<MapRunSignalBody | undefined>): void {
    signal.then(
      (told) => told && this.#post(told),
      (error: unknown) => this.#over.reject(error),
    )
  }

  async #runChild(child: ChildIndex, run: MapRunOf): Promise<MapRunSignalBody | undefined> {
    const made = this.#made.get(child)
    this.#made.delete(child)
    const record = made ?? (await this.#recall(child))
    if (this.#isDetached) return undefined
    this.#inFlight.set(child, record.key)
    const ended = await this.#ports.runChild(record, made !== undefined, run)
    if (!ended) return undefined
    this.#inFlight.delete(child)
    return { type: 'ChildEnded', child, end: endOf(ended) }
  }

  /** There may be thousands to read: others have their turn between two. */
  async #recall(child: ChildIndex): Promise<ExecutionRecord> {
    const { store, breathe } = this.#ports
    await breathe()
    const [record] = await store.children(this.#record.key, ANY_STATUS, child - 1, 1)
    assert(record?.itemIndex === child, `the child ${child} is there`)
    return record
  }

  #abortChildren({ redriveCount }: MapRunState): void {
    this.#abortAgain?.cancel()
    for (const key of this.#inFlight.values()) this.#ports.abortChild({ key, mapRunArn: this.#record.arn, redriveCount })
    this.#abortAgain = this.#ports.clock.after(ABORT_AGAIN_MS, () => this.#post({ type: 'AbortDue' }))
  }

  /** After a crash in between, the parent's recovery asks for the run again, and it is told again. */
  async #tellParent({ request, redriveCount }: MapRunState, end: MapRunEnd): Promise<undefined> {
    this.#abortAgain?.cancel()
    await this.#ports.ended(request, end, redriveCount)
    this.#over.resolve()
  }

  #recordOf({ index, items, input, name, arn }: NewChild, { request }: MapRunState): ExecutionRecord {
    const { stateMachineArn, stateMachineKey, revisionKey, label, mapState, executionType } = request
    const { store, clock } = this.#ports
    return {
      // Every node takes its share of them.
      key: store.newExecutionKey('anywhere'),
      arn,
      name,
      stateMachineArn: partArn(stateMachineArn, label),
      stateMachineKey,
      revisionKey,
      type: executionType,
      status: 'PENDING',
      startAt: clock.now(),
      input,
      mapRunKey: this.#record.key,
      itemCount: items,
      itemIndex: index,
      mapState,
      isBusy: false,
      redriveCount: 0,
      lastEventId: 0,
    }
  }
}

const endOf = ({ status }: Pick<ExecutionRecord, 'status'>): ChildEnd =>
  status === 'SUCCEEDED' || status === 'TIMED_OUT' || status === 'ABORTED' ? status : 'FAILED'
