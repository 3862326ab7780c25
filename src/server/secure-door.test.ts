import { once } from 'node:events'
import { Agent, request, type RequestOptions } from 'node:https'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { systemClock } from '../base/clock.ts'
import { deferred } from '../base/deferred.ts'
import { silentLog } from '../base/log.ts'

import { isSecure, readBody, sendJson } from '../wire/http.ts'

import { type Certificates, createCertificates } from './certificates.ts'
import { createHttpServer, type HttpServer } from './http-server.ts'
import { createSecureDoor } from './secure-door.ts'

const HOUR_MS = 3_600_000
const certificates = createCertificates({ host: '127.0.0.1', allowedHosts: [], clock: systemClock })

/** Also where it was reset, which `once` would take for an error. */
const closeOf = (socket: Socket): Promise<unknown> =>
  socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', resolve))

async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.resume()
  return socket
}

describe('a port with certificates', () => {
  let server: HttpServer
  let url = ''
  let work = deferred<void>()
  const asked = (): URL => new URL(url)

  beforeEach(async () => {
    work = deferred<void>()
    server = createHttpServer(
      (req, res) => {
        if (req.url === '/work') void work.promise.then(() => sendJson(res, { done: true }))
        else
          void readBody(req, 1 << 24).then(({ length }) =>
            sendJson(res, { secure: isSecure(req), host: req.headers.host, length }),
          )
      },
      () => false,
      { certificates, log: silentLog },
    )
    url = await server.listen('127.0.0.1', 0)
  })
  afterEach(() => server.close(0))

  async function ask(path: string, options: RequestOptions = {}, body = ''): Promise<IncomingMessage> {
    const ca = await certificates.authority()
    return new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port: asked().port, path, ca, method: 'POST', ...options }, resolve)
        .on('error', reject)
        .end(body)
    })
  }
  const answerOf = async (response: IncomingMessage) => JSON.parse(await text(response)) as unknown

  test('speaks both, to clients that trust the authority and check the name', async () => {
    expect(await (await fetch(url)).json()).toMatchObject({ secure: false, length: 0 })
    expect(await answerOf(await ask('/'))).toMatchObject({ secure: true })
    const headers = { host: 'bucket.s3.localhost' }
    expect(await answerOf(await ask('/', { servername: 'bucket.s3.localhost', headers }))).toMatchObject(headers)
  })

  test('loses nothing of what comes with the first byte, however it is cut', async () => {
    const body = 'x'.repeat(5_000_000)
    expect(await (await fetch(url, { method: 'POST', body })).json()).toMatchObject({ length: body.length })
    expect(await answerOf(await ask('/', {}, body))).toMatchObject({ length: body.length })
    const socket = connect(Number(asked().port), '127.0.0.1')
    const pieces =
      'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\n\r\nabcGET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'
    for (const letter of pieces) {
      socket.write(letter)
      await sleep(0)
    }
    expect((await text(socket)).match(/"length":\d/g)).toEqual(['"length":3', '"length":0'])
  })

  test('takes several requests on one connection, of either kind', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    for (let count = 0; count < 3; count++) {
      const response = await ask('/', { agent })
      ports.add(response.socket.localPort)
      await text(response)
    }
    agent.destroy()
    expect(ports.size).toBe(1)
  })

  test('refuses nobody for what another one does: plain text in a handshake, a reset, a version of the past', async () => {
    const port = Number(asked().port)
    const torn = await openSocket(port)
    torn.write(Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0]), Buffer.from('GET / HTTP/1.1\r\n'.repeat(100))]))
    const reset = await openSocket(port)
    reset.write(Buffer.from([0x16, 3, 1]))
    reset.resetAndDestroy()
    const old = connectTls({ port, host: '127.0.0.1', minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' })
    old.on('error', () => {})
    await Promise.all([torn, reset, old].map(closeOf))
    expect(await answerOf(await ask('/'))).toMatchObject({ secure: true })
  })

  test('ends a connection that is reset in the middle of a request', async () => {
    const ca = await certificates.authority()
    const under = connect(Number(asked().port), '127.0.0.1')
    const socket = connectTls({ socket: under, host: '127.0.0.1', ca })
    await once(
      socket.on('error', () => {}),
      'secureConnect',
    )
    socket.write('POST /work HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await expect.poll(() => server.inFlight).toBe(1)
    under.resetAndDestroy()
    await expect.poll(() => server.inFlight).toBe(0)
  })

  test('closes: what was asked over TLS is answered, and nobody who has asked nothing holds it up', async () => {
    const port = Number(asked().port)
    const ca = await certificates.authority()
    const idle = connectTls({ port, host: '127.0.0.1', ca })
    await once(idle, 'secureConnect')
    const half = await openSocket(port)
    half.write(Buffer.from([0x16, 3, 1]))
    const [silent, answer] = [await openSocket(port), ask('/work')]
    await expect.poll(() => server.inFlight).toBe(1)
    const closing = server.close(HOUR_MS)
    await closeOf(idle)
    work.resolve()
    expect(await answerOf(await answer)).toEqual({ done: true })
    await Promise.all([closing, closeOf(half), closeOf(silent)])
  })

  test('cuts off what is not answered over TLS when the grace is over', async () => {
    const never = ask('/work').catch((error: unknown) => error)
    await expect.poll(() => server.inFlight).toBe(1)
    await server.close(20)
    expect(await never).toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('a connection that does not say what it wants', () => {
  const PATIENCE_MS = 300
  let server: Server
  let port = 0
  const open = new Set<Socket>()
  const heard: string[] = []

  async function listen(using: Certificates = certificates): Promise<void> {
    const door = createSecureDoor({
      certificates: using,
      patienceMs: PATIENCE_MS,
      plain: () => heard.push('plain'),
      secure: (socket) => {
        heard.push('secure')
        socket.destroy()
      },
      log: silentLog,
    })
    heard.length = 0
    server = createServer({ allowHalfOpen: true }, (socket) => {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
      door.take(socket)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    port = typeof address === 'object' && address !== null ? address.port : 0
  }
  afterEach(() => server.close())

  test('but nothing at all is closed when patience is over', async () => {
    await listen()
    await closeOf(await openSocket(port))
    await expect.poll(() => open.size).toBe(0)
    expect(heard).toEqual([])
  })

  test('but ends its half is closed at once', async () => {
    await listen()
    const socket = await openSocket(port)
    socket.end()
    await closeOf(socket)
    expect(heard).toEqual([])
  })

  test('in a handshake is closed when patience is over, however often it says a byte more', async () => {
    await listen()
    const [stuck, slow] = [await openSocket(port), await openSocket(port)]
    stuck.write(Buffer.from([0x16]))
    // A record of 16 KB, byte by byte.
    slow.write(Buffer.from([0x16, 3, 1, 0x3f, 0xff, 1, 0, 0x3f, 0xfb]))
    const drip = setInterval(() => slow.write(Buffer.from([3])), PATIENCE_MS / 10)
    const begun = performance.now()
    await Promise.all([closeOf(stuck), closeOf(slow)])
    clearInterval(drip)
    expect(performance.now() - begun).toBeLessThan(10 * PATIENCE_MS)
    await expect.poll(() => open.size).toBe(0)
    expect(heard).toEqual([])
  })

  test('may hang up, or be given up, while its certificate is made', async () => {
    const made = deferred<void>()
    await listen({ ...certificates, shownTo: (name) => made.promise.then(() => certificates.shownTo(name)) })
    const [gone, patient] = [await openSocket(port), await openSocket(port)]
    for (const socket of [gone, patient]) socket.write(Buffer.from([0x16, 3, 1]))
    await expect.poll(() => open.size).toBe(2)
    await sleep(20)
    gone.resetAndDestroy()
    await closeOf(patient)
    made.resolve()
    await expect.poll(() => open.size).toBe(0)
    expect(heard).toEqual([])
  })

  test('is closed where no certificate can be made, and the next is asked again', async () => {
    let isBroken = true
    await listen({
      ...certificates,
      shownTo: (name) => (isBroken ? Promise.reject(new Error('disk full')) : certificates.shownTo(name)),
    })
    const ask = async () => {
      const socket = connectTls({ port, host: '127.0.0.1', ca: await certificates.authority() })
      socket.on('error', () => {})
      await closeOf(socket)
    }
    await ask()
    isBroken = false
    await ask()
    await expect.poll(() => heard).toEqual(['secure'])
  })
})
