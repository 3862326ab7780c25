/** Runs one case on an engine of its own: its steps, then to its end, then what it expects. */
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import type { Key } from '../../source/tree.ts'
import { readEither, withoutMark } from '../../source/source.ts'
import { jsonOf } from '../../source/tree.ts'

import { clock } from '../clock.ts'
import type { Run } from '../run.ts'
import { skipReason } from '../target.ts'
import { messageOf, TestKitError } from '../kit-error.ts'
import { workflow, type Workflow } from '../workflow.ts'

import { outcomeOf, unmetOf } from './expectations.ts'
import type { CaseResult, EndedRun, Finding, Visited } from './result.ts'
import type { Snapshots } from './snapshots.ts'
import type { SuiteCase, SuiteStep } from './suite.ts'
import { definitionMembersOf, type SuiteWorkflow } from './suite-definition.ts'
import { at, type LocatedSuite } from './suite-file.ts'
import { mocksOf } from './suite-mocks.ts'

export interface CaseContext {
  readonly located: LocatedSuite
  readonly workflow: SuiteWorkflow
  readonly index: number
  readonly timeoutMs: number
  readonly snapshots: Snapshots
  /** What it is kept by in snapshots. */
  readonly key: string
  readonly onEnded: ((run: EndedRun) => void) | undefined
}

export interface CaseOutcome {
  readonly result: CaseResult
  /** Of the suite's mocks, those that no call of this case was meant by. */
  readonly unusedMocks: ReadonlySet<string>
}

/** Never rejects: whatever goes wrong is a finding. */
export async function runCase(one: SuiteCase, context: CaseContext): Promise<CaseOutcome> {
  const startedAt = performance.now()
  const trial = new Trial(one, context)
  await within(context.timeoutMs, trial)
  const { findings } = trial
  const position = context.located.placeOf(['cases', context.index])
  const result: CaseResult = {
    name: one.name,
    ...(position && { position }),
    ...statusOf(trial),
    durationMs: performance.now() - startedAt,
    findings,
    visited: findings.length === 0 ? [] : trial.visited(),
  }
  return { result, unusedMocks: trial.unusedMocks }
}

function statusOf({ findings, skipped }: Trial): Pick<CaseResult, 'status' | 'reason'> {
  if (findings.length > 0) return { status: 'failed' }
  return skipped === undefined ? { status: 'passed' } : { status: 'skipped', reason: skipped }
}

async function within(timeoutMs: number, trial: Trial): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((done) => {
    timer = setTimeout(() => {
      trial.abandon(
        `It has not ended within ${timeoutMs} ms. A handler or a mock's function that does not answer? timeout: 1 minute gives it more.`,
      )
      done()
    }, timeoutMs)
  })
  await Promise.race([trial.run(), late])
  clearTimeout(timer)
}

class Trial {
  readonly findings: Finding[] = []
  unusedMocks: ReadonlySet<string> = new Set()
  /** What its target cannot do. */
  skipped: string | undefined
  readonly #case: SuiteCase
  readonly #context: CaseContext
  #at: readonly Key[] = []
  #run: Run | undefined
  #isAbandoned = false

  constructor(one: SuiteCase, context: CaseContext) {
    this.#case = one
    this.#context = context
  }

  async run(): Promise<void> {
    let wf: Workflow | undefined
    try {
      wf = await this.#workflow()
      const run = (this.#run = await wf.start(await this.#input()))
      await this.#toItsEnd(run)
      if (this.#isAbandoned) return
      this.#compare(run)
      this.#tellUnused(wf)
      this.#tellEnded(run)
    } catch (error) {
      this.skipped = skipReason(error)
      if (this.skipped === undefined) this.#tell(this.#at, messageOf(error), hintFor(error, this.#context.located.isCode))
    } finally {
      await wf?.close().catch(() => undefined)
    }
  }

  /** It goes on, but nothing that it finds counts. */
  abandon(message: string): void {
    this.#tell(this.#at, message)
    this.#isAbandoned = true
  }

  visited(): readonly Visited[] {
    return (this.#run?.states() ?? []).map(({ path, status, retries, error }) => ({
      path,
      status,
      retries,
      ...(error !== undefined && { error }),
    }))
  }

