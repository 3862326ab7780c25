/**
 * What PostgreSQL refuses, and what that means for us: whether the connection is of use still, whether the database as a whole
 * fails or only what was asked, and how whoever starts us mends it. Codes: PostgreSQL's manual, "PostgreSQL Error Codes".
 */
import { StartError } from '../../base/start-error.ts'

import { type Address, shownHost } from './address.ts'

/** The server takes no writes: it is a standby, or was told so. */
export class ReadOnlyError extends Error {
  override readonly name = 'ReadOnlyError'
}
export class ServerTooOldError extends Error {
  override readonly name = 'ServerTooOldError'
}

/** The trouble is with the connection, and what was asked on it may have been done or not. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

const SQL_STATE = /^[0-9A-Z]{5}$/
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
export const reasonOf = (error: unknown): string =>
  error instanceof AggregateError && error.message === ''
    ? error.errors.map(reasonOf).join('; ')
    : error instanceof Error
      ? error.message
      : String(error)

/** PostgreSQL's own code; undefined: the trouble is with the connection, or here. */
export function sqlStateOf(error: unknown): string | undefined {
  const code = codeOf(error)
  return code !== undefined && SQL_STATE.test(code) && error instanceof Error && 'severity' in error ? code : undefined
}

/** 08: connection; 57P: the server goes down, or is not up; 25006: it has become a standby. */
const LOST = /^(?:08...|57P0[1-5]|25006)$/
/** The connection is of no more use: another one is to be made. */
export const isConnectionLost = (error: unknown): boolean =>
  error instanceof ConnectionError || error instanceof ReadOnlyError || LOST.test(sqlStateOf(error) ?? '')

/** 22: a value; 23: a constraint; 42: what is asked for is not there; 54: too large; 21, 0A, 2F, P0: of the statement. */
const OF_WHAT_WAS_ASKED = /^(?:21|22|23|42|54|0A|2F|P0)/
/** Undone to let others go on: a deadlock, a lock that was not to be had. Made again, it may be made. */
const UNDONE = /^(?:40001|40P01)$/

/** Each of those that failed together is to be tried alone: PostgreSQL did not take one of them, or we could not ask it. */
export function isOfOne(error: unknown): boolean {
  const state = sqlStateOf(error)
  return state === undefined ? !isConnectionLost(error) : OF_WHAT_WAS_ASKED.test(state) || UNDONE.test(state)
}
/** Whatever was asked: the database as a whole does not take it. Not so where only a lock was not to be had. */
export const isStoreFailure = (error: unknown): boolean => !isOfOne(error) && sqlStateOf(error) !== '55P03'

const CERTIFICATE = /CERT|UNABLE_TO_|SELF_SIGNED|ERR_TLS/
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'ENOENT',
])

/** A server that is starting, failing over or full may be there in a moment. */
export function isWorthWaiting(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isWorthWaiting)
  if (error instanceof ReadOnlyError) return true
  const code = codeOf(error)
  if (code === undefined) return error instanceof Error && /timeout|terminated/i.test(error.message)
  return UNREACHABLE.has(code) || /^(?:57P0.|53300|08...)$/.test(code)
}

/** What is wrong and how it is mended. Everything else as it is. */
export function startErrorOf(given: unknown, address: Address): unknown {
  const error = given instanceof ConnectionError ? given.cause : given
  const sentence = sentenceOf(error, address)
  return sentence === undefined ? error : new StartError(sentence, { cause: error })
}

function sentenceOf(error: unknown, address: Address): string | undefined {
  const { user, database, shown } = address
  const reason = reasonOf(error)
  if (error instanceof StartError) return undefined
  if (error instanceof ReadOnlyError) {
    return `${reason}: it is a standby, and Regente needs the server that takes writes. Name the primary in the URL of the store (${shown}), or all of them: postgres://user:password@host1,host2/database.`
  }
  if (error instanceof ServerTooOldError) return reason
  const code = codeOf(error) ?? ''
  if (CERTIFICATE.test(code)) {
    return `The certificate of the PostgreSQL server at ${shown} is not trusted: ${reason}. Name the certificate of the authority that signed it: ?sslmode=verify-full&sslrootcert=/path/to/root.crt. sslmode=require encrypts without asking who answers.`
  }
  switch (code) {
    case 'ENOTFOUND':
      return `The host of the store is not found: ${hostsOf(address)}. Look at its spelling in the URL (${shown}).`
    case '28P01':
      return `The PostgreSQL server refuses the password of the user ${user} (${shown}). Give the right one in the URL, or set it: ALTER ROLE ${quoted(user)} PASSWORD '…'.`
    case '28000':
      return `The PostgreSQL server lets ${user} not in (${shown}): ${reason}. Create the role (CREATE ROLE ${quoted(user)} LOGIN PASSWORD '…'), or let it in by pg_hba.conf; where that asks for encryption, say ?sslmode=require.`
    case '3D000':
      return `There is no database ${JSON.stringify(database)} (${shown}). Create it: CREATE DATABASE ${quoted(database)} OWNER ${quoted(user)}.`
    case '3F000':
      return `There is no schema to keep the tables in (${shown}): ${reason}. Create it (CREATE SCHEMA … AUTHORIZATION ${quoted(user)}), and name it in the URL: ?options=-c%20search_path%3D….`
    case '42501':
      return `The user ${user} has not the rights that Regente needs in ${JSON.stringify(database)} (${shown}): ${reason}. Make it the owner: ALTER DATABASE ${quoted(database)} OWNER TO ${quoted(user)}; or GRANT CONNECT, CREATE ON DATABASE ${quoted(database)} TO ${quoted(user)}, and GRANT USAGE, CREATE ON SCHEMA public TO ${quoted(user)}.`
    case '53100':
      return `The disk of the PostgreSQL server is full (${shown}): ${reason}. Make room there.`
    case '53300':
      return `The PostgreSQL server has no connection left (${shown}): ${reason}. A node takes up to twelve: raise max_connections, or stop others.`
  }
  if (/password must be a (?:non-empty )?string/.test(reason)) {
    return `The PostgreSQL server asks for a password, and the URL of the store has none (${shown}). Write it in: postgres://${user}:password@….`
  }
  if (/does not support SSL/.test(reason)) {
    return `The PostgreSQL server does not encrypt (${shown}), and the URL of the store asks for it. Switch it on there (ssl = on), or say ?sslmode=disable.`
  }
  if (isWorthWaiting(error))
    return `The PostgreSQL server does not answer (${shown}): ${reason}. Start it, or look at host and port in the URL.`
  return undefined
}

const hostsOf = ({ hosts }: Address) => hosts.map(shownHost).join(', ')
const quoted = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)
