/**
 * Alarms: what they are set to, which state they are in, and what follows from a change of it.
 * 1. A change of state, its history, what it sends and what it tells the event bus are one commit.
 * 2. Composite alarms follow in the same commit.
 * 3. Without a metric alarm nothing runs; with one it is looked at each minute, each ten seconds where its period is shorter.
 * Source: CloudWatch user guide, "Using Amazon CloudWatch alarms"; API reference, the actions' pages.
 */
import { Alarm } from '../../base/alarm.ts'
import type { Clock } from '../../base/clock.ts'
import { getOwn, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'
import { describeBug, type Log } from '../../base/log.ts'

import type { ServiceEvent } from '../../aws/service-events.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { textList } from '../kit/input.ts'

import type { AlarmActions } from './alarm-actions.ts'
import { type DataPoint, judge, rangeOf } from './alarm-evaluation.ts'
import { busEvent, type Change, javaTime } from './alarm-messages.ts'
import { alarmsIn, isTrue, parseAlarmRule, type State } from './alarm-rule.ts'
import { type Watched, watchedBy } from './alarm-settings.ts'
import type { AlarmRow, AlarmStore, Kind } from './alarm-store.ts'
import { runQueries } from './metric-queries.ts'
import { floorTo, type MetricStore } from './metric-store.ts'
import { merge, statisticNamed } from './statistics.ts'

export interface AlarmsDeps {
  readonly database: ServicesDatabase
  readonly clock: Clock
  readonly log: Log
  readonly region: string
  readonly account: string
  readonly store: AlarmStore
  readonly metrics: MetricStore
  readonly actions: AlarmActions
  readonly publishEvents: (events: readonly ServiceEvent[]) => void
}

interface Verdict {
  readonly state: State
  readonly reason: string
  readonly reasonData: string | null
}

const MINUTE_MS = 60_000
const TEN_SECONDS_MS = 10_000
const ACTIONS = { OK: 'OKActions', ALARM: 'AlarmActions', INSUFFICIENT_DATA: 'InsufficientDataActions' } as const

export class Alarms {
  readonly #deps: AlarmsDeps
  readonly #timer: Alarm
  /** Of a period below a minute. */
  #hasShort = false

  constructor(deps: AlarmsDeps) {
    this.#deps = deps
    const { clock, log } = deps
    this.#timer = new Alarm({ clock, log, complaint: 'alarms could not be evaluated', work: () => this.#evaluateAll() })
  }

  /** Watches what there is, and carries on with what was to be sent. */
  resume(): void {
    this.#watch()
    this.#deps.actions.pump()
  }

  close(): void {
    this.#timer.close()
    this.#deps.actions.close()
  }

  arnOf(name: string): string {
    return `arn:aws:cloudwatch:${this.#deps.region}:${this.#deps.account}:alarm:${name}`
  }

  /** A new one knows nothing yet; a known one keeps its state. `tags` are those of a new one. */
  put(kind: Kind, settings: JsonObject, tags: string): void {
    const { store, clock, database } = this.#deps
    const now = clock.now()
    const name = String(getOwn(settings, 'AlarmName'))
    database.transaction(() => {
      const known = store.find(name)
      const state = known ?? {
        tags,
        state: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        reasonData: null,
        stateMs: now,
        changedMs: now,
      }
      const alarm: AlarmRow = { ...state, name, kind, settings: JSON.stringify(settings), updatedMs: now }
      store.put(alarm)
      this.#noteConfiguration(alarm, known ? 'updated' : 'created')
      this.#followComposites()
    })
    this.#watch()
    this.#deps.actions.pump()
  }

  change(alarm: AlarmRow, change: Partial<Pick<AlarmRow, 'settings' | 'tags'>>): void {
    this.#deps.store.put({ ...alarm, ...change })
  }

  remove(alarms: readonly AlarmRow[]): void {
    this.#deps.database.transaction(() => {
      for (const alarm of alarms) {
        this.#deps.store.remove(alarm.name)
        this.#noteConfiguration(alarm, 'deleted')
      }
      this.#followComposites()
    })
    this.#watch()
    this.#deps.actions.pump()
  }

  /** Somebody says so; the next evaluation may say otherwise. */
  setState(alarm: AlarmRow, verdict: Verdict): void {
    this.#apply([{ alarm, verdict }])
  }

  #noteConfiguration(alarm: AlarmRow, what: 'created' | 'updated' | 'deleted'): void {
    const type = { created: 'Create', updated: 'Update', deleted: 'Delete' }[what]
    const data = { version: '1.0', type, [`${what}Alarm`]: objectOf(alarm.settings) }
    this.#deps.store.note(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" ${what}`, data)
  }

  // ---- evaluation ----

  #watch(): void {
    const watched = this.#deps.store.list().flatMap((alarm) => (alarm.kind === 'MetricAlarm' ? (watchedOf(alarm) ?? []) : []))
    this.#hasShort = watched.some(({ periodSeconds }) => periodSeconds < 60)
    this.#setTimer(watched.length > 0)
  }

  #setTimer(isNeeded: boolean): void {
    const step = this.#hasShort ? TEN_SECONDS_MS : MINUTE_MS
    this.#timer.setFor(isNeeded ? floorTo(this.#deps.clock.now(), step) + step : undefined)
  }

  #evaluateAll(): void {
    const now = this.#deps.clock.now()
    const isWholeMinute = now % MINUTE_MS < TEN_SECONDS_MS
    const alarms = this.#deps.store.list().filter(({ kind }) => kind === 'MetricAlarm')
    this.#apply(
      alarms.flatMap((alarm) => {
        const watched = watchedOf(alarm)
        if (!watched || (watched.periodSeconds >= 60 && !isWholeMinute)) return []
        const verdict = this.#verdictOn(alarm, watched, now)
        return verdict && verdict.state !== alarm.state ? [{ alarm, verdict }] : []
      }),
    )
    this.#setTimer(alarms.length > 0)
  }

  /** Undefined: it stays as it is. */
  #verdictOn(alarm: AlarmRow, watched: Watched, now: number): Verdict | undefined {
    try {
      const judgement = judge(this.#latest(watched, now), watched.condition)
      if (!judgement) return undefined
      const { state, reason, recent } = judgement
      return { state, reason, reasonData: JSON.stringify(reasonDataOf(alarm, watched, recent, now)) }
    } catch (error) {
      this.#deps.log.warn('an alarm could not be evaluated', { alarm: alarm.name, ...describeBug(error) })
      return undefined
    }
  }

  /** Of the periods that end now, newest first. */
  #latest({ queries, periodSeconds, condition }: Watched, now: number): readonly DataPoint[] {
    const step = periodSeconds < 60 ? TEN_SECONDS_MS : MINUTE_MS
    const period = periodSeconds * 1000
    const [query] = queries
    const isAlone = queries.length === 1 && query?.kind === 'metric'
    const end = floorTo(now, isAlone ? Math.min(step, period) : period)
    const count = rangeOf(condition)
    const from = end - count * period
    const begins = Array.from({ length: count }, (_, index) => end - (index + 1) * period)
    if (!isAlone) {
      const points = runQueries(this.#deps.metrics, queries, { fromMs: from, toMs: end })[0]?.series[0]?.points
      return begins.map((atMs) => ({ atMs, value: points?.get(atMs) }))
    }
    const { metric, stat, unit } = query
    const span = { fromMs: from, toMs: end, periodSeconds: periodSeconds < 60 ? 1 : 60, unit }
    const points = this.#deps.metrics.points(metric, span)
    return begins.map((atMs) => {
      const within = points.filter((point) => point.atMs >= atMs && point.atMs < atMs + period).map(({ aggregate }) => aggregate)
      return { atMs, value: within.length === 0 ? undefined : statisticNamed(stat)?.(within.reduce(merge)) }
    })
  }

  // ---- what follows ----

  #apply(verdicts: readonly { readonly alarm: AlarmRow; readonly verdict: Verdict }[]): void {
    if (verdicts.length === 0) return
    this.#deps.database.transaction(() => {
      for (const { alarm, verdict } of verdicts) this.#enter(alarm, verdict)
      this.#followComposites()
    })
    this.#deps.actions.pump()
  }

  #enter(before: AlarmRow, { state, reason, reasonData }: Verdict): void {
    const { store, clock, actions, account, region, publishEvents } = this.#deps
    const now = clock.now()
    const isChange = state !== before.state
    const after = { ...before, state, reason, reasonData, stateMs: now, changedMs: isChange ? now : before.changedMs }
    store.put(after)
    if (!isChange) return
    const change: Change = { before, after, arn: this.arnOf(before.name), account, region }
    store.note(after, 'StateUpdate', `Alarm updated from ${before.state} to ${state}`, {
      version: '1.0',
      oldState: shownState(before),
      newState: shownState(after),
    })
    const settings = objectOf(after.settings) ?? {}
    if (getOwn(settings, 'ActionsEnabled') !== false) actions.add(textList(settings, ACTIONS[state]), change)
    publishEvents([busEvent(change)])
  }

  /** Until none changes any more; rules that go round in a circle end after as many rounds as there are alarms. */
  #followComposites(): void {
    const { store } = this.#deps
    for (let rounds = store.list().length; rounds > 0; rounds--) {
      const changed = store.list().flatMap((alarm) => {
        const verdict = alarm.kind === 'CompositeAlarm' ? this.#compositeVerdict(alarm) : undefined
        return verdict && verdict.state !== alarm.state ? [{ alarm, verdict }] : []
      })
      if (changed.length === 0) return
      for (const { alarm, verdict } of changed) this.#enter(alarm, verdict)
    }
  }

  #compositeVerdict(alarm: AlarmRow): Verdict {
    const rule = parseAlarmRule(String(getOwn(objectOf(alarm.settings) ?? {}, 'AlarmRule')))
    const found = (name: string): AlarmRow | undefined => this.#deps.store.find(bareName(name))
    const isAlarm = isTrue(rule, (name) => found(name)?.state)
    const triggers = alarmsIn(rule).flatMap((name) => found(name) ?? [])
    const [last] = [...triggers].sort((a, b) => b.changedMs - a.changedMs)
    const state = isAlarm ? 'ALARM' : 'OK'
    const reason = last
      ? `${this.arnOf(last.name)} transitioned to ${last.state} at ${new Date(last.changedMs).toUTCString()}`
      : `Alarm Rule evaluates to ${state}`
    const reasonData = {
      triggeringAlarms: triggers.map((one) => ({
        arn: this.arnOf(one.name),
        state: { value: one.state, timestamp: javaTime(one.changedMs) },
      })),
    }
    return { state, reason, reasonData: JSON.stringify(reasonData) }
  }
}

