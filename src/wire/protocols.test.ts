import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { silentLog } from '../base/log.ts'

import { AwsChunkedDecoder } from './aws-chunked.ts'
import { createAwsJsonHandler } from './aws-json.ts'
import { createAwsQueryHandler, parseAwsQuery } from './aws-query.ts'
import { callAws, openStream } from './client.ts'
import { readErrorResponse, renderQueryError, renderRestXmlError, WireError } from './errors.ts'
import { type Handler, readBody, sendJson } from './http.ts'
import { element } from './xml.ts'

const operations = new Map([
  ['Echo', (input: object) => ({ got: JSON.stringify(input) })],
  [
    'Refuse',
    () => {
      throw new WireError(400, 'InvalidParameterValue', 'no')
    },
  ],
  [
    'Break',
    () => {
      throw new Error('secret detail')
    },
  ],
])
const json = createAwsJsonHandler(operations, { log: silentLog, bytesMax: 1_000_000 })
const query = createAwsQueryHandler(new Map([['Echo', (input) => element('Got', JSON.stringify(input))]]), {
  namespace: 'http://x/',
  log: silentLog,
})
const slow: Handler = async (req, res) => {
  await readBody(req, 10)
  setTimeout(() => sendJson(res, { slow: true }), 5_000)
}
const silent: Handler = async () => {}
const stream: Handler = async (req, res) => void Readable.from(req).pipe(res)

