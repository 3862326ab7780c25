/** What a doctor finds: what is wrong, where, and how it is mended; and the figures that it has seen on the way. */
import type { Json } from '../../base/json.ts'

export type Severity = 'error' | 'warning' | 'note'

export interface Finding {
  /** `error`: something is lost or broken. `warning`: something needs a hand. `note`: nothing does, but it is good to know. */
  readonly severity: Severity
  /** One word or two: what was looked at. */
  readonly check: string
  readonly message: string
  /** What to do about it; absent where there is nothing to do. */
  readonly mend?: string
}

export interface Report {
  readonly findings: readonly Finding[]
  readonly facts: { readonly [name: string]: Json }
}

export interface Examination {
  /** All rows, not some of them. */
  readonly isDeep: boolean
  readonly now: number
}

export const isWell = ({ findings }: Report): boolean => findings.every(({ severity }) => severity === 'note')

/** Of many that are alike some are told, and how many there are. */
const ALIKE_MAX = 20
export function limited(findings: readonly Finding[], check: string): readonly Finding[] {
  const more = findings.length - ALIKE_MAX
  if (more <= 0) return findings
  const severity = findings[0]?.severity ?? 'note'
  return [...findings.slice(0, ALIKE_MAX), { severity, check, message: `And ${more} more of that kind.` }]
}

export const agoOf = (ms: number): string => {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`
}
