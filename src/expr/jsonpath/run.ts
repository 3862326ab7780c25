/**
 * One evaluation of a path over one document. What bounds it is a budget that `..`, wildcards, filters and patterns all pay
 * from; the paths and intrinsic calls of one payload template share it.
 */
import type { Json, JsonObject } from '../../base/json.ts'

import type { Work } from '../work.ts'

export class Run {
  /** What `$` means inside filters. */
  readonly document: Json
  readonly #work: Work

  constructor(document: Json, work: Work) {
    this.document = document
    this.#work = work
  }

  spend(work: number): void {
    this.#work.spend(work)
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

/** The item, or undefined past either end. Asking an array for a negative index itself would be slow. */
export const itemAt = (items: readonly Json[], index: number): Json | undefined => (index < 0 ? undefined : items[index])
