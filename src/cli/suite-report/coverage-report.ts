/** `regente test --coverage`: what the cases of all suites have reached, told and written. */
import { Coverage } from '../../testkit/coverage/coverage.ts'
import type { Thresholds } from '../../testkit/coverage/thresholds.ts'
import { textOf } from '../../testkit/coverage/text.ts'
import { writeCoverage } from '../../testkit/coverage/write.ts'
import { coveredWorkflow } from '../../testkit/reached.ts'
import type { EndedRun } from '../../testkit/suite/result.ts'
import { TestKitError } from '../../testkit/kit-error.ts'

import { CliError } from '../cli-error.ts'

const FOLDER = 'coverage'

export interface CoveragePlan {
  readonly folder: string
  readonly thresholds: Thresholds
}

/** Undefined where nobody asks. Throws CliError. */
export function coveragePlanOf({
  coverage,
  threshold,
}: {
  readonly coverage?: string | true
  readonly threshold: readonly string[]
}): CoveragePlan | undefined {
  if (coverage === undefined && threshold.length === 0) return undefined
  const thresholds = Object.fromEntries(threshold.map(thresholdOf)) as Thresholds
  try {
    new Coverage().check(thresholds)
  } catch (error) {
    throw error instanceof TestKitError ? new CliError(`--threshold: ${error.message}`) : error
  }
  return { folder: typeof coverage === 'string' ? coverage : FOLDER, thresholds }
}

function thresholdOf(text: string): readonly [string, number] {
  const [, kind = '', percent = ''] = /^(\w+)=(\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (kind === '') throw new CliError(`--threshold takes a kind and a percentage, as states=100, not ${text}.`)
  return [kind, Number(percent)]
}

export class CoverageReport {
  readonly #plan: CoveragePlan
  readonly #coverage = new Coverage()

  constructor(plan: CoveragePlan) {
    this.#plan = plan
  }

  add({ definition, file, resource, history, children }: EndedRun): void {
    this.#coverage.add(coveredWorkflow(definition, file, resource), history, children)
  }

  /** False where a threshold is not reached. Rejects with CliError where it cannot be written. */
  async tell(): Promise<boolean> {
    const { folder, thresholds } = this.#plan
    process.stdout.write(`\n${textOf(this.#coverage)}`)
    const written = await writeCoverage(this.#coverage, folder).catch((error: unknown) => {
      throw error instanceof TestKitError ? new CliError(error.message) : error
    })
    const page = written.find((path) => path.endsWith('index.html'))
    if (page !== undefined) process.stderr.write(`The graphs, painted: ${page}\n`)
    const problems = this.#coverage.check(thresholds)
    for (const problem of problems) process.stderr.write(`${problem}\n`)
    return problems.length === 0
  }
}
