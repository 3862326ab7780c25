/**
 * Map, distributed: each item or batch is an execution of its own, and the Map Run that drives them stands outside. The
 * state works out what the run needs, asks for it, and waits for its end. Texts as recorded (conformance: scenarios/map).
 */
import { type MapRunArn, mapRunArn } from '../../base/arn.ts'
import { ErrorName } from '../../base/error-names.ts'
import { isArray, isObject, type Json } from '../../base/json.ts'
import { numberOf } from '../../base/numeral.ts'
import { Payload } from '../../base/payload.ts'
import { err, ok } from '../../base/result.ts'

import type { DistributedMap, FieldValue, MapState } from '../../asl/program.ts'

import type { MapRunStart } from '../command.ts'
import { contextObject } from '../context-object.ts'
import { effectiveInput, exitWithResult } from '../data-flow.ts'
import { exitState, failEvaluation } from '../fail.ts'
import { printProblem } from '../leave.ts'
import { visibleVariables } from '../scope.ts'
import type { ActiveState } from '../state.ts'
import type { Outcome, Visit } from '../visit.ts'
import { evaluateConcurrency, evaluateCount, evaluateItems, notAnArray, quoted } from './map-fields.ts'

/** What a Map Run's fields are worked out from. */
interface Dataset {
  readonly map: DistributedMap
  readonly input: Json
  /** Undefined where an ItemReader reads them. */
  readonly items: Json | undefined
  readonly maxConcurrency: number
}

export function enterDistributedMap(
  visit: Visit<MapState>,
  map: DistributedMap,
  effective: Payload,
  maxConcurrency: number,
): void {
  const { turn, active } = visit
  const items = map.itemReader ? ok(undefined) : stateItems(visit, effective)
  if (!items.ok) return failEvaluation(visit, items.error)
  const dataset = { map, input: effective.exact, items: items.value, maxConcurrency }
  if (active.mapRun) return redriveMapRun(visit, dataset, active.mapRun)
  visit.emit({ type: 'MapStateStarted', length: countOf(items.value) })
  const arn = mapRunArn(turn.state.identity.stateMachineArn, map.label, turn.uuid())
  const start = mapRunStart(visit, dataset, arn)
  if (!start.ok) return failEvaluation(visit, start.error)
  visit.emit({ type: 'MapRunStarted', mapRunArn: arn })
  if (!turn.isOver) turn.commands.push({ type: 'StartMapRun', ...start.value })
}

type MapRunOfState = NonNullable<ActiveState['mapRun']>

function redriveMapRun(visit: Visit<MapState>, dataset: Dataset, run: MapRunOfState): void {
  const { turn } = visit
  const start = mapRunStart(visit, dataset, run.arn)
  if (!start.ok) return failEvaluation(visit, start.error)
  const redriveCount = run.redriveCount + 1
  visit.emit({ type: 'MapRunRedriven', mapRunArn: run.arn, redriveCount })
  if (!turn.isOver) turn.commands.push({ type: 'RedriveMapRun', redriveCount, ...start.value })
}

/** The run that a restart finds asked for, worked out again from the same state. */
export function restartMapRun(visit: Visit<MapState>, map: DistributedMap, run: MapRunOfState): void {
  const effective = effectiveInput(visit)
  if (!effective.ok) return failEvaluation(visit, effective.error)
  const input = effective.value.exact
  const concurrency = evaluateConcurrency(visit, input)
  const items = map.itemReader ? ok(undefined) : stateItems(visit, effective.value)
  if (!concurrency.ok) return failEvaluation(visit, concurrency.error)
  if (!items.ok) return failEvaluation(visit, items.error)
  const start = mapRunStart(visit, { map, input, items: items.value, maxConcurrency: concurrency.value }, run.arn)
  if (!start.ok) return failEvaluation(visit, start.error)
  const { redriveCount } = run
  visit.turn.commands.push(
    redriveCount > 0 ? { type: 'RedriveMapRun', redriveCount, ...start.value } : { type: 'StartMapRun', ...start.value },
  )
}

export function mapRunSucceeded(visit: Visit<MapState>, output: Payload): void {
  // AWS chains the Exited event past both of these, to the start of the run (recorded: scenarios, distributed maps).
  const started = visit.frame.previousEventId
  visit.emit({ type: 'MapRunSucceeded' })
  visit.emit({ type: 'MapStateSucceeded' })
  exitState(visit, exitWithResult(visit, output), visit.state.next, started)
}

function countOf(items: Json | undefined): number {
  if (isArray(items)) return items.length
  return isObject(items) ? Object.keys(items).length : 0
}

