/** How the results of suites are told: who hears of each as it ends, and of all at the end. */
import type { CaseResult, Finding, SuiteResult } from '../../testkit/suite/result.ts'

export interface Reporter {
  /** A suite has ended. */
  suite?(result: SuiteResult): void
  /** All have ended. */
  end(results: readonly SuiteResult[], durationMs: number): Promise<void> | void
}

/** Takes text; where it goes, the reporter does not know. */
export type Write = (text: string) => Promise<void> | void

export interface Counts {
  readonly cases: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Suites that are wrong themselves. */
  readonly broken: number
}

export function countsOf(results: readonly SuiteResult[]): Counts {
  const cases = results.flatMap((suite) => suite.cases)
  const count = (status: CaseResult['status']): number => cases.filter((one) => one.status === status).length
  return {
    cases: cases.length,
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped'),
    broken: results.filter(({ findings }) => findings.length > 0).length,
  }
}

/** `order.workflow-test.yaml:12:5`. */
export const placeOf = ({ file, position }: Pick<Finding, 'file' | 'position'>): string =>
  position === undefined ? file : `${file}:${position.line}:${position.column}`

/** Of a finding, without colours. */
export const linesOf = (finding: Finding): readonly string[] => [
  `${placeOf(finding)}: ${finding.message}`,
  ...(finding.diff ?? []).map((line) => `  ${line}`),
  ...(finding.hint === undefined ? [] : [`hint: ${finding.hint}`]),
]

/** A path of states, `Check → Pay (1 retry) → ✘ Ship`; of a long one its beginning and its end. */
export function pathLine({ visited }: CaseResult): string {
  if (visited.length <= VISITS_SHOWN) return visited.map(visitText).join(' → ')
  const [first, last] = [visited.slice(0, VISITS_SHOWN / 4), visited.slice(-(VISITS_SHOWN * 3) / 4)]
  const left = visited.length - first.length - last.length
  return [...first.map(visitText), `… ${left} more …`, ...last.map(visitText)].join(' → ')
}

const VISITS_SHOWN = 40

function visitText({ path, status, retries, error }: CaseResult['visited'][number]): string {
  const mark = status === 'failed' || status === 'aborted' ? '✘ ' : ''
  const again = retries === 0 ? '' : ` (${retries} ${retries === 1 ? 'retry' : 'retries'})`
  const thrown = error !== undefined && status !== 'succeeded' ? ` [${error}]` : ''
  return `${mark}${path}${again}${thrown}${status === 'running' ? ' …' : ''}`
}
