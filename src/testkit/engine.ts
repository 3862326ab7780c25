/**
 * The real engine in this process: runtime and control over a store in memory, under a clock of the test's own. Time moves only
 * where nothing is left to do without it: when a run waits for an instant, it is there.
 *
 * 1. A mock that is no function answers within the turn of the event loop; a function, or a handler, is waited for in real time.
 * 2. What is wrong with the test (a task without a mock, an answer that the service would not give) ends every run of it.
 * 3. Of runs that are over the last ones are kept, and of all others nothing but what their Runs hold.
 * 4. A crash (`chaos.crashAfter`) is another runtime on the same disk: what the first one had in memory alone is gone.
 */
import { parseStatesArn, type ExecutionArn, type StateMachineArn } from '../base/arn.ts'
import { VirtualClock } from '../base/clock.ts'
import { type ExecutionKey, taskIdOf, type TaskId } from '../base/ids.ts'
import { AWS_LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'
import { drawUuid, type Entropy, hex8, seededRandom } from '../base/random.ts'
import { toInstant } from '../base/time.ts'

import { MemorySource } from '../items/in-memory.ts'
import { memorySpool } from '../items/spool.ts'
import { type EngineEvent, isHistoryEvent } from '../engine/event.ts'
import { type ExecutionState, type Frame, nextDue, type RunStatus } from '../engine/state.ts'
import type { HistoryEvent } from '../history/history-event.ts'
import { renderEvent } from '../history/event-details.ts'
import { MemoryDisk } from '../store/memory/disk.ts'
import { openMemoryStore } from '../store/memory/store.ts'
import type { Connector } from '../tasks/connector.ts'
import { createControl } from '../control/control.ts'
import type { TaskMocks } from '../control/mock-config/task-mocks.ts'
import type { Observed } from '../runtime/activation.ts'
import { Runtime } from '../runtime/runtime.ts'

import { type Chaos, Faults } from './chaos.ts'
import type { ClockSetting } from './clock.ts'
import { placeOfFrame, type StatePlace } from './state-path.ts'
import { TestKitError } from './kit-error.ts'

const ARN_SCOPE = { partition: 'aws', region: 'us-east-1', account: '000000000000' }
const ROLE = `arn:aws:iam::${ARN_SCOPE.account}:role/workflow`
const MACHINE = 'workflow'
/** The event loop may go round so often without anything happening before all are taken to wait. */
const QUIET_ROUNDS = 2
const TICK_MS = 5
/** A Standard execution ends by itself at 25,000 events; an Express one that never waits would go on for ever. */
const TRANSITIONS_MAX = 50_000
/** Runs that have ended and can still be asked for: a late token is refused as AWS does. */
const ENDED_KEPT = 100
/** Among so many, those of a cycle are found. */
const LAST_EVENTS = 100

/** A mock file is one of the kit's mocks: its connector asks it. */
const ANSWERED_ELSEWHERE: TaskMocks = { problemOf: async () => undefined, answerOf: () => undefined }

export interface EngineOptions {
  readonly definition: string
  readonly type: 'STANDARD' | 'EXPRESS'
  readonly clock: ClockSetting
  /** Whence all ids, tokens and chance come. */
  readonly seed: number
  /** An execution that enters more states is told to have no end. */
  readonly transitionsMax?: number | undefined
  /** Of a mock file: the calls of states are counted then. */
  readonly testCase?: string | undefined
  connectorOf(engine: Engine): Connector
  /** An activity was scheduled. */
  scheduled(task: ScheduledTask): void
}

/** An execution that was begun here: a run, or a child of a Map Run. */
export interface Followed {
  readonly arn: ExecutionArn
  readonly key: ExecutionKey
  state: ExecutionState
  readonly events: HistoryEvent[]
  /** Of a child: the Map state whose items it works on, and which one. */
  readonly within: StatePlace | undefined
  readonly mapRunArn: string | undefined
  /** Children that it has begun, by Map Run. */
  readonly children: Followed[]
  /** The run's own, for its children too. */
  readonly faults: Faults
  /** States entered. */
  transitions: number
}

export interface ScheduledTask {
  readonly execution: Followed
  readonly frame: Frame
  readonly activityArn: string
}

/** What a crash takes along. */
interface Process {
  readonly store: ReturnType<typeof openMemoryStore>
  readonly runtime: Runtime
  readonly control: ReturnType<typeof createControl>
}

export class Engine {
  readonly clock: VirtualClock
  readonly source = new MemorySource()
  readonly #options: EngineOptions
  readonly #connector: Connector
  readonly #entropy: Entropy
  readonly #disk = new MemoryDisk()
  #process: Process
  readonly #executions = new Map<string, Followed>()
  /** By Map Run: the Map state that has begun it. */
  readonly #mapRuns = new Map<string, { readonly parent: Followed; readonly place: StatePlace; next: number }>()
  /** What is done in real time: functions that mocks call. */
  readonly #working = new Set<Promise<void>>()
  /** When mocks answer that take their time. */
  readonly #due = new Set<number>()
  #happenings = 0
  #problem: Error | undefined
  #starts = 0
  /** Of runs that are about to begin, by name. */
  readonly #faults = new Map<string, Faults>()
  readonly #ended: ExecutionKey[] = []
  #isClosed = false
  /** The process is there. */
  #isUp: Promise<unknown> = Promise.resolve()
  #opened: Promise<StateMachineArn> | undefined

  constructor(options: EngineOptions) {
    this.#options = options
    this.clock = new VirtualClock(options.clock.startMs)
    const random = seededRandom(hex8(options.seed).repeat(4))
    this.#entropy = { uuid: () => drawUuid(random), seed: () => drawUuid(random).replaceAll('-', '') }
    this.#connector = options.connectorOf(this)
    this.#process = this.#newProcess()
  }

  /** What is asked of the process that lives now. */
  get control(): Process['control'] {
    return this.#process.control
  }

  /** Nothing happens any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Resolves when the process is up that lives now: what is sent to it before is lost. */
  async up(): Promise<void> {
    await this.#isUp
  }

  /** Rejects with ServiceError where the definition is none. */
  open(): Promise<StateMachineArn> {
    this.#opened ??= this.#open()
    return this.#opened
  }

  /** `chaos`: what befalls it. */
  async start(input: string, name = `run-${++this.#starts}`, chaos: readonly Chaos[] = []): Promise<Followed> {
    const arn = await this.open()
    await this.up()
    if (chaos.some(({ kind }) => kind === 'crashAfter') && this.#options.type === 'EXPRESS')
      throw new TestKitError('chaos.crashAfter is for Standard workflows: an Express execution ends with its process.')
    this.#faults.set(name, new Faults(chaos))
    const { testCase } = this.#options
    const stateMachineArn = testCase === undefined ? arn : `${arn}#${testCase}`
    const { executionArn: started } = await this.control.executions.start({ stateMachineArn, name, input })
    this.#faults.delete(name)
    const found = this.#executions.get(started)
    if (!found) throw new Error(`${started} has begun and was not heard of`)
    return found
  }

  /** What is wrong with the test. */
  fail(problem: Error): void {
    this.#problem ??= problem
    this.#happenings++
  }

  /** Where the task of a call stands: `key` is the call's `idempotencyKey`. */
  taskOf(
    executionArn: string,
    key: string,
  ): { readonly execution: Followed; readonly frame: Frame; readonly task: TaskId } | undefined {
    const execution = this.#executions.get(executionArn)
    const task = taskIdOf(Number(key.slice(key.lastIndexOf('#') + 1)))
    for (const frame of execution?.state.frames.values() ?? [])
      if (execution && frame.active?.task?.id === task) return { execution, frame, task }
    return undefined
  }

  /** Of the state that a frame is in, with the Map around a child. */
  placeOf({ state, within }: Followed, frame: Frame): StatePlace {
    const place = placeOfFrame(state, frame) ?? { path: '?', state: '?', index: undefined }
    return within ? { ...place, path: `${within.path}/${place.path}`, index: place.index ?? within.index } : place
  }

  /** Waits in real time for what is done outside of the engine; comes to what `work` does. */
  async outside<T>(work: Promise<T>): Promise<T> {
    const done = work.then(
      () => {},
      () => {},
    )
    this.#working.add(done)
    try {
      return await work
    } finally {
      this.#working.delete(done)
      this.#happenings++
    }
  }

  /** Resolves when so much time of the test has passed. */
  async pass(ms: number): Promise<void> {
    const at = this.clock.now() + ms
    this.#due.add(at)
    await new Promise<void>((resolve) => void this.clock.after(ms, resolve))
    this.#due.delete(at)
    this.#happenings++
  }

  /** Lets things happen until `isThere`. Rejects with TestKitError where that will never be, or something is wrong with the test. */
  async until(isThere: () => boolean, wanted: string): Promise<void> {
    const { kind, longestMs } = this.#options.clock
    const latest = this.clock.now() + longestMs
    for (;;) {
      await this.#settle()
      if (isThere()) return
      const next = kind === 'manual' ? undefined : this.#nextDue()
      if (next === undefined) throw new TestKitError(`${wanted} does not happen: ${this.#whyNot()}`)
      if (next > latest) {
        const days = Math.round(longestMs / 86_400_000)
        throw new TestKitError(
          `${wanted} has not happened within ${days} days of the test's time. A cycle with a Wait? clock.virtual(start, { longest }) sets the bound.`,
        )
      }
      if (kind === 'scale') await this.#tick()
      else this.clock.advance(Math.max(0, next - this.clock.now()))
    }
  }

  /** Time passes, with all that happens meanwhile. */
  async advance(ms: number): Promise<void> {
    const end = this.clock.now() + ms
    for (;;) {
      await this.#settle()
      const next = this.#nextDue()
      if (next === undefined || next > end) break
      this.clock.advance(Math.max(0, next - this.clock.now()))
    }
    this.clock.advance(end - this.clock.now())
    await this.#settle()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#process.runtime.close()
  }

  #newProcess(): Process {
    const store = openMemoryStore(this.#disk)
    const shared = {
      mocks: ANSWERED_ELSEWHERE,
      store,
      clock: this.clock,
      entropy: this.#entropy,
      arnScope: ARN_SCOPE,
      limits: AWS_LIMITS,
      breathe: async () => {},
    }
    const runtime = new Runtime({
      ...shared,
      log: this.#log,
      connectors: { connectorFor: () => this.#connector },
      source: this.source,
      spool: memorySpool,
      observer: { committed: (execution, events) => this.#hear(execution, events) },
    })
    const logGroups = { exists: async () => true }
    const control = createControl({ ...shared, executionPort: runtime, logGroups, pageTokenKey: Buffer.alloc(32) })
    return { store, runtime, control }
  }

  /** What is durable is all that the next process finds. */
  #crash(): void {
    const { runtime } = this.#process
    // From here on the one that dies dispatches nothing and takes no result.
    const isDown = runtime.close()
    const next = this.#newProcess()
    this.#process = next
    this.#isUp = this.outside(isDown.then(() => next.runtime.open()))
    this.#isUp.catch((error: unknown) => this.fail(error instanceof Error ? error : new Error(String(error))))
  }

  readonly #log: Log = {
    debug() {},
    info() {},
    warn() {},
    error: (message, fields) => this.fail(new Error(`${message} ${JSON.stringify(fields ?? {})}`)),
  }

  async #open(): Promise<StateMachineArn> {
    await this.#process.runtime.open()
    const { definition, type } = this.#options
    for (const arn of activitiesIn(definition)) {
      const parsed = parseStatesArn(arn)
      if (parsed?.kind === 'activity')
        await this.#process.store.createActivity({ arn: parsed.arn, name: parsed.name, createdAt: this.clock.now() })
    }
    const { machine } = await this.control.machines.create({ name: MACHINE, definition, roleArn: ROLE, type })
    return machine.arn
  }

  #hear(observed: Observed, events: readonly EngineEvent[]): void {
    this.#happenings++
    const execution = this.#follow(observed)
    execution.state = observed.state
    for (const event of events) {
      if (isHistoryEvent(event)) execution.events.push(renderEvent(event, true))
      if (event.type === 'StateEntered') execution.transitions++
      const frame = observed.state.frames.get(event.frame)
      if (!frame) continue
      if (event.type === 'MapRunStarted')
        this.#mapRuns.set(event.mapRunArn, { parent: execution, place: this.placeOf(execution, frame), next: 0 })
      if (event.type === 'ActivityScheduled') this.#options.scheduled({ execution, frame, activityArn: event.resource })
    }
    this.#boundTransitions(execution)
    if (execution.within === undefined && execution.faults.crashes(execution.state.lastEventId)) this.#crash()
  }

  /** Nothing else would stop it: no time passes where all is done at once. */
  #boundTransitions({ arn, state, events, transitions }: Followed): void {
    const { transitionsMax = TRANSITIONS_MAX } = this.#options
    if (transitions <= transitionsMax || state.status !== 'RUNNING') return
    const entered = events.slice(-LAST_EVENTS).flatMap(({ stateEnteredEventDetails: entered }) => entered?.name ?? [])
    const round = [...new Set(entered)].slice(0, 10)
    this.fail(
      new TestKitError(
        `${arn} has entered ${transitionsMax.toLocaleString('en')} states, and goes round ${round.join(', ')}: a cycle without an end? workflow({ transitions }) sets the bound.`,
      ),
    )
    void this.close()
  }

  #follow({ record, state, mapRunArn }: Observed): Followed {
    const known = this.#executions.get(record.arn)
    if (known) return known
    const run = mapRunArn === undefined ? undefined : this.#mapRuns.get(mapRunArn)
    const index = run && run.next++
    const within = run && { path: `${run.place.path}[${index}]`, state: run.place.state, index }
    const faults = run?.parent.faults ?? this.#faults.get(record.name) ?? new Faults([])
    const { arn, key } = record
    const followed: Followed = { arn, key, state, events: [], within, mapRunArn, children: [], faults, transitions: 0 }
    run?.parent.children.push(followed)
    this.#executions.set(record.arn, followed)
    return followed
  }

  /** All that follows without time has happened. Rejects with what is wrong with the test. */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_ROUNDS; ) {
      const before = this.#happenings
      await nextRound()
      if (this.#problem) throw this.#problem
      if (this.#happenings !== before) quiet = 0
      else if (this.#working.size === 0) quiet++
      else await Promise.race(this.#working)
    }
  }

  async #tick(): Promise<void> {
    const from = performance.now()
    await new Promise((resolve) => setTimeout(resolve, TICK_MS))
    this.clock.advance(Math.round((performance.now() - from) * this.#options.clock.factor))
  }

  /** When something happens by itself next; undefined where nothing does. */
  #nextDue(): number | undefined {
    const { calls = 0, mapRuns = 0, children = 0 } = this.#process.runtime.census()
    // Jobs are asked how they are, and Map Runs look after their children.
    if (calls > 0 || mapRuns > 0 || children > 0) return this.clock.nextAlarm()
    const all = [...this.#due]
    for (const { state } of this.#executions.values()) {
      const due = state.status === 'RUNNING' ? nextDue(state) : undefined
      if (due !== undefined) all.push(due)
    }
    return all.length === 0 ? undefined : Math.min(...all)
  }

  #whyNot(): string {
    const waiting = [...this.#executions.values()].flatMap((execution) =>
      [...execution.state.frames.values()].flatMap((frame) =>
        frame.active?.task ? [`${this.placeOf(execution, frame).path} waits for its task`] : [],
      ),
    )
    if (this.#options.clock.kind === 'manual' && this.#nextDue() !== undefined)
      return "the clock stands still. Move it with run.advance('24 hours'), or let it skip: clock.virtual()."
    if (waiting.length === 0) return 'nothing is left to happen.'
    return `${waiting.join(', ')}. Answer it with run.token('…').succeed({…}), or give it a mock that answers.`
  }

  /** Of a run that has ended nothing more is heard; the store forgets it when enough others have ended. */
  async forget(execution: Followed): Promise<void> {
    const { arn, key, within } = execution
    for (const child of execution.children) await this.forget(child)
    this.#executions.delete(arn)
    if (within !== undefined) return
    for (const [mapRunArn, { parent }] of this.#mapRuns) if (!this.#executions.has(parent.arn)) this.#mapRuns.delete(mapRunArn)
    this.#ended.push(key)
    if (this.#ended.length <= ENDED_KEPT) return
    await this.#process.store.removeClosed(this.#ended.splice(0, ENDED_KEPT / 2), toInstant(Number.MAX_SAFE_INTEGER))
  }
}

export const isOver = (status: RunStatus): boolean => status !== 'RUNNING'

const nextRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const activitiesIn = (definition: string): ReadonlySet<string> =>
  new Set([...definition.matchAll(/"(arn:[\w-]+:states:[^":]*:[^":]*:activity:[^"]+)"/g)].map(([, arn = '']) => arn))
