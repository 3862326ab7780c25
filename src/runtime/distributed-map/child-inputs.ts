/** From a Map Run's dataset to the inputs of its children: read or taken from state, selected, batched; in chunks. */
import { ErrorName } from '../../base/error-names.ts'
import { type Failure, failure } from '../../base/failure.ts'
import { isObject, type Json, utf8Length } from '../../base/json.ts'
import { seededRandom, drawUuid } from '../../base/random.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { Batcher } from '../../items/batch.ts'
import { fromState, type Item } from '../../items/item.ts'
import { readItems } from '../../items/read.ts'
import { parseItemReader, parseMaxItems } from '../../items/settings.ts'
import { CHARS_PER_UNIT, Work } from '../../expr/work.ts'
import type { Draws, EvaluationScope, FieldValue, Program } from '../../asl/program.ts'

import type { MapRunPorts, MapRunRequest } from './request.ts'

export interface ChildInput {
  readonly firstIndex: number
  /** Items in it. */
  readonly count: number
  /** JSON text. */
  readonly input: string
}

const CHUNK_ITEMS = 500
/** Work after which others have their turn, in units of `expr/work.ts`: some 10 ms. */
const WORK_AT_ONCE = 200_000
/** Making a child's input, whatever its selector does. */
const ITEM_WORK = 200

/** Chunks of children from item `skip` on; a failure is the last element. */
export async function* childInputs(
  request: MapRunRequest,
  program: Program,
  ports: MapRunPorts,
  skip: number,
  signal: AbortSignal,
): AsyncGenerator<Result<readonly ChildInput[], Failure>> {
  const map = program.states.get(request.mapState)
  const selector = map?.type === 'Map' ? map.itemSelector : undefined
  const { batcher } = request
  const batches =
    batcher &&
    new Batcher({
      payloadBytesMax: ports.payloadBytesMax,
      ...(batcher.maxItemsPerBatch !== undefined && { itemsMax: batcher.maxItemsPerBatch }),
      ...(batcher.maxInputBytesPerBatch !== undefined && { bytesMax: batcher.maxInputBytesPerBatch }),
      ...(batcher.batchInput !== undefined && { batchInput: batcher.batchInput }),
    })
  const draws = drawsAt(ports.clock.now(), ports.entropy.seed())
  // Each item's selector has a state's share of work.
  const work = new Work()
  let unbroken = 0
  for await (const chunk of items(request, ports, skip, signal)) {
    if (!chunk.ok) return yield chunk
    const children: ChildInput[] = []
    for (const item of chunk.value) {
      const text = selector ? select(selector, request, item, draws, work) : ok(JSON.stringify(item.value))
      if (!text.ok) return yield text
      unbroken += work.refill() + text.value.length / CHARS_PER_UNIT + ITEM_WORK
      if (unbroken >= WORK_AT_ONCE) {
        unbroken = 0
        await ports.breathe()
      }
      if (!batches) {
        if (isOversize(text.value, ports.payloadBytesMax)) return yield err(oversize(request))
        children.push({ firstIndex: item.index, count: 1, input: text.value })
        continue
      }
      const done = batches.add({ index: item.index, text: text.value })
      if (!done.ok) return yield done
      children.push(...done.value)
    }
    if (children.length > 0) yield ok(children)
  }
  const last = batches?.flush()
  if (last) yield ok([last])
}

async function* items(
  request: MapRunRequest,
  ports: MapRunPorts,
  skip: number,
  signal: AbortSignal,
): AsyncGenerator<Result<readonly Item[], Failure>> {
  const { reader } = request
  if (!reader) {
    const all = fromState(request.items ?? null) ?? []
    for (let i = skip; i < all.length; i += CHUNK_ITEMS) yield ok(all.slice(i, i + CHUNK_ITEMS))
    return
  }
  const maxItems = parseMaxItems(reader.maxItems)
  if (!maxItems.ok) return yield maxItems
  const { parameters, config } = reader
  const settings = parseItemReader(reader.resource, isObject(parameters) ? parameters : {}, {
    ...(isObject(config) ? config : {}),
    ...(reader.maxItems !== undefined && { MaxItems: reader.maxItems }),
  })
  if (!settings.ok) return yield settings
  for (let from = skip; ; ) {
    const begun = from
    let failed: Result<never, Failure> | undefined
    for await (const chunk of readItems(settings.value, ports.source, { skip: begun, chunkItems: CHUNK_ITEMS, signal })) {
      if (chunk.ok) {
        from = (chunk.value.at(-1)?.index ?? from - 1) + 1
        yield chunk
      } else failed = chunk
    }
    if (!failed) return
    // A connection that idles while the children are busy is closed by the other side: read on from here. What is wrong
    // with the dataset itself shows again at the same place.
    if (from === begun || signal.aborted) return yield failed
  }
}

/** A UTF-16 unit is at most three bytes of UTF-8, so short texts need no count. */
const isOversize = (text: string, bytesMax: number): boolean => text.length * 3 > bytesMax && utf8Length(text) > bytesMax

/** A child's input, or the run's output, that is larger than a payload may be. */
export const oversize = ({ mapState }: MapRunRequest): Failure =>
  failure(
    ErrorName.DataLimitExceeded,
    `The state/task '${mapState}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  )

function drawsAt(now: number, seed: string): Draws {
  const random = seededRandom(seed)
  return { uuid: () => drawUuid(random), next: () => random.next(), now }
}

function select(selector: FieldValue, request: MapRunRequest, item: Item, draws: Draws, work: Work): Result<string, Failure> {
  const { index, value, key, source } = item
  const shown: Record<string, Json> = { Index: index, Value: value, Source: source, ...(key !== undefined && { Key: key }) }
  const context = { ...(isObject(request.context) ? request.context : {}), Map: { Item: shown } }
  const scope: EvaluationScope = {
    input: request.input,
    context: () => context,
    states: () => ({ input: request.input, context }),
    variable: (name) => (Object.hasOwn(request.variables, name) ? request.variables[name] : undefined),
    draws,
    work,
  }
  const selected = selector.evaluate(scope)
  return selected.ok ? ok(JSON.stringify(selected.value)) : err(failure(selected.error.error, selected.error.cause))
}
