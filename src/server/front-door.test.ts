import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Log } from '../base/log.ts'

import { createAwsJsonHandler, type JsonOperation } from '../wire/aws-json.ts'
import { createDescribe } from '../wire/describe.ts'
import { WireError } from '../wire/errors.ts'
import { headerOf, sendJson } from '../wire/http.ts'
import { contextOf, type RequestContext } from '../wire/request-context.ts'

import { createFrontDoor } from './front-door.ts'
import { readinessOf } from './readiness.ts'

interface Line {
  readonly level: string
  readonly message: string
  readonly fields: Record<string, unknown>
}

let server: Server
let url = ''
let lines: Line[] = []
let seen: RequestContext | undefined

const write =
  (level: string) =>
  (message: string, fields: Record<string, unknown> = {}) =>
    void lines.push({ level, message, fields })
const log: Log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }

let told: 'all' | 'notable' = 'all'
let hindrances: readonly string[] = []

beforeEach(open)
afterEach(close)

async function open() {
  lines = []
  seen = undefined
  const door = createFrontDoor({
    describe: createDescribe({
      account: '123456789012',
      callOf(req) {
        const [service, name] = req.url?.slice(1).split('.') ?? []
        if (!service || service.startsWith('own')) return undefined
        return { service, action: name ? { kind: 'named', name } : { kind: 'inBody' }, resource: undefined }
      },
    }),
    guard: (req) =>
      headerOf(req.headers, 'x-foreign') === undefined ? { kind: 'passes' } : { kind: 'refused', status: 403, message: 'No.' },
    health: () => ({ status: 'ok' }),
    ready: () => readinessOf(hindrances),
    own: [(req) => (req.url === '/own' ? async (_, res) => sendJson(res, { own: true }) : undefined)],
    services: new Map([
      [
        'states',
        createAwsJsonHandler(
          new Map<string, JsonOperation>([
            [
              'StartExecution',
              (_, { req, requestId }) => {
                seen = contextOf(req)
                return { requestId }
              },
            ],
            ['Refuse', () => Promise.reject(new WireError(400, 'InvalidName', 'No.'))],
            ['Break', () => Promise.reject(new TypeError('a bug'))],
          ]),
          { log },
        ),
      ],
      ['s3', () => Promise.reject(new TypeError('a bug'))],
      ['lambda', async (_, res) => sendJson(res, {})],
    ]),
    log,
    told,
  })
  server = createServer(door).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function close() {
  server.closeAllConnections()
  server.close()
}

const ask = (path: string, headers: Record<string, string> = {}) => fetch(url + path, { method: 'POST', headers, body: '{}' })

test('a request has one id: in its context, in its answer, in the log', async () => {
  const response = await ask('/states.StartExecution', { 'x-amz-target': 'AWSStepFunctions.StartExecution' })
  const { requestId } = (await response.json()) as { requestId: string }
  expect(response.headers.get('x-amzn-requestid')).toBe(requestId)
  expect(seen?.requestId).toBe(requestId)
  await expect
    .poll(() => lines)
    .toEqual([
      {
        level: 'debug',
        message: 'a request was answered',
        fields: expect.objectContaining({ requestId, action: 'states:StartExecution', status: 200 }),
      },
    ])
})

test('the context tells who asks, signed for which region, and the trace', async () => {
  await ask('/states.StartExecution', {
    'x-amz-target': 'AWSStepFunctions.StartExecution',
    authorization: 'AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/states/aws4_request, SignedHeaders=host, Signature=00',
    'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  })
  expect(seen).toMatchObject({
    identity: { kind: 'accessKey', accessKeyId: 'AKID', account: '123456789012', region: 'eu-west-1' },
    trace: { format: 'xray', header: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
  })
  await ask('/states.StartExecution', { 'x-amz-target': 'AWSStepFunctions.StartExecution', traceparent: '00-0a-b7-01' })
  expect(seen).toMatchObject({ identity: { kind: 'anonymous' }, trace: { format: 'w3c', header: '00-0a-b7-01' } })
})

test('a bug is told in the log by id and action, and answered under the same id', async () => {
  const response = await ask('/states.Break', { 'x-amz-target': 'AWSStepFunctions.Break' })
  expect(response.status).toBe(500)
  const line = lines.find(({ level }) => level === 'error')
  expect(line?.fields).toMatchObject({ action: 'states:Break', requestId: response.headers.get('x-amzn-requestid') })
})

test('a room that fails is told in the protocol of its service, with id and action', async () => {
  const response = await ask('/s3.PutObject')
  const text = await response.text()
  expect(response.status).toBe(500)
  expect(text).toContain('<Code>InternalError</Code>')
  expect(text).toContain('s3:PutObject')
  expect(text).toContain(`<RequestId>${response.headers.get('x-amz-request-id')}</RequestId>`)
})

test('what the guard refuses is seen by no room, and told to the service that was meant', async () => {
  const authorization = 'AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00'
  const response = await ask('/s3.PutObject', { 'x-foreign': '1', authorization })
  expect(response.status).toBe(403)
  expect(await response.text()).toContain('<Code>AccessDenied</Code>')
  expect(lines[0]).toMatchObject({ level: 'info', fields: { action: 's3:PutObject', reason: 'No.' } })
})

test('our own pages are asked of no service', async () => {
  expect(await (await ask('/own')).json()).toEqual({ own: true })
  await expect.poll(() => lines.length).toBe(1)
  expect(lines[0]?.fields).not.toHaveProperty('action')
})

const form = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
const signedFor = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
})

test.each([
  ['ssm', { 'x-amz-target': 'AmazonSSM.GetParameter' }, /^\{"__type":"NotImplemented","message":"Regente has no service \\"ssm/],
  ['glacier', {}, /^\{"__type":"NotImplemented","message":"Regente has no service \\"glacier/],
  ...['cloudformation', 'ses', 'rds', 'elasticache'].map((service): [string, Record<string, string>, RegExp] => [
    service,
    form,
    new RegExp(
      `<ErrorResponse><Error><Type>Receiver</Type><Code>NotImplemented</Code><Message>Regente has no service &quot;${service}`,
    ),
  ]),
  ['route53', {}, /<ErrorResponse><Error><Type>Receiver<\/Type><Code>NotImplemented<\/Code>/],
  ['ec2', form, /<Response><Errors><Error><Code>NotImplemented<\/Code><Message>Regente has no service &quot;ec2/],
  ['s3express', {}, /<Error><Code>NotImplemented<\/Code><Message>Regente has no service &quot;s3express/],
])('a service that is not here (%s) is refused by its name, in its protocol', async (service, headers, body) => {
  const response = await ask(`/${service}`, { ...headers, ...signedFor(service) })
  expect(response.status).toBe(501)
  expect(await response.text()).toMatch(body)
})

test('what is for no service at all is refused', async () => {
  const response = await ask('/own/nothing')
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ __type: 'UnknownOperationException' })
})

describe('at the level info', () => {
  beforeAll(() => {
    told = 'notable'
  })
  afterAll(() => {
    told = 'all'
  })

  test('what was refused is told once, by id, action and code, and what was answered is not', async () => {
    await ask('/states.StartExecution', { 'x-amz-target': 'AWSStepFunctions.StartExecution' })
    const response = await ask('/states.Refuse', { 'x-amz-target': 'AWSStepFunctions.Refuse' })
    await ask('/states.Refuse', { 'x-foreign': '1' })
    const requestId = response.headers.get('x-amzn-requestid')
    await expect.poll(() => lines.length).toBe(2)
    expect(lines).toMatchObject([
      {
        level: 'info',
        message: 'a request was refused',
        fields: { requestId, action: 'states:Refuse', status: 400, code: 'InvalidName' },
      },
      { level: 'info', message: 'a request was refused', fields: { reason: 'No.' } },
    ])
  })

  test('what changes what is deployed is told', async () => {
    await ask('/lambda.Invoke')
    await ask('/lambda.UpdateFunctionCode')
    await ask('/own')
    await expect.poll(() => lines.map(({ fields }) => fields['action'])).toEqual(['lambda:UpdateFunctionCode'])
  })
})

test('load balancers learn whether requests should be sent here, by the status and with the reasons', async () => {
  const ask = async () => {
    const answer = await fetch(`${url}/_regente/ready`)
    return [answer.status, await answer.json()]
  }
  expect(await ask()).toEqual([200, { status: 'ready' }])
  hindrances = ['The server stops.']
  expect(await ask()).toEqual([503, { status: 'not-ready', reasons: ['The server stops.'] }])
  hindrances = []
})

test('load balancers that ask in HTTP/1.0, with no Host, are told the same; nobody is told anything else so', async () => {
  const ask = async (line: string, ...headers: string[]) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.end([line, 'x-foreign: refused', ...headers, '', ''].join('\r\n'))
    return (await text(socket)).slice(9, 12)
  }
  expect(await ask('GET /_regente/ready HTTP/1.0')).toBe('200')
  expect(await ask('GET /_regente/health HTTP/1.0')).toBe('200')
  expect(await ask('GET /_regente/ready HTTP/1.0', 'Host: evil.example')).toBe('403')
  expect(await ask('GET /_regente/ready HTTP/1.1', 'Host: evil.example', 'Connection: close')).toBe('403')
  expect(await ask('POST /_regente/ready HTTP/1.0')).toBe('403')
  expect(await ask('GET /own HTTP/1.0')).toBe('403')
})
