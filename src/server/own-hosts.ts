/**
 * The names under which this server takes requests: those that nobody else can point at it. A page whose name was rebound to our
 * address sends its own name; a request to an address that we did not choose ourselves reaches us past the browser's checks.
 */
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

import { isEveryAddress } from '../base/host.ts'

export interface HostSettings {
  /** What is listened on: an address or a name. */
  readonly host: string
  /** Further names, in small letters; `*.example.org` stands for all below it. */
  readonly allowedHosts: readonly string[]
}

/** `ifSigned`: names that tools put into requests by themselves, and that only AWS or the system resolves. */
export type HostVerdict = 'ours' | 'ifSigned' | 'strange'

const AUTHORITY = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9_][a-z0-9._-]*))(?::\d{1,5})?$/

/** The name or address in a Host header, in small letters, without port and brackets. Undefined for what is no host. */
export function nameOfHost(header: string): string | undefined {
  const match = AUTHORITY.exec(header.toLowerCase())
  return match ? (match[1] ?? match[2]) : undefined
}

const ALWAYS: readonly string[] = ['localhost', '127.0.0.1', '::1']
const AMAZON = /\.amazonaws\.com(?:\.cn)?$/
/** StartSyncExecution and TestState have this before the endpoint's own name, unless a client is told not to. */
const HOST_PREFIX = 'sync-'

/** Judges names that `nameOfHost` has read. */
export function createHostCheck({ host, allowedHosts }: HostSettings): (name: string) => HostVerdict {
  const isEvery = isEveryAddress(host)
  const names = new Set([...ALWAYS, ...(isEvery ? [] : [nameOfHost(host) ?? host.toLowerCase()]), ...allowedHosts])
  const suffixes = ['.localhost', ...allowedHosts.filter((name) => name.startsWith('*.')).map((name) => name.slice(1))]
  const isOurs = (name: string): boolean =>
    names.has(name) || suffixes.some((suffix) => name.endsWith(suffix)) || (isEvery && isIP(name) !== 0 && isOwnAddress(name))
  return (name) => {
    if (isOurs(name)) return 'ours'
    const isOfTools = AMAZON.test(name) || (name.startsWith(HOST_PREFIX) && isOurs(name.slice(HOST_PREFIX.length)))
    return isOfTools ? 'ifSigned' : 'strange'
  }
}

/** Addresses come and go (Wi-Fi, VPN): asked each time, but only where all are listened on and one is named. */
const isOwnAddress = (address: string): boolean =>
  Object.values(networkInterfaces()).some((entries) => entries?.some((entry) => entry.address === address) === true)
