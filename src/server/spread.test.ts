import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { systemClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'

import { READY_PATH } from './front-door.ts'
import { createReadyCheck } from './ready-check.ts'
import { createSpread } from './spread.ts'

/** One of several that all answer alike, with its name. */
class Answerer {
  readonly server: Server
  isReady = true
  checks = 0
  hosts = new Set<string | undefined>()

  constructor(name: string) {
    this.server = createServer((req, res) => {
      if (req.url === READY_PATH) {
        this.checks++
        return res.writeHead(this.isReady ? 200 : 503).end()
      }
      this.hosts.add(req.headers.host)
      res.writeHead(this.isReady ? 200 : 503).end(name)
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async open(): Promise<void> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening')
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }
}

let several: readonly [Answerer, Answerer, Answerer]
let urls: string[]
let front: Server
let url: string

beforeEach(async () => {
  several = [new Answerer('a'), new Answerer('b'), new Answerer('c')]
  for (const one of several) await one.open()
  urls = several.map((one) => one.url)
  const spread = createSpread({
    urls: () => urls,
    isReady: createReadyCheck(silentLog, 'not reached'),
    clock: systemClock,
    nobody: 'Nobody is here.',
  })
  front = createServer((req, res) => void spread(req, res))
  await once(front.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`
})
afterEach(() => {
  for (const one of [...several, { close: () => front.close() }]) one.close()
  front.closeAllConnections()
})

const ask = async () => {
  const answer = await fetch(url, { method: 'POST', body: 'x' })
  return answer.status === 200 ? await answer.text() : answer.status
}

test('one of them takes all requests, under its own name as the host', async () => {
  expect(await Promise.all([ask(), ask(), ask(), ask()])).toEqual(['a', 'a', 'a', 'a'])
  expect([...several[0].hosts]).toEqual([new URL(several[0].url).host])
  expect(several.map(({ checks }) => checks)).toEqual([1, 0, 0])
})

test('one that does not take requests any more is followed by the next, and has not lost its place for good', async () => {
  expect(await ask()).toBe('a')
  several[0].isReady = false
  expect(await ask()).toBe(503)
  expect(await ask()).toBe('b')
  several[0].isReady = true
  expect(await ask()).toBe('b')
  several[1].close()
  expect(await ask()).toBe(503)
  expect(await ask()).toBe('c')
})

test('one that has left is asked no more', async () => {
  expect(await ask()).toBe('a')
  urls.shift()
  expect(await ask()).toBe('b')
})

test('where none is ready yet, whoever asks waits a moment for the first that is', async () => {
  for (const one of several) one.isReady = false
  const answer = ask()
  setTimeout(() => (several[2].isReady = true), 200)
  expect(await answer).toBe('c')
})

test('where none is ready, and where there is none at all, whoever asks is told to come again', async () => {
  for (const one of several) one.isReady = false
  expect(await ask()).toBe(503)
  urls.length = 0
  const answer = await fetch(url, { method: 'POST' })
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('Nobody is here.')])
})
