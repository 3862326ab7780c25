/**
 * One execution environment: a process that serves one invocation at a time.
 *
 * 1. An invocation ends exactly once: by the process's answer, its exit, the timeout, or the memory bound.
 * 2. A process that timed out or ran over its memory is dead: killed with its group, never used again.
 * 3. What a process prints belongs to the invocation at hand; what it had printed when it answered is read before END and REPORT.
 * 4. Our own bootstraps are spoken to over a channel, their descriptor 3; the Runtime API is open for them too, as on AWS.
 * Source: AWS Lambda developer guide, "Understanding the Lambda execution environment lifecycle".
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { Duplex } from 'node:stream'

import type { Clock } from '../../base/clock.ts'
import { type Deferred, deferred } from '../../base/deferred.ts'
import type { Log } from '../../base/log.ts'

import type { Confinement } from './confinement.ts'
import type { Debuggers, DebugPort } from './debuggers.ts'
import { lambdaError } from './errors.ts'
import { isRunnable, type LaunchPlan, planLaunch, RUNS } from './launch.ts'
import { residentMb, stateOf } from './memory.ts'
import type { MemoryWatch } from './memory-watch.ts'
import { type Exit, exited, notStarted, type Outcome, outOfMemory, responseTooLarge, timedOut, type Verdict } from './outcome.ts'
import { Output, type OutputEvent } from './output.ts'
import type { Reaper } from './reaper.ts'
import { type OnPiece, RuntimeApi, type RuntimeInvocation } from './runtime-api.ts'
import { type ChannelListener, RuntimeChannel } from './runtime-channel.ts'

export interface Invocation {
  readonly requestId: string
  readonly payload: Buffer
  readonly functionArn: string
  readonly timeoutSeconds: number
  readonly clientContext?: string | undefined
  /** Hears an answer that is streamed; what comes of the invocation has no payload then. */
  readonly onPiece?: OnPiece | undefined
  /** Whether the end of the log comes with the outcome. */
  readonly wantsTail?: boolean | undefined
}

export interface EnvironmentTools {
  readonly clock: Clock
  readonly log: Log
  readonly reaper: Reaper
  readonly confinement: Confinement
  readonly memoryWatch: MemoryWatch
  /** Node functions start with them. */
  readonly debuggers?: Debuggers | undefined
  /** `requestId`: of the invocation at hand, or the last one; undefined before the first. */
  readonly writeLog: (group: string, stream: string, events: OutputEvent[], requestId: string | undefined) => void
}

/** Time that a runtime may take until it asks for its first invocation, besides the function's timeout. */
const INIT_MS = 10_000
/** Of a function that stands still in a debugger. */
const DEBUGGED_SECONDS = 86_400
/** With which our bootstraps end when they do not reach us any more. */
const LOST_CONTACT = 113
/** This machine has no descriptor, process or memory left for another function. */
class ShortageError extends Error {
  override readonly name = 'ShortageError'
}

export const isShortage = (error: unknown): error is Error =>
  error instanceof ShortageError || (error instanceof Error && 'code' in error && OUR_SHORTAGES.has(String(error.code)))

const KILLED_MS = 1_000
const HEARING_MS = 100
const HEARINGS_MAX = 20
const OUR_SHORTAGES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'ENOSPC'])

export class Environment {
  readonly #plan: LaunchPlan
  readonly #tools: EnvironmentTools
  readonly #output: Output
  readonly #logStream: string
  readonly #startedAt: number
  readonly #ended = deferred<void>()
  #process: ChildProcess | undefined
  #api: RuntimeApi | undefined
  #channel: RuntimeChannel | undefined
  /** Until the process asks for work, or ends. One for each invocation, as is the verdict: what lives as long as the process must
   * not be waited on for each of them, because every wait would keep its invocation with its payload. */
  #ready: Deferred<void> = deferred()
  #isReady = false
  #verdict: Deferred<Verdict | undefined> | undefined
  #initError: Verdict | undefined
  #exit: Exit | undefined
  #debugPort: DebugPort | undefined
  #startFailure: { readonly reason: string; readonly isOurs: boolean } | undefined
  #initMs: number | undefined
  #hasReportedInit = false
  #hasLostContact = false
  #requestId: string | undefined
  #peakMb = 0
  #isDead = false
  #hasEnded = false
  #stopping: Promise<void> | undefined