/** The dataset in the state's own data: an array, or an object whose members are the items. */
export function stateItems(visit: Visit<MapState>, effective: Payload): Outcome<Json> {
  const items = evaluateItems(visit, effective)
  return !items.ok || isArray(items.value) || isObject(items.value) ? items : notAnArray(visit, items.value)
}

function mapRunStart(visit: Visit<MapState>, dataset: Dataset, arn: MapRunArn): Outcome<MapRunStart> {
  const { turn, frame, state } = visit
  const { map, input, items, maxConcurrency } = dataset
  const scope = visit.scope({ input })
  const value = (field: FieldValue | undefined): Outcome<Json | undefined> => (field ? field.evaluate(scope) : ok(undefined))
  const count = (field: FieldValue | undefined) => (field ? evaluateCount(visit, field, input) : ok(undefined))

  const toleratedCount = evaluateCount(visit, map.toleratedFailureCount, input)
  if (!toleratedCount.ok) return toleratedCount
  if (toleratedCount.value < 0) return runtime('ToleratedFailureCount cannot be negative.')
  const percentage = evaluatePercentage(visit, map.toleratedFailurePercentage, input)
  if (!percentage.ok) return percentage

  const { itemReader, itemBatcher, resultWriter } = map
  const readerParameters = value(itemReader?.parameters)
  if (!readerParameters.ok) return readerParameters
  const maxItems = count(itemReader?.maxItems)
  if (!maxItems.ok) return maxItems
  const pointer = value(itemReader?.itemsPointer)
  if (!pointer.ok) return pointer
  const batchInput = value(itemBatcher?.batchInput)
  if (!batchInput.ok) return batchInput
  const itemsPerBatch = count(itemBatcher?.maxItemsPerBatch)
  if (!itemsPerBatch.ok) return itemsPerBatch
  const bytesPerBatch = count(itemBatcher?.maxInputBytesPerBatch)
  if (!bytesPerBatch.ok) return bytesPerBatch
  const writerParameters = value(resultWriter?.parameters)
  if (!writerParameters.ok) return writerParameters

  const config = itemReader && isObject(itemReader.config) ? itemReader.config : {}
  // What a run was started with is kept as text.
  for (const made of [items, readerParameters.value, batchInput.value, writerParameters.value]) {
    const problem = made === undefined ? undefined : printProblem(state.name, Payload.ofValue(made))
    if (problem) return err({ error: ErrorName.DataLimitExceeded, cause: problem.cause ?? '' })
  }
  return ok({
    mapRunArn: arn,
    frame: frame.id,
    mapState: state.name,
    label: map.label,
    executionType: map.executionType,
    input,
    context: contextObject(turn.state, frame),
    variables: visibleVariables(turn.state, frame),
    ...(items !== undefined && { items }),
    ...(itemReader && {
      reader: {
        resource: itemReader.resource,
        parameters: readerParameters.value ?? {},
        config: pointer.value === undefined ? config : { ...config, ItemsPointer: pointer.value },
        ...(maxItems.value !== undefined && { maxItems: maxItems.value }),
      },
    }),
    ...(itemBatcher && {
      batcher: {
        ...(batchInput.value !== undefined && { batchInput: batchInput.value }),
        ...(itemsPerBatch.value !== undefined && { maxItemsPerBatch: itemsPerBatch.value }),
        ...(bytesPerBatch.value !== undefined && { maxInputBytesPerBatch: bytesPerBatch.value }),
      },
    }),
    ...(resultWriter && {
      writer: {
        config: resultWriter.config,
        ...(resultWriter.resource !== undefined && { resource: resultWriter.resource }),
        ...(writerParameters.value !== undefined && { parameters: writerParameters.value }),
      },
    }),
    maxConcurrency,
    toleratedFailureCount: toleratedCount.value,
    toleratedFailurePercentage: percentage.value,
  })
}

export function evaluatePercentage(visit: Visit, field: FieldValue | undefined, input: Json): Outcome<number> {
  if (!field) return ok(0)
  const value = visit.evaluate(field, input)
  if (!value.ok) return value
  const percentage = numberOf(value.value)
  if (typeof percentage !== 'number')
    return runtime(`The ${field.field} field refers to value ${quoted(value.value)} which is not a valid float: ${field.text}`)
  return percentage < 0 || percentage > 100 ? runtime('ToleratedFailurePercentage must be between 0 and 100.') : ok(percentage)
}

const runtime = (cause: string): Outcome<never> => err({ error: ErrorName.Runtime, cause })
