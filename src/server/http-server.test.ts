import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { deferred } from '../base/deferred.ts'

import { sendJson } from '../wire/http.ts'
import { pollSignal } from '../wire/long-poll.ts'

import { createHttpServer, type HttpServer } from './http-server.ts'

let server: HttpServer
let url = ''
/** `/work` waits for it; `/poll` does as a long poll does. */
let work = deferred<void>()
let begun = 0
let agent: Agent
const isOwn = (req: IncomingMessage) => req.headers['x-own'] !== undefined
const HOUR_MS = 3_600_000

beforeEach(async () => {
  begun = 0
  work = deferred<void>()
  agent = new Agent({ keepAlive: true })
  server = createHttpServer((req, res) => {
    if (req.url === '/work') begun++
    if (req.url === '/work') void work.promise.then(() => sendJson(res, { done: true }))
    else if (req.url === '/stream') {
      res.write('begun')
      void work.promise.then(() => res.end(', done'))
    } else if (req.url === '/poll') {
      const signal = pollSignal(res)
      if (signal.aborted) sendJson(res, { empty: true })
      else signal.addEventListener('abort', () => sendJson(res, { empty: true }))
    } else sendJson(res, {})
  }, isOwn)
  url = await server.listen('127.0.0.1', 0)
})
afterEach(async () => {
  agent.destroy()
  await server.close(0)
})

function ask(path: string, headers: Readonly<Record<string, string>> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url + path, { agent, headers })
      .on('response', resolve)
      .on('error', reject)
      .end()
  })
}
const isAsked = (count: number) => expect.poll(() => server.inFlight).toBe(count)

/** Also where it was reset, which `once` would take for an error. */
const closeOf = (stream: Readable): Promise<unknown> =>
  stream.closed ? Promise.resolve() : new Promise((resolve) => stream.once('close', resolve))

async function openSocket(): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

describe('a server that drains', () => {
  test('waits for what others have asked by then, and answers everybody meanwhile', async () => {
    const answer = ask('/work')
    await isAsked(1)
    const drained = server.drain(HOUR_MS)
    expect(await text(await ask('/'))).toBe('{}')
    work.resolve()
    await drained
    expect(await text(await answer)).toBe('{"done":true}')
  })

  test('does not wait for calls of our own', async () => {
    const own = ask('/work', { 'x-own': '1' }).catch((error: unknown) => error)
    await expect.poll(() => begun).toBe(1)
    await server.drain(HOUR_MS)
    await server.close(HOUR_MS)
    expect(await own).toMatchObject({ code: 'ECONNRESET' })
  })

  test('ends long polls with what they answer when their time is over, later ones at once', async () => {
    const answer = ask('/poll')
    await isAsked(1)
    await server.drain(HOUR_MS)
    expect(await text(await answer)).toBe('{"empty":true}')
    expect(await text(await ask('/poll'))).toBe('{"empty":true}')
  })

  test('waits no longer than its grace', async () => {
    void ask('/work').catch(() => {})
    await isAsked(1)
    await server.drain(20)
  })
})

describe('a server that closes', () => {
  test('answers what was asked, closes the connections, and takes no new ones', async () => {
    const answer = ask('/work')
    await isAsked(1)
    const closing = server.close(HOUR_MS)
    await expect(ask('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    work.resolve()
    const response = await answer
    expect(response.headers.connection).toBe('close')
    expect(await text(response)).toBe('{"done":true}')
    await closing
    expect(server.inFlight).toBe(0)
  })

  test('ends long polls with what they answer when their time is over', async () => {
    const answer = ask('/poll')
    await isAsked(1)
    const closing = server.close(HOUR_MS)
    expect(await text(await answer)).toBe('{"empty":true}')
    await closing
  })

  test('is not held up by connections on which nothing is asked, new ones, kept ones, and half a request', async () => {
    await text(await ask('/'))
    const [silent, half] = [await openSocket(), await openSocket()]
    half.write('POST /work HTTP/1.1\r\nHost: x\r\n')
    const closed = [silent, half].map(closeOf)
    await server.close(HOUR_MS)
    await Promise.all(closed)
  })

  test('closes a connection after an answer that had begun before', async () => {
    const response = await ask('/stream')
    const closing = server.close(HOUR_MS)
    work.resolve()
    expect(await text(response)).toBe('begun, done')
    await closing
  })

  test('cuts off what is not answered when the grace is over, and always ends', async () => {
    const [never, stream] = [ask('/work').catch((error: unknown) => error), ask('/stream')]
    const begun = (await stream).on('error', () => {})
    await isAsked(2)
    await server.close(50)
    expect(await never).toMatchObject({ code: 'ECONNRESET' })
    await closeOf(begun)
    expect(begun.complete).toBe(false)
  })

  test('waits once, however often it is told', async () => {
    void ask('/work').catch(() => {})
    await isAsked(1)
    const [first, second] = [server.close(HOUR_MS), server.close(0)]
    work.resolve()
    expect(await Promise.all([first, second])).toHaveLength(2)
  })
})

test('a server that was never opened is closed at once', () => createHttpServer(() => {}, isOwn).close(HOUR_MS))

test.each([
  ['0.0.0.0', /^http:\/\/127\.0\.0\.1:\d+$/],
  ['::1', /^http:\/\/\[::1\]:\d+$/],
  ['localhost', /^http:\/\/localhost:\d+$/],
])('%s is told as an address that can be asked', async (host, expected) => {
  const other = createHttpServer((_, res) => sendJson(res, { here: true }), isOwn)
  const address = await other.listen(host, 0)
  expect(address).toMatch(expected)
  expect(await (await fetch(address)).json()).toEqual({ here: true })
  await other.close(HOUR_MS)
})
