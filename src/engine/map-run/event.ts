/**
 * What a Map Run tells. Facts of the run itself go into its log. What a child's own row says (that it is there, that it has
 * ended, of how many items it is) is not told twice: a run of a million items would write a million rows more. A fold takes
 * that from the rows as they stand, as one `ChildrenRecalled` after the log; counts do not depend on the order of ends.
 */
import type { Failure } from '../../base/failure.ts'
import type { Instant } from '../../base/time.ts'

import type { MapRunLimits } from './tolerance.ts'

/** The index of the child's first item: what names a child within its run. */
export type ChildIndex = number

export interface Child {
  readonly child: ChildIndex
  readonly items: number
}

export type ChildEnd = 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED'

/** `output` is JSON text. */
export type MapRunEnd =
  | { readonly status: 'SUCCEEDED'; readonly output: string }
  | { readonly status: 'FAILED'; readonly failure: Failure }
  | { readonly status: 'ABORTED' }

export type MapRunEvent = { readonly at: Instant } & MapRunFact

type MapRunFact =
  | ({ readonly type: 'Begun' } & Beginning)
  /** Children are there for the items up to here; their rows are written with this. */
  | { readonly type: 'ChildrenMade'; readonly itemsRead: number }
  | { readonly type: 'ReadingDone' }
  | { readonly type: 'LimitsChanged'; readonly limits: MapRunLimits }
  /** Nothing more is started, and the run fails when its children are over. */
  | { readonly type: 'Broken'; readonly by: 'reading' | 'tolerance'; readonly failure: Failure }
  /** The parent goes on without it. */
  | { readonly type: 'Stopped' }
  | { readonly type: 'Ended'; readonly end: MapRunEnd; readonly resultsWritten: number }
  /** Children that had begun and not succeeded are PENDING_REDRIVE from here on. */
  | { readonly type: 'Redriven'; readonly redriveCount: number }

/** All chance in the run follows from its seed, so that a dataset that is read again gives the same children. */
export interface Beginning {
  readonly seed: string
  /** Of a run that went on before there was a log. */
  readonly before?: RunBefore
}

/** What a run's row said when its log began. */
export interface RunBefore {
  readonly limits: MapRunLimits
  readonly itemsRead: number
  readonly isReadingDone: boolean
  readonly resultsWritten: number
  readonly redriveCount: number
  readonly stopAt?: Instant
  /** While the run goes on: what it stops towards. */
  readonly end?: MapRunEnd
  readonly isOver: boolean
}

export type ChildEvent =
  | { readonly type: 'ChildrenAdded'; readonly children: readonly Child[] }
  | { readonly type: 'ChildrenStarted'; readonly children: readonly Child[] }
  | ({ readonly type: 'ChildEnded'; readonly end: ChildEnd } & Child)
  | ({ readonly type: 'ChildrenRecalled' } & ChildRows)

/** All children as their rows stand, in the order of their items. */
export interface ChildRows {
  readonly running: readonly Child[]
  /** To be started, for the first time or again. */
  readonly waiting: readonly Child[]
  readonly endedItems: number
  /** Of those that FAILED or TIMED_OUT. */
  readonly failedItems: number
}