const routes = new Map<string, Handler>([
  ['/json', json],
  ['/query', query],
  ['/slow', slow],
  ['/silent', silent],
  ['/stream', stream],
])
let server: Server
let endpoint: string
beforeAll(async () => {
  server = createServer((req, res) => void routes.get(req.url?.split('?')[0] ?? '')?.(req, res))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const call = (path: string, body: string, headers = {}, extra = {}) =>
  callAws({
    endpoint,
    region: 'us-east-1',
    service: 'sqs',
    path,
    body,
    headers,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    ...extra,
  })
const callJson = (operation: string, body: string) =>
  call('/json', body, { 'x-amz-target': `T.${operation}`, 'content-type': 'application/x-amz-json-1.1' })

describe('AWS JSON', () => {
  it('answers in the version of the request, with a request id', async () => {
    const answer = await callJson('Echo', '{"__proto__":{"a":1}}')
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('application/x-amz-json-1.1')
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/)
    expect(JSON.parse(answer.body.toString())).toEqual({ got: '{"__proto__":{"a":1}}' })
  })

  it.each([
    ['Refuse', '{}', 400, 'InvalidParameterValue'],
    ['Nothing', '{}', 400, 'UnknownOperationException'],
    ['Echo', '{', 400, 'SerializationException'],
    ['Echo', 'null', 400, 'SerializationException'],
    ['Echo', '['.repeat(100_000), 400, 'SerializationException'],
    ['Echo', `"${'x'.repeat(2_000_000)}"`, 413, 'RequestEntityTooLarge'],
    ['Break', '{}', 500, 'InternalFailure'],
  ])('%s of %.10s answers %d %s', async (operation, body, status, code) => {
    const answer = await callJson(operation, body).catch((error) => error)
    if (status === 413 && answer instanceof Error) return // the connection may close before the caller looks
    expect(readErrorResponse(answer)).toMatchObject({ status, code })
    expect(answer.body.toString()).not.toContain('secret')
  })

  it('answers 413 to a chunked body that never says how long it is', async () => {
    const socket = connect(Number(new URL(endpoint).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('POST /json HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\nx-amz-target: A.Echo\r\n\r\n')
    const chunk = `${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`
    const writing = setInterval(() => socket.write(chunk), 1)
    const answer = await new Promise<string>((resolve) => {
      let all = ''
      socket.on('data', (piece) => (all += piece)).on('close', () => resolve(all))
    })
    clearInterval(writing)
    expect(answer).toContain('413')
    expect(answer.toLowerCase()).toContain('connection: close')
  })
})

describe('AWS Query', () => {
  it('nests numbered and dotted names', () => {
    const parameters = new URLSearchParams(
      'Action=Do&Version=1&A.member.2.B=y&A.member.1.B=x&E.entry.1.Name=n&E.entry.1.Value.StringValue=v&F.1=p&F.10=r&F.2=q&G=1&__proto__.x=1',
    )
    const { action, version, input } = parseAwsQuery(parameters)
    expect([action, version]).toEqual(['Do', '1'])
    expect(JSON.parse(JSON.stringify(input))).toEqual(
      JSON.parse(
        '{"A":[{"B":"x"},{"B":"y"}],"E":[{"Name":"n","Value":{"StringValue":"v"}}],"F":["p","q","r"],"G":"1","__proto__":{"x":"1"}}',
      ),
    )
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it('bounds the number and depth of names', () => {
    expect(() =>
      parseAwsQuery([
        ['Action', 'x'],
        [`${'a.'.repeat(100)}b`, '1'],
      ]),
    ).toThrow('nested too deeply')
    expect(() => parseAwsQuery(Array.from({ length: 30_000 }, (_, i) => [`a${i}`, '']))).toThrow('Too many')
  })

  it('answers in XML', async () => {
    const answer = await call('/query', 'Action=Echo&A=%3Cb%3E')
    expect(answer.body.toString()).toContain(
      '<EchoResult><Got>{&quot;A&quot;:&quot;&lt;b&gt;&quot;}</Got></EchoResult><ResponseMetadata><RequestId>',
    )
    expect(readErrorResponse(await call('/query', 'Action=No'))).toMatchObject({ status: 400, code: 'InvalidAction' })
  })
})

describe('errors', () => {
  it('are read back from every protocol', () => {
    const error = new WireError(404, 'NoSuchThing', 'a <b>')
    const bodies = [
      renderQueryError(error, 'r', 'http://x/'),
      renderRestXmlError(error, 'r'),
      '{"__type":"com.amazon#NoSuchThing:http://x","Message":"a <b>"}',
    ]
    for (const body of bodies) {
      const read = readErrorResponse({ status: 404, headers: {}, body: Buffer.from(body) })
      expect(read).toMatchObject({ code: 'NoSuchThing', message: 'a <b>', status: 404, fault: 'client' })
    }
  })
})

describe('aws-chunked', () => {
  const decode = async (body: string, step: number) => {
    const decoder = new AwsChunkedDecoder()
    Readable.from(
      Array.from({ length: Math.ceil(body.length / step) }, (_, i) => Buffer.from(body.slice(i * step, (i + 1) * step))),
    ).pipe(decoder)
    return { body: await text(decoder), trailers: decoder.trailers }
  }
  const whole = '5;chunk-signature=abc\r\nhello\r\n7\r\n, world\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n'

  it.each([1, 2, 3, 7, 1000])('is decoded from pieces of %d bytes', async (step) => {
    const { body, trailers } = await decode(whole, step)
    expect(body).toBe('hello, world')
    expect(trailers.get('x-amz-checksum-crc32')).toBe('AAAA')
  })

  it.each(['5\r\nhel', 'zz\r\n', '5\r\nhelloXX\r\n', `${'1'.repeat(10_000)}`, ''])('refuses %.12j', async (body) => {
    await expect(decode(body, 100)).rejects.toThrow('terminated unexpectedly')
  })
})

describe('the client', () => {
  it('waits longer than an idle socket lives', async () => {
    expect(JSON.parse((await call('/slow', 'x')).body.toString())).toEqual({ slow: true })
  })

  it('tells a timeout, an abort, a refused connection and a long answer apart', async () => {
    await expect(call('/silent', '', {}, { timeoutMs: 50 })).rejects.toMatchObject({ kind: 'timeout' })
    await expect(call('/silent', '', {}, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ kind: 'aborted' })
    await expect(call('/', '', {}, { endpoint: 'http://127.0.0.1:1' })).rejects.toMatchObject({ kind: 'connect' })
    await expect(call('/stream', 'x'.repeat(100), {}, { responseBytesMax: 10 })).rejects.toMatchObject({ kind: 'tooLarge' })
  })

  it('streams both ways', async () => {
    const pieces = Array.from({ length: 100 }, () => Buffer.alloc(10_000, 'a'))
    const answer = await openStream({
      endpoint,
      region: 'r',
      service: 's3',
      path: '/stream',
      method: 'PUT',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      body: { stream: Readable.from(pieces), bytes: 1_000_000 },
    })
    expect((await text(answer.body)).length).toBe(1_000_000)
  })

  it('does not crash on a caller that hangs up in the middle of a body', async () => {
    const socket = connect(Number(new URL(endpoint).port), '127.0.0.1')
    const isAsked = once(server, 'request')
    socket.write('POST /json HTTP/1.1\r\nhost: h\r\ncontent-length: 1000\r\nx-amz-target: A.Echo\r\n\r\nabc')
    const [req] = (await isAsked) as [IncomingMessage]
    socket.destroy()
    await new Promise((resolve) => req.once('close', resolve))
    expect((await callJson('Echo', '{}')).status).toBe(200)
  })
})
