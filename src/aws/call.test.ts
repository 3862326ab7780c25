import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { collect } from '../wire/client.ts'

import { call, callJson, callQuery, callRestJson, callStream } from './call.ts'
import { type Endpoints, endpointsAt } from './endpoints.ts'
import { type CallFailure, isTransient, orThrow } from './failure.ts'
import { FUNCTIONS_PATH, functionPath, objectPath, queueUrl } from './paths.ts'
import { SERVICES } from './services.ts'

let server: Server
let endpoints: Endpoints
let asked: IncomingMessage
let askedBody = ''
let answer: (res: ServerResponse) => void = (res) => res.end()

beforeAll(async () => {
  server = createServer(async (req, res) => {
    asked = req
    askedBody = ''
    for await (const piece of req) askedBody += String(piece)
    answer(res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  endpoints = endpointsAt(() => ({ endpoint, region: 'eu-west-1' }))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const scopeOf = () => /Credential=[^/]+\/\d+\/([^,]+)/.exec(asked.headers.authorization ?? '')?.[1]
const answering = (status: number, body: string, headers: Record<string, string> = {}) => {
  answer = (res) => res.writeHead(status, headers).end(body)
}
const failureOf = (called: { ok: true } | { ok: false; error: CallFailure }) => (called.ok ? undefined : called.error)

describe('a call', () => {
  it('speaks JSON under the target, version and scope of its service', async () => {
    answering(200, '{"nextToken":"t"}')
    const called = await callJson(endpoints, SERVICES.cloudwatchlogs, 'DescribeLogGroups', { limit: 1 })
    expect(called).toMatchObject({ ok: true, value: { body: { nextToken: 't' }, response: { status: 200 } } })
    expect([asked.method, asked.url, askedBody]).toEqual(['POST', '/', '{"limit":1}'])
    expect(asked.headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.DescribeLogGroups',
    })
    expect(scopeOf()).toBe('eu-west-1/logs/aws4_request')
  })

  it('speaks Query and reads the members of the result', async () => {
    answering(200, '<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>')
    const called = await callQuery(endpoints, SERVICES.sns, 'Publish', { Message: 'a b', Attributes: { k: 'v' } })
    expect(orThrow(called).body).toEqual({ MessageId: 'm' })
    expect(askedBody).toBe('Action=Publish&Version=2010-03-31&Message=a+b&Attributes.entry.1.key=k&Attributes.entry.1.value=v')
    expect(scopeOf()).toBe('eu-west-1/sns/aws4_request')
  })

  it('speaks REST, where an empty answer is an empty object', async () => {
    answering(204, '')
    const called = await callRestJson(endpoints, SERVICES.lambda, 'DELETE', functionPath('a b'))
    expect(orThrow(called).body).toEqual({})
    expect([asked.method, asked.url, askedBody]).toEqual(['DELETE', `${FUNCTIONS_PATH}/a%20b`, ''])
  })

  it('streams what a service answers, and tells a refusal as any other call', async () => {
    answering(200, 'body')
    const opened = orThrow(await callStream(endpoints, SERVICES.s3, { method: 'GET', path: objectPath('b', 'k') }))
    expect((await collect(opened.body)).toString()).toBe('body')
    answering(404, '<Error><Code>NoSuchKey</Code><Message>no</Message></Error>', { 'x-amz-request-id': 'r' })
    const refusal = { kind: 'service', status: 404, code: 'NoSuchKey', message: 'no', requestId: 'r', extendedRequestId: 'r' }
    expect(failureOf(await callStream(endpoints, SERVICES.s3, { method: 'GET' }))).toEqual(refusal)
    expect(failureOf(await call(endpoints, SERVICES.s3, { method: 'GET' }))).toEqual(refusal)
  })

  it('says so where nobody answers, where the answer is no JSON, and where there is nothing to sign with', async () => {
    const nobody = endpointsAt(() => ({ endpoint: 'http://127.0.0.1:1', region: 'r' }))
    const silence = failureOf(await callJson(nobody, SERVICES.sqs, 'ListQueues', {}))
    expect(silence).toMatchObject({ kind: 'transport', host: '127.0.0.1:1', error: { kind: 'connect' } })
    answering(200, '<html>')
    const garbled = failureOf(await callJson(endpoints, SERVICES.sqs, 'ListQueues', {}))
    expect(garbled).toMatchObject({ kind: 'transport', error: { kind: 'broken' } })
    const credentials = () => Promise.reject(new Error('no profile'))
    const unsigned: Endpoints = { endpointFor: (id) => ({ ...endpoints.endpointFor(id), credentials }) }
    expect(failureOf(await call(unsigned, SERVICES.sqs, {}))).toEqual({
      kind: 'credentials',
      message: 'Unable to load credentials from any of the providers in the chain: no profile',
    })
  })
})

it('server errors, throttling and what the table names pass; other refusals do not', () => {
  const refusal = (status: number, code: string): CallFailure => ({ kind: 'service', status, code, message: '', requestId: '' })
  const passes = (status: number, code: string) => isTransient(SERVICES.cloudwatchlogs, refusal(status, code))
  expect([passes(500, 'X'), passes(429, 'X'), passes(400, 'ThrottlingException')]).toEqual([true, true, true])
  expect([passes(400, 'ServiceUnavailableException'), passes(400, 'ResourceNotFoundException')]).toEqual([true, false])
  expect(isTransient(SERVICES.sqs, refusal(400, 'ServiceUnavailableException'))).toBe(false)
})

it('paths keep the slashes of a key, and a queue stands under its account', () => {
  expect(objectPath("b'", 'a b/c+(d)')).toBe('/b%27/a%20b/c%2B%28d%29')
  expect(objectPath('b')).toBe('/b')
  expect(queueUrl('http://h:1/', 'arn:aws:sqs:us-east-1:000000000000:q')).toBe('http://h:1/000000000000/q')
})
