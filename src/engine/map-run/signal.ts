/** What comes in to a Map Run. Every signal carries its instant. */
import type { Failure } from '../../base/failure.ts'
import type { Instant } from '../../base/time.ts'

import type { Item } from '../../items/item.ts'

import type { ChildEnd, ChildIndex } from './event.ts'
import type { MapRunLimits } from './tolerance.ts'

export type MapRunSignal = { readonly at: Instant } & MapRunSignalBody

export type MapRunSignalBody =
  /** After a fold: what is in nobody's hands is asked for. */
  | { readonly type: 'Resume' }
  /** Goes on after a turn that was full. */
  | { readonly type: 'Continue' }
  /** The next items of the dataset. */
  | { readonly type: 'ItemsRead'; readonly items: readonly Item[] }
  | { readonly type: 'ReadingDone' }
  | { readonly type: 'ReadFailed'; readonly failure: Failure }
  | { readonly type: 'ChildEnded'; readonly child: ChildIndex; readonly end: ChildEnd }
  | { readonly type: 'LimitsChanged'; readonly limits: Partial<MapRunLimits> }
  | { readonly type: 'Stop' }
  /** Children that were asked to abort may not have begun then. */
  | { readonly type: 'AbortDue' }
  /** `output`: what the Map state puts out; `items`: those whose results were written. */
  | { readonly type: 'ResultsWritten'; readonly output: string; readonly items: number }
  | { readonly type: 'OutputsJoined'; readonly output: string }
  | { readonly type: 'ResultsFailed'; readonly failure: Failure }
