import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, request, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { deferred } from '../base/deferred.ts'

import { createForward, type Upstream } from './forward.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let folder = ''
let behind: Server
let front: Server
let port = 0
let agent: Agent
/** How the services answer. */
let answer: RequestListener
let connections = 0
let upstream: () => Upstream | Promise<Upstream>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'forward-'))
  connections = 0
  behind = createServer((req, res) => answer(req, res)).on('connection', () => connections++)
  behind.listen(join(folder, 's.sock'))
  await once(behind, 'listening')
  upstream = () => ({ kind: 'socket', path: join(folder, 's.sock') })
  const forward = createForward({ upstream: () => upstream(), headers: { 'x-added': 'yes' } })
  front = createServer((req, res) => void forward(req, res)).listen(0, '127.0.0.1')
  await once(front, 'listening')
  port = (front.address() as AddressInfo).port
  agent = new Agent({ keepAlive: true })
})
afterEach(() => {
  agent.destroy()
  for (const server of [front, behind]) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})

function ask(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string | Readable,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = request({ agent, port, host: '127.0.0.1', method, path, headers }).on('response', resolve).on('error', reject)
    if (body instanceof Readable) body.pipe(call)
    else call.end(body)
  })
}

test('a request arrives as it was sent, and the answer as it was given', async () => {
  answer = async (req, res) => {
    const { host, 'x-added': added, 'x-twice': twice } = req.headers
    res.writeHead(
      201,
      'Made',
      [
        ['X-One', '1'],
        ['Set-Cookie', 'a'],
        ['Set-Cookie', 'b'],
      ].flat(),
    )
    res.end(JSON.stringify({ method: req.method, url: req.url, host, added, twice, body: await text(req) }))
  }
  const response = await ask('PUT', '/a%20b?c=d', { host: 'bucket.localhost:1', 'x-twice': 'x, y' }, 'hello')
  expect([response.statusCode, response.statusMessage]).toEqual([201, 'Made'])
  expect(response.headers).toMatchObject({ 'x-one': '1', 'set-cookie': ['a', 'b'] })
  expect(JSON.parse(await text(response))).toEqual({
    method: 'PUT',
    url: '/a%20b?c=d',
    host: 'bucket.localhost:1',
    added: 'yes',
    twice: 'x, y',
    body: 'hello',
  })
})

test('answers without a body, and bodies in chunks both ways', async () => {
  answer = async (req, res) => {
    if (req.method === 'HEAD') res.writeHead(200, { 'content-length': 7 }).end()
    else if (req.url === '/304') res.writeHead(304, { etag: '"x"' }).end()
    else {
      res.write('got ')
      res.end(await text(req))
    }
  }
  const head = await ask('HEAD', '/')
  expect([head.statusCode, head.headers['content-length'], await text(head)]).toEqual([200, '7', ''])
  const same = await ask('GET', '/304')
  expect([same.statusCode, same.headers.etag, await text(same)]).toEqual([304, '"x"', ''])
  expect(await text(await ask('POST', '/', {}, Readable.from(['one', 'two'])))).toBe('got onetwo')
  expect(connections).toBe(1)
})

test('one connection carries one request after the other, and gathers nothing', async () => {
  answer = (_, res) => void res.end('ok')
  const warnings: Error[] = []
  const warned = (warning: Error) => void warnings.push(warning)
  process.on('warning', warned)
  for (let i = 0; i < 30; i++) expect(await text(await ask('GET', '/'))).toBe('ok')
  process.off('warning', warned)
  expect([connections, warnings]).toEqual([1, []])
})

