/**
 * One execution environment: a process that serves one invocation at a time.
 *
 * 1. An invocation ends exactly once: by the process's answer, its exit, the timeout, or the memory bound.
 * 2. A process that timed out or ran over its memory is dead: killed with its group, never used again.
 * 3. What a process prints belongs to the invocation at hand; it is read until quiet before END and REPORT.
 * Source: AWS Lambda developer guide, "Understanding the Lambda execution environment lifecycle".
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'

import type { Clock } from '../../base/clock.ts'
import { type Deferred, deferred } from '../../base/deferred.ts'
import type { Log } from '../../base/log.ts'

import type { Confinement } from './confinement.ts'
import { lambdaError } from './errors.ts'
import { isRunnable, type LaunchPlan, planLaunch, RUNS } from './launch.ts'
import { residentMb } from './memory.ts'
import { type Exit, exited, notStarted, type Outcome, outOfMemory, responseTooLarge, timedOut, type Verdict } from './outcome.ts'
import { Output, type OutputEvent } from './output.ts'
import type { Reaper } from './reaper.ts'
import { RuntimeApi } from './runtime-api.ts'

export interface Invocation {
  readonly requestId: string
  readonly payload: Buffer
  readonly functionArn: string
  readonly timeoutSeconds: number
  readonly clientContext?: string | undefined
}

export interface EnvironmentTools {
  readonly clock: Clock
  readonly log: Log
  readonly reaper: Reaper
  readonly confinement: Confinement
  readonly writeLog: (group: string, stream: string, events: OutputEvent[]) => void
}

/** Time that a runtime may take until it asks for its first invocation, besides the function's timeout. */
const INIT_MS = 10_000
const MEMORY_POLL_MS = 50
/** With which our bootstraps end when the Runtime API does not take their call: we had no descriptor for it. */
const LOST_CONTACT = 113
/** The machine is short of descriptors, processes or memory: no fault of the function's, and a caller may try again. */
/** This machine has no descriptor, process or memory left for another function. */
class ShortageError extends Error {
  override readonly name = 'ShortageError'
}

export const isShortage = (error: unknown): boolean =>
  error instanceof ShortageError || (error instanceof Error && 'code' in error && OUR_SHORTAGES.has(String(error.code)))