  async #workflow(): Promise<Workflow> {
    const { located, workflow: own } = this.#context
    const { suite, file } = located
    const start = this.#case.clock ?? suite.clock
    const seed = this.#case.seed ?? suite.seed
    // What a template says besides, functions by their names above all, is read with it.
    const source = own.isTemplate
      ? definitionMembersOf(suite, dirname(file))
      : { definition: JSON.parse(own.definition) as object }
    const wf = await workflow({
      ...source,
      mocks: mocksOf({ ...suite.mocks, ...this.#case.mocks }, dirname(file)),
      clock: clock.virtual(start),
      ...(suite.type !== undefined && { type: suite.type }),
      ...(suite.validateMocks !== undefined && { validateMocks: suite.validateMocks }),
      ...(seed !== undefined && { seed }),
    })
    for (const [name, body] of Object.entries({ ...suite.objects, ...this.#case.objects }))
      wf.putObject(name as `${string}/${string}`, typeof body === 'string' ? body : { file: resolve(dirname(file), body.file) })
    return wf
  }

  async #input(): Promise<unknown> {
    const { input = {}, inputFile } = this.#case
    if (inputFile === undefined) return input
    this.#at = ['inputFile']
    const path = inputFileOf(inputFile, this.#context.located.file)
    const { root, problems } = readEither(withoutMark(await readFile(path, 'utf8')))
    if (!root || problems[0]) throw new TestKitError(`${path} is neither JSON nor YAML: ${problems[0]?.message ?? 'it is empty'}`)
    return jsonOf(root)
  }

  async #toItsEnd(run: Run): Promise<void> {
    for (const [index, step] of (this.#case.steps ?? []).entries()) {
      this.#at = ['steps', index]
      await take(step, run)
    }
    this.#at = []
    if (this.#case.expect?.status === 'RUNNING') await run.advance(0)
    else await run.done()
  }

  #compare(run: Run): void {
    const { expect = {} } = this.#case
    for (const { path, message, diff } of unmetOf(expect, run)) this.#tell(['expect', ...path], message, undefined, diff)
    if (expect.snapshot !== true || this.findings.length > 0) return
    const problem = this.#context.snapshots.compare(this.#context.key, outcomeOf(run))
    if (problem) this.#tell(['expect', 'snapshot'], problem.message, problem.hint, problem.diff)
  }

  #tellUnused(wf: Workflow): void {
    const { suite } = this.#context.located
    const own = this.#case.mocks ?? {}
    this.unusedMocks = new Set(wf.unusedMocks.filter((name) => !Object.hasOwn(own, name)))
    if (this.#case.allowUnusedMocks ?? suite.allowUnusedMocks) return
    for (const name of wf.unusedMocks.filter((name) => Object.hasOwn(own, name)))
      this.#tell(['mocks', name], `No call was meant by the mock '${name}'. Remove it, or say allowUnusedMocks: true.`)
  }

  #tellEnded(run: Run): void {
    const { onEnded, workflow: own } = this.#context
    if (run.status !== 'RUNNING' && run.hasHistory)
      onEnded?.({
        definition: own.definition,
        file: own.file,
        resource: own.resource,
        history: run.history(),
        children: run.children(),
      })
  }

  #tell(path: readonly Key[], message: string, hint?: string, diff?: readonly string[]): void {
    if (this.#isAbandoned) return
    const { file, placeOf } = this.#context.located
    const finding = at(file, placeOf(['cases', this.#context.index, ...path]), message)
    this.findings.push({ ...finding, ...(hint !== undefined && { hint }), ...(diff && { diff }) })
  }
}

export const inputFileOf = (inputFile: string, suiteFile: string): string => resolve(dirname(suiteFile), inputFile)

async function take(step: SuiteStep, run: Run): Promise<void> {
  if (step === 'stop') return await run.stop()
  if ('stop' in step) return await run.stop(step.stop.error, step.stop.cause)
  if ('advance' in step) return await run.advance(step.advance)
  if ('reached' in step) return await run.reached(step.reached)
  if ('heartbeat' in step) return await run.token(step.heartbeat).heartbeat()
  if ('fail' in step) return await run.token(step.fail.state).fail(step.fail.error, step.fail.cause)
  const { state, output } = typeof step.succeed === 'string' ? { state: step.succeed, output: {} } : step.succeed
  return await run.token(state).succeed(output)
}

/** The kit's sentences speak TypeScript; in a suite of YAML the same is said so. */
function hintFor(error: unknown, isCode: boolean): string | undefined {
  if (isCode || !(error instanceof TestKitError)) return undefined
  const unmocked = /mocks: \{ ('[^']+'): mock\.return/.exec(error.message)?.[1]
  if (unmocked !== undefined) return `In this file: mocks: { ${unmocked}: { return: { … } } }`
  if (error.message.includes("run.token('…')")) return 'In this file: steps: [{ succeed: { state: …, output: { … } } }]'
  if (error.message.includes('mock.sequence(…)')) return 'In this file: one more item in the list of its answers'
  return undefined
}
