/**
 * A Map Run as its log and the rows of its children tell it. Only `apply.ts` changes it.
 *
 * 1. Each item is in one child at most; the children's items stand in the order of the dataset, without a gap.
 * 2. A child is waiting, running or ended, never two of them.
 * 3. `inHand` is of this process alone: a fold has nothing in hand, and what is there is asked for again.
 */
import type { ExecutionArn, StateMachineArn } from '../../base/arn.ts'
import type { Failure } from '../../base/failure.ts'
import type { ExecutionKey, RevisionKey, StateMachineKey } from '../../base/ids.ts'
import type { Instant } from '../../base/time.ts'

import type { Batcher } from '../../items/batch.ts'
import type { Item } from '../../items/item.ts'

import type { MapRunStart } from '../command.ts'
import type { Child, ChildIndex, MapRunEnd } from './event.ts'
import type { MapRunLimits } from './tolerance.ts'

/** What a run was started with. Plain JSON: it is kept with the run. */
export interface MapRunRequest extends MapRunStart {
  readonly executionKey: ExecutionKey
  readonly executionArn: ExecutionArn
  readonly executionName: string
  readonly stateMachineArn: StateMachineArn
  readonly stateMachineName: string
  readonly stateMachineKey: StateMachineKey
  readonly revisionKey: RevisionKey
  /** Of a mock file: its children have that of their parent. */
  readonly testCase?: string
}

export interface MapRunState {
  readonly request: MapRunRequest
  /** Events in the log: the place of the next one. */
  sequence: number
  status: MapRunEnd['status'] | 'RUNNING'
  startAt: Instant
  stopAt: Instant | undefined
  seed: string
  limits: MapRunLimits
  /** Items that are in children. */
  itemsRead: number
  isReadingDone: boolean
  broken: { readonly by: 'reading' | 'tolerance'; readonly failure: Failure } | undefined
  isStopped: boolean
  end: MapRunEnd | undefined
  resultsWritten: number
  redriveCount: number
  redriveAt: Instant | undefined

  /** In the order of their items, from `nextWaiting` on. */
  readonly waiting: Child[]
  nextWaiting: number
  /** Items by child. */
  readonly running: Map<ChildIndex, number>
  endedItems: number
  failedItems: number

  readonly inHand: InHand
}

/** What was asked for or taken in, and is in no log yet. */
export interface InHand {
  isReading: boolean
  /** Items that were read and are in no child. */
  unread: readonly Item[]
  /** The batch that is being filled, where there are batches. */
  batch: Batcher | undefined
  /** The dataset's end was read; `unread` is the last of it. */
  isAtEnd: boolean
  isFinishing: boolean
}

/** Before the first event. */
export function newMapRunState(request: MapRunRequest, startAt: Instant): MapRunState {
  const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = request
  return {
    request,
    sequence: 0,
    status: 'RUNNING',
    startAt,
    stopAt: undefined,
    seed: '',
    limits: { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage },
    itemsRead: 0,
    isReadingDone: false,
    broken: undefined,
    isStopped: false,
    end: undefined,
    resultsWritten: 0,
    redriveCount: 0,
    redriveAt: undefined,
    waiting: [],
    nextWaiting: 0,
    running: new Map(),
    endedItems: 0,
    failedItems: 0,
    inHand: { isReading: false, unread: [], batch: undefined, isAtEnd: false, isFinishing: false },
  }
}

export const waitingCount = ({ waiting, nextWaiting }: MapRunState): number => waiting.length - nextWaiting

/** Nothing more is read or started. */
export const isBreakingOff = ({ broken, isStopped }: MapRunState): boolean => broken !== undefined || isStopped
