/**
 * The execution port: starts, stops and answers executions for control/, and keeps what runs running. Puts together who does
 * what: `driver.ts` takes turns, `dispatcher.ts` carries out what they ask for, `scheduler.ts` wakes what is due, `recovery.ts`
 * takes up what was in flight, `retention.ts` removes what is old.
 */
import type { ActivityArn, ArnScope, ExecutionArn, MapRunArn } from '../base/arn.ts'
import { assert } from '../base/assert.ts'
import type { Breathe } from '../base/breather.ts'
import type { Clock } from '../base/clock.ts'
import { type Failure, failure } from '../base/failure.ts'
import type { ExecutionKey, StateMachineKey, TaskId } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import { Payload } from '../base/payload.ts'
import type { Entropy } from '../base/random.ts'

import type { ObjectSource } from '../items/source.ts'
import type { Spool } from '../items/spool.ts'
import type { Program } from '../asl/program.ts'
import type { MapRunEnd } from '../engine/map-run/event.ts'
import type { MapRunRequest } from '../engine/map-run/state.ts'
import type { MapRunLimits } from '../engine/map-run/tolerance.ts'
import type { Limits } from '../base/limits.ts'
import type { SignalBody, TaskSignal } from '../engine/signal.ts'
import { type ExecutionIdentity, newExecutionState } from '../engine/state.ts'
import { readTaskToken, type TaskToken } from '../engine/task-token.ts'
import type { ExecutionRecord, RevisionRecord, Store } from '../store/contract.ts'
import type { ConnectorRegistry } from '../tasks/registry.ts'

import type { ExecutionPort, Quarantined, StartRequest, SyncResult, TokenOutcome } from '../control/execution-port.ts'
import { type Activation, type Fate, isLost, newActivation, type Observer } from './activation.ts'
import { Activities, type Offer } from './activities.ts'
import { runAtOnceOf } from './at-once.ts'
import { Deletions } from './deletions.ts'
import { Dispatcher } from './dispatcher.ts'
import { Driver } from './driver.ts'
import { identityOf } from './identity.ts'
import { KeepTrying } from './keep-trying.ts'
import { MapRuns } from './distributed-map/map-runs.ts'
import { Programs } from './programs.ts'
import { recover } from './recovery.ts'
import { Retention } from './retention.ts'
import { Scheduler } from './scheduler.ts'
import { ANSWERED, TaskRunner } from './task-runner.ts'

export interface RuntimeOptions {
  readonly store: Store
  readonly connectors: ConnectorRegistry
  readonly source: ObjectSource
  readonly spool: Spool
  readonly clock: Clock
  readonly entropy: Entropy
  /** Lets the event loop serve others between two pieces of work. */
  readonly breathe: Breathe
  readonly log: Log
  readonly limits: Limits
  /** What a turn may do, in units of `expr/work.ts`; the engine's own bound unless told. */
  readonly turnWorkMax?: number | undefined
  readonly arnScope: ArnScope
  readonly observer: Observer
}

/** What whoever has sent a signal is told of its fate. */
const CHANGED = { durable: 'changed', refused: 'refused', lost: 'unavailable' } as const satisfies Record<Fate, string>

export class Runtime implements ExecutionPort {
  readonly #options: RuntimeOptions
  readonly #programs: Programs
  readonly #driver: Driver
  readonly #scheduler: Scheduler
  readonly #tasks: TaskRunner
  readonly #mapRuns: MapRuns
  readonly #dispatcher: Dispatcher
  readonly #retention: Retention
  readonly #deletions: Deletions
  readonly #activities = new Activities()
  /** Children of Map Runs that are being run: a run that is taken up anew finds those of its earlier self. */
  readonly #children = new Map<ExecutionKey, Promise<ExecutionRecord | undefined>>()
  readonly #keepTrying: KeepTrying

