/** ItemSelector of a Distributed Map: what a child gets of an item. Chance follows from the run's seed, item by item. */
import { failure, type Failure } from '../../base/failure.ts'
import { isObject, type Json } from '../../base/json.ts'
import { printInOrder } from '../../base/member-order.ts'
import { drawUuid, type RandomSource, randomOfWords, wordOf } from '../../base/random.ts'
import { err, ok, type Result } from '../../base/result.ts'
import type { Instant } from '../../base/time.ts'

import type { Item } from '../../items/item.ts'
import type { Work } from '../../expr/work.ts'
import type { Draws, EvaluationScope, FieldValue } from '../../asl/program.ts'

import type { MapRunState } from './state.ts'

/** The item as JSON text; a failure of the expression fails the run. */
export function selectItem(selector: FieldValue, state: MapRunState, item: Item, work: Work): Result<string, Failure> {
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
  let random: RandomSource | undefined
  const source = () => (random ??= randomOfItem(seed, index, 'selector'))
  return { uuid: () => drawUuid(source()), next: () => source().next(), now }
}

/** Each item has a source of its own for each use. */
export function randomOfItem(seed: string, index: number, use: 'name' | 'selector') {
  return randomOfWords(wordOf(seed, use === 'name' ? 0 : 1), wordOf(seed, 1), wordOf(seed, 2), wordOf(seed, 3) ^ index)
}
