/** From items to children: selected, batched, named. All chance is drawn from the run's seed and the item's index. */
import { childArn, expressChildArn, partArn } from '../../base/arn.ts'
import { ErrorName } from '../../base/error-names.ts'
import { type Failure, failure } from '../../base/failure.ts'
import { utf8Length } from '../../base/json.ts'
import { printInOrder } from '../../base/member-order.ts'
import { drawUuid, hex8 } from '../../base/random.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { type Batch, Batcher } from '../../items/batch.ts'
import type { Item } from '../../items/item.ts'
import { CHARS_PER_UNIT, Work } from '../../expr/work.ts'
import type { FieldValue } from '../../asl/program.ts'

import type { NewChild } from './command.ts'
import type { ChildEnd } from './event.ts'
import { randomOfItem, selectItem } from './item-selector.ts'
import type { MapRunRequest, MapRunState } from './state.ts'

/** Making a child's input, whatever its selector does, in units of `expr/work.ts`. */
const ITEM_WORK = 200

export interface Making {
  readonly itemSelector: FieldValue | undefined
  /** The largest input or output, in bytes. */
  readonly payloadBytesMax: number
  /** After so much work a turn takes no further item, in units of `expr/work.ts`. */
  readonly workMax: number
  /** Runs a child that is not written yet to its end, where it asks nothing of the world. Undefined: it is to be started. */
  readonly runAtOnce?: ((child: NewChild) => RunAtOnce | undefined) | undefined
}

export interface RunAtOnce {
  readonly end: ChildEnd
  /** What it has cost, in units of `expr/work.ts`. */
  readonly work: number
}

export interface Made {
  readonly children: readonly NewChild[]
  /** Items that are in children or in a batch now. */
  readonly taken: number
  /** In units of `expr/work.ts`. */
  readonly work: number
}

/**
 * The children that `items` fill, until that has cost `workMax`; a batch that is begun stays in hand. Each selector has a
 * state's share of work.
 */
export function makeChildren(state: MapRunState, items: readonly Item[], making: Making, workMax: number): Result<Made, Failure> {
  const { request } = state
  const { itemSelector, payloadBytesMax } = making
  const batcher = batcherOf(state, payloadBytesMax)
  const children: NewChild[] = []
  const work = new Work()
  let spent = 0
  let taken = 0
  for (const item of items) {
    if (spent >= workMax) break
    taken++
    const text = itemSelector ? selectItem(itemSelector, state, item, work) : ok(printInOrder(item.value))
    if (!text.ok) return text
    spent += work.refill() + text.value.length / CHARS_PER_UNIT + ITEM_WORK
    if (batcher) {
      const full = batcher.add({ index: item.index, text: text.value })
      if (!full.ok) return full
      for (const batch of full.value) children.push(childOf(state, batch))
    } else if (isOversize(text.value, payloadBytesMax)) return err(oversize(request))
    else children.push(childOf(state, { firstIndex: item.index, count: 1, input: text.value }))
  }
  return ok({ children, taken, work: spent })
}

/** The batch that was begun, if one was. */
export function lastChild(state: MapRunState): NewChild | undefined {
  const batch = state.inHand.batch?.flush()
  return batch && childOf(state, batch)
}

/** A child's input, or the run's output, that is larger than a payload may be. */
export const oversize = ({ mapState }: MapRunRequest): Failure =>
  failure(
    ErrorName.DataLimitExceeded,
    `The state/task '${mapState}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  )

/** A UTF-16 unit is at most three bytes of UTF-8, so short texts need no count. */
const isOversize = (text: string, bytesMax: number): boolean => text.length * 3 > bytesMax && utf8Length(text) > bytesMax

function batcherOf({ request: { batcher }, inHand }: MapRunState, payloadBytesMax: number): Batcher | undefined {
  if (!batcher || inHand.batch) return inHand.batch
  inHand.batch = new Batcher({
    payloadBytesMax,
    ...(batcher.maxItemsPerBatch !== undefined && { itemsMax: batcher.maxItemsPerBatch }),
    ...(batcher.maxInputBytesPerBatch !== undefined && { bytesMax: batcher.maxInputBytesPerBatch }),
    ...(batcher.batchInput !== undefined && { batchInput: batcher.batchInput }),
  })
  return inHand.batch
}

function childOf({ request, seed }: MapRunState, { firstIndex, count, input }: Batch): NewChild {
  const { stateMachineArn, label, executionType } = request
  const random = randomOfItem(seed, firstIndex, 'name')
  const name = leading(seed, firstIndex) + drawUuid(random).slice(8)
  const part = partArn(stateMachineArn, label)
  const arn = executionType === 'EXPRESS' ? expressChildArn(part, name, drawUuid(random)) : childArn(part, name)
  return { index: firstIndex, items: count, input, name, arn }
}

/**
 * The first digits of a child's name, which count up within a run: neighbours of the dataset are neighbours in the index of
 * ARNs, and a chunk of children is written into a few pages of it instead of one each.
 */
const leading = (seed: string, index: number): string => hex8((Number.parseInt(seed.slice(16, 24), 16) + index) >>> 0)
