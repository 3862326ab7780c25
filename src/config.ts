/**
 * Every setting of a server, in one table: name, unit, default, environment variable, one line of meaning. Read once, when
 * the process starts; what is given on the command line goes before the environment, that before the default.
 * docs/settings.md is compared with this table by a test.
 */
import { resolve } from 'node:path'

import { assert } from './base/assert.ts'
import { isEveryAddress, isLoopback } from './base/host.ts'
import { hidePassword } from './base/url-password.ts'

export type Limits = 'aws' | 'off'
export type ServicesTransport = 'memory' | 'socket'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface Config {
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
  /** Absolute. */
  readonly dataDirectory: string
  /** The PostgreSQL database that keeps everything; a secret, for it may hold a password. Without it, SQLite in the data folder. */
  readonly store?: string
  /** Where the other nodes on the same store reach this one, without a slash at the end. Without it, where it listens. */
  readonly nodeUrl?: string
  /** How long a node may be silent before the others take over its executions. */
  readonly leaseSeconds: number
  readonly region: string
  readonly account: string
  /** Take requests on addresses that others reach, though nobody has to show a key. */
  readonly insecure: boolean
  /** Host names that requests may carry, beside those that nobody else can point at us. In small letters. */
  readonly allowedHosts: readonly string[]
  /** Origins of pages that may use the server from a browser, beside its own. */
  readonly allowedOrigins: readonly string[]
  readonly smtp?: string
  /** Where `regente services` runs, without a slash at the end. Without it the server runs the services itself. */
  readonly servicesUrl?: string
  /** How the server's own calls reach itself and the services that it runs. */
  readonly servicesTransport: ServicesTransport
  /** The file that holds the key of those services. Absolute. */
  readonly servicesKey?: string
  /** Run functions for those services. */
  readonly lambda: boolean
  /** Where services are called that no AWS_ENDPOINT_URL_<SERVICE> names: a URL without a slash at the end, or `aws`. */
  readonly awsEndpoint?: string
  /** How long a stop waits for answers that are owed. */
  readonly shutdownGraceSeconds: number
  /** For how many days an execution is kept when it has closed. */
  readonly retentionDays: number
  /** Where executions go before they are removed: `s3://bucket/prefix`, without a slash at the end. */
  readonly archive?: string
  /** A mock file of test cases, as Step Functions Local has it. Absolute. */
  readonly mockConfig?: string
  /** Node functions start with their debuggers, on ports from this one on. */
  readonly inspect?: number
  readonly limits: Limits
  readonly logLevel: LogLevel
}

export interface Setting {
  readonly name: keyof Config
  readonly env: string
  readonly unit: string
  readonly default: string | undefined
  readonly meaning: string
}

