/**
 * Where a database is: a URL as PostgreSQL's own programs take it (libpq, "Connection URIs"), with one host or several of which
 * one is the primary. Parameters that we do not know are refused, as libpq refuses them: what was meant would not happen.
 * The password is in here and in nothing that is shown.
 */
import { readFileSync } from 'node:fs'
import { userInfo } from 'node:os'

import { StartError } from '../../base/start-error.ts'

export interface Host {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string
  readonly port: number
}

const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof SSL_MODES)[number]

export interface Address {
  readonly hosts: readonly Host[]
  readonly user: string
  readonly password: string | undefined
  readonly database: string
  /** Undefined: encrypted where the server can, and not on this machine itself. */
  readonly sslMode: SslMode | undefined
  readonly certificates: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer }
  /** `-c name=value …`, for the server. */
  readonly options: string | undefined
  readonly applicationName: string | undefined
  readonly connectTimeoutMs: number
  /** How long a statement may take, and how long it may wait for a lock, on the server. */
  readonly statementTimeoutMs: number
  readonly lockTimeoutMs: number
  /** The URL without the password. */
  readonly shown: string
}

const DEFAULT_PORT = 5432
const EXAMPLE = 'postgres://user:password@host:5432/database'
const URL_PARTS =
  /^postgres(?:ql)?:\/\/(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^/?#@]*)(?:\/(?<database>[^?#@]*))?(?:\?(?<query>[^#]*))?$/i
const PARAMETERS = new Set([
  ...['host', 'port', 'user', 'password', 'dbname', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'options'],
  ...['application_name', 'connect_timeout', 'target_session_attrs', 'statement_timeout', 'lock_timeout'],
])
/** Only a server that takes writes is of use. */
const TARGETS = new Set(['any', 'read-write', 'primary'])

export const isPostgresUrl = (url: string): boolean => /^postgres(?:ql)?:\/\//i.test(url)

/** Throws StartError. */
export function parseAddress(url: string): Address {
  const parts = URL_PARTS.exec(url)?.groups
  if (!parts) throw noUrl()
  const given = parametersOf(parts['query'] ?? '')
  const user = given.get('user') ?? decoded(parts['user'] ?? '', 'user')
  const password = given.get('password') ?? decoded(parts['password'] ?? '', 'password')
  const hosts = hostsOf(given.get('host') ?? parts['hosts'] ?? '', given.get('port'))
  const name = user === '' ? ownName() : user
  const database = given.get('dbname') ?? decoded(parts['database'] ?? '', 'database')
  return {
    hosts,
    user: name,
    password: password === '' ? undefined : password,
    database: database === '' ? name : database,
    sslMode: sslModeOf(given.get('sslmode')),
    certificates: certificatesOf(given),
    options: given.get('options'),
    applicationName: given.get('application_name'),
    connectTimeoutMs: 1_000 * numberOf(given, 'connect_timeout', 5),
    statementTimeoutMs: numberOf(given, 'statement_timeout', 30_000),
    lockTimeoutMs: numberOf(given, 'lock_timeout', 4_000),
    shown: `postgres://${name}@${hosts.map(shownHost).join(',')}/${database === '' ? name : database}`,
  }
}

/** Says nothing of what was given: where parts cannot be told from each other, each may be the password. */
const noUrl = () =>
  new StartError(
    `The store is no URL of a PostgreSQL database. It looks like ${EXAMPLE}; in user and password, characters such as @ : / ? # are written as %40 %3A %2F %3F %23.`,
  )

/** As PostgreSQL's own programs do. */
function ownName(): string {
  try {
    return userInfo().username
  } catch {
    return 'postgres' // a user without a name, as in a container
  }
}

export const shownHost = ({ host, port }: Host): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

function parametersOf(query: string): ReadonlyMap<string, string> {
  const given = new Map(query === '' ? [] : new URLSearchParams(query.replaceAll('+', '%2B')))
  for (const name of given.keys()) {
    if (PARAMETERS.has(name)) continue
    // What stands behind a ? in a password is none, and not to be shown.
    if (query.includes('@')) throw noUrl()
    throw new StartError(
      `The URL of the store has a parameter ${JSON.stringify(name)} that Regente does not know. It knows ${[...PARAMETERS].join(', ')}.`,
    )
  }
  const target = given.get('target_session_attrs') ?? 'read-write'
  if (!TARGETS.has(target)) {
    throw new StartError(
      `The URL of the store says target_session_attrs=${target}. Regente needs the server that takes writes: say read-write, or leave it out.`,
    )
  }
  return given
}

function hostsOf(given: string, portParameter: string | undefined): readonly Host[] {
  const ports = portParameter?.split(',') ?? []
  return (given === '' ? 'localhost' : given).split(',').map((one, i) => {
    const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d*))?$/.exec(one) ?? []
    const host = decoded(bracketed ?? plain ?? '', 'host')
    const number = Number((port ?? '') === '' ? (ports[i] ?? ports[0] ?? DEFAULT_PORT) : port)
    if (host === '' || !Number.isInteger(number) || number < 1 || number > 65_535) {
      throw new StartError(
        `The URL of the store names a host that cannot be: ${JSON.stringify(one)}. It looks like ${EXAMPLE}, or postgres://user:password@host1:5432,host2:5432/database.`,
      )
    }
    return { host, port: number }
  })
}

function sslModeOf(given: string | undefined): SslMode | undefined {
  const mode = SSL_MODES.find((known) => known === given)
  if (given !== undefined && mode === undefined)
    throw new StartError(`The URL of the store says sslmode=${given}. Say one of ${SSL_MODES.join(', ')}.`)
  return mode
}

function certificatesOf(given: ReadonlyMap<string, string>): Address['certificates'] {
  const read = (parameter: string): Buffer | undefined => {
    const path = given.get(parameter)
    if (path === undefined) return undefined
    try {
      return readFileSync(path)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new StartError(`The file that the URL of the store names as ${parameter} cannot be read: ${reason}.`, {
        cause: error,
      })
    }
  }
  const [ca, cert, key] = [read('sslrootcert'), read('sslcert'), read('sslkey')]
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

function numberOf(given: ReadonlyMap<string, string>, parameter: string, otherwise: number): number {
  const text = given.get(parameter)
  if (text === undefined) return otherwise
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new StartError(`The URL of the store says ${parameter}=${text}, which is no whole number.`)
}

function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    // Without the text: it may be the password.
    throw new StartError(
      `The ${what} in the URL of the store has a % that begins no escape. Write % itself as %25, as in ${EXAMPLE}.`,
      { cause: error },
    )
  }
}
