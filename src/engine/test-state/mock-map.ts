/** A Map whose iterations are mocked: its items, bounds and tolerance are worked out, then the mock takes their results' place. */
import { ErrorName } from '../../base/error-names.ts'
import { type Failure, failure } from '../../base/failure.ts'
import { isArray, isObject, type Json } from '../../base/json.ts'
import { printInOrder } from '../../base/member-order.ts'
import { Payload } from '../../base/payload.ts'
import { err, ok } from '../../base/result.ts'

import { Batcher } from '../../items/batch.ts'
import type { FieldValue, MapState } from '../../asl/program.ts'

import { effectiveInput, exitWithResult } from '../data-flow.ts'
import { exitState, failEvaluation, failState } from '../fail.ts'
import { evaluatePercentage, stateItems } from '../states/distributed-map.ts'
import { mapItems } from '../states/map.ts'
import { evaluateConcurrency, evaluateCount } from '../states/map-fields.ts'
import type { Outcome, Visit } from '../visit.ts'
import { type Mock, MockMismatch, type TestStateConfiguration } from './mock.ts'

/** The failure that the state came to, if it did by its mock or its tolerance. Throws MockMismatch. */
export function mockMap(visit: Visit<MapState>, mock: Mock, configuration: TestStateConfiguration): Failure | undefined {
  const prepared = prepare(visit, configuration)
  if (!prepared.ok) {
    // Where a Map is mocked, AWS tells this without the place before it.
    if (prepared.error.error === ErrorName.Runtime) {
      visit.failExecution(failure(prepared.error.error, prepared.error.cause))
    } else failEvaluation(visit, prepared.error)
    return undefined
  }
  const failed = 'failure' in mock ? mock.failure : intolerable(prepared.value, configuration.mapIterationFailureCount)
  if (failed) {
    failState(visit, failed)
    return failed
  }
  if ('failure' in mock) return undefined
  exitState(visit, exitWithResult(visit, mock.result), visit.state.next)
  return undefined
}

interface Prepared {
  readonly items: number
  readonly toleratedFailureCount: number | undefined
  readonly toleratedFailurePercentage: number | undefined
}

function prepare(visit: Visit<MapState>, configuration: TestStateConfiguration): Outcome<Prepared> {
  const inspection = visit.turn.inspection ?? {}
  const effective = effectiveInput(visit)
  if (!effective.ok) return effective
  const items = itemsOf(visit, effective.value, configuration)
  if (!items.ok) return items
  const list = isArray(items.value) ? items.value : isObject(items.value) ? Object.entries(items.value) : []
  const input = effective.value.exact
  const selected = select(visit, input, list)
  if (!selected.ok) return selected
  const batched = batch(visit, input, selected.value)
  if (!batched.ok) return batched
  const concurrency = evaluateConcurrency(visit, input)
  if (!concurrency.ok) return concurrency
  inspection.maxConcurrency = concurrency.value
  const tolerance = toleranceOf(visit, input)
  if (!tolerance.ok) return tolerance
  Object.assign(inspection, tolerance.value)
  return ok({ items: list.length, toleratedFailureCount: undefined, toleratedFailurePercentage: undefined, ...tolerance.value })
}

/** What the reader would have read, else ItemsPath or Items. */
function itemsOf(visit: Visit<MapState>, effective: Payload, { mapItemReaderData }: TestStateConfiguration): Outcome<Json> {
  const { state } = visit
  const { inspection } = visit.turn
  // Without data of its own, the reader's are taken to stand in the input already.
  if (state.distributed?.itemReader && mapItemReaderData !== undefined) {
    const items = mapItemReaderData
    if (inspection && state.distributed.itemReader.itemsPointer) inspection.afterItemsPointer = Payload.ofValue(items)
    return ok(items)
  }
  const items = state.distributed ? stateItems(visit, effective) : mapItems(visit, effective)
  if (inspection && items.ok) inspection.afterItemsPath = state.items ? spaced(items.value) : effective
  return items
}

