/**
 * The execution port: starts, stops and answers executions for control/, and keeps what runs running. Puts together who does
 * what: `driver.ts` takes turns, `dispatcher.ts` carries out what they ask for, `scheduler.ts` wakes what is due, `recovery.ts`
 * takes up what was in flight, `retention.ts` removes what is old; where several nodes share a store, `cluster/` says which
 * executions are this one's, and speaks with the others about the rest.
 */
import type { ActivityArn, ArnScope, ExecutionArn, MapRunArn } from '../base/arn.ts'
import { assert } from '../base/assert.ts'
import type { Breathe } from '../base/breather.ts'
import type { Clock } from '../base/clock.ts'
import { type Failure, failure } from '../base/failure.ts'
import type { ExecutionKey, NodeId, Shard, StateMachineKey } from '../base/ids.ts'
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
import { type ExecutionIdentity, newExecutionState } from '../engine/state.ts'
import { readTaskToken } from '../engine/task-token.ts'
import type { ExecutionRecord, ExecutionStatus, NodeRecord, RevisionRecord, Store } from '../store/contract.ts'
import type { ConnectorRegistry } from '../tasks/registry.ts'

import type { ExecutionPort, Quarantined, StartRequest, SyncResult, TokenOutcome } from '../control/execution-port.ts'
import type { TaskMocks } from '../control/mock-config/task-mocks.ts'
import { type Activation, isLost, newActivation, type Observer } from './activation.ts'
import { Activities, type Hint, isHint, type Offer } from './activities.ts'
import { runAtOnceOf } from './at-once.ts'
import { Cluster } from './cluster/cluster.ts'
import type { Answer, AskedChild, GivenTask, Message, NodeAnswers, NodeCalls, TaskAnswer } from './cluster/node-calls.ts'
import { Shards } from './cluster/shards.ts'
import { Deletions } from './deletions.ts'
import { Dispatcher } from './dispatcher.ts'
import { Driver } from './driver.ts'
import { ANSWER_OF_FATE, HeldExecutions } from './held-executions.ts'
import { identityOf } from './identity.ts'
import { KeepTrying } from './keep-trying.ts'
import { Children, type EndedChild } from './distributed-map/children.ts'
import { MapRuns } from './distributed-map/map-runs.ts'
import { Programs } from './programs.ts'
import { recover } from './recovery.ts'
import { type Archive, Retention, RETENTION_DAYS } from './retention.ts'
import { Scheduler } from './scheduler.ts'
import { TaskRunner } from './task-runner.ts'

export interface RuntimeOptions {
  readonly store: Store
  readonly connectors: ConnectorRegistry
  /** What answers the tasks of executions that were started with a test case. */
  readonly mocks?: TaskMocks | undefined
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
  /** Where the other nodes reach this one, and how it reaches them; needed where the store is shared. */
  readonly cluster?: { url(): string; readonly calls: NodeCalls } | undefined
  /** State machines were made, changed or taken away by another node. */
  readonly definitionsChanged?: (() => void) | undefined
  /** Executions of that one's machine have moved on another node. */
  readonly movedElsewhere?: ((executionArn: ExecutionArn) => void) | undefined
  /** Days for which a closed execution is kept whose machine says nothing else; 90 unless told. */
  readonly retentionDays?: number | undefined
  /** Where executions go before they are removed; nowhere unless told. */
  readonly archive?: Archive | undefined
}

const WRITES_SOON_MS = 100

const TOKEN_OUTCOMES = {
  changed: 'accepted',
  refused: 'task-timed-out',
  unavailable: 'unavailable',
} as const satisfies Record<Answer, TokenOutcome>

