/** One evaluation with what it finds outside its expression: the state machine's variables, and the built-in functions. */
import type { Work } from '../work.ts'
import { type Draws, type JsonataLimits, Run } from './run.ts'
import type { Value } from './value.ts'

export class Evaluation extends Run {
  readonly variable: (name: string) => Value
  /** Free variables already asked for in this evaluation, by their number in the expression. */
  readonly free: Value[] = []

  constructor(draws: Draws, variable: (name: string) => Value, limits?: JsonataLimits, work?: Work) {
    super(draws, limits, work)
    this.variable = variable
  }
}
