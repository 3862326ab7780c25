/** From items to children: selected, batched, named. All chance is drawn from the run's seed and the item's index. */
import { ErrorName } from '../../base/error-names.ts'
import { type Failure, failure } from '../../base/failure.ts'
import { isObject, type Json, utf8Length } from '../../base/json.ts'
import { printInOrder } from '../../base/member-order.ts'
import { drawUuid, seededRandom } from '../../base/random.ts'
import { err, ok, type Result } from '../../base/result.ts'
import type { Instant } from '../../base/time.ts'

import { type Batch, Batcher } from '../../items/batch.ts'
import type { Item } from '../../items/item.ts'
import { CHARS_PER_UNIT, Work } from '../../expr/work.ts'
import type { Draws, EvaluationScope, FieldValue } from '../../asl/program.ts'

import type { NewChild } from './command.ts'
import type { MapRunRequest, MapRunState } from './state.ts'

/** Making a child's input, whatever its selector does, in units of `expr/work.ts`. */
const ITEM_WORK = 200

export interface Making {
  readonly itemSelector: FieldValue | undefined
  /** The largest input or output, in bytes. */
  readonly payloadBytesMax: number
  /** After so much work a turn takes no further item, in units of `expr/work.ts`. */
  readonly workMax: number
}

export interface Made {
  readonly children: readonly NewChild[]
  /** Items for another turn. */
  readonly rest: readonly Item[]
}

/** The children that `items` fill; a batch that is begun stays in hand. Each selector has a state's share of work. */
export function makeChildren(state: MapRunState, items: readonly Item[], making: Making): Result<Made, Failure> {
  const { request } = state
  const { itemSelector, payloadBytesMax } = making
  const batcher = batcherOf(state, payloadBytesMax)
  const children: NewChild[] = []
  const work = new Work()
  let spent = 0
  for (const [position, item] of items.entries()) {
    if (spent >= making.workMax) return ok({ children, rest: items.slice(position) })
    const text = itemSelector ? select(itemSelector, state, item, work) : ok(printInOrder(item.value))
    if (!text.ok) return text
    spent += work.refill() + text.value.length / CHARS_PER_UNIT + ITEM_WORK
    if (batcher) {
      const full = batcher.add({ index: item.index, text: text.value })
      if (!full.ok) return full
      for (const batch of full.value) children.push(childOf(state, batch))
    } else if (isOversize(text.value, payloadBytesMax)) return err(oversize(request))
    else children.push(childOf(state, { firstIndex: item.index, count: 1, input: text.value }))
  }
  return ok({ children, rest: [] })
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
  const random = randomOf(seed, firstIndex, 'name')
  const name = drawUuid(random)
  const machine = `${stateMachineArn}/${label}`
  const arn =
    executionType === 'EXPRESS'
      ? `${machine.replace(':stateMachine:', ':express:')}:${name}:${drawUuid(random)}`
      : `${machine.replace(':stateMachine:', ':execution:')}:${name}`
  return { index: firstIndex, items: count, input, name, arn }
}

function select(selector: FieldValue, state: MapRunState, item: Item, work: Work): Result<string, Failure> {
  const { request, seed, startAt, redriveAt = startAt } = state
  const { index, value, key, source } = item
  const shown: Record<string, Json> = { Index: index, Value: value, Source: source, ...(key !== undefined && { Key: key }) }
  const context = { ...(isObject(request.context) ? request.context : {}), Map: { Item: shown } }
  const scope: EvaluationScope = {
    input: request.input,
    context: () => context,
    states: () => ({ input: request.input, context }),
    variable: (name) => (Object.hasOwn(request.variables, name) ? request.variables[name] : undefined),
    draws: drawsOf(seed, index, redriveAt),
    work,
  }
  const selected = selector.evaluate(scope)
  return selected.ok ? ok(printInOrder(selected.value)) : err(failure(selected.error.error, selected.error.cause))
}

/** Few selectors draw anything: the source is made when one does. */
function drawsOf(seed: string, index: number, now: Instant): Draws {
  let random: ReturnType<typeof seededRandom> | undefined
  const source = () => (random ??= randomOf(seed, index, 'selector'))
  return { uuid: () => drawUuid(source()), next: () => source().next(), now }
}

/** Each item has a source of its own for each use. */
function randomOf(seed: string, index: number, use: 'name' | 'selector') {
  const word = (Number.parseInt(seed.slice(24, 32), 16) ^ index) >>> 0
  const first = use === 'name' ? seed.slice(0, 8) : seed.slice(8, 16)
  return seededRandom(first + seed.slice(8, 24) + word.toString(16).padStart(8, '0'))
}
