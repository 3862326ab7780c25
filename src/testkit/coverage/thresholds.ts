/** How much coverage is wanted, and where it is not there. */
import { TestKitError } from '../kit-error.ts'

import { type CoverageKind, type CoverageSummary, KINDS } from './summary.ts'

/** Percent, by kind; `total` is of all points. */
export type Thresholds = { readonly [Kind in CoverageKind | 'total']?: number }

/** A sentence for each threshold that is not reached. Throws TestKitError for what is no threshold. */
export function checkThresholds(summary: CoverageSummary, thresholds: Thresholds): readonly string[] {
  return Object.entries(thresholds).flatMap(([kind, wanted]: readonly [string, unknown]) => {
    if (!isKind(kind))
      throw new TestKitError(`'${kind}' is no kind of coverage. There are: ${[...Object.keys(KINDS), 'total'].join(', ')}.`)
    if (wanted === undefined) return []
    if (typeof wanted !== 'number' || !(wanted >= 0 && wanted <= 100))
      throw new TestKitError(`The threshold of ${kind} is a percentage from 0 to 100, not ${JSON.stringify(wanted)}.`)
    const { percent, covered, total, unclear } = summary[kind]
    if (percent >= wanted) return []
    const doubt = unclear === 0 ? '' : ` Of ${unclear} more the histories do not tell.`
    const what = kind === 'total' ? 'all points' : kind
    return [`${percent} % of ${what} are covered (${covered} of ${total}), and ${wanted} % are wanted.${doubt}`]
  })
}

const isKind = (name: string): name is CoverageKind | 'total' => name === 'total' || Object.hasOwn(KINDS, name)
