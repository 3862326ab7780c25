/** What a Map Run asks of the world. Carried out once the events of its turn are durable. */
import type { ExecutionArn } from '../../base/arn.ts'

import type { ChildIndex, MapRunEnd } from './event.ts'

export type MapRunCommand =
  /** Some items from this index on; the answer is ItemsRead, ReadingDone or ReadFailed. */
  | { readonly type: 'ReadItems'; readonly from: number }
  | { readonly type: 'StopReading' }
  | { readonly type: 'StartChildren'; readonly children: readonly ChildIndex[] }
  /** Those that run; AbortDue after a while. */
  | { readonly type: 'AbortChildren' }
  /** Of all children, through the ResultWriter. */
  | { readonly type: 'WriteResults' }
  /** Of the children that succeeded, into one output. */
  | { readonly type: 'JoinOutputs' }
  | { readonly type: 'TellParent'; readonly end: MapRunEnd }

/** A child to be written down, PENDING. */
export interface NewChild {
  readonly index: ChildIndex
  readonly items: number
  /** JSON text. */
  readonly input: string
  readonly name: string
  readonly arn: ExecutionArn
}
