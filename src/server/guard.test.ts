import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { TLSSocket } from 'node:tls'

import { describe, expect, test } from 'vitest'

import { createGuard, type GuardSettings } from './guard.ts'

const DEFAULTS: GuardSettings = { host: '127.0.0.1', allowedHosts: [], allowedOrigins: [] }
type Headers = Readonly<Record<string, string>>

/** By TLS, as the port tells it. */
const overTls = (method: string, headers: Headers) => {
  const socket = new TLSSocket(new Socket())
  const req = { method, url: '/', headers, rawHeaders: Object.entries(headers).flat(), socket }
  return createGuard(DEFAULTS)(req as unknown as IncomingMessage).kind
}

function verdictOf(method: string, headers: Headers, settings: Partial<GuardSettings> = {}, url = '/') {
  const rawHeaders = Object.entries(headers).flat()
  return createGuard({ ...DEFAULTS, ...settings })({ method, url, headers, rawHeaders } as unknown as IncomingMessage)
}
const isTaken = (...of: Parameters<typeof verdictOf>) => verdictOf(...of).kind === 'passes'

const JSON_TYPE = { 'content-type': 'application/json' }
const SIGNED = {
  authorization: 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
}

/** What a page of another origin can make a browser send to us without asking first. */
const OF_PAGES: readonly (readonly [what: string, method: string, headers: Headers])[] = [
  ['a form', 'POST', { 'content-type': 'application/x-www-form-urlencoded' }],
  ['a form of parts', 'POST', { 'content-type': 'multipart/form-data; boundary=x' }],
  ['a form of text', 'POST', { 'content-type': 'text/plain' }],
  ['a type in capitals, with parameters', 'POST', { 'content-type': '\tText/Plain ; application/json' }],
  ['no type at all', 'POST', {}],
  ['a type that is none', 'POST', { 'content-type': 'application/json, text/plain' }],
  ['a user and a password in the link', 'POST', { 'content-type': 'text/plain', authorization: 'Basic eDp5' }],
]
/** What no page can send without a preflight, or nobody but a program would. */
const OF_PROGRAMS: readonly (readonly [what: string, method: string, headers: Headers])[] = [
  ['GET', 'GET', {}],
  ['HEAD', 'HEAD', {}],
  ['PUT', 'PUT', {}],
  ['PUT of text', 'PUT', { 'content-type': 'text/plain' }],
  ['DELETE', 'DELETE', {}],
  ['JSON', 'POST', JSON_TYPE],
  ['AWS JSON', 'POST', { 'content-type': 'application/x-amz-json-1.0' }],
  ['XML', 'POST', { 'content-type': 'application/xml; charset=utf-8' }],
  ['a target', 'POST', { 'x-amz-target': 'AmazonSQS.ListQueues' }],
  ['an unsigned form of an SDK', 'POST', { 'content-type': 'application/x-www-form-urlencoded', 'amz-sdk-invocation-id': 'i' }],
  ['a signed form', 'POST', { 'content-type': 'application/x-www-form-urlencoded', ...SIGNED }],
  ['a signed body without a type', 'POST', SIGNED],
]
const OURS = ['127.0.0.1', '127.0.0.1:4566', '127.0.0.1:8080', 'localhost:4566', 'LocalHost', '[::1]:4566', 'foo.localhost:4566']
const STRANGE = [
  ...['0.0.0.0:4566', '[::ffff:127.0.0.1]:4566', '[::ffff:7f00:1]:4566', '[::]:4566', '127.0.0.2:4566', '2130706433', '127.1'],
  ...['192.0.2.2:4566', 'regente:4566', 'vm', 'vm.local', 'host.docker.internal', 'evil.example', '127.0.0.1.nip.io'],
  ...['localhost.evil.example', 'evillocalhost', 'localhost.', 'amazonaws.com.evil.example', 'evil-amazonaws.com'],
]

