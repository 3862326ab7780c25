/**
 * What has to be true after a bad hour, whatever happened in it. Pure: everything that callers were told and that was seen
 * afterwards comes in; what does not hold comes out.
 *
 * 1. Every acknowledged start ends, as the plan says: status, output, error and cause.
 * 2. Every acknowledged token answer, stop and redrive took effect.
 * 3. Event ids of a history, and places in a log, are unique and without gaps.
 * 4. Each effect of a task is there. It is there once, unless a fault that can cost a node its life came between.
 * 5. No effect is there that was not planned.
 * 6. A shard has one holder an epoch, and epochs only rise.
 * 7. Timers fire in time; where a node died, after the time of a lease.
 * 8. On a quiet day, and while nodes are restarted in order, no call fails that the SDK does not make again by itself.
 */
import { isDeepStrictEqual } from 'node:util'

import type { Json } from '../../src/base/json.ts'

import type { GivenUp } from './load/client.ts'
import type { Followed, TokenAnswer } from './load/load.ts'
import type { TaskCall } from './load/task-service.ts'

export interface HistoryEvent {
  readonly id: number
  readonly previousId: number
  readonly type: string
  readonly at: number
  /** All that it tells, as JSON text. */
  readonly text: string
}

export interface ObservedExecution extends Followed {
  /** Undefined: the service does not know it. */
  readonly described?: {
    readonly status: string
    readonly output?: string
    readonly error?: string
    readonly cause?: string
    readonly redriveCount: number
  }
  readonly history: readonly HistoryEvent[]
}

/** A turn in the log of an execution or of a Map Run. */
export interface LogRow {
  readonly of: string
  /** Place of its first event, from 0. */
  readonly sequence: number
  readonly events: number
}

/** Who held a shard at a moment, where it had changed. */
export interface LeaseSeen {
  readonly at: number
  readonly shard: number
  readonly holder: string
  readonly epoch: number
}

/** A fault, from its beginning until everything was well again. Milliseconds since 1970. */
export interface FaultWindow {
  readonly what: string
  readonly from: number
  readonly to: number
  /** From then on nodes that live can serve: at once where only a node is gone. */
  readonly servedFrom: number
  /** A node can have lost what it held: what it did for the second time is no fault of its own. */
  readonly costsLeases: boolean
  /** Callers notice nothing of it. */
  readonly isHidden: boolean
}

/** What does nothing, and how late it was done: other processes had the machine, or its disk. */
export interface Waited {
  readonly due: number
  readonly lateMs: number
}

export interface Observed {
  readonly leaseMs: number
  readonly executions: readonly ObservedExecution[]
  readonly calls: readonly TaskCall[]
  readonly answers: readonly TokenAnswer[]
  readonly complaints: readonly string[]
  readonly givenUp: readonly GivenUp[]
  readonly windows: readonly FaultWindow[]
  readonly log: readonly LogRow[]
  readonly leases: readonly LeaseSeen[]
  /** Timers that did nothing. */
  readonly timers: readonly Waited[]
  /** Writes that did nothing, until they were durable. */
  readonly writes: readonly Waited[]
}

export interface Verdict {
  readonly violations: readonly string[]
  readonly figures: Figures
}

export interface Figures {
  readonly ended: number
  readonly effects: number
  /** Effects that are there more than once, each of them explained by a fault. */
  readonly doubled: number
  readonly timersInQuiet: number
  /** How late they fired, in milliseconds. */
  readonly timerP50Ms: number
  readonly timerP99Ms: number
  readonly timerMaxMs: number
  /** What is left where the lateness of the machine's own timers is taken off. */
  readonly timerOwnP99Ms: number
  /** The latest that fired during a fault, counted from when it could have. */
  readonly timerAfterFaultMaxMs: number
  readonly turns: number
}

/** A result is durable so long after its call was answered, on a busy machine. */
const COMMIT_MS = 2_000
/**
 * Besides what timers and writes that do nothing are late at that moment: nodes cannot be faster than what they stand on, and what
 * is judged is what they add to it. A hundred are promised; a dozen servers on two cores are given more.
 */
