/** The flags that `start` and `dev` share: the settings of a server, as the command line spells them. */
import type { Command } from 'commander'

import { isLoopback } from '../base/host.ts'

import { type Config, readConfig } from '../config.ts'

export interface ServerFlags {
  readonly port?: string
  readonly host?: string
  readonly data?: string
  readonly store?: string
  readonly nodeUrl?: string
  readonly lease?: string
  readonly region?: string
  readonly account?: string
  readonly insecure?: boolean
  readonly allowedHosts?: string
  readonly allowedOrigins?: string
  readonly smtp?: string
  readonly servicesUrl?: string
  readonly servicesTransport?: string
  readonly servicesKey?: string
  readonly lambda?: boolean
  readonly awsEndpoint?: string
  readonly shutdownGrace?: string
  readonly retentionDays?: string
  readonly archive?: string
  readonly mockConfig?: string
  readonly inspect?: string
  readonly limits?: string
  readonly logLevel?: string
}

export function addServerFlags(command: Command): Command {
  return command
    .option('--port <port>', 'where requests are taken; 0 takes any free port (4566)')
    .option('--host <address>', 'the address that is listened on (127.0.0.1)')
    .option('--data <folder>', 'everything that lasts is kept here (.regente/data)')
    .option('--region <region>', 'the region in ARNs (us-east-1)')
    .option('--account <digits>', 'the account in ARNs (000000000000)')
    .option('--insecure', 'listen on an address that other machines reach, though nobody has to show a key')
    .option('--allowed-hosts <names>', 'further host names that requests may be sent to, with commas')
    .option('--allowed-origins <origins>', 'web pages that may use the server from a browser, with commas')
    .option('--smtp <url>', 'where mail is sent to; without it, .eml files in the data folder')
    .option('--shutdown-grace <seconds>', 'how long a stop waits for requests that are being answered (10)')
    .option('--limits <aws|off>', "AWS's limits, or none (aws)")
    .option('--log-level <level>', 'debug, info, warn, error or silent (warn)')
}

/** For servers with an engine. */
export function addEngineFlags(command: Command): Command {
  return command
    .option('--services-url <url>', 'where `regente services` runs; without it, services of its own')
    .option('--services-transport <memory|socket>', 'how tasks reach the services of this server itself (memory)')
    .option('--aws-endpoint <url|aws>', 'where services are called that no AWS_ENDPOINT_URL_<SERVICE> names; without it, here')
    .option('--retention-days <days>', 'how long an execution is kept when it has closed (90)')
    .option('--archive <s3://bucket/prefix>', 'where executions are written before they are removed')
    .option('--mock-config <file>', "a mock file as Step Functions Local's, for executions of `stateMachineArn#TestCase`")
    .option('--services-key <file>', 'the key of those services: services.key in their data folder')
    .option('--lambda', 'run functions for those services, which spread invocations over all servers that say so')
}

/** For servers of which several share a database. */
export function addNodeFlags(command: Command): Command {
  return command
    .option('--store <url>', 'the PostgreSQL database that keeps executions, for any number of nodes; without it, SQLite here')
    .option('--node-url <url>', 'where the other nodes on that database reach this one; without it, host and port')
    .option('--lease <seconds>', 'how long a node may be silent before the others take over its executions (10)')
}

export function configOf(
  { data, insecure, lambda, lease, shutdownGrace, ...flags }: ServerFlags,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  return readConfig(
    {
      ...flags,
      dataDirectory: data,
      lambda: lambda === true ? 'true' : undefined,
      leaseSeconds: lease,
      shutdownGraceSeconds: shutdownGrace,
      insecure: insecure === true ? 'true' : undefined,
    },
    env,
  )
}

/** For servers that are nodes of nothing: the environment without what makes a node. */
export function withoutNode(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> {
  const { REGENTE_STORE: _store, REGENTE_NODE_URL: _url, REGENTE_LEASE: _lease, ...others } = env
  return others
}

/** Says on standard error what `--insecure` means; nothing without it. */
export function warnIfInsecure({ insecure, host }: Config): void {
  if (!insecure) return
  process.stderr.write(
    isLoopback(host)
      ? `--insecure changes nothing here: ${host} is reached from this machine alone.\n`
      : `WARNING: --insecure on ${host}: no key is asked for. Whoever reaches this port may read and change everything, and run code as this user.\n`,
  )
}