describe('the host', () => {
  test.each(OURS)('%s is taken for every kind of request of programs', (host) => {
    for (const [what, method, headers] of OF_PROGRAMS) expect(isTaken(method, { host, ...headers }), what).toBe(true)
  })

  test.each(STRANGE)('%s is not taken for any, signed or not', (host) => {
    for (const [what, method, headers] of [...OF_PROGRAMS, ...OF_PAGES])
      expect(verdictOf(method, { host, ...headers }), what).toMatchObject({ kind: 'refused', status: 403 })
  })

  test.each([
    'sqs.us-east-1.amazonaws.com',
    'bucket.s3.cn-north-1.amazonaws.com.cn',
    'sync-localhost:4566',
    'sync-127.0.0.1:4566',
  ])('%s, which tools name by themselves, is taken from those who sign', (host) => {
    expect(isTaken('POST', { host, ...SIGNED })).toBe(true)
    expect(isTaken('POST', { host, ...JSON_TYPE })).toBe(false)
    expect(isTaken('GET', { host })).toBe(false)
  })

  test('of the settings is taken, and with a star what is below it', () => {
    const settings = { allowedHosts: ['flows.example.org', '*.s3.example'] }
    expect(isTaken('GET', { host: 'Flows.example.org:443' }, settings)).toBe(true)
    expect(isTaken('GET', { host: 'bucket.s3.example' }, settings)).toBe(true)
    expect(isTaken('GET', { host: 'x.flows.example.org' }, settings)).toBe(false)
    expect(isTaken('GET', { host: 's3.example' }, settings)).toBe(false)
  })

  test('that is listened on is taken; where all are, the addresses of this machine are, and no name', () => {
    expect(isTaken('GET', { host: '192.0.2.77:4566' }, { host: '192.0.2.77' })).toBe(true)
    expect(isTaken('GET', { host: 'box.lan:4566' }, { host: 'Box.lan' })).toBe(true)
    const every = { host: '0.0.0.0' }
    for (const { address, family } of Object.values(networkInterfaces()).flatMap((entries) => entries ?? []))
      expect(isTaken('GET', { host: family === 'IPv6' ? `[${address}]:4566` : address }, every), address).toBe(true)
    for (const host of ['0.0.0.0', '203.0.113.9', '[::ffff:127.0.0.1]', '127.0.0.2', 'box.lan', 'vm'])
      expect(isTaken('GET', { host }, every), host).toBe(false)
  })

  test('is named once, by a name, and by the request line too where that names one', () => {
    const twice = { method: 'GET', url: '/', headers: { host: 'localhost' }, rawHeaders: ['Host', 'localhost', 'HOST', 'x'] }
    expect(createGuard(DEFAULTS)(twice as unknown as IncomingMessage)).toMatchObject({ status: 400 })
    expect(verdictOf('GET', {})).toMatchObject({ status: 400 })
    for (const host of ['', 'localhost:x', 'localhost:80:80', 'user@localhost', 'localhost/x', '[::1', '::1'])
      expect(verdictOf('GET', { host }), host).toMatchObject({ kind: 'refused', status: 400 })
    expect(isTaken('GET', { host: 'localhost:1' }, {}, 'http://localhost:1/x')).toBe(true)
    expect(isTaken('GET', { host: 'localhost:1' }, {}, 'http://evil.example/x')).toBe(false)
    expect(isTaken('GET', { host: 'localhost:1' }, {}, 'http://localhost:1@evil.example/x')).toBe(false)
  })

  test('that is refused is told with what to do', () => {
    expect(verdictOf('GET', { host: 'vm:4566' })).toMatchObject({
      message: 'Requests to the host "vm" are not taken here. Add it with --allowed-hosts if it is yours.',
    })
  })
})

