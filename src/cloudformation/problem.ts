/** What is wrong with a template, where: file, line and column, from 1. All that can be found at once is told at once. */
import type { Position } from '../source/position.ts'

export interface Problem {
  readonly message: string
  readonly file: string
  readonly position?: Position | undefined
}

export class TemplateError extends Error {
  override readonly name = 'TemplateError'
  readonly problems: readonly Problem[]
  /** Files and folders that were read until then: a change of theirs may mend it. */
  readonly sources: readonly string[]

  constructor(problems: readonly Problem[], { sources = [], ...options }: ErrorOptions & { sources?: readonly string[] } = {}) {
    super(problems.map(printProblem).join('\n'), options)
    this.problems = problems
    this.sources = sources
  }
}

export function printProblem({ file, position, message }: Problem): string {
  return position === undefined ? `${file}: ${message}` : `${file}:${position.line}:${position.column}: ${message}`
}