const TIMER_MS = 250
/** A node wakes, the database answers, the node goes on: each waits for the machine as long as a timer that does nothing. */
const WAITS_FOR_MACHINE = 3
/** Of a node, what was due before is durable before what is due is looked for; of an execution, the turn before is. */
const WAITS_FOR_WRITES = 2
/** Past the lease: who has died is noticed, and its shards are taken and read. */
export const TAKE_OVER_MS = 5_000
/** The machine is not at rest at once when everything is ready again. */
const SETTLE_MS = 2_000

export function check(observed: Observed): Verdict {
  const timers = checkTimers(observed)
  const effects = checkEffects(observed)
  return {
    violations: [
      ...observed.complaints,
      ...checkCalls(observed),
      ...observed.executions.flatMap(checkEnd),
      ...checkAnswers(observed),
      ...observed.executions.flatMap(checkHistory),
      ...checkLog(observed.log),
      ...checkLeases(observed.leases),
      ...effects.violations,
      ...timers.violations,
    ],
    figures: {
      ended: observed.executions.length,
      effects: observed.calls.length,
      turns: observed.log.length,
      ...effects.figures,
      ...timers.figures,
    },
  }
}

/** A call takes its time before it is given up. */
function checkCalls({ givenUp, windows }: Observed): string[] {
  const open = windows.filter(({ isHidden }) => !isHidden)
  return givenUp
    .filter(({ from, at }) => !open.some((window) => from <= window.to + SETTLE_MS && at >= window.from))
    .map(({ what, at, error }) => `a call failed past the SDK's retries at ${clock(at)} (${what}): ${error}`)
}

function checkEnd({ planned, told, described }: ObservedExecution): string[] {
  const { name, workflow, end, meddling } = planned
  const who = `${name} (${workflow})`
  if (told.startedAt === undefined) return [`the start of ${who} was never acknowledged`]
  if (described === undefined) return [`${who} was acknowledged and is not known`]
  const wrong: string[] = []
  if (described.status !== end.status) {
    const why = described.error === undefined ? '' : `: ${described.error}: ${described.cause}`
    wrong.push(`${who} is ${described.status}${why}, and not ${end.status}`)
  } else if (end.status === 'ABORTED') {
    if (described.error !== end.error || described.cause !== end.cause)
      wrong.push(`${who} was stopped with ${end.error}: ${end.cause}, and says ${described.error}: ${described.cause}`)
  } else if (!isDeepStrictEqual(parsed(described.output), end.output))
    wrong.push(`${who} has the output ${described.output}, and not ${JSON.stringify(end.output)}`)
  if (meddling !== undefined && told.meddledAt === undefined) wrong.push(`the ${meddling.kind} of ${who} was never acknowledged`)
  if (meddling?.kind === 'redrive' && described.redriveCount !== 1)
    wrong.push(`${who} was redriven once, and says ${described.redriveCount} times`)
  return wrong
}

