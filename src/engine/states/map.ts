import { isArray, type Json } from '../../base/json.ts'
import { Payload } from '../../base/payload.ts'
import { ok } from '../../base/result.ts'
import type { MapState } from '../../asl/program.ts'

import { effectiveInput } from '../data-flow.ts'
import { failEvaluation } from '../fail.ts'
import { printProblem } from '../leave.ts'
import type { Fork } from '../state.ts'
import type { Outcome, Visit } from '../visit.ts'
import { enterDistributedMap } from './distributed-map.ts'
import { evaluateConcurrency, evaluateItems, notAnArray } from './map-fields.ts'
import { leaveJoined } from './parallel.ts'

export function enterMap(visit: Visit<MapState>): void {
  const { turn, frame, state } = visit
  const effective = effectiveInput(visit)
  if (!effective.ok) return failEvaluation(visit, effective.error)
  const concurrency = evaluateConcurrency(visit, effective.value.exact)
  if (!concurrency.ok) return failEvaluation(visit, concurrency.error)
  if (state.distributed) return enterDistributedMap(visit, state.distributed, effective.value, concurrency.value)
  const items = mapItems(visit, effective.value)
  if (!items.ok) return failEvaluation(visit, items.error)
  const max = Math.min(concurrency.value === 0 ? Number.MAX_SAFE_INTEGER : concurrency.value, turn.limits.inlineConcurrencyMax)
  const kept = Payload.ofValue(items.value)
  const problem = printProblem(state.name, kept)
  if (problem) return visit.failExecution(problem)
  turn.count(kept)
  visit.emit({ type: 'MapStateStarted', length: items.value.length })
  visit.note({ type: 'MapItems', items: kept, maxConcurrency: Math.min(max, Number.MAX_SAFE_INTEGER) })
  turn.childEnded(frame)
}

/** Opens iterations as far as concurrency goes, or ends the state when all are done. */
export function joinMap(visit: Visit<MapState>, fork: Fork): void {
  const { turn, frame } = visit
  while (!turn.isOver && fork.running.size < fork.maxConcurrency && fork.nextIndex < fork.total) {
    if (turn.isFull) return turn.childEnded(frame)
    turn.beginWork()
    if (!openIteration(visit, fork)) return
  }
  if (turn.isOver || fork.finished < fork.total) return
  visit.emit({ type: 'MapStateSucceeded' })
  leaveJoined(visit, fork)
}

function openIteration(visit: Visit<MapState>, fork: Fork): boolean {
  const { turn } = visit
  const { name, processor } = visit.state
  const index = fork.nextIndex
  const input = iterationInput(visit, index, fork.items?.[index] ?? null)
  if (!input.ok) {
    failEvaluation(visit, input.error)
    return false
  }
  const problem = printProblem(name, input.value)
  if (problem) {
    visit.failExecution(problem)
    return false
  }
  turn.count(input.value)
  const child = turn.state.nextFrame
  visit.note({ type: 'FrameOpened', child, index, startAt: processor.startAt, input: input.value }, fork.previousEventId)
  const opened = turn.state.frames.get(child)
  if (opened) turn.emit(opened, { type: 'MapIterationStarted', name, index })
  turn.ready.push(child)
  return true
}

function iterationInput(visit: Visit<MapState>, index: number, value: Json): Outcome<Payload> {
  const { itemSelector } = visit.state
  if (!itemSelector) return ok(Payload.ofValue(value))
  const effective = effectiveInput(visit)
  if (!effective.ok) return effective
  const context = { Map: { Item: { Index: index, Value: value } } }
  const selected = itemSelector.evaluate(visit.scope({ input: effective.value.exact, context }))
  return selected.ok ? ok(Payload.ofValue(selected.value)) : selected
}

export function mapItems(visit: Visit<MapState>, effective: Payload): Outcome<readonly Json[]> {
  const items = evaluateItems(visit, effective)
  if (!items.ok) return items
  if (isArray(items.value)) return ok(items.value)
  return notAnArray(visit, items.value)
}