  private constructor(plan: LaunchPlan, tools: EnvironmentTools) {
    this.#plan = plan
    this.#tools = tools
    this.#startedAt = tools.clock.now()
    const day = new Date(this.#startedAt).toISOString().slice(0, 10).replaceAll('-', '/')
    this.#logStream = `${day}/[${plan.version}]${tools.reaper.mark}${randomBytes(8).toString('hex')}`
    this.#output = new Output(
      () => tools.clock.now(),
      (events) => tools.writeLog(plan.logGroup, this.#logStream, events, this.#requestId),
    )
  }

  /** Starts the process; it may not be ready yet, or fail to become so: `invoke` tells. Rejects where this machine cannot. */
  static async start(plan: LaunchPlan, tools: EnvironmentTools): Promise<Environment> {
    const environment = new Environment(plan, tools)
    try {
      await environment.#launch()
      return environment
    } catch (error) {
      await environment.stop()
      throw error
    }
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** Resolves when it waits for an invocation, has ended, or has taken longer for it than it may. */
  async started(timeoutSeconds: number): Promise<void> {
    const seconds = this.#debugPort === undefined ? timeoutSeconds : DEBUGGED_SECONDS
    if (!this.#isReady) await this.#within(INIT_MS + seconds * 1000, this.#ready)
  }

  /** Whether it waits for an invocation. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Whether it has the processor, or would take it: it computes, and does not wait for others. */
  get isComputing(): boolean {
    const pid = this.#process?.pid
    return pid !== undefined && stateOf(pid) === 'R'
  }

  /** Resolves when the process has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /**
   * Undefined when the process, warm until then, ended before it took the invocation: another one may take it.
   * Rejects with ShortageError where this machine had no room to start the process: nothing has run.
   */
  async invoke(given: Invocation): Promise<Outcome | undefined> {
    const { clock } = this.#tools
    const invocation = this.#debugPort === undefined ? given : { ...given, timeoutSeconds: DEBUGGED_SECONDS }
    const wasWarm = this.#initMs !== undefined
    // What it printed while it started belongs to its first invocation.
    if (this.#requestId !== undefined) this.#output.begin()
    this.#requestId = invocation.requestId
    const waitedFrom = clock.now()
    if (!this.#isReady) await this.started(invocation.timeoutSeconds)
    if (wasWarm && this.#isDead) return undefined
    if (this.#startFailure?.isOurs) throw new ShortageError(this.#startFailure.reason)
    this.#output.line(`START RequestId: ${invocation.requestId} Version: ${this.#plan.version}`)
    const from = this.#initMs === undefined ? waitedFrom : clock.now()
    const verdict = await this.#run(invocation)
    const durationMs = clock.now() - from
    await drain()
    this.#output.finishLines()
    this.#report(invocation, durationMs)
    const logTail = invocation.wantsTail === true ? this.#output.tail() : ''
    return { payload: verdict.payload, logTail, ...(verdict.isError && { functionError: 'Unhandled' as const }) }
  }

  /** Kills the process and all that it started, once. */
  stop(): Promise<void> {
    this.#stopping ??= this.#kill()
    return this.#stopping
  }

  async #kill(): Promise<void> {
    this.#isDead = true
    this.#isReady = false
    this.#debugPort?.leave()
    const pid = this.#process?.pid
    const killed = pid === undefined ? undefined : this.#tools.reaper.kill(pid, this.#logStream)
    this.#closeWays()
    if (pid === undefined) this.#debugPort?.release()
    await killed
  }

  async #launch(): Promise<void> {
    const { responseBytesMax, runtime } = this.#plan
    if (!isRunnable(runtime)) return this.#failStart({ reason: `${runtime} is not here: ${RUNS}`, isOurs: false })
    this.#api = await RuntimeApi.open(responseBytesMax, this.#listener, isOurs(runtime))
    const { directory, optDirectory, isLive, functionName } = this.#plan
    if (runtime.startsWith('nodejs')) this.#debugPort = await this.#tools.debuggers?.take(functionName)
    const launch = await planLaunch(this.#plan, this.#api.address, this.#logStream, this.#debugPort?.port)
    if (launch.substitute !== undefined) {
      const message = `${runtime} is not on this machine: ${launch.substitute} runs the function instead`
      this.#tools.log.warn(message, { function: functionName })
    }
    const { command, args, environment } = await this.#tools.confinement.confine(launch, { directory, optDirectory, isLive })
    try {
      const channel = isOurs(runtime) ? (['pipe'] as const) : []
      const stdio = ['ignore' as const, 'pipe' as const, 'pipe' as const, ...channel]
      this.#follow(spawn(command, args, { cwd: directory, env: environment, detached: true, stdio }), launch.command)
    } catch (error) {
      this.#onStartFailure(launch.command, error)
    }
  }

  #follow(child: ChildProcess, command: string): void {
    this.#process = child
    child.on('error', (error) => this.#onStartFailure(command, error))
    child.on('exit', (code, signal) => void this.#onExit({ code, signal }))
    if (child.pid !== undefined) this.#tools.reaper.watch(child.pid)
    if (child.stdout) this.#output.follow(child.stdout)
    if (child.stderr) this.#output.follow(child.stderr)
    const stream = child.stdio[3]
    if (stream instanceof Duplex) this.#channel = new RuntimeChannel(stream, this.#plan.responseBytesMax, this.#listener)
  }

  readonly #listener: ChannelListener = {
    onReady: () => this.#onReady(),
    onResponse: (_id, payload) => this.#verdict?.resolve({ payload, isError: false }),
    onError: (_id, payload) => this.#verdict?.resolve({ payload, isError: true }),
    onResponseTooLarge: () => this.#verdict?.resolve(responseTooLarge(this.#plan.responseBytesMax)),
    onInitError: (payload) => {
      this.#initError = { payload, isError: true }
    },
    onGarbage: (reason) => this.#onGarbage(reason),
    onClosed: () => this.#onClosed(),
  }

  #onReady(): void {
    if (this.#isDead) return
    this.#initMs ??= this.#tools.clock.now() - this.#startedAt
    this.#isReady = true
    this.#ready.resolve()
  }

  /** Whoever writes into the channel what its bootstrap does not is not spoken to any more. */
  #onGarbage(reason: string): void {
    this.#output.line(`[Regente] The process wrote ${reason} to descriptor 3, the channel of its runtime: it was ended.`)
    void this.stop()
  }

  /** Its end is next; of one that lives on without a channel nothing more can be had. */
  #onClosed(): void {
    if (this.#isDead) return
    this.#isReady = false
    this.#tools.clock.after(KILLED_MS, () => {
      if (this.#isDead) return
      this.#hasLostContact = true
      void this.stop()
    })
  }

  #closeWays(): void {
    this.#api?.close()
    this.#channel?.close()
  }

  #onStartFailure(command: string, error: unknown): void {
    if (this.#process?.pid !== undefined) return
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    this.#failStart({ reason: `Couldn't start ${command}: ${code}`, isOurs: OUR_SHORTAGES.has(code) })
  }

  #failStart(failure: { readonly reason: string; readonly isOurs: boolean }): void {
    this.#startFailure = failure
    this.#end()
  }

  async #onExit(exit: Exit): Promise<void> {
    this.#exit = exit
    // What it sent and printed last is read first.
    await drain()
    await this.stop()
    this.#end()
  }

  #end(): void {
    this.#isDead = true
    this.#isReady = false
    this.#hasEnded = true
    this.#debugPort?.release()
    this.#closeWays()
    this.#ready.resolve()
    this.#verdict?.resolve(undefined)
    this.#ended.resolve()
  }

