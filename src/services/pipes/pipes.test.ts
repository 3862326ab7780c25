import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'
import { silentLog } from '../../base/log.ts'

import { callAws } from '../../wire/client.ts'

import { callSns, handlerFor } from '../kit/testing/services.ts'
import { zipOf } from '../lambda/testing/zip.ts'
import { type Services, startServices } from '../services.ts'

import { fillTemplate } from './input-template.ts'

const ACCOUNT = '123456789012'
const ROLE = `arn:aws:iam::${ACCOUNT}:role/r`
const arnOf = (service: string, name: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${name}`
const MACHINE = arnOf('states', 'stateMachine:m')

let directory: string
let local: Services
let server: Server
let endpoint = ''
let started: JsonObject[] = []
/** What Step Functions answers to StartSyncExecution. */
let sync: JsonObject = {}

const open = () => startServices({ directory, region: 'us-east-1', account: ACCOUNT, endpoint: () => endpoint, log: silentLog })

/** Step Functions is a server that takes down what it is told to start. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pipes-'))
  local = open()
  server = createServer(async (req, res) => {
    const handler = handlerFor(local, req)
    if (handler) return handler(req, res)
    const isSync = String(req.headers['x-amz-target']).endsWith('StartSyncExecution')
    const input = JSON.parse(await text(req)) as JsonObject
    if (isSync && '__type' in sync) res.statusCode = 400
    else started.push(input)
    res.end(JSON.stringify(isSync ? sync : {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  local.resume()
})
afterAll(async () => {
  await local.close()
  server.closeAllConnections()
  server.close()
  rmSync(directory, { recursive: true, force: true })
})
beforeEach(() => {
  started = []
})

async function ask(service: string, method: string, path: string, input?: unknown, target?: string): Promise<JsonObject> {
  const headers = { 'content-type': 'application/json', ...(target !== undefined && { 'x-amz-target': target }) }
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const [route = '', query] = path.split('?')
  const body = input === undefined ? '' : JSON.stringify(input)
  const answer = await callAws({
    endpoint,
    region: 'us-east-1',
    service,
    credentials,
    method,
    path: route,
    query: new URLSearchParams(query),
    headers,
    body,
  })
  return JSON.parse(answer.body.toString() || '{}') as JsonObject
}
const pipes = (method: string, path: string, input?: unknown) => ask('pipes', method, path, input)
const sqs = (action: string, input: object) => ask('sqs', 'POST', '/', input, `AmazonSQS.${action}`)

async function makeQueue(QueueName: string) {
  await sqs('CreateQueue', { QueueName })
  return {
    arn: arnOf('sqs', QueueName),
    send: (body: unknown) => sqs('SendMessage', { QueueUrl: QueueName, MessageBody: JSON.stringify(body) }),
    async receive() {
      const answer = await sqs('ReceiveMessage', { QueueUrl: QueueName, WaitTimeSeconds: 10 })
      return ((answer['Messages'] ?? []) as unknown as { Body: string }[]).map(({ Body }) => JSON.parse(Body) as JsonObject)[0]
    },
    async count() {
      const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible']
      const answer = await sqs('GetQueueAttributes', { QueueUrl: QueueName, AttributeNames })
      return Object.values(answer['Attributes'] as Record<string, string>).map(Number)
    },
  }
}

const makeFunction = (FunctionName: string, code: string) =>
  ask('lambda', 'POST', '/2015-03-31/functions', {
    FunctionName,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: ROLE,
    Code: { ZipFile: Buffer.from(zipOf({ 'index.mjs': code })).toString('base64') },
  })

test('a queue starts executions, each batch under one name, over a restart too', async () => {
  const source = await makeQueue('to-machine')
  const StepFunctionStateMachineParameters = { InvocationType: 'FIRE_AND_FORGET' }
  const made = await pipes('POST', '/v1/pipes/machine', {
    Source: source.arn,
    Target: MACHINE,
    RoleArn: ROLE,
    SourceParameters: { FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] } },
    TargetParameters: { StepFunctionStateMachineParameters, InputTemplate: '{"kind":"<$.body.kind>","n":<$.body.n>}' },
    Tags: { team: 'a' },
  })
  expect(made).toMatchObject({ Arn: arnOf('pipes', 'pipe/machine'), CurrentState: 'CREATING', DesiredState: 'RUNNING' })
  await source.send({ kind: 'other' })
  await source.send({ kind: 'order', n: 1 })
  await expect.poll(() => started).toHaveLength(1)
  expect(started[0]).toEqual({
    stateMachineArn: MACHINE,
    name: expect.stringMatching(/^[0-9a-f]{36}$/),
    input: '[{"kind":"order","n":1}]',
  })
  await expect.poll(source.count).toEqual([0, 0])

  await local.close()
  local = open()
  local.resume()
  await source.send({ kind: 'order', n: 2 })
  await expect.poll(() => started).toHaveLength(2)
  expect(await pipes('POST', '/v1/pipes/machine/stop')).toMatchObject({ CurrentState: 'STOPPING', DesiredState: 'STOPPED' })
  expect(await pipes('POST', '/v1/pipes/machine/stop')).toMatchObject({
    message: expect.stringContaining('not in a valid state'),
  })
  expect(await pipes('GET', '/v1/pipes/machine')).toMatchObject({
    CurrentState: 'STOPPED',
    Source: source.arn,
    Target: MACHINE,
    Tags: { team: 'a' },
    TargetParameters: { StepFunctionStateMachineParameters },
  })
  await pipes('DELETE', '/v1/pipes/machine')
})

test('an Express machine is waited for; a Standard one is started', async () => {
  const source = await makeQueue('to-either')
  await pipes('POST', '/v1/pipes/either', { Source: source.arn, Target: MACHINE, RoleArn: ROLE })
  sync = { status: 'SUCCEEDED', output: '{}' }
  await source.send(1)
  await expect.poll(source.count).toEqual([0, 0])
  expect(started).toMatchObject([{ stateMachineArn: MACHINE, input: expect.stringContaining('"body":"1"') }])
  expect(started[0]?.['name']).toBeUndefined()
  sync = { __type: 'StateMachineTypeNotSupported', message: 'no' }
  await source.send(2)
  await expect.poll(source.count).toEqual([0, 0])
  expect(started.at(-1)?.['name']).toBeDefined()
  await pipes('DELETE', '/v1/pipes/either')
})

test('a function enriches; a queue, a topic and a bus are given an event at a time', async () => {
  const [source, target] = [await makeQueue('rich'), await makeQueue('poor')]
  await makeFunction('enrich', 'export const handler = async (events) => events.map(({ body }) => ({ was: JSON.parse(body) }))')
  const pipe = { Source: source.arn, RoleArn: ROLE, Enrichment: arnOf('lambda', 'function:enrich') }
  await pipes('POST', '/v1/pipes/rich', { ...pipe, Target: target.arn })
  await source.send({ n: 1 })
  expect(await target.receive()).toEqual({ was: { n: 1 } })
  await expect.poll(source.count).toEqual([0, 0])

  const events = (operation: string, input: unknown) => ask('events', 'POST', '/', input, `AWSEvents.${operation}`)
  await events('PutRule', { Name: 'r', EventPattern: '{"source":["mine"]}' })
  await events('PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: target.arn }] })
  const EventBridgeEventBusParameters = { Source: 'mine', DetailType: '$.was.type' }
  await pipes('PUT', '/v1/pipes/rich', {
    RoleArn: ROLE,
    Target: arnOf('events', 'event-bus/default'),
    TargetParameters: { EventBridgeEventBusParameters },
  })
  await source.send({ type: 'made' })
  expect(await target.receive()).toMatchObject({ source: 'mine', 'detail-type': 'made', detail: { was: { type: 'made' } } })

  await pipes('PUT', '/v1/pipes/rich', { RoleArn: ROLE, Enrichment: '', Target: arnOf('sns', 't') })
  await callSns(local, 'CreateTopic', { Name: 't' })
  await callSns(local, 'Subscribe', { TopicArn: arnOf('sns', 't'), Protocol: 'sqs', Endpoint: target.arn })
  await source.send({ n: 3 })
  expect(JSON.parse(String((await target.receive())?.['Message']))).toMatchObject({ body: '{"n":3}', eventSource: 'aws:sqs' })
  await pipes('DELETE', '/v1/pipes/rich')
})

test('what a function reports as failed comes back, as does a batch that it failed', async () => {
  const source = await makeQueue('partly')
  await makeFunction(
    'partly',
    'export const handler = async ([{ messageId, body }]) => { if (body === "2") throw new Error("no"); return body === "1" ? { batchItemFailures: [{ itemIdentifier: messageId }] } : {} }',
  )
  await pipes('POST', '/v1/pipes/partly', {
    Source: source.arn,
    Target: arnOf('lambda', 'function:partly'),
    RoleArn: ROLE,
    SourceParameters: { SqsQueueParameters: { BatchSize: 1 } },
  })
  for (const body of [0, 1, 2]) await source.send(body)
  await expect.poll(source.count, { timeout: 10_000 }).toEqual([0, 2])
  await pipes('DELETE', '/v1/pipes/partly')
})

test('pipes are listed, tagged and refused in AWS’s words', async () => {
  const source = await makeQueue('listed')
  const input = { Source: source.arn, Target: MACHINE, RoleArn: ROLE, DesiredState: 'STOPPED' }
  for (const name of ['l1', 'l2', 'm1']) await pipes('POST', `/v1/pipes/${name}`, input)
  const page = await pipes('GET', '/v1/pipes?NamePrefix=l&Limit=1')
  expect(page).toMatchObject({ Pipes: [{ Name: 'l1', CurrentState: 'STOPPED', Source: source.arn }] })
  const rest = await pipes('GET', `/v1/pipes?NamePrefix=l&NextToken=${String(page['NextToken'])}`)
  expect(rest).toMatchObject({ Pipes: [{ Name: 'l2' }] })
  const tags = `/tags/${encodeURIComponent(arnOf('pipes', 'pipe/l1'))}`
  await pipes('POST', tags, { tags: { a: '1', b: '2' } })
  await pipes('DELETE', `${tags}?tagKeys=a`)
  expect(await pipes('GET', tags)).toEqual({ tags: { b: '2' } })

  expect(await pipes('POST', '/v1/pipes/l1', input)).toEqual({ message: 'Pipe l1 already exists.' })
  expect(await pipes('GET', '/v1/pipes/none')).toEqual({ message: 'Pipe none does not exist.' })
  const refused = (more: object) => pipes('POST', '/v1/pipes/x', { ...input, ...more })
  expect(await refused({ Source: arnOf('kinesis', 'stream/s') })).toMatchObject({
    message: expect.stringContaining('queues of SQS alone'),
  })
  expect(await refused({ Target: arnOf('ecs', 'cluster/c') })).toMatchObject({
    message: expect.stringContaining('is none of them'),
  })
  expect(await refused({ DesiredState: 'GOING' })).toMatchObject({ message: expect.stringContaining('[RUNNING, STOPPED]') })
  const FilterCriteria = { Filters: [{ Pattern: '{' }] }
  expect(await refused({ SourceParameters: { FilterCriteria } })).toEqual({ message: 'Invalid filter pattern definition.' })
})

const EVENT = { messageId: 'm', body: '{"a":{"b":[1,"x"]},"t":"q\\"q"}' }
test.each([
  [undefined, EVENT],
  ['{"x":<$.body.a.b[1]>,"y":"<$.body.a.b[0]>"}', { x: 'x', y: '1' }],
  ['{"t":"<$.body.t>","none":<$.body.none>,"empty":"<$.none>"}', { t: 'q"q', none: null, empty: '' }],
  ['<$.body>', EVENT.body],
  ['"<aws.pipes.pipe-name>: <$.messageId>"', 'p: m'],
  ['plain <$.messageId>', 'plain "m"'],
])('the template %s is filled', (template, filled) => {
  expect(fillTemplate(template, EVENT, { 'aws.pipes.pipe-name': 'p' })).toEqual(filled)
})
