/**
 * The certificates of HTTPS: an authority of our own, which clients are told to trust, and one for each name under which they
 * call. Invariants:
 * 1. Nothing is made before a client speaks TLS, or asks for the authority.
 * 2. The authority alone is kept: `ca.key`, for its owner, and `ca.pem`. The key is written first, and is never replaced while it
 *    can be read: a certificate that is lost, about to end, or of another key is made again of it, and whoever trusts the old one
 *    trusts what the new one vouches for.
 * 3. What servers show lives in memory, of a key that was made at the same time, and is made anew before half of its time is over.
 * Source: RFC 5280; CA/Browser Forum, Baseline Requirements, 6.3.2 (398 days at most); RFC 6066, section 3 (the name is no address).
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { Clock } from '../base/clock.ts'
import { isEveryAddress } from '../base/host.ts'

import { printCertificate } from '../wire/certificate.ts'

import { createHostCheck, type HostSettings, nameOfHost } from './own-hosts.ts'

export const AUTHORITY_FILE = 'ca.pem'
const KEY_FILE = 'ca.key'

/** What a server shows; PEM. */
export interface Shown {
  readonly key: string
  readonly cert: string
}

export interface Certificates {
  /** PEM. Rejects where it can neither be read nor kept. */
  authority(): Promise<string>
  /** For a client that calls us by that name, or by an address (undefined). The same object as long as it is good. */
  shownTo(name: string | undefined): Promise<Shown>
}

export interface CertificatesOptions extends HostSettings {
  /** Without it the authority lives as long as the process. */
  readonly directory?: string | undefined
  readonly clock: Clock
}

const DAY_MS = 86_400_000
const AUTHORITY_DAYS = 3_650
const SHOWN_DAYS = 396
const RENEWED_AFTER_MS = 180 * DAY_MS
/** Clocks of containers and clients differ. */
const BEFORE_MS = DAY_MS
/** Names are for a client to choose: those asked for last are remembered. */
const REMEMBERED_MAX = 128
const NAME_CHARS_MAX = 253

interface Authority {
  readonly name: string
  readonly key: KeyObject
  readonly pem: string
  readonly endsAt: number
}

/** All that is good for the same time. */
interface Season {
  readonly since: number
  readonly authority: Authority
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
  /** By what a client called us; the one that was asked for last comes last. */
  readonly shown: Map<string, Shown>
}

export function createCertificates({ directory, clock, ...hosts }: CertificatesOptions): Certificates {
  const judgeHost = createHostCheck(hosts)
  let latest: { readonly since: number; readonly season: Promise<Season> } | undefined

  function seasonNow(): Promise<Season> {
    const now = clock.now()
    if (latest && Math.abs(now - latest.since) < RENEWED_AFTER_MS) return latest.season
    const season = begin(now)
    latest = { since: now, season }
    season.catch(() => (latest = undefined))
    return season
  }

  async function begin(since: number): Promise<Season> {
    return { since, authority: await openAuthority(directory, since), keys: await newKeys(), shown: new Map() }
  }

  function show({ since, authority, keys, shown }: Season, name: string): Shown {
    const known = shown.get(name)
    const made = known ?? {
      key: pemOf(keys.privateKey),
      cert: printCertificate({
        subject: 'regente',
        publicKey: keys.publicKey,
        issuer: authority,
        serial: randomBytes(16),
        notBefore: new Date(since - BEFORE_MS),
        notAfter: new Date(Math.min(since + SHOWN_DAYS * DAY_MS, authority.endsAt)),
        use: { kind: 'server', names: namesWith(name, hosts), issuerKey: createPublicKey(authority.key) },
      }),
    }
    shown.delete(name)
    shown.set(name, made)
    const [oldest] = shown.keys()
    if (shown.size > REMEMBERED_MAX && oldest !== undefined) shown.delete(oldest)
    return made
  }

  return {
    authority: async () => (await seasonNow()).authority.pem,
    async shownTo(name = '') {
      const asked = name.length > NAME_CHARS_MAX ? undefined : nameOfHost(name)
      const isOurs = asked !== undefined && isIP(asked) === 0 && judgeHost(asked) !== 'strange'
      return show(await seasonNow(), isOurs ? asked : '')
    },
  }
}

/** The names that are always ours, and the one that a client has asked for. */
function namesWith(asked: string, { host, allowedHosts }: HostSettings): string[] {
  const addresses = isEveryAddress(host)
    ? Object.values(networkInterfaces()).flatMap((entries = []) => entries.map(({ address }) => address))
    : [nameOfHost(host) ?? host.toLowerCase()]
  const all = ['localhost', '127.0.0.1', '::1', ...addresses, ...allowedHosts, asked]
  return [...new Set(all)].filter((name) => isIP(name) !== 0 || DNS_NAME.test(name))
}

const DNS_NAME = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/

async function openAuthority(directory: string | undefined, now: number): Promise<Authority> {
  if (directory === undefined) return authorityOf((await newKeys()).privateKey, now)
  const [keyFile, file] = [join(directory, KEY_FILE), join(directory, AUTHORITY_FILE)]
  const key = await keepKey(keyFile)
  const kept = await readFile(file, 'utf8').catch(ifMissing)
  const endsAt = kept === undefined ? undefined : endOf(kept, key, now)
  if (kept !== undefined && endsAt !== undefined) return { name: nameOf(key), key, pem: kept, endsAt }
  const made = authorityOf(key, now)
  await writeWhole(file, made.pem, 0o644)
  return made
}

/** When the authority of that key ends; undefined where it is of another key, no certificate, or ends soon. */
function endOf(pem: string, key: KeyObject, now: number): number | undefined {
  try {
    const certificate = new X509Certificate(pem)
    const endsAt = certificate.validToDate.getTime()
    const isGood = certificate.checkPrivateKey(key) && certificate.ca && certificate.validFromDate.getTime() <= now
    return isGood && endsAt - now > SHOWN_DAYS * DAY_MS ? endsAt : undefined
  } catch {
    return undefined
  }
}

/** Of the key: clients may trust the authorities of several servers. */
const nameOf = (key: KeyObject): string =>
  `Regente ${createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 8)}`

function authorityOf(key: KeyObject, now: number): Authority {
  const name = nameOf(key)
  const endsAt = now + AUTHORITY_DAYS * DAY_MS
  const pem = printCertificate({
    subject: name,
    publicKey: createPublicKey(key),
    issuer: { name, key },
    serial: randomBytes(16),
    notBefore: new Date(now - BEFORE_MS),
    notAfter: new Date(endsAt),
    use: { kind: 'authority' },
  })
  return { name, key, pem, endsAt }
}

/** The key in the file; made where there is none. What is there and is no key is not replaced: clients trust it. */
async function keepKey(path: string): Promise<KeyObject> {
  const kept = await readFile(path, 'utf8').catch(ifMissing)
  if (kept !== undefined) return readKey(kept, path)
  const { privateKey } = await newKeys()
  await writeWhole(path, pemOf(privateKey), 0o600)
  return privateKey
}

function readKey(pem: string, path: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    throw new Error(`${path} is damaged. Remove it, and clients have to trust a new authority.`, { cause })
  }
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const aside = `${path}.new`
  await writeFile(aside, text, { mode })
  await rename(aside, path)
}

const newKeys = () => promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

function ifMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