export const SETTINGS = [
  {
    name: 'port',
    env: 'REGENTE_PORT',
    unit: 'TCP port',
    default: '4566',
    meaning: 'Where requests are taken; 0 takes any free one.',
  },
  {
    name: 'host',
    env: 'REGENTE_HOST',
    unit: 'address',
    default: '127.0.0.1',
    meaning: 'The address that is listened on; 0.0.0.0 for all.',
  },
  {
    name: 'dataDirectory',
    env: 'REGENTE_DATA',
    unit: 'folder',
    default: '.regente/data',
    meaning: 'Everything that lasts: executions, objects, functions, queues.',
  },
  {
    name: 'store',
    env: 'REGENTE_STORE',
    unit: 'URL',
    default: undefined,
    meaning:
      'The PostgreSQL database that keeps executions, for any number of nodes: postgres://user:password@host:5432/database. Without it, SQLite in the data folder.',
  },
  {
    name: 'nodeUrl',
    env: 'REGENTE_NODE_URL',
    unit: 'URL',
    default: undefined,
    meaning:
      'Where the other nodes on the same store, and `regente services`, reach this one: http://node-1.internal:4566. Without it, host and port.',
  },
  {
    name: 'leaseSeconds',
    env: 'REGENTE_LEASE',
    unit: 'seconds',
    default: '10',
    meaning: 'How long a node may be silent before the others take over its executions, from 2 to 60.',
  },
  {
    name: 'region',
    env: 'REGENTE_REGION',
    unit: 'AWS region',
    default: 'us-east-1',
    meaning: 'The region in the ARNs that are made here.',
  },
  {
    name: 'account',
    env: 'REGENTE_ACCOUNT',
    unit: '12 digits',
    default: '000000000000',
    meaning: 'The account in the ARNs that are made here.',
  },
  {
    name: 'insecure',
    env: 'REGENTE_INSECURE',
    unit: 'true or false',
    default: 'false',
    meaning: 'Listen on an address that other machines reach, though everybody there may do everything.',
  },
  {
    name: 'allowedHosts',
    env: 'REGENTE_ALLOWED_HOSTS',
    unit: 'names, with commas',
    default: undefined,
    meaning:
      'Further host names that requests may be sent to, beside localhost, *.localhost and the host itself; *.example.org takes all below.',
  },
  {
    name: 'allowedOrigins',
    env: 'REGENTE_ALLOWED_ORIGINS',
    unit: 'origins, with commas',
    default: undefined,
    meaning: 'Web pages that may use the server from a browser, such as http://localhost:3000; all others are refused.',
  },
  {
    name: 'smtp',
    env: 'REGENTE_SMTP',
    unit: 'URL',
    default: undefined,
    meaning:
      'Where SNS sends mail: smtp://user:password@host:587?from=me@example.org. Without it, .eml files in the data folder.',
  },
  {
    name: 'servicesUrl',
    env: 'REGENTE_SERVICES_URL',
    unit: 'URL',
    default: undefined,
    meaning: 'Where `regente services` runs that this server is to use: http://127.0.0.1:4567. Without it, services of its own.',
  },
  {
    name: 'servicesTransport',
    env: 'REGENTE_SERVICES_TRANSPORT',
    unit: 'memory or socket',
    default: 'memory',
    meaning:
      'How the tasks of this server reach itself and the services that it runs: the same requests handed over in memory, or sent over a socket.',
  },
  {
    name: 'servicesKey',
    env: 'REGENTE_SERVICES_KEY',
    unit: 'file',
    default: undefined,
    meaning:
      'The file services.key in the data folder of those services, or a copy. Without it, connections of HTTP Tasks do not work with them.',
  },
  {
    name: 'lambda',
    env: 'REGENTE_LAMBDA',
    unit: 'true or false',
    default: 'false',
    meaning: 'Run functions for the services of `servicesUrl`, which spread invocations over all servers that say so.',
  },
  {
    name: 'awsEndpoint',
    env: 'REGENTE_AWS_ENDPOINT',
    unit: 'URL, or aws',
    default: undefined,
    meaning:
      'Where services are called that no `AWS_ENDPOINT_URL_<SERVICE>` names; aws for AWS itself. Without it, this server calls itself.',
  },
  {
    name: 'shutdownGraceSeconds',
    env: 'REGENTE_SHUTDOWN_GRACE',
    unit: 'seconds',
    default: '10',
    meaning: 'How long a stop waits for requests that are being answered, before it cuts them off.',
  },
  {
    name: 'retentionDays',
    env: 'REGENTE_RETENTION_DAYS',
    unit: 'days',
    default: '90',
    meaning:
      'How long an execution is kept when it has closed, 1 to 3650; the tag `regente:retention-days` of a state machine goes before it.',
  },
  {
    name: 'archive',
    env: 'REGENTE_ARCHIVE',
    unit: 's3:// URL',
    default: undefined,
    meaning: 'Where executions are written, as NDJSON, before they are removed: s3://bucket/prefix. Without it, nowhere.',
  },
  {
    name: 'mockConfig',
    env: 'SFN_MOCK_CONFIG',
    unit: 'file',
    default: undefined,
    meaning:
      "A mock file as Step Functions Local's, MockConfigFile.json: executions started as `stateMachineArn#TestCase` have their tasks answered by it. Read anew when it changes.",
  },
  {
    name: 'inspect',
    env: 'REGENTE_INSPECT',
    unit: 'TCP port',
    default: undefined,
    meaning:
      'For `regente dev --inspect`: Node functions start with their debuggers, on loopback alone, each on a port of its own from this one on, and have no time-outs.',
  },
  {
    name: 'limits',
    env: 'REGENTE_LIMITS',
    unit: 'aws or off',
    default: 'aws',
    meaning: "AWS's limits on payloads, histories and rates, so that what runs here runs there; off lifts them.",
  },
  {
    name: 'logLevel',
    env: 'REGENTE_LOG_LEVEL',
    unit: 'debug, info, warn, error or silent',
    default: 'warn',
    meaning: 'What the server tells on standard error.',
  },
] as const satisfies readonly Setting[]

