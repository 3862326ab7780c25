/** From a Map Run's dataset to the inputs of its children: read or taken from state, selected, batched; in chunks. */
import { type Failure, failure } from '../../base/failure.ts'
import { isObject, type Json } from '../../base/json.ts'
import { newSeed, seededRandom, drawUuid } from '../../base/random.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { Batcher } from '../../items/batch.ts'
import { fromState, type Item } from '../../items/item.ts'
import { readItems } from '../../items/read.ts'
import { parseItemReader, parseMaxItems } from '../../items/settings.ts'
import type { EvaluationScope, FieldValue, Program } from '../../asl/program.ts'

import type { MapRunPorts, MapRunRequest } from './map-runs.ts'

export interface ChildInput {
  readonly firstIndex: number
  /** Items in it. */
  readonly count: number
  /** JSON text. */
  readonly input: string
}

const CHUNK_ITEMS = 500

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
      ...(batcher.maxItemsPerBatch !== undefined && { itemsMax: batcher.maxItemsPerBatch }),
      ...(batcher.maxInputBytesPerBatch !== undefined && { bytesMax: batcher.maxInputBytesPerBatch }),
      ...(batcher.batchInput !== undefined && { batchInput: batcher.batchInput }),
    })
  for await (const chunk of items(request, ports, skip, signal)) {
    if (!chunk.ok) return yield chunk
    const children: ChildInput[] = []
    for (const item of chunk.value) {
      const text = selector ? select(selector, request, item) : ok(JSON.stringify(item.value))
      if (!text.ok) return yield text
      if (!batches) {
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
  yield* readItems(settings.value, ports.source, { skip, chunkItems: CHUNK_ITEMS, signal })
}

function select(selector: FieldValue, request: MapRunRequest, { index, value, key, source }: Item): Result<string, Failure> {
  const item: Record<string, Json> = { Index: index, Value: value, Source: source, ...(key !== undefined && { Key: key }) }
  const context = { ...(isObject(request.context) ? request.context : {}), Map: { Item: item } }
  const random = seededRandom(newSeed())
  const scope: EvaluationScope = {
    input: request.input,
    context: () => context,
    states: () => ({ input: request.input, context }),
    variable: (name) => (Object.hasOwn(request.variables, name) ? request.variables[name] : undefined),
    draws: { uuid: () => drawUuid(random), next: () => random.next(), now: 0 },
  }
  const selected = selector.evaluate(scope)
  return selected.ok ? ok(JSON.stringify(selected.value)) : err(failure(selected.error.error, selected.error.cause))
}
