/** The bounds of an evaluation (steps, depth, memory): each has a text of its own and no code. The texts are AWS's. */

/** A bound of the evaluation was reached. */
export class BoundError extends Error {}

export const STACK_OVERFLOW =
  'Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive.'
export const TIME_EXCEEDED = 'Expression evaluation timeout: Check for infinite loop'
export const MEMORY_EXCEEDED = 'Expression evaluation memory limit exceeded: Check for excessive memory usage'
