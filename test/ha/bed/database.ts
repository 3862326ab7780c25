/** The databases of a bed: one PostgreSQL, or three under Patroni. Where they are reached, and what can be done to them. */
import { Client } from 'pg'

export interface Database {
  /** Where the primary is reached at any time. */
  readonly port: number
  /** Everybody who works there goes by this name. */
  readonly url: string
  /** Ends the primary as a machine ends that loses its power. What brings it back, as somebody would who finds it so. */
  kill(): Promise<() => Promise<void>>
  /** Stopped in order and started again, as for an update. */
  restart(): Promise<void>
}

export const DATABASE = 'regente'
export const ROLE = 'regente'
export const PASSWORD = 'a-password-of-the-bed'

export const databaseUrl = (port: number): string => `postgres://${ROLE}:${PASSWORD}@127.0.0.1:${port}/${DATABASE}`

/** On a connection of its own. Rejects after `withinMs`. */
export async function query(
  url: string,
  text: string,
  values: readonly unknown[] = [],
  withinMs = 60_000,
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: withinMs })
  // A server that goes away says so here too.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>(text, [...values])
    return rows
  } finally {
    // Nobody waits for a server that does not answer.
    void client.end().catch(() => {})
  }
}

/** True where a write becomes durable now, on as many servers as the primary waits for. */
export async function isWritable(url: string): Promise<boolean> {
  try {
    await query(url, 'CREATE TEMPORARY TABLE probe (n INTEGER)', [], 2_000)
    return true
  } catch {
    return false
  }
}

/** A role that owns a database of its own, and no more. */
export async function makeDatabase(superuserUrl: string): Promise<void> {
  await query(superuserUrl, `CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`)
  await query(superuserUrl, `CREATE DATABASE ${DATABASE} OWNER ${ROLE}`)
}
