/**
 * The one door of a Map Run: a signal in; events, new children and commands out. Pure and synchronous.
 *
 * 1. The reader is at most CHILDREN_AHEAD children before those that run.
 * 2. A run that breaks off starts nothing more, and asks its running children to abort until they have.
 * 3. It ends when no child runs and none is left to run; how, is told to the parent as often as somebody asks.
 * 4. A turn starts STARTED_AT_ONCE children and works `workMax` at most; `isUnfinished` says that a Continue goes on.
 * 5. A new child that asks nothing of the world runs as it is made, when it is the next one and may run: it is written once,
 *    with its end.
 */
import { assertNever } from '../../base/assert.ts'
import { ErrorName } from '../../base/error-names.ts'
import { type Failure, failure } from '../../base/failure.ts'
import type { Instant } from '../../base/time.ts'

import type { Item } from '../../items/item.ts'

import { applyChild, applyMapRun } from './apply.ts'
import { lastChild, makeChildren, type Making } from './children.ts'
import type { MapRunCommand, NewChild } from './command.ts'
import type { Beginning, ChildEvent, MapRunEnd, MapRunEvent } from './event.ts'
import type { MapRunSignal } from './signal.ts'
import { isBreakingOff, type MapRunState, waitingCount } from './state.ts'
import { concurrencyOf, isIntolerable } from './tolerance.ts'

const CHILDREN_AHEAD = 2_000
export const STARTED_AT_ONCE = 20
/** Children of so many items are made before any of them runs. */
const ITEMS_A_ROUND = 10

export interface MapRunStep {
  /** For the log, in one commit with the rows of `children`. */
  readonly events: readonly MapRunEvent[]
  readonly children: readonly NewChild[]
  /** Already told by the children's rows, or by those of `children`. */
  readonly childEvents: readonly ChildEvent[]
  readonly commands: readonly MapRunCommand[]
  readonly isUnfinished: boolean
  /** What making and running children has cost, in units of `expr/work.ts`. */
  readonly work: number
}

/** The first event of a run. */
export const beginMapRun = (at: Instant, beginning: Beginning): MapRunEvent => ({ type: 'Begun', at, ...beginning })

/** Opens a run that has ended once more, for its children that did not succeed. Nothing when it has had that redrive. */
export function redriveMapRun(state: MapRunState, at: Instant, redriveCount: number): readonly MapRunEvent[] {
  if (state.status === 'RUNNING' || state.redriveCount >= redriveCount) return []
  const event: MapRunEvent = { type: 'Redriven', at, redriveCount }
  applyMapRun(state, event)
  return [event]
}

/** Moves `state` on in place. */
export function stepMapRun(state: MapRunState, signal: MapRunSignal, making: Making): MapRunStep {
  const turn = new Turn(state, signal.at, making)
  turn.take(signal)
  return turn
}

class Turn implements MapRunStep {
  readonly events: MapRunEvent[] = []
  readonly children: NewChild[] = []
  readonly childEvents: ChildEvent[] = []
  readonly commands: MapRunCommand[] = []
  isUnfinished = false
  work = 0
  readonly #state: MapRunState
  readonly #at: Instant
  readonly #making: Making

  constructor(state: MapRunState, at: Instant, making: Making) {
    this.#state = state
    this.#at = at
    this.#making = making
  }