const KILLED_MS = 1_000
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
  /** Until the process asks for work, or ends. One for each invocation, as is the verdict: what lives as long as the process must
   * not be waited on for each of them, because every wait would keep its invocation with its payload. */
  #ready: Deferred<void> = deferred()
  #verdict: Deferred<Verdict | undefined> | undefined
  #initError: Verdict | undefined
  #exit: Exit | undefined
  #startFailure: { readonly reason: string; readonly isOurs: boolean } | undefined
  #initMs: number | undefined
  #hasReportedInit = false
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
      (events) => tools.writeLog(`/aws/lambda/${plan.functionName}`, this.#logStream, events),
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

  /** Resolves when the process has ended. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  /**
   * Undefined when the process, warm until then, ended before it took the invocation: another one may take it.
   * Rejects with ShortageError where this machine had no room to start the process: nothing has run.
   */
  async invoke(invocation: Invocation): Promise<Outcome | undefined> {
    const { clock } = this.#tools
    const wasWarm = this.#initMs !== undefined
    this.#output.begin()
    const waitedFrom = clock.now()
    await this.#within(INIT_MS + invocation.timeoutSeconds * 1000, this.#ready)
    if (wasWarm && this.#isDead) return undefined
    if (this.#startFailure?.isOurs) throw new ShortageError(this.#startFailure.reason)
    this.#output.line(`START RequestId: ${invocation.requestId} Version: ${this.#plan.version}`)
    const from = this.#initMs === undefined ? waitedFrom : clock.now()
    const verdict = await this.#run(invocation)
    const durationMs = clock.now() - from
    await drain()
    this.#output.finishLines()
    this.#report(invocation, durationMs)
    const logTail = this.#output.tail()
    return { payload: verdict.payload, logTail, ...(verdict.isError && { functionError: 'Unhandled' as const }) }
  }

  /** Kills the process and all that it started, once. */
  stop(): Promise<void> {
    this.#stopping ??= this.#kill()
    return this.#stopping
  }

  async #kill(): Promise<void> {
    this.#isDead = true
    this.#api?.close()
    const pid = this.#process?.pid
    if (pid !== undefined) await this.#tools.reaper.kill(pid, this.#logStream)
  }

  async #launch(): Promise<void> {
    const { responseBytesMax, runtime } = this.#plan
    if (!isRunnable(runtime)) return this.#failStart({ reason: `${runtime} is not here: ${RUNS}`, isOurs: false })
    this.#api = await RuntimeApi.open(responseBytesMax, {
      onReady: () => this.#onReady(),
      onResponse: (_id, payload) => this.#verdict?.resolve({ payload, isError: false }),
      onError: (_id, payload) => this.#verdict?.resolve({ payload, isError: true }),
      onResponseTooLarge: () => this.#verdict?.resolve(responseTooLarge(responseBytesMax)),
      onInitError: (payload) => {
        this.#initError = { payload, isError: true }
      },
    })
    const { directory, optDirectory, isLive, functionName } = this.#plan
    const launch = await planLaunch(this.#plan, this.#api.address, this.#logStream)
    if (launch.substitute !== undefined) {
      const message = `${runtime} is not on this machine: ${launch.substitute} runs the function instead`
      this.#tools.log.warn(message, { function: functionName })
    }
    const { command, args, environment } = await this.#tools.confinement.confine(launch, { directory, optDirectory, isLive })
    try {
      this.#follow(
        spawn(command, args, { cwd: directory, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
        launch.command,
      )
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
  }

  #onReady(): void {
    this.#initMs ??= this.#tools.clock.now() - this.#startedAt
    this.#ready.resolve()
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
    await this.stop()
    await drain()
    this.#end()
  }

  #end(): void {
    this.#isDead = true
    this.#hasEnded = true
    this.#api?.close()
    this.#ready.resolve()
    this.#verdict?.resolve(undefined)
    this.#ended.resolve()
  }

  /** The invocation from delivery to verdict (invariant 1). */
  async #run(invocation: Invocation): Promise<Verdict> {
    if (this.#isDead) return this.#verdictOfDeath(invocation)
    if (this.#initMs === undefined) return await this.#timeOut(invocation)
    this.#ready = deferred()
    const verdict = deferred<Verdict | undefined>()
    this.#verdict = verdict
    const timeoutMs = invocation.timeoutSeconds * 1000
    const deadlineMs = this.#tools.clock.now() + timeoutMs
    const watch = this.#watchMemory(invocation)
    this.#api?.deliver({ ...invocation, deadlineMs })
    try {
      const found = await this.#within(timeoutMs, verdict)
      return found ?? (this.#hasEnded ? this.#verdictOfDeath(invocation) : await this.#timeOut(invocation))
    } finally {
      watch.stop()
      this.#verdict = undefined
    }
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
    if (this.#exit?.code === LOST_CONTACT && !this.#plan.runtime.startsWith('provided'))
      throw lambdaError('ServiceException', 'The process of the function lost contact.')
    if (this.#startFailure === undefined) return exited(invocation.requestId, this.#exit ?? { code: null, signal: 'SIGKILL' })
    return notStarted(invocation.requestId, this.#startFailure.reason)
  }

  /** Kills the process when it holds more than its memory; the verdict says so (invariant 2). */
  #watchMemory(invocation: Invocation): { stop(): void } {
    const pid = this.#process?.pid
    let isStopped = pid === undefined
    const look = async () => {
      if (isStopped || pid === undefined) return
      // Not told: the process has just ended, or there is no descriptor left to ask with.
      const mb = await residentMb(pid)
      if (isStopped) return
      this.#peakMb = Math.max(this.#peakMb, mb ?? 0)
      if (mb !== undefined && mb > this.#plan.memoryMb) {
        this.#verdict?.resolve(outOfMemory(invocation.requestId))
        await this.stop()
        return
      }
      alarm = this.#tools.clock.after(MEMORY_POLL_MS, () => void look())
    }
    let alarm: { cancel(): void } | undefined
    if (this.#peakMb === 0) void look()
    else alarm = this.#tools.clock.after(MEMORY_POLL_MS, () => void look())
    return {
      stop() {
        isStopped = true
        alarm?.cancel()
      },
    }
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

/** Lets the event loop read what the process had already written when it answered. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
