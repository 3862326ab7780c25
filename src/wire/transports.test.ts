/** One contract over both ways in which a process asks its own services: a socket, and a port between threads. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel, Worker } from 'node:worker_threads'

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'

import { type AwsCall, callAws, openStream, type TransportError } from './client.ts'
import { MessageTransport } from './message-client.ts'

/** Answers the same at its socket and at its port; `/told` tells what was seen of the calls before. */
const SERVICES = `
import { createServer } from 'node:http'
import { workerData } from 'node:worker_threads'
import { serveMessages } from '${new URL('./message-server.ts', import.meta.url)}'
import { readBody, sendJson, sendXml } from '${new URL('./http.ts', import.meta.url)}'
import { hangUpSignal } from '${new URL('./long-poll.ts', import.meta.url)}'

const told = []
let held
const pieces = (count, bytes) => Array.from({ length: count }, () => Buffer.alloc(bytes, 'x'))
const doors = {
  async '/echo'(req, res) {
    const body = await readBody(req, 64 << 20)
    const { method, url, headers, rawHeaders, complete } = req
    const { authorization, 'x-amz-date': at, ...others } = headers
    sendJson(res, { method, url, headers: others, isSigned: /^AWS4-HMAC-SHA256 Credential=k\\/\\d{8}\\/r\\/s\\/aws4_request, SignedHeaders=[a-z;-]+, Signature=[0-9a-f]{64}$/.test(authorization), at: at.length, raw: rawHeaders.length, complete, body: body.toString() }, { requestId: 'id' })
  },
  async '/bytes'(req, res) { res.end(await readBody(req, 64 << 20)) },
  async '/iterated'(req, res) {
    let bytes = 0
    for await (const piece of req) bytes += piece.length
    res.end(String(bytes))
  },
  async '/refused'(req, res) {
    try { await readBody(req, 4) } catch (error) { sendXml(res, '<Error><Code>' + error.code + '</Code></Error>', { status: error.status, requestId: 'id' }) }
  },
  async '/head'(req, res) {
    res.writeHead(202, { 'x-one': '1', 'set-cookie': ['a=1', 'b=2'] })
    res.end('found')
  },
  async '/headers'(req, res) {
    res.setHeader('X-Number', 7)
    res.appendHeader('x-list', 'a').appendHeader('X-List', 'b')
    res.setHeader('x-gone', '1')
    res.removeHeader('X-Gone')
    res.setHeader('x-blank', ' b ')
    res.setHeader('x-latin', 'caf\\u00e9')
    res.end()
  },
  async '/bad-header'(req, res) {
    try { res.setHeader('x-bad', 'a\\nb') } catch (error) { res.end(error.code) }
  },
  async '/texts'(req, res) {
    res.write('gr\u00fc')
    res.write('caf\u00e9', 'latin1')
    res.write('616263', 'hex')
    res.end('\u20ac')
  },
  async '/text'(req, res) { res.end('gr\u00fcn') },
  async '/empty'(req, res) { res.writeHead(204).end() },
  async '/pieces'(req, res) { for (const piece of pieces(20, 100_000)) if (!res.write(piece)) await new Promise((go) => res.once('drain', go)); res.end() },
  async '/endless'(req, res) {
    let bytes = 0
    let go = () => {}
    res.on('drain', () => go())
    res.on('close', () => {
      told.push('closed after ' + (bytes < 40e6 ? 'little' : bytes))
      go()
    })
    while (!res.destroyed) {
      bytes += 64_000
      if (!res.write(Buffer.alloc(64_000))) await new Promise((resolve) => (go = resolve))
    }
  },
  async '/cut'(req, res) { res.destroy() },
  async '/half'(req, res) { res.writeHead(200, { 'content-length': 100 }); res.write('half'); setTimeout(() => res.destroy(), 20) },
  async '/never'(req, res) {
    told.push('asked')
    hangUpSignal(res).addEventListener('abort', () => told.push('hung up'))
    res.on('close', () => told.push(res.writableEnded))
  },
  async '/held'(req, res) { held = res },
  async '/release'(req, res) { held.end('released'); res.end() },
  async '/told'(req, res) { sendJson(res, told.splice(0)) },
  async '/die'() { setImmediate(() => { throw new Error('a bug') }) },
  async '/refuse'(req, res) { res.on('close', () => { server.close(); server.closeIdleConnections(); door?.refuse() }).end() },
}
const answer = (req, res) => void doors[req.url.split('?')[0]](req, res)
const server = createServer({ keepAliveTimeout: 0 }, answer)
const door = workerData.requests && serveMessages(workerData.requests, answer)
server.listen(workerData.socketPath, () => import('node:worker_threads').then(({ parentPort }) => parentPort.postMessage('up')))
`

const folder = mkdtempSync(join(tmpdir(), 'transports-'))
let starts = 0
let worker: Worker
let transport: MessageTransport | undefined
let socketPath: string