  /** The invocation from delivery to verdict (invariant 1). */
  async #run(invocation: Invocation): Promise<Verdict> {
    if (this.#isDead) return this.#verdictOfDeath(invocation)
    if (this.#initMs === undefined) return await this.#timeOut(invocation)
    this.#ready = deferred()
    this.#isReady = false
    const timeoutMs = invocation.timeoutSeconds * 1000
    const deadlineMs = this.#tools.clock.now() + timeoutMs
    this.#watchMemory(invocation)
    const verdict = this.#nextVerdict()
    this.#deliver({ ...invocation, deadlineMs })
    try {
      const found = (await this.#within(timeoutMs, verdict)) ?? (await this.#heardOut())
      return found ?? (this.#hasEnded ? this.#verdictOfDeath(invocation) : await this.#timeOut(invocation))
    } finally {
      this.#leaveMemory()
      this.#verdict = undefined
    }
  }

  #nextVerdict(): Deferred<Verdict | undefined> {
    this.#verdict = deferred()
    return this.#verdict
  }

  /** A large answer that has begun to arrive is heard to its end, as long as it moves: where we were stopped it was not late. */
  async #heardOut(): Promise<Verdict | undefined> {
    let seen = 0
    for (let waits = 0; waits < HEARINGS_MAX && !this.#hasEnded; waits++) {
      const { arriving = 0 } = this.#channel ?? {}
      if (arriving === seen) return undefined
      seen = arriving
      const found = await this.#within(HEARING_MS, this.#nextVerdict())
      if (found) return found
    }
    return undefined
  }

  #deliver(invocation: RuntimeInvocation): void {
    if (this.#channel === undefined) return void this.#api?.deliver(invocation)
    this.#api?.expect(invocation)
    this.#channel.deliver(invocation)
  }

  async #timeOut(invocation: Invocation): Promise<Verdict> {
    await this.stop()
    // A killed process is there for a moment still; what is told to be over is over.
    await this.#within(KILLED_MS, this.#ended)
    const at = new Date(this.#tools.clock.now()).toISOString()
    this.#output.finishLines()
    this.#output.line(`${at} ${invocation.requestId} Task timed out after ${invocation.timeoutSeconds.toFixed(2)} seconds`)
    return timedOut(invocation.requestId, invocation.timeoutSeconds)
  }

  #verdictOfDeath(invocation: Invocation): Verdict {
    if (this.#initError !== undefined) return this.#initError
    if (this.#hasLostContact || (this.#exit?.code === LOST_CONTACT && isOurs(this.#plan.runtime)))
      throw lambdaError('ServiceException', 'The process of the function lost contact.')
    if (this.#startFailure === undefined) return exited(invocation.requestId, this.#exit ?? { code: null, signal: 'SIGKILL' })
    return notStarted(invocation.requestId, this.#startFailure.reason)
  }

  /** Kills the process when it holds more than its memory; the verdict says so (invariant 2). */
  #watchMemory(invocation: Invocation): void {
    const pid = this.#process?.pid
    if (pid === undefined) return
    this.#tools.memoryWatch.watch(pid, (mb) => {
      this.#peakMb = Math.max(this.#peakMb, mb)
      if (mb <= this.#plan.memoryMb) return
      this.#leaveMemory()
      this.#verdict?.resolve(outOfMemory(invocation.requestId))
      void this.stop()
    })
  }

  #leaveMemory(): void {
    const pid = this.#process?.pid
    if (pid === undefined) return
    this.#tools.memoryWatch.leave(pid)
    // Of a process that was too quick to be looked at.
    if (this.#peakMb === 0) this.#peakMb = residentMb(pid) ?? 0
  }

  #report(invocation: Invocation, durationMs: number): void {
    const id = invocation.requestId
    const init = this.#hasReportedInit || this.#initMs === undefined ? '' : `Init Duration: ${this.#initMs.toFixed(2)} ms\t`
    this.#hasReportedInit = true
    this.#output.line(`END RequestId: ${id}`)
    this.#output.line(
      `REPORT RequestId: ${id}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${Math.max(1, Math.ceil(durationMs))} ms\t` +
        `Memory Size: ${this.#plan.memoryMb} MB\tMax Memory Used: ${Math.ceil(this.#peakMb)} MB\t${init}`,
    )
    this.#output.flush()
  }

  /** What is waited for, or undefined after `ms`. */
  async #within<T>(ms: number, awaited: Deferred<T | undefined>): Promise<T | undefined> {
    const alarm = this.#tools.clock.after(ms, () => awaited.resolve(undefined))
    try {
      return await awaited.promise
    } finally {
      alarm.cancel()
    }
  }
}

/** Those that our own bootstraps run. */
const isOurs = (runtime: string): boolean => !runtime.startsWith('provided')

/**
 * Lets the event loop read what the process had already written when it answered: the rest of what was there when the answer was
 * seen, then what came meanwhile.
 */
async function drain(): Promise<void> {
  await nextTurn()
  await nextTurn()
}

let turn: Promise<void> | undefined

/** One for all who wait for it. */
function nextTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined
      resolve()
    })
  })
  return turn
}
