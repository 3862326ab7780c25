/**
 * The work that expressions may do: one budget for all that one state evaluates (the engine hands it in by the scope), or
 * for one expression that is evaluated alone. Counted in nodes, items and characters, never in time: an evaluation is cut
 * off at the same place on every machine and at every replay.
 */

/** Some 50 ns of one core of 2024: a node of JSON looked at, a step of JSONata. */
export const WORK_MAX = 1_000_000
/** All that the expressions allocate together, bytes: keeps the process safe. */
export const ALLOCATED_BYTES_MAX = 256 * 1024 * 1024

/** Printing, reading or storing so many characters costs as much as one unit. */
export const CHARS_PER_UNIT = 8

/** Thrown when the budget is spent; caught where the expression was entered. */
export class WorkSpent extends Error {}

export class Work {
  /** Units that may still be spent; below zero once it was asked for more. */
  left = WORK_MAX
  allocatedLeft = ALLOCATED_BYTES_MAX

  spend(units: number): void {
    this.left -= units
    if (this.left < 0) throw new WorkSpent()
  }

  get spent(): number {
    return WORK_MAX - this.left
  }

  /** Begins anew; how much was spent since it last did. */
  refill(): number {
    const { spent } = this
    this.left = WORK_MAX
    this.allocatedLeft = ALLOCATED_BYTES_MAX
    return spent
  }
}
