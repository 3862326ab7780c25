/** Alarms and their history in the database. What an alarm is set to is kept as it is shown. */
import type { Clock } from '../../base/clock.ts'

import { integer, nullable, oneOf, row, text } from '../../sqlite/row.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { STATES, type State } from './alarm-rule.ts'

export const KINDS = ['CompositeAlarm', 'MetricAlarm'] as const
export type Kind = (typeof KINDS)[number]

export interface AlarmRow {
  readonly name: string
  readonly kind: Kind
  /** JSON text of an object, under the API's names. */
  readonly settings: string
  /** JSON text of an object. */
  readonly tags: string
  readonly updatedMs: number
  readonly state: State
  readonly reason: string
  /** JSON text. */
  readonly reasonData: string | null
  readonly stateMs: number
  /** When it came into this state. */
  readonly changedMs: number
}

export interface HistoryRow {
  readonly id: number
  readonly alarm: string
  readonly kind: Kind
  readonly type: HistoryType
  readonly atMs: number
  readonly summary: string
  readonly data: string
}

export const HISTORY_TYPES = ['ConfigurationUpdate', 'StateUpdate', 'Action'] as const
export type HistoryType = (typeof HISTORY_TYPES)[number]

export interface HistoryQuery {
  readonly alarm: string | undefined
  readonly type: HistoryType | undefined
  readonly fromMs: number
  readonly toMs: number
  readonly isAscending: boolean
  /** The id of the last one that was seen. */
  readonly after: number | undefined
  readonly limit: number
}

const ALARM = row<AlarmRow>({
  name: text,
  kind: oneOf(...KINDS),
  settings: text,
  tags: text,
  updatedMs: integer,
  state: oneOf(...STATES),
  reason: text,
  reasonData: nullable(text),
  stateMs: integer,
  changedMs: integer,
})
const HISTORY = row<HistoryRow>({
  id: integer,
  alarm: text,
  kind: oneOf(...KINDS),
  type: oneOf(...HISTORY_TYPES),
  atMs: integer,
  summary: text,
  data: text,
})

const HISTORY_KEPT_MS = 30 * 86_400_000
const HISTORY_MAX = 1000

export class AlarmStore {
  readonly #clock: Clock
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase, clock: Clock) {
    this.#clock = clock
    this.#sql = prepare(database)
  }

  find(name: string): AlarmRow | undefined {
    return this.#sql.byName.get(name)
  }

  /** In the order of their names, those after `after`. */
  list(after = ''): readonly AlarmRow[] {
    return this.#sql.list.all(after)
  }

  put(alarm: AlarmRow): void {
    const { name, kind, settings, tags, updatedMs, state, reason, reasonData, stateMs, changedMs } = alarm
    this.#sql.put.run(name, kind, settings, tags, updatedMs, state, reason, reasonData, stateMs, changedMs)
  }

  remove(name: string): void {
    this.#sql.remove.run(name)
  }

  /** The oldest go by themselves: those of a month ago, and where an alarm has very many. */
  note(alarm: Pick<AlarmRow, 'name' | 'kind'>, type: HistoryType, summary: string, data: object): void {
    const now = this.#clock.now()
    this.#sql.note.run(alarm.name, alarm.kind, type, now, summary.slice(0, 255), JSON.stringify(data).slice(0, 4095))
    this.#sql.forgetOld.run(now - HISTORY_KEPT_MS)
    this.#sql.forgetMany.run(alarm.name, alarm.name, HISTORY_MAX)
  }

  history({ alarm = null, type = null, fromMs, toMs, isAscending, after, limit }: HistoryRequest): readonly HistoryRow[] {
    const from = after ?? (isAscending ? 0 : Number.MAX_SAFE_INTEGER)
    return this.#sql[isAscending ? 'oldest' : 'newest'].all(from, alarm, alarm, type, type, fromMs, toMs, limit)
  }
}

type HistoryRequest = { [M in keyof HistoryQuery]: M extends 'alarm' | 'type' ? HistoryQuery[M] | null : HistoryQuery[M] }
type Text = string | null

const historyAfter = (comparison: string, order: string): string =>
  `SELECT * FROM cloudwatch_alarm_history WHERE id ${comparison} ? AND (? IS NULL OR alarm = ?) AND (? IS NULL OR type = ?)
   AND atMs >= ? AND atMs <= ? ORDER BY id ${order} LIMIT ?`
type HistoryParameters = [number, Text, Text, Text, Text, number, number, number]

const prepare = (database: ServicesDatabase) => ({
  byName: database.prepare<[string], AlarmRow>('SELECT * FROM cloudwatch_alarms WHERE name = ?', ALARM),
  list: database.prepare<[string], AlarmRow>('SELECT * FROM cloudwatch_alarms WHERE name > ? ORDER BY name', ALARM),
  put: database.prepare<[string, string, string, string, number, string, string, Text, number, number]>(
    `INSERT INTO cloudwatch_alarms (name, kind, settings, tags, updatedMs, state, reason, reasonData, stateMs, changedMs)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, settings = excluded.settings, tags = excluded.tags,
       updatedMs = excluded.updatedMs, state = excluded.state, reason = excluded.reason, reasonData = excluded.reasonData,
       stateMs = excluded.stateMs, changedMs = excluded.changedMs`,
  ),
  remove: database.prepare<[string]>('DELETE FROM cloudwatch_alarms WHERE name = ?'),
  note: database.prepare<[string, string, string, number, string, string]>(
    'INSERT INTO cloudwatch_alarm_history (alarm, kind, type, atMs, summary, data) VALUES (?, ?, ?, ?, ?, ?)',
  ),
  forgetOld: database.prepare<[number]>('DELETE FROM cloudwatch_alarm_history WHERE atMs < ?'),
  forgetMany: database.prepare<[string, string, number]>(
    `DELETE FROM cloudwatch_alarm_history WHERE alarm = ? AND id <=
     (SELECT id FROM cloudwatch_alarm_history WHERE alarm = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
  ),
  newest: database.prepare<HistoryParameters, HistoryRow>(historyAfter('<', 'DESC'), HISTORY),
  oldest: database.prepare<HistoryParameters, HistoryRow>(historyAfter('>', 'ASC'), HISTORY),
})
