import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { silentLog } from '../base/log.ts'

import { openServicesDatabase } from './kit/database.ts'
import { type Services, startServices } from './services.ts'
import { isSealed, openSeal } from './seal.ts'

const SECRET = 'sUpErSeCrEt'
let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'seal-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('a seal', () => {
  it('opens what it closed, at its place only, and after a restart', () => {
    const sealed = openSeal(directory).close(SECRET, 'connection/a')
    expect(isSealed(sealed)).toBe(true)
    expect(sealed).not.toContain(SECRET)
    expect(openSeal(directory).open(sealed, 'connection/a')).toBe(SECRET)
    expect(() => openSeal(directory).open(sealed, 'connection/b')).toThrow('does not open')
    expect(() => openSeal(undefined).open(sealed, 'connection/a')).toThrow('does not open')
  })

  it('has its key in a file for its owner alone, and never replaces one that is damaged', () => {
    openSeal(directory)
    expect(readdirSync(directory)).toEqual(['secrets.key'])
    if (process.platform !== 'win32') expect(statSync(join(directory, 'secrets.key')).mode & 0o777).toBe(0o600)
    writeFileSync(join(directory, 'secrets.key'), 'short')
    expect(() => openSeal(directory)).toThrow('is damaged')
    expect(readFileSync(join(directory, 'secrets.key'), 'utf8')).toBe('short')
  })

  it('a draft of a key that was left by a kill is in nobody’s way', () => {
    writeFileSync(join(directory, 'secrets.key.new'), '')
    const sealed = openSeal(directory).close('x', 'p')
    expect(openSeal(directory).open(sealed, 'p')).toBe('x')
  })
})

describe('secrets of an older version, which kept them in the clear', () => {
  const open = (): Services =>
    startServices({
      directory,
      region: 'us-east-1',
      account: '123456789012',
      endpoint: () => 'http://127.0.0.1:1',
      log: silentLog,
    })
  const filesWith = (text: string) =>
    readdirSync(directory).filter(
      (name) => statSync(join(directory, name)).isFile() && readFileSync(join(directory, name), 'latin1').includes(text),
    )

  it('are sealed at the first start, and are in no page of the files any more', async () => {
    await open().close()
    const old = openServicesDatabase(directory)
    const data = { ConnectionArn: 'arn:aws:events:us-east-1:123456789012:connection/c/1', AuthorizationType: 'API_KEY' }
    const secret = { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: SECRET } }
    const insert = old.prepare('INSERT INTO events_connections VALUES (?, ?, ?)')
    for (const name of ['c', 'deleted']) insert.run(name, JSON.stringify(data), JSON.stringify(secret))
    old.exec("DELETE FROM events_connections WHERE name = 'deleted'")
    old.close()
    expect(filesWith(SECRET)).toEqual(['local.sqlite'])
    const local = open()
    expect(filesWith(SECRET)).toEqual([])
    expect(await local.events.connections.authorize(data.ConnectionArn)).toMatchObject({ headers: { 'X-Key': SECRET } })
    await local.close()
    expect(filesWith(SECRET)).toEqual([])
  })
})
