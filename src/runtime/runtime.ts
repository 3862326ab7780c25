/**
 * The engine room: starts, stops and answers executions for control/, and keeps what runs running. Recovery at a start:
 * what was in flight first, then Map Runs, then whatever is due.
 */
import { assert } from '../base/assert.ts'
import type { Breathe } from '../base/breather.ts'
import type { Clock } from '../base/clock.ts'
import { type Failure, failure } from '../base/failure.ts'
import type { Log } from '../base/log.ts'
import { Payload } from '../base/payload.ts'
import type { Instant } from '../base/time.ts'

import type { ObjectSource } from '../items/source.ts'
import type { Program } from '../asl/program.ts'
import type { Command, MapRunStart } from '../engine/command.ts'
import type { Limits } from '../base/limits.ts'
import { newExecutionState } from '../engine/state.ts'
import { readTaskToken } from '../engine/task-token.ts'
import type { ExecutionRecord, ExecutionSummary, RevisionRecord, Store } from '../store/contract.ts'
import type { ConnectorRegistry } from '../tasks/registry.ts'

import type { EngineRoom, StartRequest, SyncResult, TokenOutcome } from '../control/engine-room.ts'
import { Activities, type Offer } from './activities.ts'
import { Driver } from './driver.ts'
import { identityOf, type Place } from './identity.ts'
import { type Live, newLive, type Observer } from './live.ts'
import { type MapRunEnd, type MapRunRequest, MapRuns } from './distributed-map/map-runs.ts'
import { Programs } from './programs.ts'
import { Scheduler } from './scheduler.ts'
import { ANSWERED, TaskRunner } from './task-runner.ts'

export interface RuntimeOptions {
  readonly store: Store
  readonly connectors: ConnectorRegistry
  readonly source: ObjectSource
  readonly spoolDirectory: string
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  readonly place: Place & { readonly partition: string; readonly account: string }
  readonly observer: Observer
  readonly breathe: Breathe
}

const RECOVERY_BATCH = 200
/** Closed executions are kept 90 days (developer guide, quotas); looked after once an hour. */
const RETENTION_MS = 90 * 24 * 3_600_000
const RETENTION_PERIOD_MS = 3_600_000

export class Runtime implements EngineRoom {
  readonly #options: RuntimeOptions
  readonly #programs: Programs
  readonly #driver: Driver
  readonly #scheduler: Scheduler
  readonly #tasks: TaskRunner
  readonly #mapRuns: MapRuns
  readonly #activities = new Activities()
  #retention: { cancel(): void } | undefined