/** AWS prints the items with a space after each comma (recorded: test_state, state machine with state error). */
const spaced = (items: Json): Payload =>
  isArray(items) ? Payload.ofText(`[${items.map(printInOrder).join(', ')}]`) : Payload.ofValue(items)

function select(visit: Visit<MapState>, input: Json, items: readonly Json[]): Outcome<readonly Json[]> {
  const { turn } = visit
  const { itemSelector } = visit.state
  if (!itemSelector) return ok(items)
  const context = turn.givenContext
  const selected: Json[] = []
  for (const [index, value] of items.entries()) {
    turn.givenContext = { ...(isObject(context) && context), Map: { Item: { Index: index, Value: value } } }
    const item = visit.evaluate(itemSelector, input)
    turn.givenContext = context
    if (!item.ok) return item
    selected.push(item.value)
  }
  if (turn.inspection) turn.inspection.afterItemSelector = Payload.ofValue(selected)
  return ok(selected)
}

function batch(visit: Visit<MapState>, input: Json, items: readonly Json[]): Outcome<void> {
  const { turn } = visit
  const settings = visit.state.distributed?.itemBatcher
  if (!settings) return ok(undefined)
  const count = (field: FieldValue | undefined) => (field ? evaluateCount(visit, field, input) : ok(undefined))
  const itemsMax = count(settings.maxItemsPerBatch)
  if (!itemsMax.ok) return itemsMax
  const bytesMax = count(settings.maxInputBytesPerBatch)
  if (!bytesMax.ok) return bytesMax
  const batchInput = settings.batchInput && visit.evaluate(settings.batchInput, input)
  if (batchInput && !batchInput.ok) return batchInput
  const batcher = new Batcher({
    ...(itemsMax.value !== undefined && { itemsMax: itemsMax.value }),
    ...(bytesMax.value !== undefined && { bytesMax: bytesMax.value }),
    ...(batchInput && { batchInput: batchInput.value }),
  })
  const batches: string[] = []
  for (const [index, item] of items.entries()) {
    const done = batcher.add({ index, text: printInOrder(item) })
    if (!done.ok) return err({ error: done.error.error ?? ErrorName.Runtime, cause: done.error.cause ?? '' })
    batches.push(...done.value.map((one) => one.input))
  }
  const last = batcher.flush()
  if (last) batches.push(last.input)
  if (turn.inspection) turn.inspection.afterItemBatcher = Payload.ofText(`[${batches.join(',')}]`)
  return ok(undefined)
}

type Tolerance = Partial<Pick<Prepared, 'toleratedFailureCount' | 'toleratedFailurePercentage'>>

function toleranceOf(visit: Visit<MapState>, input: Json): Outcome<Tolerance> {
  const map = visit.state.distributed
  const count = map?.toleratedFailureCount && evaluateCount(visit, map.toleratedFailureCount, input)
  if (count && !count.ok) return count
  const percentage = map?.toleratedFailurePercentage && evaluatePercentage(visit, map.toleratedFailurePercentage, input)
  if (percentage && !percentage.ok) return percentage
  return ok({
    ...(count && { toleratedFailureCount: count.value }),
    ...(percentage && { toleratedFailurePercentage: percentage.value }),
  })
}

/** Without any tolerance written down, AWS lets mocked iterations fail. Throws MockMismatch. */
function intolerable(prepared: Prepared, failures: number | undefined): Failure | undefined {
  if (failures === undefined) return undefined
  const { items, toleratedFailureCount: count, toleratedFailurePercentage: percentage } = prepared
  if (failures > items)
    throw new MockMismatch('Map iteration failure count must be less than or equal to the number of Map iterations')
  const isOver = (count !== undefined && failures > count) || (percentage !== undefined && (failures * 100) / items > percentage)
  return isOver
    ? failure(ErrorName.ExceedToleratedFailureThreshold, 'The specified tolerated failure threshold was exceeded')
    : undefined
}