/** A setting has a value that cannot be. Says which, and what would do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** As text, which is how flags and the environment say it, or as `Config` has it. */
export type GivenConfig = { readonly [Name in keyof Config]?: string | Config[Name] | undefined }

/** All settings: as given, or else as the environment `env` says, or else their defaults. Throws ConfigError. */
export function readConfig(given: GivenConfig = {}, env: Readonly<Record<string, string | undefined>> = {}): Config {
  const text = (wanted: keyof Config): Given => {
    const setting: Setting | undefined = SETTINGS.find(({ name }) => name === wanted)
    assert(setting !== undefined, `the setting ${wanted} is in the table`)
    const { name, env: variable, default: fallback } = setting
    const value = given[name]
    if (value !== undefined) return { value: String(value), from: name }
    const fromEnv = env[variable]
    return fromEnv !== undefined && fromEnv !== '' ? { value: fromEnv, from: variable } : { value: fallback, from: name }
  }
  const smtp = text('smtp')
  const store = text('store')
  const nodeUrl = text('nodeUrl')
  const servicesUrl = text('servicesUrl')
  const servicesKey = text('servicesKey')
  const awsEndpoint = text('awsEndpoint')
  const archive = text('archive')
  const mockConfig = text('mockConfig')
  const inspect = text('inspect')
  const host = matching(text('host'), /^[\w.:-]+$/, 'a host name or an address')
  const insecure = oneOf(text('insecure'), ['true', 'false']) === 'true'
  if (!insecure && !isLoopback(host)) {
    throw new ConfigError(
      `host ${host} can be reached from other machines, and everybody there could do everything. Say --insecure if that is wanted.`,
    )
  }
  const lambda = oneOf(text('lambda'), ['true', 'false']) === 'true'
  if (lambda && (servicesUrl.value === undefined || servicesKey.value === undefined)) {
    throw new ConfigError(
      `${text('lambda').from} is for servers that run functions for \`regente services\`: say where these are with --services-url, and give their key with --services-key.`,
    )
  }
  if (store.value !== undefined && nodeUrl.value === undefined && isEveryAddress(host)) {
    throw new ConfigError(
      `host ${host} is every address of this machine, and the other nodes need one. Say by which they reach it: --node-url http://NAME:PORT, or REGENTE_NODE_URL.`,
    )
  }
  return {
    port: parsePort(text('port')),
    host,
    insecure,
    allowedHosts: listOf(text('allowedHosts')).map((name) => name.toLowerCase()),
    allowedOrigins: listOf(text('allowedOrigins')).map((origin) => parseOrigin({ ...text('allowedOrigins'), value: origin })),
    dataDirectory: resolve(matching(text('dataDirectory'), /./, 'a folder')),
    ...(store.value !== undefined && {
      store: matching(store, /^postgres(?:ql)?:\/\/./i, 'a URL such as postgres://user:password@host:5432/database'),
    }),
    ...(nodeUrl.value !== undefined && { nodeUrl: parseUrl(nodeUrl, 'a URL such as http://node-1.internal:4566') }),
    leaseSeconds: wholeNumber(text('leaseSeconds'), 'seconds', 2, 60),
    region: matching(text('region'), /^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/, 'a region such as us-east-1'),
    account: matching(text('account'), /^\d{12}$/, 'an account of 12 digits'),
    ...(smtp.value !== undefined && { smtp: matching(smtp, /^smtps?:\/\/./, 'a URL such as smtp://localhost:25') }),
    ...(servicesUrl.value !== undefined && { servicesUrl: parseUrl(servicesUrl, 'a URL such as http://127.0.0.1:4567') }),
    servicesTransport: oneOf(text('servicesTransport'), ['memory', 'socket']),
    ...(servicesKey.value !== undefined && { servicesKey: resolve(matching(servicesKey, /./, 'a file')) }),
    lambda,
    ...(awsEndpoint.value !== undefined && { awsEndpoint: parseAwsEndpoint(awsEndpoint) }),
    shutdownGraceSeconds: wholeNumber(text('shutdownGraceSeconds'), 'seconds', 0, 3_600),
    retentionDays: wholeNumber(text('retentionDays'), 'days', 1, 3_650),
    ...(archive.value !== undefined && { archive: parseArchive(archive) }),
    ...(mockConfig.value !== undefined && { mockConfig: resolve(matching(mockConfig, /./, 'a file')) }),
    ...(inspect.value !== undefined && { inspect: parsePort(inspect) }),
    limits: oneOf(text('limits'), ['aws', 'off']),
    logLevel: oneOf(text('logLevel'), ['debug', 'info', 'warn', 'error', 'silent']),
  }
}