  take(signal: MapRunSignal): void {
    const state = this.#state
    const { inHand } = state
    const isOver = state.status !== 'RUNNING'
    switch (signal.type) {
      case 'Resume':
        this.#resume()
        break
      case 'Continue':
        break
      case 'ItemsRead':
        inHand.isReading = false
        inHand.unread = signal.items
        break
      case 'ReadingDone':
        inHand.isReading = false
        inHand.isAtEnd = true
        break
      case 'ReadFailed':
        inHand.isReading = false
        if (!isOver && !isBreakingOff(state)) this.#breakOff('reading', signal.failure)
        break
      case 'ChildEnded':
        this.#childEnded(signal.child, signal.end)
        break
      case 'LimitsChanged':
        if (isOver) return
        this.#tell({ type: 'LimitsChanged', at: this.#at, limits: { ...state.limits, ...signal.limits } })
        break
      case 'Stop':
        if (isOver || state.isStopped) return
        this.#tell({ type: 'Stopped', at: this.#at })
        this.#abort()
        break
      case 'AbortDue':
        if (isBreakingOff(state) && state.running.size > 0) this.commands.push({ type: 'AbortChildren' })
        return
      case 'ResultsWritten':
        inHand.isFinishing = false
        return this.#end(this.#endWith(signal.output), signal.items)
      case 'OutputsJoined':
        inHand.isFinishing = false
        return this.#end(this.#endWith(signal.output))
      case 'ResultsFailed':
        inHand.isFinishing = false
        return this.#end({ status: 'FAILED', failure: signal.failure })
      default:
        assertNever(signal, 'signal of a Map Run')
    }
    if (state.status === 'RUNNING') this.#goOn()
  }

  /** What a process before this one had in hand is in nobody's hands: its children are looked after once more. */
  #resume(): void {
    const { end, running } = this.#state
    if (end) this.commands.push({ type: 'TellParent', end })
    if (running.size === 0) return
    this.commands.push({ type: 'StartChildren', children: [...running.keys()] })
    if (isBreakingOff(this.#state)) this.commands.push({ type: 'AbortChildren' })
  }

  #goOn(): void {
    const state = this.#state
    this.#make()
    this.#judge()
    if (!isBreakingOff(state)) {
      this.#start()
      this.#read()
    }
    const isNothingLeft = isBreakingOff(state) || (state.isReadingDone && waitingCount(state) === 0)
    if (isNothingLeft && state.running.size === 0) this.#finish()
  }

