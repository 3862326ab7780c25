import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it } from 'vitest'

import { deferred } from '../base/deferred.ts'

import { type ServicesDatabase, openServicesDatabase } from './kit/database.ts'
import { Durability, holdAnswer } from './durability.ts'

let directory: string
let database: ServicesDatabase
let durability: Durability
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'durability-'))
  database = openServicesDatabase(directory)
  database.exec('CREATE TABLE t (a INTEGER)')
  durability = new Durability(database, join(directory, 'local.sqlite-wal'))
})
afterEach(async () => {
  await durability.close()
  database.close()
  rmSync(directory, { recursive: true, force: true })
})
const write = () => void database.prepare('INSERT INTO t VALUES (1)').run()

it('there is nothing to wait for where nothing was written', async () => {
  write()
  await durability.sync()
  expect(durability.sync()).toBeUndefined()
  database.prepare('SELECT * FROM t').all()
  expect(durability.sync()).toBeUndefined()
})

it('those who come while a sync is under way share the next one', async () => {
  write()
  const first = durability.sync()
  write()
  const [second, third] = [durability.sync(), durability.sync()]
  expect(second).not.toBe(first)
  expect(third).toBe(second)
  await Promise.all([first, second])
  expect(durability.sync()).toBeUndefined()
})

it('those who come while a sync is under way that has all they wait for share it', async () => {
  write()
  const first = durability.sync()
  database.prepare('SELECT * FROM t').all()
  database.prepare('DELETE FROM t WHERE a = 2').run()
  expect(durability.sync()).toBe(first)
  await first
  expect(durability.sync()).toBeUndefined()
})

it('a sync that fails is a failure for those who waited, and the next one tries again', async () => {
  const lost = new Durability(database, join(directory, 'nowhere/local.sqlite-wal'))
  write()
  await expect(lost.sync()).rejects.toThrow('ENOENT')
  await expect(lost.sync()).rejects.toThrow('ENOENT')
  await lost.close()
})

it('an answer goes out after the sync, and is cut where that fails', async () => {
  const synced = deferred<void>()
  let sync = () => synced.promise
  const server = createServer((_, res: ServerResponse) => {
    holdAnswer(res, () => sync())
    res.end('answer')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let isAnswered = false
  const answer = fetch(url).then((response) => {
    isAnswered = true
    return response.text()
  })
  await once(server, 'request')
  expect(isAnswered).toBe(false)
  synced.resolve()
  expect(await answer).toBe('answer')
  sync = () => Promise.reject(new Error('EIO'))
  await expect(fetch(url)).rejects.toThrow()
  server.closeAllConnections()
  server.close()
})