const ENDED: ReadonlySet<ExecutionStatus> = new Set<ExecutionStatus>(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'])

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
  readonly #activities: Activities
  readonly #children: Children
  readonly #held: HeldExecutions
  readonly #keepTrying: KeepTrying
  readonly #shards: Shards
  /** Undefined where this process alone has the store. */
  readonly #cluster: Cluster | undefined
  #isLeaving = false
  #alarm: { cancel(): void } | undefined

  constructor(options: RuntimeOptions) {
    const { store, clock, entropy, breathe, log, limits, arnScope, observer } = options
    this.#options = options
    this.#keepTrying = new KeepTrying(clock, log)
    this.#activities = new Activities((activityArn) => this.#cluster?.activities.offered(activityArn))
    this.#shards = new Shards({
      leases: store.leases,
      clock,
      log,
      url: () => options.cluster?.url() ?? '',
      // A start that cannot read fails; a node that goes on tries again.
      takeUp: (shards) =>
        store.leases ? this.#keepTrying.until('taking shards up', () => this.#takeUp(shards)) : this.#takeUp(shards),
      letGo: (shards) => this.#letGo(shards),
      callingShards: () => this.#driver.callingShards(),
      definitionsChanged: () => void this.#definitionsChanged(),
      storeIsBack: () => this.#storeIsBack(),
      tellFree: (nodes) => this.#cluster?.tell(nodes, 'shards'),
    })
    const holds = (key: ExecutionKey) => this.#shards.holds(key)
    const fenced = (key: ExecutionKey) => this.#shards.fenced(key)
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
      observer: {
        committed: (execution, events) => {
          observer.committed(execution, events)
          this.#cluster?.moves.note(execution.record)
        },
      },
      breathe,
      turnWorkMax: options.turnWorkMax,
      keepTrying: this.#keepTrying,
      holds,
      fenced,
      isTakenUp: (key) => this.#shards.isTakenUp(key),
      isLeaving: () => this.#isLeaving,
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
    this.#children = new Children({
      store,
      clock,
      arnScope,
      programs: this.#programs,
      driver: this.#driver,
      keepTrying: this.#keepTrying,
      holds,
      runElsewhere: async (...of) => this.#cluster?.children.run(...of),
    })
    this.#mapRuns = new MapRuns({
      store,
      clock,
      entropy,
      breathe,
      keepTrying: this.#keepTrying,
      holds,
      fenced,
      source: options.source,
      spool: options.spool,
      payloadBytesMax: limits.payloadBytesMax,
      program: (revisionKey) => this.#programs.ofKey(revisionKey),
      runAtOnce: async (request) => runAtOnceOf(options, await this.#programs.runnable(request.revisionKey), request),
      runChild: (...of) => this.#children.run(...of),
      // It is asked again as long as the child runs.
      abortChild: (child) => (this.#shards.holds(child.key) ? this.#held.abort(child) : this.#cluster?.children.abort(child)),
      ended: (...of) => this.#mapRunEnded(...of),
    })
    this.#held = new HeldExecutions({
      store,
      clock,
      driver: this.#driver,
      mapRuns: this.#mapRuns,
      look: () => this.#shards.look(),
    })
    this.#dispatcher = new Dispatcher({
      store,
      tasks: this.#tasks,
      activities: this.#activities,
      mapRuns: this.#mapRuns,
      keepTrying: this.#keepTrying,
      mocks: options.mocks,
      post: (activation, signal) => this.#driver.post(activation, signal),
    })
    this.#retention = new Retention({
      store,
      clock,
      log,
      days: options.retentionDays ?? RETENTION_DAYS,
      archive: options.archive,
    })
    const { leases } = store
    if (leases && options.cluster)
      this.#cluster = new Cluster({
        leases,
        clock,
        entropy,
        log,
        calls: options.cluster.calls,
        shards: this.#shards,
        activities: this.#activities,
        carryOut: (message) => this.#held.carryOut(message),
        runHere: (child) => this.#runAskedChild(child),
        endOf: async (key) => {
          const child = await store.executionByKey(key)
          return child && ENDED.has(child.status) ? child : undefined
        },
        abortHere: (child) => this.#held.abort(child),
      })
  }

  /** Takes up what a process before this one left. Resolves when all that can be had now is in hand. */
  async open(): Promise<void> {
    await this.#deletions.open()
    await this.#shards.open()
    this.#cluster?.mail.open()
    this.#scheduler.start()
    this.#retention.start()
  }

  /** Gives what is held to the other nodes, if there are any: within `graceMs`, and without cutting a call off before. */
  async drain(graceMs: number): Promise<void> {
    if (this.#shards.others().every(({ isDraining }) => isDraining)) return
    this.#isLeaving = true
    await this.#shards.drain(graceMs)
  }

  /** What keeps this node from its work; undefined: it holds its share, and has taken it up. */
  get trouble(): string | undefined {
    return this.#shards.trouble
  }

  /**
   * Takes no result, timer or request any more, and resolves when what was being recorded is durable. A call that is cut off
   * from here on is no result: the next start, or another node, takes up what is in flight.
   */
  async close(): Promise<void> {
    this.#alarm?.cancel()
    this.#scheduler.stop()
    this.#retention.stop()
    this.#activities.close()
    this.#cluster?.close()
    this.#tasks.close()
    this.#mapRuns.close()
    this.#keepTrying.close()
    await this.#driver.close()
    await this.#shards.close()
  }

  /** How much of each kind is in memory: nothing, when there is nothing to do. */
  census(): Readonly<Record<string, number>> {
    return {
      ...this.#driver.sizes,
      ...this.#activities.sizes,
      ...this.#cluster?.sizes,
      mapRuns: this.#mapRuns.size,
      children: this.#children.size,
      deletions: this.#deletions.size,
    }
  }

  /** Which node this is, among those that share the store. */
  get self(): NodeId | undefined {
    return this.#shards.self
  }

  /** As far as is known. */
  get otherNodes(): readonly NodeRecord[] {
    return this.#shards.others()
  }

  /** What other nodes may ask of this one; undefined where this process alone has the store. */
  get nodeAnswers(): NodeAnswers | undefined {
    const cluster = this.#cluster
    if (!cluster) return undefined
    return {
      ...cluster.answers,
      takeActivity: ({ activityArn, workerName }) => this.#giveActivityTask(activityArn, workerName),
      look: async ({ at }) => {
        if (at === 'definitions') await this.#definitionsChanged()
        else if (at === 'inbox') void cluster.mail.look()
        else void this.#shards.look()
        return {}
      },
      moved: async ({ executionArns }) => {
        for (const executionArn of executionArns) this.#options.movedElsewhere?.(executionArn)
        return {}
      },
      quarantined: async () => ({ quarantined: this.#driver.quarantine.list() }),
      retryQuarantined: async ({ executionArn }) => ({ isThere: await this.#driver.quarantine.retryNow(executionArn) }),
    }
  }

  async start(request: StartRequest): ReturnType<ExecutionPort['start']> {
    if (request.machine.type === 'STANDARD' && !this.#shards.holdsAny) return { outcome: 'unavailable' }
    const activation = await this.#newActivation(request)
    const outcome = await this.#driver.start(activation)
    if (outcome === 'lost' || outcome === 'fenced') return { outcome: 'unavailable' }
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
    const { key, redriveCount } = record
    const stopped = await this.#send({ type: 'Stop', key, redriveCount, failure: failure(reason.error, reason.cause) })
    return stopped === 'unavailable' ? stopped : store.execution(executionArn)
  }

  async redrive(execution: ExecutionRecord): ReturnType<ExecutionPort['redrive']> {
    const { key, redriveCount } = execution
    const outcome = await this.#send({ type: 'Redrive', key, redriveCount })
    if (outcome !== 'changed') return outcome
    const now = await this.#options.store.executionByKey(key)
    return { redriveAt: now?.redriveAt ?? this.#options.clock.now() }
  }

  async quarantined(): Promise<readonly Quarantined[]> {
    const elsewhere = (await this.#cluster?.askAll('quarantined', {})) ?? []
    return [...this.#driver.quarantine.list(), ...elsewhere.flatMap(({ quarantined }) => quarantined)]
  }

  /** How many stand aside on this node. */
  get quarantinedHere(): number {
    return this.#driver.quarantine.list().length
  }

  async retryQuarantined(executionArn: string): Promise<boolean> {
    if (await this.#driver.quarantine.retryNow(executionArn)) return true
    const elsewhere = (await this.#cluster?.askAll('retryQuarantined', { executionArn })) ?? []
    return elsewhere.some(({ isThere }) => isThere)
  }

  taskSucceeded(token: string, output: string): Promise<TokenOutcome> {
    return this.#answer(token, { type: 'succeeded', output })
  }

  taskFailed(token: string, reason: Failure): Promise<TokenOutcome> {
    return this.#answer(token, { type: 'failed', failure: failure(reason.error, reason.cause) })
  }

  taskHeartbeat(token: string): Promise<TokenOutcome> {
    return this.#answer(token, { type: 'heartbeat' })
  }

  async activityTask(activityArn: ActivityArn, workerName: string | undefined, timeoutMs: number, signal: AbortSignal) {
    const over = new AbortController()
    const alarm = this.#options.clock.after(timeoutMs, () => over.abort())
    const until = AbortSignal.any([signal, over.signal])
    try {
      while (!until.aborted) {
        const waiting = this.#activities.take(activityArn, until)
        this.#cluster?.activities.waits(activityArn)
        const offer = await waiting
        if (!offer) return undefined
        const taken = isHint(offer) ? await this.#takeElsewhere(offer, workerName) : await this.#takeOffer(offer, workerName)
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
    const run = await this.#options.store.mapRun(mapRunArn)
    return run ? this.#send({ type: 'ChangeMapRun', key: run.executionKey, mapRunArn, limits }) : 'refused'
  }

  deleteMachine(key: StateMachineKey): Promise<void> {
    return this.#deletions.begin(key)
  }

  async tellDefinitions(): Promise<void> {
    await this.#cluster?.askAll('look', { at: 'definitions' })
  }

  /** Sees to it that everything that these shards' logs ask for is in somebody's hands. Rejects when the store fails. */
  async #takeUp(shards: readonly Shard[]): Promise<void> {
    const { store, breathe } = this.#options
    const held = shards.filter((shard) => this.#shards.holdsShard(shard))
    if (held.length > 0) await recover({ store, driver: this.#driver, mapRuns: this.#mapRuns, breathe: () => breathe() }, held)
    this.#scheduler.look()
    void this.#cluster?.mail.look()
  }

  #letGo(shards: ReadonlySet<Shard>): void {
    this.#driver.letGo(shards)
    this.#mapRuns.letGo(shards)
    this.#children.letGo(shards)
    this.#activities.letGo(shards)
  }

  /** What has waited longer and longer for a store that was away is tried at once. */
  #storeIsBack(): void {
    const { store, clock } = this.#options
    this.#alarm?.cancel()
    // It answers, and may not know yet that it takes commits.
    if (store.health().status !== 'ok') {
      this.#alarm = clock.after(WRITES_SOON_MS, () => this.#storeIsBack())
      return
    }
    this.#driver.storeIsBack()
    this.#keepTrying.tryNow()
    this.#scheduler.look()
  }

  async #definitionsChanged(): Promise<void> {
    this.#options.definitionsChanged?.()
    await this.#keepTrying.until('looking for machines that are being deleted', () => this.#deletions.open())
  }

  #send(message: Message): Promise<Answer> {
    return this.#cluster ? this.#cluster.mail.send(message) : this.#held.carryOut(message)
  }

  async #runAskedChild({ key, record, ...run }: AskedChild): Promise<EndedChild | 'moved' | undefined> {
    if (!this.#shards.holds(key)) return 'moved'
    const child = record ?? (await this.#keepTrying.until('looking for a child', () => this.#options.store.executionByKey(key)))
    return child && this.#children.runHere(child, record !== undefined, run)
  }

  /** To a worker at another node. Rejects when it could not be recorded. */
  async #giveActivityTask(activityArn: ActivityArn, workerName: string | undefined): Promise<{ task?: GivenTask }> {
    for (let offer = this.#activities.takeNow(activityArn); offer; offer = this.#activities.takeNow(activityArn)) {
      const task = await this.#takeOffer(offer, workerName)
      if (task === 'unavailable') throw new Error('the start of the task could not be recorded')
      if (!task) continue
      if (this.#activities.hasOffers(activityArn)) this.#cluster?.activities.offered(activityArn)
      return { task }
    }
    return {}
  }

  async #takeElsewhere(
    { from, activityArn }: Hint,
    workerName: string | undefined,
  ): Promise<GivenTask | 'unavailable' | undefined> {
    try {
      return await this.#cluster?.activities.take(from, activityArn, workerName)
    } catch {
      return 'unavailable'
    }
  }

  async #takeOffer(offer: Offer, workerName: string | undefined): Promise<GivenTask | 'unavailable' | undefined> {
    const { execution, frame, task } = offer
    let taken: GivenTask | undefined
    const fate = await this.#driver.deliver(execution, (state) => {
      const waiting = state.frames.get(frame)?.active?.task
      if (waiting?.id !== task || waiting.token === undefined) return undefined
      taken = { token: waiting.token, input: waiting.parameters.text }
      return { type: 'ActivityTaken', frame, task, ...(workerName !== undefined && { workerName }) }
    })
    const outcome = ANSWER_OF_FATE[fate]
    if (outcome === 'unavailable') {
      // Whoever has the execution now has offered it.
      if (!this.#shards.holds(execution)) return undefined
      this.#activities.offer(offer)
    }
    return outcome === 'changed' ? taken : outcome === 'refused' ? undefined : outcome
  }

  async #answer(token: string, answer: TaskAnswer): Promise<TokenOutcome> {
    const place = readTaskToken(token)
    if (!place) return 'invalid-token'
    const record = await this.#options.store.executionSummary(place.executionArn)
    if (!record) return 'task-does-not-exist'
    return TOKEN_OUTCOMES[await this.#send({ type: 'AnswerTask', key: record.key, token, answer })]
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
    const { machine, revision, versionArn, aliasArn, traceHeader, testCase } = request
    const program = await this.#programs.of(revision)
    const startAt = clock.now()
    const record: ExecutionRecord = {
      // An Express execution lives here, whoever holds its shard.
      key: store.newExecutionKey(machine.type === 'EXPRESS' ? 'anywhere' : 'here'),
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
      { ...identityOf(record, revision.roleArn, arnScope), ...more, ...(testCase !== undefined && { testCase }) },
      Payload.ofText(request.input),
      startAt,
    )
    return newActivation(record, state, { loggingConfiguration: revision.loggingConfiguration })
  }

  async #mapRunEnded({ frame, mapRunArn, executionKey }: MapRunRequest, end: MapRunEnd, redriveCount: number): Promise<void> {
    const at = { frame, mapRunArn, redriveCount }
    const signal =
      end.status === 'SUCCEEDED'
        ? ({ type: 'MapRunSucceeded', ...at, output: Payload.ofText(end.output) } as const)
        : end.status === 'FAILED'
          ? ({ type: 'MapRunFailed', ...at, failure: end.failure } as const)
          : ({ type: 'MapRunAborted', ...at } as const)
    await this.#keepTrying.until('telling the end of a Map Run', async () => {
      // Whoever has it then tells it again.
      if (!this.#shards.holds(executionKey)) return
      const fate = await this.#driver.deliver(executionKey, signal)
      if (isLost(fate)) throw new Error('it could not be recorded')
    })
  }
}
