import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'

import {
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  ListFunctionUrlConfigsCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { startServed } from './testing/served.ts'

let served: Awaited<ReturnType<typeof startServed>>
let url = ''
const ECHO = `export const handler = async (event) =>
  event.rawPath === '/plain' ? 'hello' : event.rawPath === '/fail' ? Promise.reject(new Error('no'))
  : event.rawPath === '/page' ? { statusCode: 201, headers: { 'X-One': '1' }, cookies: ['a=1', 'b=2'], body: 'aGk=', isBase64Encoded: true }
  : event`
const STREAM = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  if (event.fail === 'early') throw new Error('early')
  if (event.rawPath) stream = awslambda.HttpResponseStream.from(stream, { statusCode: 202, headers: { 'content-type': 'text/plain' }, cookies: ['c=3'] })
  stream.write('one ')
  await new Promise((resolve) => setTimeout(resolve, 50))
  if (event.fail === 'late') throw new Error('late')
  stream.write('two')
  stream.end()
})`

beforeAll(async () => {
  served = await startServed()
  await served.makeFunction('echo', ECHO)
  await served.makeFunction('stream', STREAM)
  const create = new CreateFunctionUrlConfigCommand({ FunctionName: 'echo', AuthType: 'NONE' })
  url = (await served.lambda.send(create)).FunctionUrl ?? ''
})
afterAll(() => served.close())

/** By the URL's host, which not every machine can resolve. */
async function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}, at = url) {
  const { host } = new URL(at)
  const { method = 'GET', headers = {}, body } = options
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const sent = request({ port: served.port, host: '127.0.0.1', path, method, headers: { host, ...headers } }, resolve)
    sent.on('error', reject)
    sent.end(body)
  })
  const text = (await buffer(response)).toString()
  return { status: response.statusCode, headers: response.headers, text, json: () => JSON.parse(text) }
}

test('a URL leads here by its host, and by a path', async () => {
  const id = /^http:\/\/([a-z0-9]{32})\.lambda-url\.us-east-1\.localhost:\d+\/$/.exec(url)?.[1]
  expect(id).toBeDefined()
  expect((await ask('/plain')).text).toBe('hello')
  const byPath = await fetch(`${served.endpoint}/_regente/lambda-url/${id}/some/where?a=1`)
  expect(await byPath.json()).toMatchObject({ rawPath: '/some/where', rawQueryString: 'a=1' })
  const nobody = await ask('/', {}, `http://${'x'.repeat(32)}.lambda-url.us-east-1.localhost:1/`)
  expect(nobody).toMatchObject({ status: 403, text: '{"Message":"Forbidden"}' })
})

test('the event is of payload format 2.0', async () => {
  const headers = { 'content-type': 'application/json', cookie: 'k=v; l=w', 'user-agent': 'test', 'X-Other': 'x' }
  const answer = await ask('/a%20b/c?x=1&y=&x=2', { method: 'POST', headers, body: '{"é":1}' })
  expect(answer.headers['content-type']).toBe('application/json')
  const { host } = new URL(url)
  expect(answer.json()).toEqual({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/a%20b/c',
    rawQueryString: 'x=1&y=&x=2',
    cookies: ['k=v', 'l=w'],
    headers: {
      host,
      connection: 'keep-alive',
      'content-type': 'application/json',
      'content-length': expect.any(String),
      'user-agent': 'test',
      'x-other': 'x',
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-/),
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': String(served.port),
      'x-forwarded-proto': 'http',
    },
    queryStringParameters: { x: '1,2', y: '' },
    requestContext: {
      accountId: 'anonymous',
      apiId: host.split('.')[0],
      domainName: host,
      domainPrefix: host.split('.')[0],
      http: { method: 'POST', path: '/a%20b/c', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: expect.any(String),
      routeKey: '$default',
      stage: '$default',
      time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
      timeEpoch: expect.any(Number),
    },
    body: '{"é":1}',
    isBase64Encoded: false,
  })
  const form = await ask('/', { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' })
  expect(form.json()).toMatchObject({ body: 'YT1i', isBase64Encoded: true })
})

test('an answer says its status, headers, cookies and body; a failure is a 502', async () => {
  const page = await ask('/page')
  expect(page).toMatchObject({ status: 201, text: 'hi' })
  expect(page.headers).toMatchObject({ 'x-one': '1', 'set-cookie': ['a=1', 'b=2'], 'content-length': '2' })
  expect(await ask('/fail')).toMatchObject({ status: 502, text: 'Internal Server Error' })
  expect(await ask('/page', { method: 'HEAD' })).toMatchObject({ status: 201, text: '' })
})

test('pages may call it and read its answers as its Cors setting says', async () => {
  const Cors = { AllowOrigins: ['https://app.example'], AllowMethods: ['GET', 'PUT'], AllowHeaders: ['x-a'], MaxAge: 60 }
  await served.lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'echo', Cors }))
  const preflight = (origin: string, method = 'PUT') =>
    ask('/plain', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': method } })
  expect((await preflight('https://app.example')).headers).toMatchObject({
    'access-control-allow-origin': 'https://app.example',
    'access-control-allow-methods': 'GET,PUT',
    'access-control-allow-headers': 'x-a',
    'access-control-max-age': '60',
  })
  expect((await preflight('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined()
  expect((await preflight('https://app.example', 'DELETE')).headers['access-control-allow-methods']).toBeUndefined()
  const answer = await ask('/plain', { headers: { origin: 'https://app.example' } })
  expect(answer.headers['access-control-allow-origin']).toBe('https://app.example')
})

test('one of AWS_IAM asks for a signature and tells the function whose it is', async () => {
  await served.lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'echo', AuthType: 'AWS_IAM' }))
  expect(await ask('/')).toMatchObject({ status: 403, text: '{"Message":"Forbidden"}' })
  const authorization = 'AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0'
  const event = (await ask('/', { headers: { authorization } })).json()
  expect(event.requestContext.authorizer.iam).toMatchObject({ accessKey: 'AKIA', accountId: '000000000000' })
})

