/** `regente test [PATHS]`: suites of workflows are run, and told as reporters tell them. */
import { availableParallelism } from 'node:os'
import { resolve, sep } from 'node:path'

import { millisecondsOf } from '../../testkit/duration.ts'
import { findSuites } from '../../testkit/suite/find-suites.ts'
import type { SuiteResult } from '../../testkit/suite/result.ts'
import { runFiles } from '../../testkit/suite/run-files.ts'
import { SUITE_SCHEMA } from '../../testkit/suite/schema.ts'
import { TestKitError } from '../../testkit/kit-error.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { reasonOf } from '../definition-file.ts'
import { printJson } from '../output.ts'
import { type CoveragePlan, coveragePlanOf, CoverageReport } from '../suite-report/coverage-report.ts'
import { countsOf, type Reporter } from '../suite-report/report.ts'
import { filesOf, reportersOf } from '../suite-report/reporters.ts'

export interface TestFlags {
  readonly filter?: string
  readonly watch?: boolean
  readonly update?: boolean
  readonly reporter: readonly string[]
  readonly workers?: string
  readonly timeout: string
  /** A folder, or true for the usual one. */
  readonly coverage?: string | true
  readonly threshold: readonly string[]
  readonly schema?: boolean
}

const CHANGE_PAUSE_MS = 80

/** 1 where a case has failed; 2 where a suite, or what was asked for, is wrong. */
export async function test(given: readonly string[], flags: TestFlags): Promise<number> {
  if (flags.schema) {
    printJson(SUITE_SCHEMA)
    return EXIT.ok
  }
  const paths = given.length === 0 ? ['.'] : given
  const plan = planOf(flags)
  return flags.watch ? await watchUntilStopped(paths, plan) : (await runOnce(paths, plan)).code
}

interface Plan {
  readonly filter: string | undefined
  readonly update: boolean
  readonly isCi: boolean
  readonly workers: number
  readonly timeoutMs: number
  readonly reporters: readonly Reporter[]
  /** Undefined where nobody asks. */
  readonly coverage: CoveragePlan | undefined
  /** Files that are written, absolute. */
  readonly written: readonly string[]
}

/** Throws CliError. */
function planOf(flags: TestFlags): Plan {
  const { filter, update = false, reporter, workers = String(availableParallelism()), timeout } = flags
  try {
    if (filter !== undefined) new RegExp(filter)
  } catch (error) {
    throw new CliError(`--filter takes a regular expression: ${reasonOf(error)}`)
  }
  if (!/^[1-9]\d{0,3}$/.test(workers)) throw new CliError(`--workers takes a number from 1 on, not ${workers}.`)
  return {
    filter,
    update,
    isCi: !['', '0', 'false', undefined].includes(process.env['CI']),
    workers: Number(workers),
    timeoutMs: asked('--timeout', () => millisecondsOf(timeout)),
    reporters: reportersOf(reporter, process.env),
    coverage: coveragePlanOf(flags),
    written: filesOf(reporter).map((file) => resolve(file)),
  }
}

interface Ran {
  readonly code: number
  readonly results: readonly SuiteResult[]
}

/** Rejects with CliError where there is nothing to run. */
async function runOnce(paths: readonly string[], plan: Plan): Promise<Ran> {
  const startedAt = performance.now()
  const files = await findSuites(paths).catch((error: unknown) => {
    throw error instanceof TestKitError ? new CliError(error.message) : error
  })
  if (files.length === 0)
    throw new CliError(
      `${paths.join(', ')} has no suite. A suite is a file named NAME.workflow-test.yaml (or .json, .ts, .js): docs/testing.md.`,
    )
  const covered = plan.coverage && new CoverageReport(plan.coverage)
  const all = await runFiles(files, {
    ...plan,
    onEnded: covered && ((run) => covered.add(run)),
    onSuite(result) {
      if (isShown(result)) for (const reporter of plan.reporters) reporter.suite?.(result)
    },
  })
  const results = all.filter(isShown)
  if (results.length === 0)
    throw new CliError(`No case is named as --filter ${plan.filter} says. It is compared with 'suite › case'.`)
  for (const reporter of plan.reporters) await reporter.end(results, performance.now() - startedAt)
  const isCovered = (await covered?.tell()) ?? true
  const { failed, broken } = countsOf(results)
  return { code: broken > 0 ? EXIT.usage : failed > 0 || !isCovered ? EXIT.failed : EXIT.ok, results: all }
}

/** Not where the filter has left nothing of it. */
const isShown = ({ cases, findings }: SuiteResult): boolean => cases.length + findings.length > 0

/** Runs all again whenever a suite, a definition or a handler has changed. Ends with 0 when it is interrupted. */
async function watchUntilStopped(paths: readonly string[], plan: Plan): Promise<number> {
  const stopped = new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, done)
  })
  const { FolderWatch } = await import('../../deploy/folder-watch.ts')
  let changed = Promise.withResolvers<void>()
  const watching = new FolderWatch({
    excluded: plan.written,
    onChange(path) {
      if (!path.includes(`${sep}__snapshots__`) && !plan.written.includes(path)) changed.resolve()
    },
    onError: (error) => void process.stderr.write(`warning: some changes are not seen: ${reasonOf(error)}\n`),
  })
  let isStopped = false
  void stopped.then(() => {
    isStopped = true
    changed.resolve()
  })
  while (!isStopped) {
    changed = Promise.withResolvers<void>()
    const since = Date.now()
    const files = await runAndComplain(paths, plan)
    await watching.follow([...new Set([...paths, ...files].map((path) => resolve(path)))], since)
    process.stderr.write('Watching. What changes is run again; Ctrl-C ends.\n')
    await changed.promise
    if (!isStopped) await new Promise((done) => setTimeout(done, CHANGE_PAUSE_MS))
  }
  watching.close()
  return EXIT.ok
}

/** Files that the suites are made of. */
async function runAndComplain(paths: readonly string[], plan: Plan): Promise<readonly string[]> {
  try {
    return (await runOnce(paths, plan)).results.flatMap(({ files }) => files)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    process.stderr.write(`regente: ${error.message}\n`)
    return []
  }
}

function asked<T>(flag: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new CliError(`${flag}: ${reasonOf(error)}`)
  }
}
