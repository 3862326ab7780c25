/**
 * The work that JSONPath and intrinsic functions may do: one budget for a path alone, or for all expressions of a payload
 * template together, so that no field keeps the process for more than tens of milliseconds. Counted in nodes visited and
 * never in time: an evaluation is cut off at the same place on every machine and at every replay.
 */

/** A visit takes some 50 ns. A 256-KiB payload has at most 131,072 nodes, so one pass always fits. */
export const VISITS_MAX = 1_000_000

/** Thrown when the budget is spent; caught where the expression was entered. */
export class VisitsSpent extends Error {}

export class Visits {
  #left = VISITS_MAX

  spend(visits: number): void {
    this.#left -= visits
    if (this.#left < 0) throw new VisitsSpent()
  }
}