  constructor(options: RuntimeOptions) {
    const { store, clock, entropy, breathe, log, limits, arnScope, observer } = options
    this.#options = options
    this.#keepTrying = new KeepTrying(clock, log)
    this.#programs = new Programs(store, breathe)
    this.#deletions = new Deletions(store, this.#keepTrying)
    this.#driver = new Driver({
      store,
      programs: this.#programs,
      clock,
      entropy,
      log,
      limits,
      arnScope,
      observer,
      breathe,
      turnWorkMax: options.turnWorkMax,
      keepTrying: this.#keepTrying,
      dispatch: (activation, command) => this.#dispatcher.dispatch(activation, command),
      isDeleting: (key) => this.#deletions.isDeleting(key),
      ended: (record) => this.#deletions.ended(record),
      dueAt: (at) => this.#scheduler.dueAt(at),
    })
    this.#scheduler = new Scheduler({ store, clock, log, breathe, wake: (key) => this.#wake(key) })
    this.#tasks = new TaskRunner({
      clock,
      connectorFor: (resource) => options.connectors.connectorFor(resource),
      post: (activation, signal, arrived) => this.#driver.post(activation, signal, arrived),
    })
    this.#mapRuns = new MapRuns({
      store,
      clock,
      entropy,
      breathe,
      keepTrying: this.#keepTrying,
      source: options.source,
      spool: options.spool,
      payloadBytesMax: limits.payloadBytesMax,
      program: (revisionKey) => this.#programs.ofKey(revisionKey),
      runAtOnce: async (request) => runAtOnceOf(options, await this.#programs.runnable(request.revisionKey), request),
      runChild: (child, isNew, mapRunArn) => this.#runChild(child, isNew, mapRunArn),
      abortChild: (key) => void this.#driver.deliver(key, { type: 'Stop', failure: {} }),
      ended: (request, end) => this.#mapRunEnded(request, end),
    })
    this.#dispatcher = new Dispatcher({
      store,
      tasks: this.#tasks,
      activities: this.#activities,
      mapRuns: this.#mapRuns,
      keepTrying: this.#keepTrying,
      post: (activation, signal) => this.#driver.post(activation, signal),
    })
    this.#retention = new Retention({ store, clock, log })
  }

  /** Takes up what a process before this one left. Resolves when all of it is in hand. */
  async open(): Promise<void> {
    const { store } = this.#options
    await this.#deletions.open()
    await recover({ store, driver: this.#driver, mapRuns: this.#mapRuns, breathe: () => this.#options.breathe() })
    this.#scheduler.start()
    this.#retention.start()
  }

  /**
   * Takes no result, timer or request any more, and resolves when what was being recorded is durable. A call that is cut off
   * from here on is no result: the next start takes up what is in flight.
   */
  async close(): Promise<void> {
    this.#scheduler.stop()
    this.#retention.stop()
    this.#activities.close()
    this.#tasks.close()
    this.#mapRuns.close()
    this.#keepTrying.close()
    await this.#driver.close()
  }

  /** How much of each kind is in memory: nothing, when there is nothing to do. */
  census(): Readonly<Record<string, number>> {
    return { ...this.#driver.sizes, ...this.#activities.sizes, mapRuns: this.#mapRuns.size, deletions: this.#deletions.size }
  }

  async start(request: StartRequest): ReturnType<ExecutionPort['start']> {
    const activation = await this.#newActivation(request)
    const outcome = await this.#driver.start(activation)
    if (outcome === 'lost') return { outcome: 'unavailable' }
    if (outcome !== 'started') return { outcome }
    return { outcome: 'started', startAt: activation.state.startAt }
  }

  async runSync(request: StartRequest): Promise<SyncResult> {
    const activation = await this.#newActivation(request, { isSynchronous: true })
    const { key } = activation.record
    const ended = new Promise<ExecutionRecord>((resolve) => this.#driver.whenEnded(key, resolve))
    const outcome = await this.#driver.start(activation)
    assert(outcome === 'started', 'an Express execution needs neither a name nor a store to start')
    const { status, startAt, stopAt = startAt, output, error, cause } = await ended
    assert(status === 'SUCCEEDED' || status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED', 'it has ended')
    return {
      status: status === 'ABORTED' ? 'FAILED' : status,
      startAt,
      stopAt,
      ...(output !== undefined && { output }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    }
  }

  async stop(executionArn: ExecutionArn, reason: Failure): ReturnType<ExecutionPort['stop']> {
    const { store } = this.#options
    const record = await store.execution(executionArn)
    if (record?.status !== 'RUNNING') return record
    const fate = await this.#driver.deliver(record.key, { type: 'Stop', failure: failure(reason.error, reason.cause) })
    return isLost(fate) ? 'unavailable' : store.execution(executionArn)
  }

  async redrive(execution: ExecutionRecord): ReturnType<ExecutionPort['redrive']> {
    const activation = await this.#driver.load(execution.key, true)
    assert(activation, 'the execution to redrive is there')
    const fate = await this.#driver.send(activation, { type: 'Redrive' })
    const outcome = CHANGED[fate]
    return outcome === 'changed' ? { redriveAt: activation.state.redriveAt ?? this.#options.clock.now() } : outcome
  }

  quarantined(): readonly Quarantined[] {
    return this.#driver.quarantine.list()
  }

  retryQuarantined(executionArn: string): Promise<boolean> {
    return this.#driver.quarantine.retryNow(executionArn)
  }

  taskSucceeded(token: string, output: string): Promise<TokenOutcome> {
    return this.#answer(token, (place) => ({ type: 'TaskSucceeded', ...place, output: Payload.ofText(output) }))
  }

  taskFailed(token: string, reason: Failure): Promise<TokenOutcome> {
    return this.#answer(token, (place) => ({
      type: 'TaskFailed',
      ...place,
      failure: failure(reason.error, reason.cause),
      phase: 'run',
    }))
  }

  taskHeartbeat(token: string): Promise<TokenOutcome> {
    return this.#answer(token, (place) => ({ type: 'HeartbeatReceived', ...place }))
  }

  async activityTask(activityArn: ActivityArn, workerName: string | undefined, timeoutMs: number, signal: AbortSignal) {
    const over = new AbortController()
    const alarm = this.#options.clock.after(timeoutMs, () => over.abort())
    const until = AbortSignal.any([signal, over.signal])
    try {
      while (!until.aborted) {
        const offer = await this.#activities.take(activityArn, until)
        if (!offer) return undefined
        const taken = await this.#takeOffer(offer, workerName)
        if (taken) return taken
      }
      return undefined
    } finally {
      alarm.cancel()
    }
  }

  callTask(...of: Parameters<ExecutionPort['callTask']>): ReturnType<ExecutionPort['callTask']> {
    return this.#tasks.callOnce(...of)
  }

  program(revision: RevisionRecord): Promise<Program> {
    return this.#programs.of(revision)
  }

  async changeMapRun(mapRunArn: MapRunArn, limits: Partial<MapRunLimits>): ReturnType<ExecutionPort['changeMapRun']> {
    return CHANGED[await this.#mapRuns.changeLimits(mapRunArn, limits)]
  }

  deleteMachine(key: StateMachineKey): Promise<void> {
    return this.#deletions.begin(key)
  }

  async #takeOffer(offer: Offer, workerName: string | undefined) {
    const { execution, frame, task } = offer
    let taken: { readonly token: TaskToken; readonly input: string } | undefined
    const fate = await this.#driver.deliver(execution, (state) => {
      const waiting = state.frames.get(frame)?.active?.task
      if (waiting?.id !== task || waiting.token === undefined) return undefined
      taken = { token: waiting.token, input: waiting.parameters.text }
      return { type: 'ActivityTaken', frame, task, ...(workerName !== undefined && { workerName }) }
    })
    const outcome = CHANGED[fate]
    if (outcome === 'unavailable') this.#activities.offer(offer)
    return outcome === 'changed' ? taken : outcome === 'refused' ? undefined : outcome
  }

  async #answer(token: string, body: (place: TaskSignal) => SignalBody): Promise<TokenOutcome> {
    const place = readTaskToken(token)
    if (!place) return 'invalid-token'
    const record = await this.#options.store.executionSummary(place.executionArn)
    if (!record) return 'task-does-not-exist'
    let answered: SignalBody | undefined
    let task: TaskId | undefined
    const fate = await this.#driver.deliver(record.key, (state) => {
      const waiting = state.frames.get(place.frame)?.active?.task
      if (waiting?.token !== token) return undefined
      task = waiting.id
      answered = body({ frame: place.frame, task: waiting.id })
      return answered
    })
    const outcome = CHANGED[fate]
    if (outcome !== 'changed') return outcome === 'refused' ? 'task-timed-out' : outcome
    if (task !== undefined && answered?.type !== 'HeartbeatReceived')
      this.#driver.find(record.key)?.calls.get(task)?.abort(ANSWERED)
    return 'accepted'
  }

  /** Fires the timers of an execution that is due. False: what they brought about could not be recorded. */
  async #wake(key: ExecutionKey): Promise<boolean> {
    const { quarantine } = this.#driver
    if (quarantine.has(key)) return true
    const fate = await this.#driver.deliver(key, { type: 'TimerFired' })
    return !isLost(fate) || quarantine.has(key)
  }

  async #newActivation(request: StartRequest, more: Pick<ExecutionIdentity, 'isSynchronous'> = {}): Promise<Activation> {
    const { store, clock, arnScope } = this.#options
    const { machine, revision, versionArn, aliasArn, traceHeader } = request
    const program = await this.#programs.of(revision)
    const startAt = clock.now()
    const record: ExecutionRecord = {
      key: store.newExecutionKey(),
      arn: request.executionArn,
      name: request.name,
      stateMachineArn: machine.arn,
      stateMachineKey: machine.key,
      revisionKey: revision.key,
      type: machine.type,
      status: 'RUNNING',
      startAt,
      input: request.input,
      isBusy: true,
      redriveCount: 0,
      lastEventId: 0,
      ...(versionArn !== undefined && { versionArn }),
      ...(aliasArn !== undefined && { aliasArn }),
      ...(traceHeader !== undefined && { traceHeader }),
    }
    const state = newExecutionState(
      program,
      { ...identityOf(record, revision.roleArn, arnScope), ...more },
      Payload.ofText(request.input),
      startAt,
    )
    return newActivation(record, state, { loggingConfiguration: revision.loggingConfiguration })
  }

  /** Undefined: the runtime closes before the child has ended. Of a child that is being run already, the same end. */
  #runChild(child: ExecutionRecord, isNew: boolean, mapRunArn: MapRunArn): Promise<ExecutionRecord | undefined> {
    const { key } = child
    const running = this.#children.get(key)
    if (running) return running
    const run = this.#runChildOnce(child, isNew, mapRunArn).finally(() => this.#children.delete(key))
    this.#children.set(key, run)
    return run
  }

  #runChildOnce(child: ExecutionRecord, isNew: boolean, mapRunArn: MapRunArn): Promise<ExecutionRecord | undefined> {
    return new Promise((resolve) => {
      const takeBack = this.#driver.whenEnded(child.key, resolve)
      let isKnown = isNew
      const begun = this.#keepTrying.until('starting a child of a Map Run', async () => {
        // What an earlier attempt has left behind is for the store to say.
        const now = isKnown ? child : ((await this.#options.store.executionByKey(child.key)) ?? child)
        isKnown = false
        const ended = await this.#startChild(now, mapRunArn)
        if (!ended) return true
        takeBack()
        resolve(ended)
        return true
      })
      void begun.then((isBegun) => {
        if (isBegun) return
        takeBack()
        resolve(undefined)
      })
    })
  }

  /** Sees to it that a child runs; its record when it has ended already. */
  async #startChild(child: ExecutionRecord, mapRunArn: MapRunArn): Promise<ExecutionRecord | undefined> {
    const { store, clock, arnScope } = this.#options
    if (this.#driver.find(child.key)) return undefined
    if (child.type === 'STANDARD' && child.status === 'RUNNING') {
      // In hand since recovery, or parked; or it ended in between.
      const now = await store.executionByKey(child.key)
      return now && now.status !== 'RUNNING' ? now : undefined
    }
    const isRedriven = child.status === 'PENDING_REDRIVE'
    if (!isRedriven && child.status !== 'PENDING') return child
    if (isRedriven && child.type === 'STANDARD' && child.lastEventId > 0) {
      const activation = await this.#driver.load(child.key, true)
      assert(activation, 'a child that is redriven has a log')
      this.#driver.post(activation, { type: 'Redrive' })
      return undefined
    }
    const { program, roleArn, loggingConfiguration } = await this.#programs.runnable(child.revisionKey)
    const startAt = clock.now()
    const state = newExecutionState(program, identityOf(child, roleArn, arnScope), Payload.ofText(child.input), startAt)
    // An Express child is redriven by a start from the beginning.
    if (isRedriven) state.redriveCount = child.redriveCount + 1
    const activation = newActivation({ ...child, startAt }, state, { loggingConfiguration, mapRunArn })
    const outcome = await this.#driver.start(activation, true)
    if (outcome === 'lost') throw new Error('its start could not be recorded')
    return undefined
  }

  async #mapRunEnded(request: MapRunRequest, end: MapRunEnd): Promise<void> {
    const at = { frame: request.frame, mapRunArn: request.mapRunArn }
    const signal =
      end.status === 'SUCCEEDED'
        ? ({ type: 'MapRunSucceeded', ...at, output: Payload.ofText(end.output) } as const)
        : end.status === 'FAILED'
          ? ({ type: 'MapRunFailed', ...at, failure: end.failure } as const)
          : ({ type: 'MapRunAborted', ...at } as const)
    await this.#keepTrying.until('telling the end of a Map Run', async () => {
      const fate = await this.#driver.deliver(request.executionKey, signal)
      if (isLost(fate)) throw new Error('it could not be recorded')
    })
  }
}