/** Of a name or an ARN. */
export const bareName = (alarm: string): string => /^arn:[^:]*:cloudwatch:[^:]*:\d{12}:alarm:(.+)$/.exec(alarm)?.[1] ?? alarm

const watchedOf = ({ settings }: AlarmRow): Watched | undefined => watchedBy(objectOf(settings) ?? {})

const shownState = ({ state, reason, reasonData }: AlarmRow): JsonObject => ({
  stateValue: state,
  stateReason: reason,
  ...(reasonData !== null && { stateReasonData: objectOf(reasonData) ?? {} }),
})

function reasonDataOf(
  { settings }: AlarmRow,
  { condition, periodSeconds }: Watched,
  recent: readonly DataPoint[],
  now: number,
): JsonObject {
  const statistic = getOwn(objectOf(settings) ?? {}, 'Statistic')
  const oldestFirst = [...recent].reverse()
  return {
    version: '1.0',
    queryDate: javaTime(now),
    ...(oldestFirst[0] && { startDate: javaTime(oldestFirst[0].atMs) }),
    ...(statistic !== undefined && { statistic }),
    period: periodSeconds,
    recentDatapoints: oldestFirst.flatMap(({ value }) => value ?? []),
    threshold: condition.threshold,
    evaluatedDatapoints: recent.map(({ atMs, value }) => ({
      timestamp: javaTime(atMs),
      ...(value !== undefined && { value }),
    })),
  }
}
