/** Map, inline: one iteration an item, at most so many at a time, inside the execution's own history. */
import { ErrorName } from '../../base/error-names.ts'
import { isArray, type Json } from '../../base/json.ts'
import { Payload } from '../../base/payload.ts'
import { err, ok, type Result } from '../../base/result.ts'

import { showJson } from '../../expr/json-bounds.ts'
import type { EvaluationFailure, MapState } from '../../asl/program.ts'

import { activeOf } from '../apply.ts'
import { effectiveInput, exitWithResult } from '../data-flow.ts'
import { failEvaluation } from '../fail.ts'
import { leaveState, printProblem } from '../leave.ts'
import { scopeOf } from '../scope.ts'
import type { Fork, Frame } from '../state.ts'
import type { Turn } from '../turn.ts'
import { enterDistributedMap } from './distributed-map.ts'
import { evaluateCount, evaluateItems, notAnArray } from './map-fields.ts'
import { joinOutputs } from './parallel.ts'

export function enterMap(turn: Turn, frame: Frame, state: MapState): void {
  const effective = effectiveInput(turn, frame, state, activeOf(frame).input)
  if (!effective.ok) return failEvaluation(turn, frame, effective.error)
  const concurrency = evaluateCount(turn, frame, state.maxConcurrency, effective.value.value, 0)
  if (!concurrency.ok) return failEvaluation(turn, frame, concurrency.error)
  if (state.distributed) return enterDistributedMap(turn, frame, state, state.distributed, effective.value, concurrency.value)
  const items = mapItems(turn, frame, state, effective.value)
  if (!items.ok) return failEvaluation(turn, frame, items.error)
  const max = Math.min(concurrency.value === 0 ? Number.MAX_SAFE_INTEGER : concurrency.value, turn.limits.inlineConcurrencyMax)
  const kept = Payload.ofValue(items.value)
  const problem = printProblem(state.name, kept)
  if (problem) return turn.failExecution(frame, problem)
  turn.count(kept)
  turn.emit(frame, { type: 'MapStateStarted', length: items.value.length })
  turn.note(frame, { type: 'MapItems', items: kept, maxConcurrency: Math.min(max, Number.MAX_SAFE_INTEGER) })
  turn.childEnded(frame)
}

/** Opens iterations as far as concurrency goes, or ends the state when all are done. */
export function joinMap(turn: Turn, frame: Frame, state: MapState, fork: Fork): void {
  while (!turn.isOver && fork.running.size < fork.maxConcurrency && fork.nextIndex < fork.total) {
    if (turn.isFull) return turn.childEnded(frame)
    turn.beginWork()
    if (!openIteration(turn, frame, state, fork)) return
  }
  if (turn.isOver || fork.finished < fork.total) return
  turn.emit(frame, { type: 'MapStateSucceeded' })
  const outputs = joinOutputs(state.name, fork)
  if (!outputs.ok) return turn.failExecution(frame, outputs.error)
  const exit = exitWithResult(turn, frame, state, activeOf(frame).input, outputs.value)
  if (exit.ok) leaveState(turn, frame, exit.value, state.next)
  else failEvaluation(turn, frame, exit.error)
}

function openIteration(turn: Turn, frame: Frame, state: MapState, fork: Fork): boolean {
  const index = fork.nextIndex
  const value = fork.items?.[index] ?? null
  const input = iterationInput(turn, frame, state, index, value)
  if (!input.ok) {
    failEvaluation(turn, frame, input.error)
    return false
  }
  const problem = printProblem(state.name, input.value)
  if (problem) {
    turn.failExecution(frame, problem)
    return false
  }
  turn.count(input.value)
  const child = turn.state.nextFrame
  turn.note(
    frame,
    { type: 'FrameOpened', child, index, startAt: state.processor.startAt, input: input.value },
    fork.previousEventId,
  )
  const opened = turn.state.frames.get(child)
  if (opened) turn.emit(opened, { type: 'MapIterationStarted', name: state.name, index })
  turn.ready.push(child)
  return true
}

function iterationInput(
  turn: Turn,
  frame: Frame,
  state: MapState,
  index: number,
  value: Json,
): Result<Payload, EvaluationFailure> {
  if (!state.itemSelector) return ok(Payload.ofValue(value))
  const effective = effectiveInput(turn, frame, state, activeOf(frame).input)
  if (!effective.ok) return effective
  const context = { Map: { Item: { Index: index, Value: value } } }
  const selected = state.itemSelector.evaluate(scopeOf(turn, frame, { input: effective.value.value, context }))
  return selected.ok ? ok(Payload.ofValue(selected.value)) : selected
}

export function mapItems(
  turn: Turn,
  frame: Frame,
  state: MapState,
  effective: Payload,
): Result<readonly Json[], EvaluationFailure> {
  const items = evaluateItems(turn, frame, state, effective)
  if (!items.ok) return items
  if (isArray(items.value)) return ok(items.value)
  if (state.queryLanguage === 'JSONata') {
    return err({
      error: ErrorName.QueryEvaluationError,
      cause: `Map state input must be an array but was: ${showJson(items.value)}`,
    })
  }
  return err({ error: ErrorName.Runtime, cause: notAnArray(state) })
}
