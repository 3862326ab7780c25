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

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map(printProblem).join('\n'), options)
    this.problems = problems
  }
}

export function printProblem({ file, position, message }: Problem): string {
  return position === undefined ? `${file}: ${message}` : `${file}:${position.line}:${position.column}: ${message}`
}