  constructor(options: RuntimeOptions) {
    const { store, clock, log, limits, place, observer, breathe } = options
    this.#options = options
    this.#programs = new Programs(store, breathe)
    this.#driver = new Driver({
      ...{ store, programs: this.#programs, clock, log, limits, place, observer },
      dispatch: (live, command) => this.#dispatch(live, command),
      dueAt: (at) => this.#scheduler.dueAt(at),
    })
    this.#scheduler = new Scheduler(store, clock, log, (key) => this.#driver.deliver(key, { type: 'TimerFired' }))
    this.#tasks = new TaskRunner({
      clock,
      connectorFor: (resource) => options.connectors.connectorFor(resource),
      post: (live, body) => this.#driver.post(live, body),
    })
    this.#mapRuns = new MapRuns({
      ...{
        store,
        clock,
        log,
        place,
        source: options.source,
        spoolDirectory: options.spoolDirectory,
        payloadBytesMax: limits.payloadBytesMax,
      },
      program: (revisionKey) => this.#programs.ofKey(revisionKey),
      runChild: (child) => this.#runChild(child),
      abortChild: (key) => void this.#driver.deliver(key, { type: 'Stop', failure: {} }),
      ended: (request, end) => this.#mapRunEnded(request, end),
    })
  }

  /** Takes up what a process before this one left. Resolves when all of it is in hand. */
  async open(): Promise<void> {
    const { store } = this.#options
    for (let after = 0; ; ) {
      const keys = await store.busy(after, RECOVERY_BATCH)
      await Promise.all(keys.map((key) => this.#driver.recover(key)))
      const last = keys.at(-1)
      if (last === undefined || keys.length < RECOVERY_BATCH) break
      after = last
    }
    await this.#mapRuns.resume()
    this.#scheduler.start()
    this.#removeClosed()
  }

  /** Wakes nothing more. What is in flight is taken up by the next start. */
  close(): void {
    this.#scheduler.stop()
    this.#retention?.cancel()
    this.#mapRuns.close()
  }

  async start(request: StartRequest): ReturnType<EngineRoom['start']> {
    const live = await this.#newLive(request)
    const outcome = await this.#driver.start(live)
    if (outcome === 'name-taken') return { outcome }
    assert(outcome === 'committed', 'a first turn has no rival but for its name')
    this.#limitExpress(live)
    return { outcome: 'started', startAt: live.state.startAt }
  }

  async runSync(request: StartRequest): Promise<SyncResult> {
    const live = await this.#newLive(request)
    const ended = this.#driver.whenEnded(live.record.key)
    await this.#driver.start(live)
    this.#limitExpress(live)
    const { status, startAt, stopAt = startAt, output, error, cause } = await ended
    assert(status === 'SUCCEEDED' || status === 'FAILED' || status === 'TIMED_OUT' || status === 'ABORTED', 'it has ended')
    return {
      ...{ status: status === 'ABORTED' ? 'FAILED' : status, startAt, stopAt },
      ...(output !== undefined && { output }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    }
  }

  async stop(executionArn: string, reason: Failure): Promise<ExecutionRecord | undefined> {
    const { store } = this.#options
    const record = await store.execution(executionArn)
    if (record?.status !== 'RUNNING') return record
    await this.#driver.deliver(record.key, { type: 'Stop', failure: failure(reason.error, reason.cause) })
    return store.execution(executionArn)
  }

  async redrive(execution: Pick<ExecutionSummary, 'key'>): Promise<{ readonly redriveAt: Instant }> {
    const live = await this.#driver.load(execution.key, true)
    assert(live, 'the execution to redrive is there')
    await new Promise<void>((done) => this.#driver.post(live, { type: 'Redrive' }, done))
    return { redriveAt: live.state.redriveAt ?? this.#options.clock.now() }
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

  async activityTask(activityArn: string, workerName: string | undefined, timeoutMs: number, signal: AbortSignal) {
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

  callTask(...of: Parameters<EngineRoom['callTask']>): ReturnType<EngineRoom['callTask']> {
    return this.#tasks.callOnce(...of)
  }

  program(revision: RevisionRecord): Promise<Program> {
    return this.#programs.of(revision)
  }

  mapRunChanged(mapRunArn: string): void {
    this.#mapRuns.changed(mapRunArn)
  }

  machineChanged(): void {
    // Programs are kept by revision, and a revision never changes.
  }

  async #takeOffer({ execution, frame, task }: Offer, workerName: string | undefined) {
    const live = await this.#driver.load(execution)
    const waiting = live?.state.frames.get(frame)?.active?.task
    if (!live || waiting?.id !== task || waiting.startedAt !== undefined || waiting.token === undefined) return undefined
    const { token, parameters } = waiting
    await this.#driver.deliver(execution, { type: 'ActivityTaken', frame, task, ...(workerName !== undefined && { workerName }) })
    return { token, input: parameters.text }
  }

  async #answer(
    token: string,
    body: (place: { frame: number; task: number }) => Parameters<Driver['post']>[1],
  ): Promise<TokenOutcome> {
    const place = readTaskToken(token)
    if (!place) return 'invalid-token'
    const record = await this.#options.store.executionSummary(place.executionArn)
    if (!record) return 'task-does-not-exist'
    const live = await this.#driver.load(record.key)
    const task = live?.state.frames.get(place.frame)?.active?.task
    if (!live || task?.token !== token) return 'task-timed-out'
    const signal = body({ frame: place.frame, task: task.id })
    await this.#driver.deliver(record.key, signal)
    if (signal.type !== 'HeartbeatReceived') live.calls.get(task.id)?.abort(ANSWERED)
    return 'accepted'
  }

  async #newLive(request: StartRequest): Promise<Live> {
    const { store, clock, place } = this.#options
    const { machine, revision, versionArn, aliasArn, traceHeader } = request
    const program = await this.#programs.of(revision)
    const startAt = clock.now()
    const record: ExecutionRecord = {
      ...{ key: store.newExecutionKey(), arn: request.executionArn, name: request.name, stateMachineArn: machine.arn },
      ...{
        stateMachineKey: machine.key,
        revisionKey: revision.key,
        type: machine.type,
        status: 'RUNNING',
        startAt,
        input: request.input,
      },
      ...{ isBusy: true, redriveCount: 0, lastEventId: 0 },
      ...(versionArn !== undefined && { versionArn }),
      ...(aliasArn !== undefined && { aliasArn }),
      ...(traceHeader !== undefined && { traceHeader }),
    }
    const state = newExecutionState(program, identityOf(record, revision.roleArn, place), Payload.ofText(request.input), startAt)
    return newLive(record, state, { loggingConfiguration: revision.loggingConfiguration })
  }

  async #runChild(child: ExecutionRecord): Promise<ExecutionRecord> {
    const { store, clock, place } = this.#options
    const ended = this.#driver.whenEnded(child.key)
    if (child.type === 'STANDARD' && child.status === 'RUNNING') {
      // In hand since recovery, or parked; or it ended in between.
      const now = await store.executionByKey(child.key)
      return now && now.status !== 'RUNNING' ? now : ended
    }
    const isRedriven = child.status === 'PENDING_REDRIVE'
    if (isRedriven && child.type === 'STANDARD' && child.lastEventId > 0) {
      const live = await this.#driver.load(child.key, true)
      assert(live, 'a child that is redriven has a log')
      this.#driver.post(live, { type: 'Redrive' })
      return ended
    }
    const revision = await store.revision(child.revisionKey)
    assert(revision, "a child runs its parent's revision")
    const startAt = clock.now()
    const run = child.mapRunKey === undefined ? undefined : await store.mapRunByKey(child.mapRunKey)
    const state = newExecutionState(
      await this.#programs.of(revision),
      identityOf(child, revision.roleArn, place),
      Payload.ofText(child.input),
      startAt,
    )
    // An Express child is redriven by a start from the beginning.
    if (isRedriven) state.redriveCount = child.redriveCount + 1
    const live = newLive({ ...child, startAt }, state, {
      loggingConfiguration: revision.loggingConfiguration,
      mapRunArn: run?.arn,
    })
    await this.#driver.start(live, true)
    this.#limitExpress(live)
    return ended
  }

  async #mapRunEnded(request: MapRunRequest, end: MapRunEnd): Promise<void> {
    const at = { frame: request.frame, mapRunArn: request.mapRunArn }
    const body =
      end.status === 'SUCCEEDED'
        ? ({ type: 'MapRunSucceeded', ...at, output: end.output } as const)
        : end.status === 'FAILED'
          ? ({ type: 'MapRunFailed', ...at, failure: end.failure } as const)
          : ({ type: 'MapRunAborted', ...at } as const)
    await this.#driver.deliver(request.executionKey, body)
  }

  #dispatch(live: Live, command: Command): void {
    const { log } = this.#options
    switch (command.type) {
      case 'RunTask':
        void this.#tasks.run(live, command)
        return
      case 'CancelTask':
        live.calls.get(command.task)?.abort()
        live.calls.delete(command.task)
        return
      case 'FindActivity':
        void this.#findActivity(live, command)
        return
      case 'OfferActivity': {
        const { activityArn, frame, task } = command
        return this.#activities.offer(activityArn, { execution: live.record.key, frame, task })
      }
      case 'StartMapRun':
        this.#mapRuns
          .start(this.#mapRunRequest(live, command))
          .catch((error) => log.error('a Map Run could not start', { error: String(error) }))
        return
      case 'RedriveMapRun':
        this.#mapRuns
          .redrive(this.#mapRunRequest(live, command), command.redriveCount)
          .catch((error) => log.error('a Map Run could not be redriven', { error: String(error) }))
        return
      case 'StopMapRun':
        this.#mapRuns.stop(command.mapRunArn).catch((error) => log.error('a Map Run could not stop', { error: String(error) }))
        return
    }
  }

  async #findActivity(live: Live, { activityArn, frame }: Extract<Command, { type: 'FindActivity' }>): Promise<void> {
    const found = await this.#options.store.activity(activityArn)
    this.#driver.post(live, { type: found ? 'ActivityFound' : 'ActivityMissing', frame })
  }

  #mapRunRequest({ record, state }: Live, command: { readonly type: string } & MapRunStart): MapRunRequest {
    const { type: _, ...start } = command
    return {
      ...start,
      ...{ executionKey: record.key, executionArn: record.arn, executionName: record.name },
      ...{ stateMachineArn: record.stateMachineArn, stateMachineName: state.identity.stateMachineName },
      ...{ stateMachineKey: record.stateMachineKey, revisionKey: record.revisionKey },
    }
  }

  /** Express executions end after five minutes. */
  #limitExpress(live: Live): void {
    if (!live.isExpress || live.state.status !== 'RUNNING') return
    const { clock, limits } = this.#options
    const alarm = clock.after(limits.expressSecondsMax * 1000, () => {
      if (live.state.status === 'RUNNING') this.#driver.post(live, { type: 'Expire' })
    })
    void this.#driver.whenEnded(live.record.key).then(() => alarm.cancel())
  }

  #removeClosed(): void {
    const { store, clock, log } = this.#options
    const sweep = async () => {
      try {
        while ((await store.removeClosed((clock.now() - RETENTION_MS) as Instant, 1_000)) === 1_000);
      } catch (error) {
        log.warn('removing old executions failed', { error: String(error) })
      }
      this.#retention = clock.after(RETENTION_PERIOD_MS, () => void sweep())
    }
    this.#retention = clock.after(60_000, () => void sweep())
  }
}
