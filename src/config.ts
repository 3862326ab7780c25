/**
 * Every setting of a server, in one table: name, unit, default, environment variable, one line of meaning. Read once, when
 * the process starts; what is given on the command line goes before the environment, that before the default.
 * docs/settings.md is compared with this table by a test.
 */
import { resolve } from 'node:path'

import { assert } from './base/assert.ts'
import { isLoopback } from './base/host.ts'

export type Limits = 'aws' | 'off'
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

export interface Config {
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
  /** Absolute. */
  readonly dataDirectory: string
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
  /** The file that holds the key of those services. Absolute. */
  readonly servicesKey?: string
  /** Where services are called that no AWS_ENDPOINT_URL_<SERVICE> names: a URL without a slash at the end, or `aws`. */
  readonly awsEndpoint?: string
  /** How long a stop waits for answers that are owed. */
  readonly shutdownGraceSeconds: number
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
    name: 'servicesKey',
    env: 'REGENTE_SERVICES_KEY',
    unit: 'file',
    default: undefined,
    meaning:
      'The file services.key in the data folder of those services, or a copy. Without it, connections of HTTP Tasks do not work with them.',
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
  const servicesUrl = text('servicesUrl')
  const servicesKey = text('servicesKey')
  const awsEndpoint = text('awsEndpoint')
  const host = matching(text('host'), /^[\w.:-]+$/, 'a host name or an address')
  const insecure = oneOf(text('insecure'), ['true', 'false']) === 'true'
  if (!insecure && !isLoopback(host)) {
    throw new ConfigError(
      `host ${host} can be reached from other machines, and everybody there could do everything. Say --insecure if that is wanted.`,
    )
  }
  return {
    port: parsePort(text('port')),
    host,
    insecure,
    allowedHosts: listOf(text('allowedHosts')).map((name) => name.toLowerCase()),
    allowedOrigins: listOf(text('allowedOrigins')).map((origin) => parseOrigin({ ...text('allowedOrigins'), value: origin })),
    dataDirectory: resolve(matching(text('dataDirectory'), /./, 'a folder')),
    region: matching(text('region'), /^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/, 'a region such as us-east-1'),
    account: matching(text('account'), /^\d{12}$/, 'an account of 12 digits'),
    ...(smtp.value !== undefined && { smtp: matching(smtp, /^smtps?:\/\/./, 'a URL such as smtp://localhost:25') }),
    ...(servicesUrl.value !== undefined && { servicesUrl: parseUrl(servicesUrl, 'a URL such as http://127.0.0.1:4567') }),
    ...(servicesKey.value !== undefined && { servicesKey: resolve(matching(servicesKey, /./, 'a file')) }),
    ...(awsEndpoint.value !== undefined && { awsEndpoint: parseAwsEndpoint(awsEndpoint) }),
    shutdownGraceSeconds: parseGrace(text('shutdownGraceSeconds')),
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

function parseGrace(given: Given): number {
  const seconds = Number(matching(given, /^\d{1,4}$/, 'seconds from 0 to 3600'))
  if (seconds > 3_600) throw refusal(given, 'seconds from 0 to 3600')
  return seconds
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
  new ConfigError(`${from} must be ${wanted}, not ${JSON.stringify(value ?? '')}.`)
