import { X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { systemClock } from '../base/clock.ts'
import { toInstant } from '../base/time.ts'

import { type CertificatesOptions, createCertificates } from './certificates.ts'

let directory = ''
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'regente-certificates-'))))
afterEach(() => rm(directory, { recursive: true, force: true }))

const DAY_MS = 86_400_000
let skippedMs = 0
afterEach(() => (skippedMs = 0))
const clock = { ...systemClock, now: () => toInstant(Date.now() + skippedMs) }
const open = (options: Partial<CertificatesOptions> = {}) =>
  createCertificates({ directory, host: '127.0.0.1', allowedHosts: [], clock, ...options })
const read = (pem: string) => new X509Certificate(pem)
const file = (name: string) => join(directory, name)

describe('what a server shows', () => {
  test('is vouched for by the authority, for less than 398 days', async () => {
    const certificates = open()
    const [authority, shown] = [read(await certificates.authority()), read((await certificates.shownTo('localhost')).cert)]
    expect(shown.checkIssued(authority)).toBe(true)
    expect(shown.verify(authority.publicKey)).toBe(true)
    expect([authority.ca, shown.ca]).toEqual([true, false])
    const days = (one: X509Certificate) => (one.validToDate.getTime() - one.validFromDate.getTime()) / DAY_MS
    expect(days(shown)).toBe(397)
    expect(days(authority)).toBe(3_651)
  })

  test.each([
    'bucket.s3.localhost',
    'sqs.us-east-1.localhost',
    'my.dotted.bucket.localhost',
    'abc.lambda-url.eu-west-1.localhost',
    'flows.example.org',
    'a.apps.example.org',
    'sync-localhost',
    's3.eu-west-1.amazonaws.com',
  ])('names %s to whoever calls it so', async (name) => {
    const certificates = open({ allowedHosts: ['flows.example.org', '*.apps.example.org'] })
    expect(read((await certificates.shownTo(name)).cert).checkHost(name)).toBeDefined()
  })

  test.each(['google.com', 'localhost.evil.example', '10.0.0.1', 'a'.repeat(300), 'a b', ''])(
    'names nobody else, whatever is asked for: %s',
    async (name) => {
      const certificates = open()
      const shown = await certificates.shownTo(name)
      expect(read(shown.cert).subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
      expect(shown).toBe(await certificates.shownTo(undefined))
    },
  )

  test('holds the addresses that are listened on', async () => {
    const [one, every] = [open({ host: '192.0.2.7' }), open({ host: '0.0.0.0' })]
    expect(read((await one.shownTo(undefined)).cert).checkIP('192.0.2.7')).toBe('192.0.2.7')
    expect(read((await every.shownTo(undefined)).cert).checkIP('127.0.0.1')).toBe('127.0.0.1')
  })

  test('is made once, and anew before half of its time is over', async () => {
    const certificates = open()
    const shown = await certificates.shownTo('localhost')
    expect(await certificates.shownTo('localhost')).toBe(shown)
    skippedMs = 190 * DAY_MS
    const next = await certificates.shownTo('localhost')
    expect(read(next.cert).validToDate.getTime()).toBeGreaterThan(Date.now() + 580 * DAY_MS)
  })

  test('is forgotten where too many names are asked for', async () => {
    const certificates = open()
    const first = await certificates.shownTo('first.localhost')
    for (let count = 0; count < 200; count++) await certificates.shownTo(`n${count}.localhost`)
    expect(await certificates.shownTo('first.localhost')).not.toBe(first)
  })
})

describe('the authority', () => {
  test('is made when it is first asked for, its key for its owner alone', async () => {
    const certificates = open()
    expect(await readdir(directory)).toEqual([])
    await Promise.all([certificates.authority(), certificates.shownTo('a.localhost'), certificates.authority()])
    expect((await readdir(directory)).toSorted()).toEqual(['ca.key', 'ca.pem'])
    expect((await stat(file('ca.key'))).mode & 0o777).toBe(0o600)
    expect(await certificates.authority()).toBe(await readFile(file('ca.pem'), 'utf8'))
  })

  test('is the same after a start', async () => {
    expect(await open().authority()).toBe(await open().authority())
  })

  test('is made of the same key where its file is lost, of another key, or torn: who trusts the old one trusts what it vouches for', async () => {
    const old = read(await open().authority())
    for (const text of [undefined, '', '-----BEGIN CERTIFICATE-----\n', await open({ directory: undefined }).authority()]) {
      await (text === undefined ? rm(file('ca.pem')) : writeFile(file('ca.pem'), text))
      const shown = read((await open().shownTo('localhost')).cert)
      expect(shown.checkIssued(old) && shown.verify(old.publicKey)).toBe(true)
    }
  })

  test('is made anew a year before it ends', async () => {
    const before = await open().authority()
    skippedMs = (3_650 - 300) * DAY_MS
    const after = await open().authority()
    expect(read(after).validToDate.getTime() - read(before).validToDate.getTime()).toBeGreaterThan(3_000 * DAY_MS)
    expect(read(after).publicKey.equals(read(before).publicKey)).toBe(true)
  })

  test('is not replaced where its key is damaged, and is asked for again once it is mended', async () => {
    const certificates = open()
    await writeFile(file('ca.key'), 'torn')
    await expect(certificates.authority()).rejects.toThrow(/ca\.key is damaged/)
    await rm(file('ca.key'))
    expect(read(await certificates.authority()).ca).toBe(true)
  })

  test('is kept in memory where there is no folder', async () => {
    const certificates = open({ directory: undefined })
    expect(await certificates.authority()).toBe(await certificates.authority())
  })
})