test('streamed answers come in pieces; what fails after the first breaks off', async () => {
  const create = { FunctionName: 'stream', AuthType: 'NONE', InvokeMode: 'RESPONSE_STREAM' } as const
  const at = (await served.lambda.send(new CreateFunctionUrlConfigCommand(create))).FunctionUrl ?? ''
  const answer = await ask('/', {}, at)
  expect(answer).toMatchObject({ status: 202, text: 'one two' })
  expect(answer.headers).toMatchObject({ 'content-type': 'text/plain', 'set-cookie': ['c=3'] })

  const stream = async (event: object) => {
    const Payload = Buffer.from(JSON.stringify(event))
    const { EventStream = [] } = await served.lambda.send(
      new InvokeWithResponseStreamCommand({ FunctionName: 'stream', Payload }),
    )
    const pieces: string[] = []
    for await (const { PayloadChunk, InvokeComplete } of EventStream as AsyncIterable<Record<string, never>>) {
      if (PayloadChunk) pieces.push(Buffer.from((PayloadChunk as { Payload: Uint8Array }).Payload).toString())
      if (InvokeComplete) pieces.push(String((InvokeComplete as { ErrorCode?: string }).ErrorCode))
    }
    return pieces
  }
  expect(await stream({})).toEqual(['one ', 'two', 'undefined'])
  expect(await stream({ fail: 'late' })).toEqual(['one ', 'Error'])
  expect(await stream({ fail: 'early' })).toEqual(['Error'])

  const whole = await served.lambda.send(new InvokeCommand({ FunctionName: 'stream', Payload: Buffer.from('{}') }))
  expect(Buffer.from(whole.Payload ?? []).toString()).toBe('one two')
})

test('URLs are kept, shown, listed, refused and deleted', async () => {
  const FunctionName = 'echo'
  await served.lambda.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '$LATEST' }))
  const create = (input: object) =>
    served.lambda.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...input }))
  await expect(create({})).rejects.toThrow('FunctionUrlConfig exists for this Lambda function')
  await expect(create({ Qualifier: '1' })).rejects.toThrow('Function not found')
  await expect(create({ Qualifier: '$LATEST' })).rejects.toThrow('failed to satisfy constraint')
  await expect(create({ Qualifier: 'live', AuthType: 'SOME' })).rejects.toThrow('[NONE, AWS_IAM]')
  const made = await create({ Qualifier: 'live' })
  expect(made).toMatchObject({
    FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:echo:live',
    AuthType: 'NONE',
    InvokeMode: 'BUFFERED',
    CreationTime: expect.stringMatching(/Z$/),
  })
  expect((await ask('/plain', {}, made.FunctionUrl)).text).toBe('hello')
  const { FunctionUrlConfigs = [] } = await served.lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName }))
  expect(FunctionUrlConfigs.map(({ FunctionUrl }) => FunctionUrl)).toEqual([url, made.FunctionUrl])
  await served.lambda.send(new DeleteFunctionUrlConfigCommand({ FunctionName, Qualifier: 'live' }))
  const get = new GetFunctionUrlConfigCommand({ FunctionName, Qualifier: 'live' })
  await expect(served.lambda.send(get)).rejects.toThrow('The resource you requested does not exist.')
  await served.lambda.send(new DeleteFunctionCommand({ FunctionName }))
  expect(await ask('/plain')).toMatchObject({ status: 403 })
})
