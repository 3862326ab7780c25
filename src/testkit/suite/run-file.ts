/** Runs all suites of one file, and tells what happens as it does. */
import { dirname } from 'node:path'

import { millisecondsOf } from '../duration.ts'

import type { CaseResult, Finding, RunEvent, SuiteResult } from './result.ts'
import { handlersOf } from './suite-mocks.ts'
import { inputFileOf, runCase } from './run-case.ts'
import { type SnapshotOptions, Snapshots } from './snapshots.ts'
import type { SuiteCase } from './suite.ts'
import { checkSuite } from './suite-check.ts'
import { definitionMembersOf, readSuiteDefinition, type SuiteWorkflow } from './suite-definition.ts'
import { at, type LocatedSuite, readSuiteFile } from './suite-file.ts'
import { messageOf } from '../kit-error.ts'

export interface RunFileOptions extends SnapshotOptions {
  /** A regular expression over `suite › case`; other cases are not there. */
  readonly filter?: string | undefined
  /** For cases that have none of their own. */
  readonly timeoutMs: number
  /** Whether runs that have ended are told. */
  readonly collectsRuns: boolean
}

type Tell = (event: RunEvent) => void

/** Never rejects. */
export async function runFile(file: string, options: RunFileOptions, tell: Tell): Promise<void> {
  const startedAt = performance.now()
  const read = await readSuiteFile(file)
  const broken = (findings: readonly Finding[], name = file): void =>
    tell({
      type: 'SuiteEnds',
      result: { file, name, findings, cases: [], durationMs: performance.now() - startedAt, files: [] },
    })
  if (read.findings.length > 0) return broken(read.findings)
  try {
    const snapshots = await Snapshots.open(file, options)
    let isWhole = true
    for (const located of read.suites) {
      const { result, isComplete } = await new SuiteRun(located, snapshots, options, tell).run()
      isWhole &&= isComplete
      tell({ type: 'SuiteEnds', result })
    }
    await snapshots.close(isWhole)
  } catch (error) {
    broken([at(file, undefined, messageOf(error))])
  }
}

/** A case that is run, by its index. */
interface Planned {
  readonly one: SuiteCase
  readonly index: number
  /** Why it is skipped. */
  readonly reason: string | undefined
}

class SuiteRun {
  readonly #located: LocatedSuite
  readonly #snapshots: Snapshots
  readonly #options: RunFileOptions
  readonly #tell: Tell
  readonly #name: string
  readonly #startedAt = performance.now()

  constructor(located: LocatedSuite, snapshots: Snapshots, options: RunFileOptions, tell: Tell) {
    this.#located = located
    this.#snapshots = snapshots
    this.#options = options
    this.#tell = tell
    this.#name = located.suite.name ?? located.file
  }

  /** `isComplete`: no case of it was left out, and none has failed. */
  async run(): Promise<{ readonly result: SuiteResult; readonly isComplete: boolean }> {
    const own = await readSuiteDefinition(this.#located)
    if (!('definition' in own)) return { result: this.#result([], own), isComplete: false }
    const wrong = checkSuite(this.#located, own.definition)
    if (wrong.length > 0) return { result: this.#result([], wrong), isComplete: false }
    const planned = this.#plan()
    const cases: CaseResult[] = []
    // Of the suite's mocks, those that no case has used so far.
    let unused = new Set(Object.keys(this.#located.suite.mocks ?? {}))
    for (const plan of planned) {
      const { result, unusedMocks } = await this.#runOne(plan, own)
      if (unusedMocks) unused = new Set([...unused].filter((name) => unusedMocks.has(name)))
      cases.push(result)
    }
    const isComplete = cases.length === this.#located.suite.cases.length && cases.every(({ status }) => status === 'passed')
    const findings = isComplete ? this.#unusedMocks(unused) : []
    return { result: this.#result(cases, findings), isComplete }
  }

  #plan(): readonly Planned[] {
    const { cases } = this.#located.suite
    const pattern = this.#options.filter === undefined ? undefined : new RegExp(this.#options.filter, 'i')
    const hasOnly = cases.some(({ only }) => only)
    return cases.flatMap((one, index) => {
      if (pattern?.test(`${this.#name} › ${one.name}`) === false) return []
      const reason = one.skip ?? (hasOnly && one.only !== true ? 'another case is marked: only' : undefined)
      return [{ one, index, reason }]
    })
  }

  async #runOne({ one, index, reason }: Planned, workflow: SuiteWorkflow) {
    const { suite, placeOf } = this.#located
    if (reason !== undefined) {
      const position = placeOf(['cases', index])
      const skipped = { name: one.name, status: 'skipped', reason, durationMs: 0, findings: [], visited: [] } as const
      return { result: { ...skipped, ...(position && { position }) }, unusedMocks: undefined }
    }
    const timeout = one.timeout ?? suite.timeout
    const timeoutMs = timeout === undefined ? this.#options.timeoutMs : millisecondsOf(timeout)
    const position = placeOf(['cases', index])
    this.#tell({ type: 'CaseBegins', suite: this.#name, name: one.name, ...(position && { position }), timeoutMs })
    const outcome = await runCase(one, {
      located: this.#located,
      workflow,
      index,
      timeoutMs,
      snapshots: this.#snapshots,
      key: suite.name === undefined ? one.name : `${suite.name} › ${one.name}`,
      onEnded: this.#options.collectsRuns ? (run) => this.#tell({ type: 'RunEnds', run }) : undefined,
    })
    this.#tell({ type: 'CaseEnds', result: outcome.result })
    return outcome
  }

  #unusedMocks(names: ReadonlySet<string>): readonly Finding[] {
    const { suite, file, placeOf } = this.#located
    if (suite.allowUnusedMocks) return []
    return [...names].map((name) =>
      at(
        file,
        placeOf(['mocks', name]),
        `No call of any case was meant by the mock '${name}'. Remove it, or say allowUnusedMocks: true.`,
      ),
    )
  }

  #result(cases: readonly CaseResult[], findings: readonly Finding[]): SuiteResult {
    const { file } = this.#located
    const durationMs = performance.now() - this.#startedAt
    return { file, name: this.#name, findings, cases, durationMs, files: this.#files() }
  }

  #files(): readonly string[] {
    const { suite, file } = this.#located
    const folder = dirname(file)
    const own = definitionMembersOf(suite, folder)
    const handlers = [suite, ...suite.cases].flatMap(({ mocks = {} }) => handlersOf(mocks, folder))
    const inputs = suite.cases.flatMap(({ inputFile }) => (inputFile === undefined ? [] : [inputFileOf(inputFile, file)]))
    return [...new Set([own.file, own.template, ...handlers, ...inputs])].filter((path) => path !== undefined)
  }
}