async function start(isMemory: boolean, bodyBytesMax?: number): Promise<void> {
  socketPath = join(folder, `${++starts}.sock`)
  const { port1, port2 } = new MessageChannel()
  const workerData = { socketPath, requests: isMemory ? port2 : undefined }
  worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(SERVICES)}`), {
    workerData,
    transferList: isMemory ? [port2] : [],
  })
  worker.on('error', () => {})
  transport = isMemory ? new MessageTransport(port1, bodyBytesMax) : undefined
  await once(worker, 'message')
}

const target = (path: string, more: Partial<AwsCall> = {}): AwsCall => ({
  endpoint: 'http://127.0.0.1:8083',
  socketPath,
  transport,
  region: 'r',
  service: 's',
  credentials: { accessKeyId: 'k', secretAccessKey: 'secret' },
  path,
  ...more,
})
const ask = (path: string, more: Partial<AwsCall> = {}) => callAws(target(path, more))
const failureOf = async (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    ({ kind, message, cause }: TransportError) => ({ kind, message, code: (cause as NodeJS.ErrnoException | undefined)?.code }),
  )
const told = async () => JSON.parse((await ask('/told')).body.toString()) as unknown[]
/** What both ways have to agree on, as seen by the first. */
const seen = new Map<string, unknown>()
function agree(name: string, value: unknown): void {
  if (!seen.has(name)) seen.set(name, value)
  else expect(value).toEqual(seen.get(name))
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(['socket', 'memory'] as const)('calls by %s', (way) => {
  describe('that go well', () => {
    beforeAll(() => start(way === 'memory'))
    afterAll(() => worker.terminate())

    it('show the handler the same request, signed, and the caller the same answer', async () => {
      const { status, headers, body } = await ask('/echo', {
        method: 'PUT',
        query: new URLSearchParams({ 'a b': "c'&" }),
        headers: { 'Content-Type': 'text/plain', 'X-Amz-Target': 'T.Op' },
        body: 'grün',
      })
      const request = JSON.parse(body.toString()) as Record<string, unknown>
      expect(request).toMatchObject({ method: 'PUT', url: '/echo?a%20b=c%27%26', isSigned: true, complete: true, body: 'grün' })
      expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-amzn-requestid': 'id', connection: 'keep-alive' })
      expect(Date.parse(String(headers.date))).toBeGreaterThan(Date.now() - 5_000)
      agree('request', request)
      agree('answer', { status, names: Object.keys(headers).sort(), length: headers['content-length'] })
    })

    it('leave unsigned what has no credentials', async () => {
      const { body } = await callAws({ ...target('/iterated'), credentials: undefined, headers: { 'X-Own': '1' }, body: 'abc' })
      expect(body.toString()).toBe('3')
    })

    it('take bodies of texts, of bytes, of 6 MB, and none', async () => {
      const bytes = Buffer.from([0, 255, 128, 10])
      expect((await ask('/bytes', { body: bytes })).body).toEqual(bytes)
      expect((await ask('/bytes', { body: '' })).body.length).toBe(0)
      expect((await ask('/bytes')).body.length).toBe(0)
      const large = 'ü'.repeat(3_000_000)
      const { body } = await ask('/bytes', { body: large })
      expect(body.toString() === large).toBe(true)
      expect((await ask('/iterated', { body: large })).body.toString()).toBe('6000000')
    })

    it('tell the refusal of a body that is too long', async () => {
      const { status, headers, body } = await ask('/refused', { body: 'too long' })
      expect([status, body.toString()]).toEqual([413, '<Error><Code>RequestEntityTooLarge</Code></Error>'])
      agree(
        'refusal',
        Object.keys(headers)
          .filter((name) => name !== 'connection')
          .sort(),
      )
    })

    it('read headers and heads as HTTP has them', async () => {
      const written = await ask('/head')
      expect([written.status, written.headers['set-cookie'], written.body.toString()]).toEqual([202, ['a=1', 'b=2'], 'found'])
      agree('head', Object.keys(written.headers).sort())
      const { date: _, ...set } = (await ask('/headers')).headers
      expect(set).toMatchObject({ 'x-number': '7', 'x-list': 'a, b', 'x-blank': 'b', 'x-latin': 'café', 'content-length': '0' })
      agree('headers', set)
      expect((await ask('/bad-header')).body.toString()).toBe('ERR_INVALID_CHAR')
      const bare = await ask('/head', { method: 'HEAD' })
      expect([bare.status, bare.body.length]).toEqual([202, 0])
      const empty = await ask('/empty')
      expect([empty.status, empty.body.length]).toEqual([204, 0])
      const text = await ask('/text')
      expect([text.headers['content-length'], text.body.toString()]).toEqual(['5', 'grün'])
      const texts = Buffer.concat([Buffer.from('grü'), Buffer.from('café', 'latin1'), Buffer.from('abc€')])
      expect((await ask('/texts')).body).toEqual(texts)
      agree('empty', Object.keys(empty.headers).sort())
    })

    it('put the pieces of an answer together', async () => {
      expect((await ask('/pieces')).body.length).toBe(2_000_000)
    })

    it('stream over the socket', async () => {
      const { body } = await openStream(target('/pieces'))
      let bytes = 0
      for await (const piece of body) bytes += (piece as Buffer).length
      expect(bytes).toBe(2_000_000)
    })

    it('are 10,000 at once, each with its own answer', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10_000 }, async (_, index) => (await ask('/bytes', { body: `${index}` })).body.toString()),
      )
      expect(answers.every((answer, index) => answer === String(index))).toBe(true)
    }, 60_000)

    it('do not wait for one that waits', async () => {
      const held = ask('/held')
      await ask('/release')
      expect((await held).body.toString()).toBe('released')
    })
  })

  describe('that go wrong', () => {
    beforeAll(() => start(way === 'memory'))
    afterAll(() => worker.terminate())
    afterEach(async () => void (await told()))

    it('are cut off where the handler destroys its answer, before it or in it', async () => {
      const cut = await failureOf(ask('/cut'))
      expect(cut).toMatchObject({ kind: 'broken', code: 'ECONNRESET' })
      agree('cut', cut)
      const half = await failureOf(ask('/half'))
      expect(half).toMatchObject({ kind: 'broken', code: 'ECONNRESET' })
      agree('half', half)
    })

    it('end with the signal of their caller, and the handler learns it', async () => {
      const caller = new AbortController()
      const call = failureOf(ask('/never', { signal: caller.signal }))
      await expect.poll(told).toEqual(['asked'])
      caller.abort()
      expect(await call).toMatchObject({ kind: 'aborted', message: 'the call was aborted' })
      await expect.poll(told).toEqual(['hung up', false])
      expect(await failureOf(ask('/never', { signal: caller.signal }))).toMatchObject({ kind: 'aborted' })
      expect(await told()).toEqual([])
    })

    it('end with their time, and the handler learns it', async () => {
      expect(await failureOf(ask('/never', { timeoutMs: 50 }))).toMatchObject({
        kind: 'timeout',
        message: 'no answer within 50 ms',
      })
      await expect.poll(told).toContain('hung up')
    })

    it('take no longer answer than they say, and stop it', async () => {
      const failure = await failureOf(ask('/endless', { responseBytesMax: 1_000_000 }))
      expect(failure).toEqual({ kind: 'tooLarge', message: 'the answer is longer than 1000000 bytes', code: undefined })
      await expect.poll(told).toContain('closed after little')
    })

    it('are not made where nothing can be sent so', async () => {
      for (const [name, more] of [
        ['header', { headers: { 'x-bad': 'a\nb' } }],
        ['name', { headers: { 'x bad': '1' } }],
        ['path', { path: '/echo a' }],
        ['endpoint', { endpoint: 'nowhere' }],
      ] as const) {
        const { kind } = (await failureOf(ask('/echo', more))) ?? {}
        expect(kind).toBeDefined()
        agree(`not made: ${name}`, kind)
      }
    })
  })

  it('break when the thread dies; later ones find nobody', async () => {
    await start(way === 'memory')
    const waiting = failureOf(ask('/never'))
    await expect.poll(told).toEqual(['asked'])
    const last = failureOf(ask('/die'))
    const broken = await waiting
    expect(broken).toMatchObject({ kind: 'broken', code: 'ECONNRESET' })
    agree('dead', broken)
    expect(await last).toMatchObject({ kind: 'broken' })
    await sleep(50)
    expect(await failureOf(ask('/echo'))).toMatchObject({ kind: 'connect' })
  })

  it('find nobody when the thread takes no more', async () => {
    await start(way === 'memory')
    await ask('/refuse')
    const refusal = () => failureOf(ask('/echo'))
    await expect.poll(refusal).toMatchObject({ kind: 'connect' })
    await worker.terminate()
  })
})

it('where many bodies are over there others wait here; a call that ends before its turn is never sent', async () => {
  await start(true, 1_000)
  const body = Buffer.alloc(1_000)
  const first = ask('/held', { body })
  const caller = new AbortController()
  const second = failureOf(ask('/never', { body, signal: caller.signal }))
  const third = ask('/bytes', { body: 'small' })
  let isThird = false
  void third.then(() => (isThird = true))
  const past = { transport: undefined }
  await sleep(50)
  expect([isThird, JSON.parse((await ask('/told', past)).body.toString())]).toEqual([false, []])
  caller.abort()
  expect(await second).toMatchObject({ kind: 'aborted' })
  await ask('/release', past)
  expect((await first).body.toString()).toBe('released')
  expect((await third).body.toString()).toBe('small')
  expect(await told()).toEqual([])
  await worker.terminate()
})

it('a body reaches the handler of a server in another process over the wire, whatever transport others have', async () => {
  const server = createServer((req, res) => req.pipe(res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const { body } = await callAws({ endpoint: `http://127.0.0.1:${port}`, region: 'r', service: 's', body: 'over the wire' })
  expect(body.toString()).toBe('over the wire')
  server.closeAllConnections()
  server.close()
})
