/** The only code that changes a Map Run: live after each turn, and in a fold over its log and its children's rows. */
import { assert, assertNever } from '../../base/assert.ts'

import type { Child, ChildEvent, MapRunEvent, RunBefore } from './event.ts'
import type { MapRunState } from './state.ts'

/** Waiting children that have been taken are dropped so many at a time. */
const TAKEN_MAX = 1_000

export function applyMapRun(state: MapRunState, event: MapRunEvent): void {
  state.sequence++
  switch (event.type) {
    case 'Begun':
      state.seed = event.seed
      if (event.before) bringOn(state, event.before)
      return
    case 'ChildrenMade':
      state.itemsRead = event.itemsRead
      return
    case 'ReadingDone':
      state.isReadingDone = true
      return
    case 'LimitsChanged':
      state.limits = event.limits
      return
    case 'Broken':
      state.broken = { by: event.by, failure: event.failure }
      return
    case 'Stopped':
      state.isStopped = true
      return
    case 'Ended':
      state.status = event.end.status
      state.end = event.end
      state.stopAt = event.at
      state.resultsWritten = event.resultsWritten
      return
    case 'Redriven':
      state.status = 'RUNNING'
      state.redriveCount = event.redriveCount
      state.redriveAt = event.at
      state.stopAt = undefined
      state.end = undefined
      state.broken = undefined
      state.isStopped = false
      return
    default:
      assertNever(event, 'event of a Map Run')
  }
}

export function applyChild(state: MapRunState, event: ChildEvent): void {
  switch (event.type) {
    case 'ChildrenAdded':
      state.waiting.push(...event.children)
      return
    case 'ChildrenStarted':
      for (const child of event.children) start(state, child)
      return
    case 'ChildEnded':
      assert(state.running.delete(event.child), `the child ${event.child} runs`)
      state.endedItems += event.items
      if (event.end === 'FAILED' || event.end === 'TIMED_OUT') state.failedItems += event.items
      return
    case 'ChildrenRecalled':
      state.waiting.length = 0
      for (const child of event.waiting) state.waiting.push(child)
      state.nextWaiting = 0
      state.running.clear()
      for (const { child, items } of event.running) state.running.set(child, items)
      state.endedItems = event.endedItems
      state.failedItems = event.failedItems
      return
    default:
      assertNever(event, 'event of a child')
  }
}

/** Moves `empty` on in place, over the whole log. */
export function foldMapRun(empty: MapRunState, log: readonly MapRunEvent[]): MapRunState {
  for (const event of log) applyMapRun(empty, event)
  return empty
}

function start(state: MapRunState, { child, items }: Child): void {
  assert(state.waiting[state.nextWaiting]?.child === child, `the child ${child} is the next one`)
  state.running.set(child, items)
  if (++state.nextWaiting < TAKEN_MAX) return
  state.waiting.splice(0, state.nextWaiting)
  state.nextWaiting = 0
}

function bringOn(state: MapRunState, before: RunBefore): void {
  const { limits, itemsRead, isReadingDone, resultsWritten, redriveCount, stopAt, end, isOver } = before
  Object.assign(state, { limits, itemsRead, isReadingDone, resultsWritten, redriveCount, stopAt })
  if (isOver && end) {
    state.status = end.status
    state.end = end
  } else state.isStopped = end?.status === 'ABORTED'
}
