/** Counts what a history, with those of the children of its Map Runs, has reached of a definition. */
import { isArray, isObject, getOwn } from '../../base/json.ts'
import { ErrorName } from '../../base/error-names.ts'

import type { Key } from '../../source/tree.ts'
import type { MapState } from '../../asl/program.ts'
import { detailsOf, type HistoryEvent } from '../../history/history-event.ts'
import { foldHistory, type Visit } from '../../history/visits.ts'
import { TestKitError } from '../kit-error.ts'

import { waysOfChoice } from './choice-taken.ts'
import { catchersTaken, errorInOutput, type GuardedState, retriersTaken } from './errors-taken.ts'
import { failuresOf, type VisitWithin } from './failures.ts'
import { jsonIn } from './known.ts'
import type { Model } from './model.ts'
import { Tally } from './tally.ts'

export type History = readonly HistoryEvent[]

/** `children`: undefined where nobody has them. Throws TestKitError where the history is of another definition. */
export function countHistory(model: Model, history: History, children: readonly History[] | undefined): Tally {
  const tally = new Tally()
  const own = visitsOf(model, history)
  const theirs = (children ?? []).map((child) => visitsOf(model, child))
  const all = [own, ...theirs].flat()
  for (const one of all) new Count(model, tally, one).count()
  for (const [name, visits] of Map.groupBy(all, ({ visit }) => visit.name)) {
    const { state } = visits[0] ?? {}
    if (state?.type !== 'Map') continue
    const counts = itemsOf(state, visits, children && theirs.map((within) => within[0]))
    for (const kinds of counts) tally.reached(kinds.flatMap((kind) => model.pointOf(name, 'Items', kind) ?? []))
  }
  return tally
}

interface Counted extends VisitWithin {
  readonly inside: Counted[]
  /** The visit that it led to. */
  next: Visit | undefined
}

function visitsOf({ program }: Model, history: History): readonly Counted[] {
  const started = history.find(({ type }) => type === 'ExecutionStarted')
  const counted = new Map<Visit, Counted>()
  for (const visit of foldHistory(history).visits) {
    const state = program.states.get(visit.name)
    if (!state)
      throw new TestKitError(
        `The history enters a state named '${visit.name}', which the definition does not have: it is of another definition, or of another revision.`,
      )
    const one: Counted = { visit, started, state, inside: [], next: undefined }
    counted.set(visit, one)
    if (visit.parent) counted.get(visit.parent)?.inside.push(one)
    const before = visit.previous && counted.get(visit.previous)
    if (before) before.next = visit
  }
  return [...counted.values()]
}

class Count {
  readonly #model: Model
  readonly #tally: Tally
  readonly #within: Counted

  constructor(model: Model, tally: Tally, within: Counted) {
    this.#model = model
    this.#tally = tally
    this.#within = within
  }

  count(): void {
    const { state, next } = this.#within
    this.#reached([[]])
    switch (state.type) {
      case 'Pass':
      case 'Wait':
        this.#goneOn(next)
        break
      case 'Choice':
        if (next)
          this.#reached(waysOfChoice(state, this.#within, next.name).map((way) => (way === 'Default' ? [way] : ['Choices', way])))
        break
      case 'Task':
      case 'Parallel':
      case 'Map':
        this.#guarded(state, next)
        break
      case 'Succeed':
      case 'Fail':
        break
    }
  }

  #goneOn(next: Visit | undefined): void {
    if (next) this.#reached([['Next']])
    else if (this.#within.visit.status === 'succeeded') this.#reached([['End']])
  }

  #guarded(state: GuardedState, next: Visit | undefined): void {
    const { visit } = this.#within
    const told = failuresOf(this.#within)
    const isCaught = next !== undefined && (visit.status === 'caught' || next.name !== state.next)
    const isSilent = isCaught && told.at(-1)?.isRetried !== false
    const failures = isSilent
      ? [...told, { error: errorInOutput(state.catch, visit, next.name), isRetried: false, redrive: visit.redrives }]
      : told
    for (const { what, retriers } of retriersTaken(state, failures, isCaught))
      this.#reached(retriers.map((retrier) => ['Retry', retrier, what]))
    for (const { error } of told) {
      if (error === ErrorName.Timeout) this.#reached([['TimeoutSeconds']])
      if (error === ErrorName.HeartbeatTimeout) this.#reached([['HeartbeatSeconds']])
    }
    if (isCaught)
      this.#reached(catchersTaken(state.catch, failures.at(-1)?.error, next.name).map((catcher) => ['Catch', catcher]))
    else if (visit.status === 'succeeded') this.#goneOn(next)
  }

  /** One of these places below the state. */
  #reached(places: readonly (readonly Key[])[]): void {
    const { name } = this.#within.visit
    this.#tally.reached(places.flatMap((keys) => this.#model.pointOf(name, ...keys) ?? []))
  }
}

const ITEMS = ['none', 'one', 'many'] as const
type Items = (typeof ITEMS)[number]

/** Any of them where the number is not known. */
function itemsFor(count: number | undefined): readonly Items[] {
  return count === undefined ? ITEMS : [count === 0 ? 'none' : count === 1 ? 'one' : 'many']
}

/** For each time a Map has begun: with how many items. `firsts` are the visits with which the children of Map Runs began. */
function itemsOf(
  { distributed, processor }: MapState,
  visits: readonly Counted[],
  firsts: readonly (Counted | undefined)[] | undefined,
): readonly (readonly Items[])[] {
  const beginnings = visits.flatMap(({ visit }) => visit.events.filter(({ type }) => type === 'MapStateStarted'))
  if (!distributed?.itemReader) return beginnings.map((event) => itemsFor(detailsOf(event).length))
  const runs = visits.flatMap(({ visit }) => visit.events.filter(({ type }) => type === 'MapRunStarted'))
  const children = firsts?.filter((first) => first && processor.stateNames.includes(first.visit.name))
  const isRead = visits.every(({ visit }) => visit.status === 'succeeded') || (children?.length ?? 0) > 0
  if (!isRead) return []
  // Which Map Run a child is of, and so how many items each had, is in no history.
  if (!children || (runs.length > 1 && children.length > 0)) return runs.map(() => ITEMS)
  const items = children.reduce((sum, child) => sum + (distributed.itemBatcher && child ? itemsInBatch(child) : 1), 0)
  return runs.map(() => itemsFor(items))
}

function itemsInBatch({ started }: Counted): number {
  const input = started && jsonIn(detailsOf(started).input)
  const items = isObject(input) ? getOwn(input, 'Items') : undefined
  return isArray(items) ? items.length : 1
}
