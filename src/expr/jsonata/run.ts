/**
 * One evaluation: what it may draw, and how much it may still do. Work is counted in steps, never in time, so that an
 * evaluation is cut off at the same place on every machine and at every replay.
 * Bounds. Depth: AWS's evaluator refuses what nests deeper than 100 evaluations (measured, floci-io/floci#2737).
 * Memory: no value larger than 6,990,256 bytes, eight an array item and one a character (same source). Steps: ours
 * (`work.ts`); AWS has a clock of unknown length. All that the expressions of a state allocate together is bounded too.
 */
import { AWS_LIMITS } from '../../base/limits.ts'

import { ALLOCATED_BYTES_MAX, type Work, WORK_MAX } from '../work.ts'
import { BoundError, MEMORY_EXCEEDED, STACK_OVERFLOW, TIME_EXCEEDED } from './bound-error.ts'

export interface Draws {
  uuid(): string
  next(): number
  /** Milliseconds since the Unix epoch, for `$now` and `$millis`. */
  readonly now: number
}

export interface JsonataLimits {
  readonly depth?: number
  readonly steps?: number
  readonly valueBytes?: number
  readonly allocatedBytes?: number
}

const ITEM_BYTES = 8

/** Entering an expression, in steps. */
const ENTRY_STEPS = 20
/** Looking for a text in so many characters counts as one step. */
const SEARCHED = 4
/** Copying or scanning so many characters, or so many items, counts as one step. */
const BULK_CHARS = 16
const BULK_ITEMS = 2

export class Run {
  readonly draws: Draws
  depth = 0
  readonly depthMax: number
  #steps: number
  #allocated: number
  readonly #valueBytesMax: number

  constructor(draws: Draws, limits: JsonataLimits = {}, work?: Work) {
    this.draws = draws
    this.depthMax = limits.depth ?? AWS_LIMITS.jsonata.depth
    this.#steps = limits.steps ?? (work?.left ?? WORK_MAX) - ENTRY_STEPS
    this.#allocated = limits.allocatedBytes ?? work?.allocatedLeft ?? ALLOCATED_BYTES_MAX
    this.#valueBytesMax = limits.valueBytes ?? AWS_LIMITS.jsonata.valueBytes
  }

  /** Counts `count` units of work. */
  spend(count: number): void {
    if ((this.#steps -= count) < 0) throw new BoundError(TIME_EXCEEDED)
  }

  /** Takes what was used from the work that the expressions of one state share. */
  chargeTo(work: Work): void {
    work.left = this.#steps
    work.allocatedLeft = this.#allocated
  }

  /** Counts a search for a text in so many characters. */
  search(length: number): void {
    this.spend(1 + length / SEARCHED)
  }

  /** Counts a pass over so many characters. */
  scan(length: number): void {
    this.spend(1 + length / BULK_CHARS)
  }

  /** Before an array of `length` items is made. */
  allocateItems(length: number): void {
    this.#allocate(length * ITEM_BYTES)
    this.spend(1 + length / BULK_ITEMS)
  }

  /** Before or after a text of `length` characters is made. */
  allocateText(length: number): void {
    this.#allocate(length)
    this.spend(1 + length / BULK_CHARS)
  }

  /** A text joined of two costs nothing until it is read: only its length is checked. */
  joinedText(length: number): void {
    if (length > this.#valueBytesMax) throw new BoundError(MEMORY_EXCEEDED)
    this.spend(1)
  }

  #allocate(bytes: number): void {
    if (bytes > this.#valueBytesMax || (this.#allocated -= bytes) < 0) throw new BoundError(MEMORY_EXCEEDED)
  }

  overflow(): never {
    throw new BoundError(STACK_OVERFLOW)
  }
}
