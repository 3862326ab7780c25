/**
 * Looks after the partitions of the log: makes those of today and of the days to come, drops those of which no execution is left,
 * and has the table analysed, which the server does by itself for partitions and never for the whole. Any node may do it at any
 * time; what cannot be done now is done an hour later, since what has no partition of its own goes into `log_rest`.
 */
import { systemClock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'

import type { Query } from './channel.ts'
import { reasonOf, sqlStateOf } from './failure.ts'
import { flag, integer, text } from './shape.ts'
import { nothing, only, prepared, unprepared } from './statement.ts'

const PERIOD_MS = 3_600_000
const DAYS_AHEAD = 2
/** A key that was given out just before midnight may be used the day after. */
const DAYS_KEPT = 2
/** Between two analyses, whoever makes them. */
const ANALYSED_S = 3_000

const TODAY = prepared('SELECT regente_today_v1()', only(integer))
const MAKE = prepared('SELECT regente_make_log_partition_v1($1)', only(flag))
const DROP = prepared("SELECT coalesce(regente_drop_log_partition_v1($1), '')", only(text))
const IS_DUE = prepared(
  `INSERT INTO counters AS known (name, value) VALUES ('analysed', extract(epoch FROM clock_timestamp())::int8)
   ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE known.value < excluded.value - ${ANALYSED_S} RETURNING name`,
  only(text),
)
const ANALYSE = unprepared('ANALYZE log', nothing)

export class Partitions {
  readonly #query: Query
  readonly #log: Log
  #alarm: { cancel(): void } | undefined
  #isClosed = false

  constructor(query: Query, log: Log) {
    this.#query = query
    this.#log = log
  }

  /** Makes what is needed now; the rest is done from time to time. Rejects where the database takes no connection at all. */
  async open(): Promise<void> {
    await this.make().catch((error: unknown) => {
      if (sqlStateOf(error) !== '55P03') throw error
      // Another node is at it.
    })
    this.#alarm = systemClock.after(0, () => void this.#look())
  }

  close(): void {
    this.#isClosed = true
    this.#alarm?.cancel()
  }

  /** Of today and the days to come. How many are new. */
  async make(): Promise<number> {
    const [today = 0] = await this.#query(TODAY)
    let made = 0
    for (let day = today; day <= today + DAYS_AHEAD; day++) if ((await this.#query(MAKE, day))[0] === true) made++
    return made
  }

  /** Names of the partitions that went. */
  async drop(): Promise<readonly string[]> {
    const [today = 0] = await this.#query(TODAY)
    const dropped: string[] = []
    for (;;) {
      const [name = ''] = await this.#query(DROP, today - DAYS_KEPT)
      if (name === '') return dropped
      dropped.push(name)
    }
  }

  async #look(): Promise<void> {
    try {
      const made = await this.make()
      const dropped = await this.drop()
      if (dropped.length > 0) this.#log.info('partitions of the log were dropped', { partitions: dropped })
      const isDue = (await this.#query(IS_DUE)).length === 1
      if (isDue || made > 0) await this.#query(ANALYSE)
    } catch (error) {
      if (!this.#isClosed) this.#log.warn('the partitions of the log were not looked after', { error: reasonOf(error) })
    }
    if (!this.#isClosed) this.#alarm = systemClock.after(PERIOD_MS, () => void this.#look())
  }
}
