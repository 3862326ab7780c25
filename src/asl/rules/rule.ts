/** A rule looks at a whole definition and tells what it finds. It never throws, whatever the definition holds. */
import type { Diagnostic } from '../diagnostic.ts'
import type { Machine } from '../walk.ts'

export interface Rule {
  /** What it may tell. */
  readonly codes: readonly string[]
  /** Advice is Regente's own: AWS would say nothing. */
  readonly isAdvice?: boolean
  check(machine: Machine, report: Report): void
}

export interface Report {
  error(code: string, message: string, location?: string): void
  warning(code: string, message: string, location?: string): void
}

/** The code of everything that a schema could have said. */
export const SCHEMA = 'SCHEMA_VALIDATION_FAILED'

export class Findings implements Report {
  readonly found: Diagnostic[] = []

  error(code: string, message: string, location?: string): void {
    this.found.push({ severity: 'ERROR', code, message, ...(location !== undefined && { location }) })
  }

  warning(code: string, message: string, location?: string): void {
    this.found.push({ severity: 'WARNING', code, message, ...(location !== undefined && { location }) })
  }
}
