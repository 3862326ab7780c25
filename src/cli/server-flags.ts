/** The flags that `start` and `dev` share: the settings of a server, as the command line spells them. */
import type { Command } from 'commander'

import { isLoopback } from '../base/host.ts'

import { type Config, readConfig } from '../config.ts'

export interface ServerFlags {
  readonly port?: string
  readonly host?: string
  readonly data?: string
  readonly region?: string
  readonly account?: string
  readonly insecure?: boolean
  readonly allowedHosts?: string
  readonly allowedOrigins?: string
  readonly smtp?: string
  readonly servicesUrl?: string
  readonly servicesKey?: string
  readonly awsEndpoint?: string
  readonly shutdownGrace?: string
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
    .option('--aws-endpoint <url|aws>', 'where services are called that no AWS_ENDPOINT_URL_<SERVICE> names; without it, here')
    .option('--services-key <file>', 'the key of those services: services.key in their data folder')
}

export function configOf({ data, insecure, shutdownGrace, ...flags }: ServerFlags): Config {
  return readConfig(
    { ...flags, dataDirectory: data, shutdownGraceSeconds: shutdownGrace, insecure: insecure === true ? 'true' : undefined },
    process.env,
  )
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