  #judge(): void {
    const { broken, limits, failedItems, isReadingDone, itemsRead } = this.#state
    if (!broken && isIntolerable(limits, failedItems, isReadingDone ? itemsRead : undefined))
      this.#breakOff(
        'tolerance',
        failure(ErrorName.ExceedToleratedFailureThreshold, 'The specified tolerated failure threshold was exceeded'),
      )
  }

  /** Children from what was read. Where an item fails, its round makes none. */
  #make(): void {
    const state = this.#state
    const { inHand } = state
    if (isBreakingOff(state)) {
      inHand.unread = []
      return
    }
    this.#makeOf(inHand.unread)
    this.#tellMade()
    if (isBreakingOff(state)) return
    if (inHand.unread.length > 0) this.isUnfinished = true
    if (!inHand.isAtEnd || inHand.unread.length > 0 || state.isReadingDone) return
    const last = lastChild(state)
    if (last) this.#add([last])
    this.#tellMade()
    this.#tell({ type: 'ReadingDone', at: this.#at })
  }

  #makeOf(items: readonly Item[]): void {
    const { workMax } = this.#making
    let next = 0
    while (next < items.length && this.work < workMax && !isBreakingOff(this.#state)) {
      const round = items.slice(next, next + ITEMS_A_ROUND)
      const made = makeChildren(this.#state, round, this.#making, workMax - this.work)
      if (!made.ok) return this.#breakOff('reading', made.error)
      next += made.value.taken
      this.work += made.value.work
      this.#add(made.value.children)
    }
    this.#state.inHand.unread = items.slice(next)
  }

  #add(children: readonly NewChild[]): void {
    if (children.length === 0) return
    this.children.push(...children)
    this.#tellOfChildren({ type: 'ChildrenAdded', children: children.map(({ index, items }) => ({ child: index, items })) })
    for (const child of children) if (!this.#runAtOnce(child)) return
  }

  /** False: it is to be started, and those after it. */
  #runAtOnce(made: NewChild): boolean {
    const { limits, running, waiting, nextWaiting } = this.#state
    const { runAtOnce, workMax } = this.#making
    const next = waiting[nextWaiting]
    const mayRun = next?.child === made.index && running.size < concurrencyOf(limits) && !isBreakingOff(this.#state)
    const ran = mayRun && this.work < workMax ? runAtOnce?.(made) : undefined
    if (!next || !ran) return false
    this.work += ran.work
    this.#tellOfChildren({ type: 'ChildrenStarted', children: [next] })
    this.#childEnded(next.child, ran.end)
    this.#judge()
    return true
  }

  /** Of all that were made in this turn, once. */
  #tellMade(): void {
    const last = this.children.at(-1)
    const itemsRead = last ? last.index + last.items : 0
    if (itemsRead > this.#state.itemsRead) this.#tell({ type: 'ChildrenMade', at: this.#at, itemsRead })
  }

  #start(): void {
    const state = this.#state
    const room = Math.min(concurrencyOf(state.limits) - state.running.size, waitingCount(state))
    if (room <= 0) return
    const count = Math.min(room, STARTED_AT_ONCE)
    const children = state.waiting.slice(state.nextWaiting, state.nextWaiting + count)
    this.#tellOfChildren({ type: 'ChildrenStarted', children })
    this.commands.push({ type: 'StartChildren', children: children.map(({ child }) => child) })
    if (room > count) this.isUnfinished = true
  }

  #read(): void {
    const state = this.#state
    const { inHand } = state
    const isEnough = state.isReadingDone || inHand.isAtEnd || inHand.unread.length > 0 || waitingCount(state) >= CHILDREN_AHEAD
    if (isEnough || inHand.isReading) return
    inHand.isReading = true
    this.commands.push({ type: 'ReadItems', from: state.itemsRead + (inHand.batch?.size ?? 0) })
  }

  #childEnded(child: number, end: Extract<MapRunSignal, { type: 'ChildEnded' }>['end']): void {
    const items = this.#state.running.get(child)
    if (items !== undefined) this.#tellOfChildren({ type: 'ChildEnded', child, end, items })
  }

  #breakOff(by: 'reading' | 'tolerance', reason: Failure): void {
    this.#tellMade()
    this.#tell({ type: 'Broken', at: this.#at, by, failure: reason })
    this.#abort()
  }

  #abort(): void {
    this.commands.push({ type: 'StopReading' })
    if (this.#state.running.size > 0) this.commands.push({ type: 'AbortChildren' })
  }

  /** What failed reading, or has no results to export, ends at once when it breaks off. */
  #finish(): void {
    const { broken, isStopped, inHand } = this.#state
    if (inHand.isFinishing) return
    if (broken?.by === 'reading') return this.#end({ status: 'FAILED', failure: broken.failure })
    if (!this.#isExported && (broken || isStopped)) return this.#end(this.#endWith(''))
    inHand.isFinishing = true
    this.commands.push({ type: this.#isExported ? 'WriteResults' : 'JoinOutputs' })
  }

  get #isExported(): boolean {
    return this.#state.request.writer?.resource !== undefined
  }

  /** `output`: of a run that nobody stopped and that did not break. */
  #endWith(output: string): MapRunEnd {
    const { broken, isStopped } = this.#state
    if (isStopped) return { status: 'ABORTED' }
    return broken ? { status: 'FAILED', failure: broken.failure } : { status: 'SUCCEEDED', output }
  }

  #end(end: MapRunEnd, resultsWritten = this.#state.resultsWritten): void {
    if (this.#state.status !== 'RUNNING') return
    this.#tell({ type: 'Ended', at: this.#at, end, resultsWritten })
    this.commands.push({ type: 'TellParent', end })
  }

  #tell(event: MapRunEvent): void {
    this.events.push(event)
    applyMapRun(this.#state, event)
  }

  #tellOfChildren(event: ChildEvent): void {
    this.childEvents.push(event)
    applyChild(this.#state, event)
  }
}
