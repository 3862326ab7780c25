/**
 * Makes a connection, by our own rules: plans that read by indexes whatever statistics say, no statement and no wait without an
 * end, and durable commits whatever the role has been told. Of several hosts the first is taken that takes writes.
 */
import pg from 'pg'

import { type Address, type Host, shownHost, type SslMode } from './address.ts'
import { ReadOnlyError, ServerTooOldError } from './failure.ts'
import { unescapeText } from './text.ts'

const OLDEST_VERSION = 14
const IDLE_IN_TRANSACTION_MS = 10_000
const KEEP_ALIVE_AFTER_MS = 10_000
/** The server ends a statement that takes too long; where it does not answer at all, we do, later by a part of that. */
const ANSWER_SHARE = 1.25

export interface ConnectOptions {
  readonly address: Address
  /** Instead of the address's. */
  readonly statementTimeoutMs?: number | undefined
}

/** Rejects with what the last host said, or all of them where several are down. */
export async function connect({ address, ...options }: ConnectOptions): Promise<pg.Client> {
  const errors: unknown[] = []
  for (const host of address.hosts) {
    try {
      return await connectTo(host, { address, ...options })
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length === 1) throw errors[0]
  // What a server has said is worth more than that another is down.
  throw errors.find((error) => error instanceof ReadOnlyError) ?? new AggregateError(errors)
}

async function connectTo(host: Host, options: ConnectOptions): Promise<pg.Client> {
  const { sslMode } = options.address
  const mode = sslMode ?? (isOnThisMachine(host) ? 'disable' : 'prefer')
  if (mode !== 'prefer') return begin(host, mode, options)
  try {
    return await begin(host, 'require', options)
  } catch (error) {
    if (error instanceof Error && /does not support SSL/.test(error.message)) return begin(host, 'disable', options)
    throw error
  }
}

const isOnThisMachine = ({ host }: Host) => host.startsWith('/') || /^(?:localhost|127\.[\d.]+|::1)$/.test(host)

async function begin(host: Host, mode: Exclude<SslMode, 'prefer'>, { address, statementTimeoutMs }: ConnectOptions) {
  const timeoutMs = statementTimeoutMs ?? address.statementTimeoutMs
  const client = new pg.Client({
    host: host.host,
    port: host.port,
    user: address.user,
    password: address.password ?? '',
    database: address.database,
    ssl: sslOf(mode, host, address),
    application_name: address.applicationName ?? 'regente',
    options: address.options,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    connectionTimeoutMillis: Math.min(address.connectTimeoutMs, timeoutMs),
    query_timeout: Math.ceil(ANSWER_SHARE * timeoutMs),
    pipeline: true,
    types: { getTypeParser: parserOf },
  })
  // What breaks a connection is told to whoever waits for an answer, and to `end`; unheard, it would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    await settle(client, host, timeoutMs, address.lockTimeoutMs)
    return client
  } catch (error) {
    discard(client)
    throw error
  }
}

/** Lets go of a connection that is of no use, without waiting for what it was asked. */
export function discard(client: pg.Client): void {
  client.end().catch(() => {})
  client.connection.stream.destroy()
}

async function settle(client: pg.Client, host: Host, statementTimeoutMs: number, lockTimeoutMs: number): Promise<void> {
  const settings: Readonly<Record<string, string>> = {
    statement_timeout: String(statementTimeoutMs),
    lock_timeout: String(lockTimeoutMs),
    idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
    default_transaction_isolation: 'read committed',
    // Every statement of ours has its index; a table without statistics must not make the server think otherwise.
    enable_seqscan: 'off',
    enable_bitmapscan: 'off',
    jit: 'off',
  }
  const set = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`)
  const { rows } = await client.query({
    text: `SELECT current_setting('server_version_num')::int4, current_setting('server_version'), pg_is_in_recovery(),
      current_setting('transaction_read_only') = 'on', current_setting('synchronous_commit'), ${set.join(', ')}`,
    rowMode: 'array',
  })
  const [version, shownVersion, isStandby, isReadOnly, synchronousCommit]: unknown[] = rows[0] ?? []
  checkVersion(Number(version), String(shownVersion))
  if (isStandby === true || isReadOnly === true)
    throw new ReadOnlyError(`The PostgreSQL server ${shownHost(host)} takes no writes`)
  // What is acknowledged is durable: a role that was told otherwise is told so again.
  if (synchronousCommit === 'off') await client.query('SET synchronous_commit = on')
}

/** Throws ServerTooOldError. `version` as in server_version_num: 140005. */
export function checkVersion(version: number, shown: string): void {
  if (version >= OLDEST_VERSION * 10_000) return
  throw new ServerTooOldError(
    `The PostgreSQL server is of version ${shown}; Regente needs ${OLDEST_VERSION} or newer. Upgrade it (pg_upgrade), or name another one.`,
  )
}

function sslOf(mode: Exclude<SslMode, 'prefer'>, { host }: Host, { certificates }: Address): pg.ClientConfig['ssl'] {
  if (mode === 'disable' || host.startsWith('/')) return false
  const anyName = { checkServerIdentity: () => undefined }
  if (mode === 'verify-full') return certificates
  if (mode === 'verify-ca') return { ...certificates, ...anyName }
  return certificates.ca ? { ...certificates, ...anyName } : { ...certificates, rejectUnauthorized: false }
}

const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't',
  20: wholeNumber,
  23: Number,
  25: unescapeText,
  701: Number,
  1700: wholeNumber,
}

function parserOf(oid: number, format?: unknown): (value: string) => unknown {
  return PARSERS[oid] ?? pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text')
}

/** What is too large to be one of ours stays a text, which no column of numbers takes. */
function wholeNumber(text: string): number | string {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}
