/**
 * What the runs of a workflow have reached, for coverage that nobody may ever ask for: histories are kept as they are until
 * somebody asks or they are many, and only then is the counting loaded.
 */
import { relative, sep } from 'node:path'

import type { HistoryEvent } from '../history/history-event.ts'

import type { Coverage } from './coverage/coverage.ts'
import type { CoveredWorkflow } from './coverage/workflow-coverage.ts'
import type { CoverageReport } from './coverage/write.ts'

type History = readonly HistoryEvent[]

/** Where the definition is written. */
export interface WrittenIn {
  readonly file?: string | undefined
  readonly template?: string | undefined
  readonly resource?: string | undefined
}

export interface RunToCount {
  history(): History
  children(): readonly History[]
}

/** So many events may wait to be counted. */
const EVENTS_KEPT_MAX = 5_000

/** A workflow as coverage knows it: by the way to its file from here, and its resource. */
export function coveredWorkflow(definition: string, file: string | undefined, resource: string | undefined): CoveredWorkflow {
  const path = file && relative(process.cwd(), file).split(sep).join('/')
  const name = [path ?? 'workflow', ...(resource === undefined ? [] : [resource])].join('#')
  return { name, definition, file: path, resource }
}

export class Reached {
  readonly #workflow: CoveredWorkflow
  #runs: { readonly history: History; readonly children: readonly History[] | undefined }[] = []
  #kept = 0
  #counted: Promise<Coverage> | undefined
  /** What was wrong with a history: from then on it is told to all who ask. */
  #problem: unknown

  constructor(definition: string, { file, template, resource }: WrittenIn) {
    this.#workflow = coveredWorkflow(definition, file ?? template, resource)
  }

  /** A run that is over. What a target does not have (of TestState there is no history) is not counted. */
  add(run: RunToCount): void {
    const history = unlessRefused(() => run.history())
    if (!history) return
    const children = unlessRefused(() => run.children())
    this.#runs.push({ history, children })
    this.#kept += (children ?? []).reduce((sum, { length }) => sum + length, history.length)
    if (this.#kept > EVENTS_KEPT_MAX) this.coverage().catch(() => {})
  }

  /** Of all that was added so far, and what is added later as well. Rejects with TestKitError. */
  async coverage(): Promise<Coverage> {
    this.#counted ??= import('./coverage/coverage.ts').then(({ Coverage }) => new Coverage())
    const coverage = await this.#counted
    const runs = this.#runs
    this.#runs = []
    this.#kept = 0
    try {
      coverage.of(this.#workflow)
      for (const { history, children } of runs) coverage.add(this.#workflow, history, children)
    } catch (error) {
      this.#problem ??= error
    }
    if (this.#problem !== undefined) throw this.#problem
    return coverage
  }
}

function unlessRefused<T>(ask: () => T): T | undefined {
  try {
    return ask()
  } catch {
    return undefined
  }
}

/** The coverage of workflows together: what their runs have reached so far. Rejects with TestKitError. */
export async function coverage(...workflows: readonly { coverage(): Promise<Coverage> }[]): Promise<Coverage> {
  const { Coverage } = await import('./coverage/coverage.ts')
  const all = new Coverage()
  for (const workflow of workflows) all.merge(await workflow.coverage())
  return all
}

/** Writes reports of coverage to a folder, all of them unless told which; resolves to their paths. Rejects with TestKitError. */
export async function writeCoverage(
  of: Coverage,
  folder: string,
  reports?: readonly CoverageReport[],
): Promise<readonly string[]> {
  return (await import('./coverage/write.ts')).writeCoverage(of, folder, reports)
}

/** Reads coverage files, of other processes or of AWS's histories, and adds them up. Rejects with TestKitError. */
export async function readCoverage(...files: readonly string[]): Promise<Coverage> {
  return (await import('./coverage/write.ts')).readCoverage(...files)
}