interface Given {
  readonly value: string | undefined
  readonly from: string
}

function parsePort(given: Given): number {
  const port = Number(matching(given, /^\d{1,5}$/, 'a port from 0 to 65535'))
  if (port > 65_535) throw refusal(given, 'a port from 0 to 65535')
  return port
}

function wholeNumber(given: Given, unit: string, least: number, most: number): number {
  const wanted = `${unit} from ${least} to ${most}`
  const number = Number(matching(given, /^\d{1,6}$/, wanted))
  if (number < least || number > most) throw refusal(given, wanted)
  return number
}

function parseArchive(given: Given): string {
  const url = matching(
    given,
    /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/|$)/,
    'a place in a bucket such as s3://bucket/executions',
  )
  return `s3://${url.slice('s3://'.length).split('/').filter(Boolean).join('/')}`
}

const listOf = ({ value = '' }: Given): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)

/** As browsers send it: small letters, no default port, no slash. */
function parseOrigin(given: Given): string {
  const wanted = 'an origin such as http://localhost:3000'
  const url = URL.parse(matching(given, /^https?:\/\/[^/?#@]+\/?$/i, wanted))
  if (url === null) throw refusal(given, wanted)
  return url.origin
}

const parseAwsEndpoint = (given: Given): string =>
  given.value === 'aws' ? 'aws' : parseUrl(given, 'a URL such as http://127.0.0.1:4567, or aws')

function parseUrl(given: Given, wanted: string): string {
  const url = URL.parse(matching(given, /^https?:\/\/[^/?#@]+\/?$/i, wanted))
  if (url === null) throw refusal(given, wanted)
  return url.origin
}

function matching(given: Given, pattern: RegExp, wanted: string): string {
  if (given.value === undefined || !pattern.test(given.value)) throw refusal(given, wanted)
  return given.value
}

function oneOf<const T extends string>(given: Given, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === given.value)
  if (found === undefined) throw refusal(given, `one of ${allowed.join(', ')}`)
  return found
}

const refusal = ({ value, from }: Given, wanted: string): ConfigError =>
  new ConfigError(`${from} must be ${wanted}, not ${JSON.stringify(hidePassword(value ?? ''))}.`)
