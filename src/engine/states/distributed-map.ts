/**
 * Map, distributed: each item or batch is an execution of its own, and the Map Run that drives them stands outside. The
 * state works out what the run needs, asks for it, and waits for its end. Texts as recorded (conformance: scenarios/map).
 */
import { ErrorName } from '../../base/error-names.ts'
import { isArray, isObject, type Json } from '../../base/json.ts'
import { Payload } from '../../base/payload.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { showJson } from '../../expr/json-bounds.ts'
import type { DistributedMap, EvaluationFailure, FieldValue, MapState } from '../../asl/program.ts'

import { activeOf } from '../apply.ts'
import type { MapRunStart } from '../command.ts'
import { contextObject } from '../context-object.ts'
import { effectiveInput, exitWithResult } from '../data-flow.ts'
import { failEvaluation } from '../fail.ts'
import { leaveState, printProblem } from '../leave.ts'
import { scopeOf, visibleVariables } from '../scope.ts'
import type { ActiveState, Frame } from '../state.ts'
import type { Turn } from '../turn.ts'
import { evaluateCount, evaluateItems, notAnArray, quoted } from './map-fields.ts'

type Outcome<T> = Result<T, EvaluationFailure>

export function enterDistributedMap(
  turn: Turn,
  frame: Frame,
  state: MapState,
  map: DistributedMap,
  effective: Payload,
  maxConcurrency: number,
): void {
  const items = map.itemReader ? undefined : stateItems(turn, frame, state, effective)
  if (items && !items.ok) return failEvaluation(turn, frame, items.error)
  const known = activeOf(frame).mapRun
  if (known) return redriveMapRun(turn, frame, state, map, effective, maxConcurrency, known, items?.value)
  turn.emit(frame, { type: 'MapStateStarted', length: items ? countOf(items.value) : 0 })
  const { stateMachineArn } = turn.state.identity
  const mapRunArn = `${stateMachineArn.replace(':stateMachine:', ':mapRun:')}/${map.label}:${turn.uuid()}`
  const start = mapRunStart(turn, frame, state, map, effective, maxConcurrency, mapRunArn, items?.value)
  if (!start.ok) return failEvaluation(turn, frame, start.error)
  turn.emit(frame, { type: 'MapRunStarted', mapRunArn })
  if (!turn.isOver) turn.commands.push({ type: 'StartMapRun', ...start.value })
}

function redriveMapRun(
  turn: Turn,
  frame: Frame,
  state: MapState,
  map: DistributedMap,
  effective: Payload,
  maxConcurrency: number,
  run: NonNullable<ActiveState['mapRun']>,
  items: Json | undefined,
): void {
  const start = mapRunStart(turn, frame, state, map, effective, maxConcurrency, run.arn, items)
  if (!start.ok) return failEvaluation(turn, frame, start.error)
  const redriveCount = run.redriveCount + 1
  turn.emit(frame, { type: 'MapRunRedriven', mapRunArn: run.arn, redriveCount })
  if (!turn.isOver) turn.commands.push({ type: 'RedriveMapRun', redriveCount, ...start.value })
}

/** The run that a restart finds asked for, worked out again from the same state. */
export function restartMapRun(
  turn: Turn,
  frame: Frame,
  state: MapState,
  map: DistributedMap,
  run: NonNullable<ActiveState['mapRun']>,
): void {
  const effective = effectiveInput(turn, frame, state, activeOf(frame).input)
  if (!effective.ok) return failEvaluation(turn, frame, effective.error)
  const concurrency = evaluateCount(turn, frame, state.maxConcurrency, effective.value.value, 0)
  const items = map.itemReader ? undefined : stateItems(turn, frame, state, effective.value)
  if (!concurrency.ok) return failEvaluation(turn, frame, concurrency.error)
  if (items && !items.ok) return failEvaluation(turn, frame, items.error)
  const start = mapRunStart(turn, frame, state, map, effective.value, concurrency.value, run.arn, items?.value)
  if (!start.ok) return failEvaluation(turn, frame, start.error)
  const { redriveCount } = run
  turn.commands.push(
    redriveCount > 0 ? { type: 'RedriveMapRun', redriveCount, ...start.value } : { type: 'StartMapRun', ...start.value },
  )
}

export function mapRunSucceeded(turn: Turn, frame: Frame, state: MapState, output: Payload): void {
  // AWS chains the Exited event past both of these, to the start of the run (recorded: scenarios, distributed maps).
  const started = frame.previousEventId
  turn.emit(frame, { type: 'MapRunSucceeded' })
  turn.emit(frame, { type: 'MapStateSucceeded' })
  const exit = exitWithResult(turn, frame, state, activeOf(frame).input, output)
  if (exit.ok) leaveState(turn, frame, exit.value, state.next, started)
  else failEvaluation(turn, frame, exit.error)
}

const countOf = (items: Json) => (isArray(items) ? items.length : isObject(items) ? Object.keys(items).length : 0)

/** The dataset in the state's own data: an array, or an object whose members are the items. */
export function stateItems(turn: Turn, frame: Frame, state: MapState, effective: Payload): Outcome<Json> {
  const items = evaluateItems(turn, frame, state, effective)
  if (!items.ok || isArray(items.value) || isObject(items.value)) return items
  return state.queryLanguage === 'JSONata'
    ? err({
        error: ErrorName.QueryEvaluationError,
        cause: `Map state input must be an array but was: ${showJson(items.value)}`,
      })
    : err({ error: ErrorName.Runtime, cause: notAnArray(state) })
}

function mapRunStart(
  turn: Turn,
  frame: Frame,
  state: MapState,
  map: DistributedMap,
  effective: Payload,
  maxConcurrency: number,
  mapRunArn: string,
  items: Json | undefined,
): Outcome<MapRunStart> {
  const input = effective.value
  const scope = scopeOf(turn, frame, { input })
  const value = (field: FieldValue | undefined): Outcome<Json | undefined> => (field ? field.evaluate(scope) : ok(undefined))
  const count = (field: FieldValue | undefined) => (field ? evaluateCount(turn, frame, field, input, 0) : ok(undefined))

  const toleratedCount = evaluateCount(turn, frame, map.toleratedFailureCount, input, 0)
  if (!toleratedCount.ok) return toleratedCount
  if (toleratedCount.value < 0) return runtime('ToleratedFailureCount cannot be negative.')
  const percentage = evaluatePercentage(turn, frame, map.toleratedFailurePercentage, input)
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
    mapRunArn,
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

export function evaluatePercentage(turn: Turn, frame: Frame, field: FieldValue | undefined, input: Json): Outcome<number> {
  if (!field) return ok(0)
  const value = field.evaluate(scopeOf(turn, frame, { input }))
  if (!value.ok) return value
  if (typeof value.value !== 'number')
    return runtime(`The ${field.field} field refers to value ${quoted(value.value)} which is not a valid float: ${field.text}`)
  return value.value < 0 || value.value > 100 ? runtime('ToleratedFailurePercentage must be between 0 and 100.') : ok(value.value)
}

const runtime = (cause: string): Outcome<never> => err({ error: ErrorName.Runtime, cause })