test('200 MB go up and come down without being kept in memory', async () => {
  const piece = Buffer.alloc(1 << 16, 'x')
  const pieces = 3_200
  const source = () =>
    Readable.from(
      (function* () {
        for (let i = 0; i < pieces; i++) yield piece
      })(),
      { objectMode: false },
    )
  /** The bytes that pass, and the least that is kept in their second half: of what is thrown away some waits for its collection. */
  const count = async (stream: AsyncIterable<unknown>): Promise<{ bytes: number; kept: number }> => {
    let bytes = 0
    let kept = Number.POSITIVE_INFINITY
    for await (const part of stream) {
      const before = bytes
      bytes += (part as Buffer).length
      if (bytes < (pieces * piece.length) / 2 || bytes >> 23 === before >> 23) continue
      collectGarbage()
      kept = Math.min(kept, process.memoryUsage().arrayBuffers)
    }
    return { bytes, kept }
  }
  let up = { bytes: 0, kept: 0 }
  answer = async (req, res) => {
    up = await count(req)
    source().pipe(res)
  }
  collectGarbage()
  const before = process.memoryUsage().arrayBuffers
  const response = await ask('PUT', '/', { 'content-length': String(pieces * piece.length) }, source())
  const down = await count(response)
  expect([up.bytes, down.bytes]).toEqual([pieces * piece.length, pieces * piece.length])
  for (const { kept } of [up, down]) expect(kept - before).toBeLessThan(50 * 1024 * 1024)
}, 120_000)

test('a reader that stands still holds up the writer', async () => {
  let written = 0
  const gone = deferred<void>()
  answer = (_, res) => {
    const piece = Buffer.alloc(1 << 16)
    const more = () => {
      while (!res.destroyed && res.write(piece)) written += piece.length
    }
    res.on('drain', more).on('close', () => gone.resolve())
    more()
  }
  const response = await ask('GET', '/')
  let last = -1
  const standsStill = () => {
    const before = last
    last = written
    return before === written
  }
  await expect.poll(standsStill, { interval: 200 }).toBe(true)
  expect(written).toBeLessThan(32 * 1024 * 1024)
  response.destroy()
  await gone.promise
})

test('a caller who hangs up ends what was begun for him', async () => {
  const [begun, gone] = [deferred<void>(), deferred<void>()]
  answer = (_, res) => {
    begun.resolve()
    res.on('close', () => gone.resolve())
  }
  const call = request({ port, host: '127.0.0.1', path: '/' })
    .on('error', () => {})
    .end()
  await begun.promise
  call.destroy()
  await gone.promise
})

test('an upload that breaks off breaks off behind too', async () => {
  const [begun, broken] = [deferred<void>(), deferred<string>()]
  answer = (req) => {
    begun.resolve()
    buffer(req).then(
      () => broken.resolve('whole'),
      () => broken.resolve('broken'),
    )
  }
  const call = request({ port, host: '127.0.0.1', method: 'PUT', path: '/', headers: { 'content-length': 1_000 } }).on(
    'error',
    () => {},
  )
  call.write('some')
  await begun.promise
  call.destroy()
  expect(await broken.promise).toBe('broken')
})

test('services that are away, or go away before they answer, are told as 503', async () => {
  answer = (req) => req.socket.destroy()
  const cut = await ask('GET', '/')
  expect([cut.statusCode, JSON.parse(await text(cut))]).toEqual([503, expect.objectContaining({ __type: 'ServiceUnavailable' })])
  upstream = () => ({ kind: 'socket', path: join(folder, 'nobody.sock') })
  expect((await ask('GET', '/')).statusCode).toBe(503)
  upstream = () => Promise.reject(new Error('they are being started again'))
  expect(await text(await ask('GET', '/'))).toContain('they are being started again')
})

test('an answer that breaks off is cut off, not ended', async () => {
  answer = (req, res) => {
    res.writeHead(200, { 'content-length': 100 })
    res.write('some', () => req.socket.destroy())
  }
  await expect(text(await ask('GET', '/'))).rejects.toThrow('aborted')
})

test('an answer before the body was read closes the connection', async () => {
  answer = (_, res) => void res.writeHead(413, { connection: 'close' }).end('too much')
  const call = request({ agent, port, host: '127.0.0.1', method: 'PUT', headers: { 'content-length': 10_000_000 } }).on(
    'error',
    () => {},
  )
  call.write('x')
  const [response] = (await once(call, 'response')) as [IncomingMessage]
  expect([response.statusCode, response.headers.connection, await text(response)]).toEqual([413, 'close', 'too much'])
  call.destroy()
})
