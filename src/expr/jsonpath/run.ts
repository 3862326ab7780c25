/**
 * One evaluation of a path over one document, and the bound that keeps it short: `..`, wildcards, filters and patterns all
 * pay from one budget, so a path over hostile data ends in tens of milliseconds instead of hours.
 */
import type { Json, JsonObject } from '../../base/json.ts'

/** Nodes that one evaluation may visit. A 256-KiB payload has at most 131,072, so one pass always fits. */
export const VISITS_MAX = 1_000_000

/** Thrown when the budget is spent; caught where the path was entered. */
export class VisitsSpent extends Error {}

export class Run {
  /** What `$` means inside filters. */
  readonly document: Json
  #visitsLeft = VISITS_MAX

  constructor(document: Json) {
    this.document = document
  }

  spend(visits: number): void {
    this.#visitsLeft -= visits
    if (this.#visitsLeft < 0) throw new VisitsSpent()
  }
}

/** Reads one member of an object without ever seeing its prototype. */
export type ReadMember = (object: JsonObject) => Json | undefined

/**
 * Names that no prototype carries are read directly, which is several times faster; the few that `Object.prototype` has
 * (`constructor`, `__proto__`, `toString`…) go by `hasOwn`.
 */
export function memberReader(name: string): ReadMember {
  if (name in Object.prototype) return (object) => (Object.hasOwn(object, name) ? object[name] : undefined)
  return (object) => object[name]
}