describe('a page', () => {
  const host = '127.0.0.1:4566'
  const OWN = { origin: `http://${host}` }
  const FOREIGN = [
    'null',
    'http://evil.example',
    'http://127.0.0.1:3000',
    'http://localhost:4566',
    'https://127.0.0.1:4566',
    'http://127.0.0.1',
  ]

  test.each(FOREIGN)('of the origin %s gets nothing, whatever it sends', (origin) => {
    for (const [what, method, headers] of [...OF_PROGRAMS, ...OF_PAGES])
      expect(verdictOf(method, { host, origin, ...headers }), what).toMatchObject({ kind: 'refused', status: 403 })
    expect(isTaken('OPTIONS', { host, origin, 'access-control-request-method': 'PUT' })).toBe(false)
  })

  test('of our own sends what it likes', () => {
    for (const [what, method, headers] of [...OF_PROGRAMS, ...OF_PAGES]) {
      expect(isTaken(method, { ...headers, host, ...OWN, 'sec-fetch-site': 'same-origin' }), what).toBe(true)
      expect(isTaken(method, { ...headers, host, 'sec-fetch-site': 'same-origin' }), what).toBe(true)
    }
  })

  test('behind TLS is our own under a name of the settings alone', () => {
    const headers = { host: 'flows.example.org', origin: 'https://flows.example.org', ...JSON_TYPE }
    expect(isTaken('POST', headers, { allowedHosts: ['flows.example.org'] })).toBe(true)
    expect(isTaken('POST', { ...headers, host: 'localhost', origin: 'https://localhost' })).toBe(false)
  })

  test('that the settings name sends what it likes, and may read the answer', () => {
    const settings = { allowedOrigins: ['http://localhost:3000'] }
    for (const [what, method, headers] of [...OF_PROGRAMS, ...OF_PAGES])
      expect(
        verdictOf(method, { host, origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site', ...headers }, settings),
        what,
      ).toEqual({
        kind: 'passes',
        sharedWith: 'http://localhost:3000',
      })
    expect(isTaken('GET', { host: 'evil.example', origin: 'http://localhost:3000' }, settings)).toBe(false)
    expect(isTaken('GET', { host, origin: 'http://localhost:3001' }, settings)).toBe(false)
  })

  test.each(['cross-site', 'same-site', 'same-site, same-origin', 'anything'])(
    'that the browser says to be %s gets nothing but a link that is followed',
    (site) => {
      const link = { host, 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
      expect(isTaken('GET', link)).toBe(true)
      for (const mode of ['no-cors', 'cors', 'same-origin', 'websocket'])
        expect(isTaken('GET', { ...link, 'sec-fetch-mode': mode }), mode).toBe(false)
      for (const dest of ['iframe', 'embed', 'object', 'image', 'script', 'empty'])
        expect(isTaken('GET', { ...link, 'sec-fetch-dest': dest }), dest).toBe(false)
      for (const [what, method, headers] of [...OF_PROGRAMS, ...OF_PAGES])
        if (method !== 'GET') expect(isTaken(method, { ...link, ...headers }), what).toBe(false)
    },
  )

  test.each(OF_PAGES)('without an origin (%s) starts nothing unsigned, and is told how it would', (_, method, headers) => {
    expect(verdictOf(method, { host, ...headers })).toMatchObject({ status: 403, message: expect.stringContaining('Sign it') })
    const url = '/?X-Amz-Signature=0&X-Amz-Credential=a%2F20260101%2Fus-east-1%2Fsqs%2Faws4_request&X-Amz-x=1'
    expect(isTaken(method, { host, ...headers }, {}, url)).toBe(false)
  })

  test('to what is public is taken from any page, under a host that is ours', () => {
    const call = (headers: Headers) => {
      const rawHeaders = Object.entries(headers).flat()
      const req = { method: 'POST', url: '/', headers, rawHeaders } as unknown as IncomingMessage
      return createGuard(DEFAULTS, { isPublic: () => true })(req).kind
    }
    expect(call({ host: 'x.localhost:1', origin: 'https://a.example', 'content-type': 'text/plain' })).toBe('passes')
    // As templates print the address of an API.
    expect(call({ host: '0123456789.execute-api.us-east-1.amazonaws.com', 'content-type': 'text/plain' })).toBe('passes')
    expect(call({ host: 'evil.example', 'content-type': 'text/plain' })).toBe('refused')
  })

  test('that no page sent may upload by a form which holds its signature itself', () => {
    const parts = { host, 'content-type': 'multipart/form-data; boundary=x' }
    const upload = (headers: Headers, isUpload = true) => {
      const rawHeaders = Object.entries(headers).flat()
      const req = { method: 'POST', url: '/bucket', headers, rawHeaders } as unknown as IncomingMessage
      return createGuard(DEFAULTS, { isUpload: () => isUpload })(req).kind
    }
    expect(upload(parts)).toBe('passes')
    expect(upload(parts, false)).toBe('refused')
    for (const page of [
      { origin: 'null' },
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'none' },
    ])
      expect(upload({ ...parts, ...page }), JSON.stringify(page)).toBe('refused')
  })

  test('gets no WebSocket, not even our own', () => {
    const upgrade = { host, connection: 'Upgrade', upgrade: 'websocket' }
    expect(isTaken('GET', { ...upgrade, ...OWN })).toBe(false)
    expect(isTaken('GET', { ...upgrade, upgrade: 'h2c' })).toBe(true)
  })
})

describe('over TLS', () => {
  const host = 'localhost:4566'
  const post = (origin: string) => overTls('POST', { host, origin, ...JSON_TYPE })

  test('our own pages are those that came by https', () => {
    expect([post('https://localhost:4566'), post('http://localhost:4566')]).toEqual(['passes', 'refused'])
    expect(isTaken('POST', { host, origin: 'https://localhost:4566', ...JSON_TYPE })).toBe(false)
  })

  test('a page of another origin is refused all the same, and a header makes no connection one of TLS', () => {
    expect(post('https://example.org')).toBe('refused')
    const forwarded = { host, origin: 'https://localhost:4566', 'x-forwarded-proto': 'https', ...JSON_TYPE }
    expect(isTaken('POST', forwarded)).toBe(false)
  })
})
