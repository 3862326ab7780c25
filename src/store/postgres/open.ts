/**
 * The way to the first connection: waits for a server that is starting or failing over, refuses what no waiting mends, and brings
 * the schema to its newest version. Several nodes may start at once: one of them does it, the others wait for it.
 */
import type pg from 'pg'

import { systemClock } from '../../base/clock.ts'
import { growingPause } from '../../base/growing-pause.ts'
import type { Log } from '../../base/log.ts'
import { StartError } from '../../base/start-error.ts'

import type { Address } from './address.ts'
import { connect } from './connect.ts'
import { isWorthWaiting, reasonOf, startErrorOf } from './failure.ts'
import { MIGRATIONS } from './migrations.ts'

const PAUSE = { firstMs: 250, longestMs: 2_000 }
/** The lock of those who bring the schema up to date, and how long one waits for another. */
export const MIGRATION_LOCK = '773400, 0'
/** A counter that is there when all that was in the database goes on elsewhere. */
export const MOVED = 'moved'
const MIGRATION_LOCK_MS = 120_000
/** A migration may have much to do. */
const MIGRATION_MS = 3_600_000

export interface OpenOptions {
  readonly address: Address
  readonly log: Log
  /** How long a server may take to answer that may be starting. */
  readonly waitMs: number
  /** Ends the wait. */
  readonly stopped?: AbortSignal | undefined
}

/** Throws StartError where the database cannot be used. */
export async function openDatabase({ address, ...options }: OpenOptions): Promise<void> {
  try {
    const client = await waitFor({ address, ...options })
    try {
      await migrate(client, MIGRATIONS)
      await checkNotMoved(client, address)
    } finally {
      await client.end()
    }
  } catch (error) {
    throw startErrorOf(error, address)
  }
}

async function waitFor({ address, log, waitMs, stopped }: OpenOptions): Promise<pg.Client> {
  const begun = systemClock.elapsed()
  for (let failures = 1; ; failures++) {
    try {
      return await connect({ address, statementTimeoutMs: MIGRATION_MS })
    } catch (error) {
      if (!isWorthWaiting(error) || stopped?.aborted || systemClock.elapsed() - begun >= waitMs) throw error
      if (failures === 1)
        log.warn(`waiting up to ${Math.ceil(waitMs / 1_000)} s for PostgreSQL`, { store: address.shown, reason: reasonOf(error) })
      const pauseMs = growingPause(failures, PAUSE)
      await pause(pauseMs, stopped)
    }
  }
}

async function pause(ms: number, stopped: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const alarm = systemClock.after(ms, resolve)
  const end = () => resolve()
  stopped?.addEventListener('abort', end)
  await promise
  stopped?.removeEventListener('abort', end)
  alarm.cancel()
}

/** Does all that is missing, or nothing. Throws where the schema is newer than ours. */
export async function migrate(client: pg.Client, migrations: readonly string[]): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(`SET LOCAL lock_timeout = ${MIGRATION_LOCK_MS}`)
    await client.query(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    const found = await versionOf(client)
    if (found > migrations.length) {
      throw new StartError(
        `The database was written by a newer Regente (schema ${found}; this one knows ${migrations.length}). Update Regente, or name another database with --store.`,
      )
    }
    for (const sql of migrations.slice(found)) await client.query(sql)
    if (found < migrations.length) await client.query(`UPDATE schema_version SET version = ${migrations.length}`)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

async function checkNotMoved(client: pg.Client, { shown }: Address): Promise<void> {
  const { rows } = await client.query(`SELECT FROM counters WHERE name = '${MOVED}'`)
  if (rows.length === 0) return
  throw new StartError(
    `The executions of the database ${shown} go on elsewhere: regente move has moved them. To carry them on here all the same: DELETE FROM counters WHERE name = '${MOVED}'.`,
  )
}

async function versionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<[boolean]>({ text: "SELECT to_regclass('schema_version') IS NOT NULL", rowMode: 'array' })
  if (rows[0]?.[0] !== true) {
    await client.query('CREATE TABLE schema_version (version int4 NOT NULL)')
    await client.query('INSERT INTO schema_version (version) VALUES (0)')
    return 0
  }
  const version = await client.query<[number]>({ text: 'SELECT version FROM schema_version', rowMode: 'array' })
  return version.rows[0]?.[0] ?? 0
}
