/**
 * Runs files of suites over several processes: what hangs, exits or runs out of memory in one of them (a handler's code) ends that
 * process alone, and is told as the failure of the case that was running. What the code prints goes to standard error.
 */
import { type ChildProcess, fork } from 'node:child_process'

import type { CaseResult, EndedRun, RunEvent, SuiteResult } from './result.ts'
import type { RunFileOptions } from './run-file.ts'

export interface RunFilesOptions extends Omit<RunFileOptions, 'collectsRuns'> {
  readonly workers: number
  /** Hears of each suite that has ended, in the order of their ends. */
  onSuite(result: SuiteResult): void
  /** Hears of each run that has ended; runs are collected only where it is given. */
  readonly onEnded?: ((run: EndedRun) => void) | undefined
}

export interface WorkerOrder {
  readonly file: string
  readonly options: RunFileOptions
}

export type WorkerMessage = { readonly type: 'Event'; readonly event: RunEvent } | { readonly type: 'Done' }

/** A case may use up its time, and a process that lets nothing happen so much more. */
const GRACE_MS = 3_000
const LOAD_MS = 60_000

/** In the order of the files. Never rejects for what suites do. */
export async function runFiles(files: readonly string[], options: RunFilesOptions): Promise<readonly SuiteResult[]> {
  const results = files.map((): readonly SuiteResult[] => [])
  const waiting = [...files.entries()]
  const work = async (): Promise<void> => {
    let worker: Worker | undefined
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, file] = next
      worker = worker?.isAlive === true ? worker : new Worker()
      results[index] = await worker.run(file, options)
    }
    worker?.end()
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.workers, files.length)) }, work))
  return results.flat()
}

class Worker {
  readonly #process: ChildProcess
  /** Why we have ended it. */
  #killedFor: string | undefined
  #ended: string | undefined

  constructor() {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    this.#process = fork(new URL(`./suite-worker.${extension}`, import.meta.url), {
      serialization: 'advanced',
      stdio: ['ignore', process.stderr.fd, process.stderr.fd, 'ipc'],
      // Files of TypeScript in a package without "type": Node says so for each.
      execArgv: [...process.execArgv, '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON', '--disable-warning=ExperimentalWarning'],
    })
    this.#process.on('exit', (code, signal) => (this.#ended = signal ?? `code ${code}`))
    this.#process.on('error', ({ message }) => (this.#ended ??= message))
  }

  get isAlive(): boolean {
    return this.#ended === undefined && this.#process.connected
  }

  end(): void {
    if (this.#process.connected) this.#process.disconnect()
  }

  async run(file: string, options: RunFilesOptions): Promise<readonly SuiteResult[]> {
    const { filter, update, isCi, timeoutMs, onSuite, onEnded } = options
    const order = { file, options: { filter, update, isCi, timeoutMs, collectsRuns: onEnded !== undefined } }
    const suites: SuiteResult[] = []
    const cases: CaseResult[] = []
    let current: Extract<RunEvent, { type: 'CaseBegins' }> | undefined
    let timer: NodeJS.Timeout | undefined
    const watch = (ms: number, reason: string): void => {
      clearTimeout(timer)
      timer = setTimeout(() => this.#kill(reason), ms)
    }
    const add = (result: SuiteResult): void => {
      suites.push(result)
      onSuite(result)
    }
    const hear = (event: RunEvent): void => {
      switch (event.type) {
        case 'CaseBegins':
          current = event
          return watch(event.timeoutMs + GRACE_MS, 'it lets nothing else happen: a loop in a handler or a mock?')
        case 'CaseEnds':
          clearTimeout(timer)
          cases.push(event.result)
          current = undefined
          return
        case 'SuiteEnds':
          cases.length = 0
          return add(event.result)
        case 'RunEnds':
          return onEnded?.(event.run)
      }
    }
    watch(LOAD_MS, 'the file is not loaded within a minute')
    const isDone = await this.#converse(order, hear)
    clearTimeout(timer)
    if (!isDone) add(broken(file, current, cases, this.#reason()))
    return suites
  }

  /** Whether it has come to the end of the file. */
  #converse(order: WorkerOrder, hear: (event: RunEvent) => void): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isDone: boolean): void => {
        this.#process.off('message', onMessage)
        this.#process.off('exit', onEnd)
        this.#process.off('error', onEnd)
        resolve(isDone)
      }
      const onMessage = (message: WorkerMessage): void => {
        if (message.type === 'Done') settle(true)
        else hear(message.event)
      }
      const onEnd = (): void => settle(false)
      this.#process.on('message', onMessage).once('exit', onEnd).once('error', onEnd)
      this.#process.send(order, (error) => {
        if (error) onEnd()
      })
    })
  }

  #kill(reason: string): void {
    this.#killedFor = reason
    this.#process.kill('SIGKILL')
  }

  #reason(): string {
    if (this.#killedFor !== undefined) return `was ended: ${this.#killedFor}`
    const isMemory = this.#ended === 'SIGABRT' || this.#ended === 'code 134'
    const guess = isMemory
      ? 'Was there not enough memory?'
      : this.#ended === 'code 1'
        ? 'An error that nobody has caught? Standard error tells it.'
        : 'Does a handler or a mock call process.exit?'
    return `has ended by itself (${this.#ended ?? 'its channel is closed'}). ${guess}`
  }
}

type Begun = Extract<RunEvent, { type: 'CaseBegins' }> | undefined

/** What is known of a suite whose process is gone. */
function broken(file: string, current: Begun, before: readonly CaseResult[], reason: string): SuiteResult {
  const finding = {
    file,
    ...(current?.position && { position: current.position }),
    message: `The process that ran ${current === undefined ? 'the suite' : 'the case'} ${reason}`,
  }
  const base = { file, name: current?.suite ?? file, durationMs: 0, files: [] }
  if (current === undefined) return { ...base, findings: [finding], cases: before }
  const failed: CaseResult = {
    name: current.name,
    ...(current.position && { position: current.position }),
    status: 'failed',
    durationMs: 0,
    findings: [{ ...finding, hint: 'The cases after it were not run.' }],
    visited: [],
  }
  return { ...base, findings: [], cases: [...before, failed] }
}