function parsed(text: string | undefined): Json | undefined {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Of each mark that was acknowledged the history tells. */
function checkAnswers({ answers, executions }: Observed): string[] {
  const byName = new Map(executions.map((execution) => [execution.planned.name, execution]))
  return answers.flatMap(({ id, mark }) => {
    const execution = byName.get(nameOf(id))
    if (execution?.history.some(({ text }) => text.includes(mark))) return []
    return [`an answer for ${id} was acknowledged, and its history does not tell of it (${mark})`]
  })
}

/** Items and nested executions bear their execution's name before a slash. */
const nameOf = (id: string): string => id.split('/')[0] ?? id

function checkHistory({ planned: { name }, history }: ObservedExecution): string[] {
  for (const [index, { id, previousId }] of history.entries()) {
    if (id !== index + 1) return [`the history of ${name} has event ${id} in place ${index + 1}`]
    if (previousId >= id) return [`event ${id} of ${name} follows event ${previousId}`]
  }
  return []
}

function checkLog(log: readonly LogRow[]): string[] {
  const byOwner = Map.groupBy(log, (row) => row.of)
  return [...byOwner].flatMap(([owner, rows]) => {
    let place = 0
    for (const { sequence, events } of rows.toSorted((a, b) => a.sequence - b.sequence)) {
      if (sequence > place) return [`the log of ${owner} has a gap: after place ${place} comes ${sequence}`]
      if (sequence < place) return [`the log of ${owner} has place ${sequence} twice`]
      place += events
    }
    return []
  })
}

function checkLeases(leases: readonly LeaseSeen[]): string[] {
  return [...Map.groupBy(leases, ({ shard }) => shard)].flatMap(([shard, seen]) => {
    const wrong: string[] = []
    for (const [index, now] of seen.entries()) {
      const before = seen[index - 1]
      if (before === undefined) continue
      if (now.epoch < before.epoch) wrong.push(`the epoch of shard ${shard} fell from ${before.epoch} to ${now.epoch}`)
      if (now.epoch === before.epoch && now.holder !== before.holder)
        wrong.push(`in epoch ${now.epoch} shard ${shard} was held by ${before.holder} and by ${now.holder}`)
    }
    return wrong
  })
}

function checkEffects(observed: Observed) {
  const { executions, calls, windows } = observed
  const byEffect = Map.groupBy(calls, ({ effect }) => effect)
  const violations: string[] = []
  const planned = new Set<string>()
  for (const { planned: execution, told } of executions) {
    for (const effect of execution.effects) {
      planned.add(effect)
      if (told.startedAt !== undefined && !byEffect.has(effect)) violations.push(`never done: ${effect}`)
    }
  }
  const byName = new Map(executions.map((execution) => [execution.planned.name, execution.planned]))
  let doubled = 0
  for (const [effect, made] of byEffect) {
    const { id = '' } = made[0] ?? {}
    // Of an activity any attempt may have been lost on its way to a worker.
    if (!planned.has(effect) && byName.get(nameOf(id))?.workflow !== 'activity')
      violations.push(`done, and not planned: ${effect}`)
    if (made.length === 1) continue
    const unexplained = pairs(made).find((pair) => !windows.some((window) => explains(window, pair, observed)))
    if (unexplained === undefined) doubled++
    else violations.push(`done ${made.length} times with no fault in between: ${effect} ${told(unexplained)}`)
  }
  return { violations, figures: { doubled } }
}

const told = ([before, after]: readonly [TaskCall, TaskCall]): string =>
  `(by ${before.node} at ${clock(before.at)}, by ${after.node} at ${clock(after.at)})`

export const clock = (at: number): string => new Date(at).toISOString().slice(11, 23)

const pairs = <T>(values: readonly T[]): (readonly [T, T])[] =>
  values.slice(1).flatMap((value, index) => {
    const before = values[index]
    return before === undefined ? [] : [[before, value] as const]
  })

/** It was under way, or its result was not durable yet, when the fault came. */
function explains(
  { costsLeases, from, to }: FaultWindow,
  [before, after]: readonly [TaskCall, TaskCall],
  observed: Observed,
): boolean {
  return costsLeases && before.at <= to && durableBy(before.answeredAt ?? after.at, observed) >= from && after.at >= from
}

/**
 * When the result of a call is in the log that was answered then: where nothing could be written, when it could be again. A machine
 * that stands still for seconds and is then cut off by a fault has written nothing meanwhile: what does nothing was as late.
 */
function durableBy(answeredAt: number, { windows, timers, writes }: Observed): number {
  const away = windows.filter(({ from, servedFrom }) => answeredAt >= from - COMMIT_MS && answeredAt <= servedFrom)
  const from = Math.max(answeredAt, ...away.map(({ servedFrom }) => servedFrom))
  const by = from + COMMIT_MS
  return by + Math.max(mostLate(timers, from, by), mostLate(writes, from, by))
}

function checkTimers(observed: Observed) {
  const { executions, windows, leaseMs } = observed
  const violations: string[] = []
  const quiet: QuietTimer[] = []
  const nearOf = (at: number) => windows.filter(({ from, to }) => at >= from - COMMIT_MS && at <= to + SETTLE_MS)
  let afterFaultMax = 0
  for (const { name, due, fired } of executions.flatMap(timersOf)) {
    const near = nearOf(due)
    if (near.length === 0) {
      quiet.push({ name, fired, late: fired - due, own: ownLate(observed, due, fired) })
      continue
    }
    const could = Math.max(due, ...near.map(({ servedFrom }) => servedFrom))
    const late = fired - could
    afterFaultMax = Math.max(afterFaultMax, late)
    const faults = near.map(({ what }) => what).join(', ')
    if (ownLate(observed, could, fired) > leaseMs + TAKE_OVER_MS)
      violations.push(`the timer of ${name} fired ${late} ms after it could have (${faults})`)
  }
  const lateBy = quiet.map(({ late }) => late)
  const ownBy = quiet.map(({ own }) => own)
  const p99 = quantile(ownBy, 0.99)
  const late = ownBy.filter((own) => own > TIMER_MS).length
  if (late > sparedOf(quiet.length))
    violations.push(`${late} of ${quiet.length} timers with no fault nearby fire more than ${TIMER_MS} ms late: ${latest(quiet)}`)
  const figures = {
    timersInQuiet: quiet.length,
    timerP50Ms: quantile(lateBy, 0.5),
    timerP99Ms: quantile(lateBy, 0.99),
    timerMaxMs: quantile(lateBy, 1),
    timerOwnP99Ms: p99,
    timerAfterFaultMaxMs: afterFaultMax,
  }
  return { violations, figures }
}

/**
 * Of a hundred timers the latest few say how the machine was for a moment, and are told, not judged: as many as five, and two of
 * less than forty, but never the half of them.
 */
const sparedOf = (timers: number): number =>
  Math.min(Math.max(2, Math.floor(timers / 20)), Math.floor(Math.max(0, timers - 1) / 2))

/** 0 of none. */
const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0

interface QuietTimer {
  readonly name: string
  readonly fired: number
  readonly late: number
  readonly own: number
}

const latest = (timers: readonly QuietTimer[]): string =>
  timers
    .toSorted((a, b) => b.own - a.own)
    .slice(0, 5)
    .map(({ name, fired, late, own }) => `${name} at ${clock(fired)} by ${late}, ${own} of it its own`)
    .join('; ')

/** How late something is by itself that could have been done at `from` and was at `to`. */
const ownLate = ({ timers, writes }: Observed, from: number, to: number): number =>
  Math.max(0, to - from - WAITS_FOR_MACHINE * mostLate(timers, from, to) - WAITS_FOR_WRITES * mostLate(writes, from, to))

/** The most among those that were due, or done, meanwhile; what was before is none of it. */
const mostLate = (waited: readonly Waited[], from: number, to: number): number =>
  waited.reduce((most, { due, lateMs }) => (due > to ? most : Math.max(most, Math.min(lateMs, due + lateMs - from))), 0)

/** What waits for `$.seconds`, and has waited. What an execution has due together fires in one turn, and is one: the first of it. */
function timersOf(execution: ObservedExecution) {
  const { name } = execution.planned
  const turns = Map.groupBy(waitsOf(execution), ({ fired }) => fired)
  return [...turns].map(([fired, waits]) => ({ name, fired, due: Math.min(...waits.map(({ due }) => due)) }))
}

function* waitsOf({ planned: { workflow }, history }: ObservedExecution) {
  if (workflow !== 'timer' && workflow !== 'timers') return
  const byId = new Map(history.map((event) => [event.id, event]))
  for (const exited of history) {
    const entered = exited.type === 'WaitStateExited' ? byId.get(exited.previousId) : undefined
    if (!entered) continue
    const seconds = secondsIn(entered.text)
    if (seconds !== undefined) yield { due: entered.at + seconds * 1_000, fired: exited.at }
  }
}

function secondsIn(event: string): number | undefined {
  const { stateEnteredEventDetails: { input = '{}' } = {} } = JSON.parse(event)
  const { seconds } = JSON.parse(input)
  return typeof seconds === 'number' ? seconds : undefined
}
