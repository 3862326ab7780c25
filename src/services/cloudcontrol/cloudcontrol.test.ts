import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, expect, it, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'
import { silentLog } from '../../base/log.ts'

import { WireError } from '../../wire/errors.ts'
import { callJson } from '../../aws/call.ts'
import { endpointsAt } from '../../aws/endpoints.ts'
import { orThrow } from '../../aws/failure.ts'
import { SERVICES } from '../../aws/services.ts'

import { openServicesDatabase } from '../kit/database.ts'
import { handlerFor } from '../kit/testing/services.ts'
import { type Services, startServices } from '../services.ts'

import type { StackResource } from './known-resources.ts'
import { CloudControlStore, type ResourceRequest } from './store.ts'

const QUEUE = 'AWS::SQS::Queue'

let directory: string
let services: Services
let server: Server
let endpoint = ''
/** What is refused of what is called in between, where a test says so. */
let refuse: (action: string) => boolean

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cloudcontrol-'))
  refuse = () => false
  await start()
})
afterEach(async () => {
  await stop()
  rmSync(directory, { recursive: true, force: true })
})

async function start(): Promise<void> {
  services = startServices({
    region: 'us-east-1',
    account: '123456789012',
    endpoint: () => endpoint,
    log: silentLog,
    directory,
  })
  server = createServer((req, res) => {
    const action = String(req.headers['x-amz-target']).split('.')[1] ?? ''
    if (refuse(action)) return void res.writeHead(400).end('{"__type":"Refused","message":"no"}')
    void handlerFor(services, req)?.(req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function stop(): Promise<void> {
  server.closeAllConnections()
  server.close()
  await services.close()
}

async function ask(service: 'cloudcontrol' | 'sqs', action: string, input: JsonObject): Promise<JsonObject> {
  const endpoints = endpointsAt(() => ({ endpoint, region: 'us-east-1' }))
  return orThrow(await callJson(endpoints, SERVICES[service], action, input)).body
}
const control = (action: string, input: JsonObject) => ask('cloudcontrol', action, input)
const refusal = (action: string, input: JsonObject) =>
  control(action, input).then(
    () => undefined,
    (error: unknown) => (error instanceof WireError ? error.code : error),
  )
async function make(properties: JsonObject, more: JsonObject = {}): Promise<JsonObject> {
  const input = { TypeName: QUEUE, DesiredState: JSON.stringify(properties), ...more }
  return (await control('CreateResource', input))['ProgressEvent'] as JsonObject
}
async function attributesOf(QueueUrl: unknown): Promise<unknown> {
  return (await ask('sqs', 'GetQueueAttributes', { QueueUrl: String(QueueUrl), AttributeNames: ['All'] }))['Attributes']
}
const change = (Identifier: unknown, ...patch: object[]) => ({
  TypeName: QUEUE,
  Identifier: String(Identifier),
  PatchDocument: JSON.stringify(patch),
})

it('makes, shows, changes and deletes a resource', async () => {
  const made = await make({ QueueName: 'q', DelaySeconds: 5 })
  expect(made).toMatchObject({ Operation: 'CREATE', OperationStatus: 'SUCCESS', TypeName: QUEUE })
  const { Identifier, RequestToken } = made
  expect(await attributesOf(Identifier)).toMatchObject({ DelaySeconds: '5' })
  expect(await control('GetResourceRequestStatus', { RequestToken: String(RequestToken) })).toEqual({ ProgressEvent: made })

  const updated = await control('UpdateResource', change(Identifier, { op: 'replace', path: '/DelaySeconds', value: 7 }))
  expect(updated).toMatchObject({ ProgressEvent: { Operation: 'UPDATE', OperationStatus: 'SUCCESS', Identifier } })
  expect(await attributesOf(Identifier)).toMatchObject({ DelaySeconds: '7' })
  const shown = (await control('GetResource', { TypeName: QUEUE, Identifier: String(Identifier) }))['ResourceDescription']
  expect(JSON.parse(String((shown as JsonObject)['Properties']))).toMatchObject({
    QueueName: 'q',
    DelaySeconds: 7,
    Arn: 'arn:aws:sqs:us-east-1:123456789012:q',
  })
  expect(await control('ListResources', { TypeName: QUEUE })).toMatchObject({ ResourceDescriptions: [{ Identifier }] })

  await control('DeleteResource', { TypeName: QUEUE, Identifier: String(Identifier) })
  expect(await ask('sqs', 'ListQueues', {})).not.toHaveProperty('QueueUrls.0')
  expect(await control('ListResources', { TypeName: QUEUE })).toMatchObject({ ResourceDescriptions: [] })
  const { ResourceRequestStatusSummaries: all } = await control('ListResourceRequests', {
    ResourceRequestStatusFilter: { Operations: ['DELETE', 'UPDATE'] },
  })
  expect((all as JsonObject[]).map(({ Operation }) => Operation).toSorted()).toEqual(['DELETE', 'UPDATE'])
  const { NextToken } = await control('ListResourceRequests', { MaxResults: 2 })
  const { ResourceRequestStatusSummaries: rest } = await control('ListResourceRequests', { NextToken: String(NextToken) })
  expect(rest).toHaveLength(1)
})

it('gives a name to what has none, another one each time', async () => {
  const [one, two] = [await make({}), await make({})]
  expect(one['Identifier']).toMatch(/cloudcontrol-Queue-[A-Z0-9]{12}$/)
  expect(two['Identifier']).not.toBe(one['Identifier'])
  const { ProgressEvent } = await control(
    'UpdateResource',
    change(one['Identifier'], { op: 'add', path: '/DelaySeconds', value: 1 }),
  )
  expect(ProgressEvent).toMatchObject({ OperationStatus: 'SUCCESS', Identifier: one['Identifier'] })
})

it('the same request under the same client token is done once', async () => {
  const more = { ClientToken: 'abc' }
  const made = await make({ QueueName: 'q' }, more)
  expect(await make({ QueueName: 'q' }, more)).toEqual(made)
  await expect(make({ QueueName: 'other' }, more)).rejects.toThrow('used for another request')
})

it("tells what failed, and takes what is somebody else's for nobody's", async () => {
  await ask('sqs', 'CreateQueue', { QueueName: 'taken' })
  expect(await make({ QueueName: 'taken' })).toMatchObject({ OperationStatus: 'FAILED', ErrorCode: 'AlreadyExists' })
  expect(await make({ QueueName: 'q', DelaySeconds: 'long' })).toMatchObject({
    OperationStatus: 'FAILED',
    ErrorCode: 'InvalidRequest',
  })
  expect(await control('ListResources', { TypeName: QUEUE })).toMatchObject({ ResourceDescriptions: [] })
})

it('refuses what it does not know, what makes another resource, and patches that do not fit', async () => {
  const { Identifier } = await make({ QueueName: 'q' })
  expect(await refusal('GetResource', { TypeName: QUEUE, Identifier: 'none' })).toBe('ResourceNotFoundException')
  expect(await refusal('ListResources', { TypeName: 'AWS::EC2::VPC' })).toBe('TypeNotFoundException')
  expect(await refusal('ListResources', { TypeName: 'queue' })).toBe('ValidationException')
  expect(await refusal('GetResourceRequestStatus', { RequestToken: 'x' })).toBe('RequestTokenNotFoundException')
  expect(await refusal('CreateResource', { TypeName: QUEUE, DesiredState: '[]' })).toBe('InvalidRequestException')
  const rename = change(Identifier, { op: 'replace', path: '/QueueName', value: 'r' })
  await expect(control('UpdateResource', rename)).rejects.toThrow(
    'Invalid patch update: createOnlyProperties [/properties/QueueName] cannot be updated',
  )
  expect(await refusal('UpdateResource', change(Identifier, { op: 'remove', path: '/None' }))).toBe('InvalidRequestException')
})

it('a request that is over is not cancelled', async () => {
  const { RequestToken } = await make({})
  expect(await refusal('CancelResourceRequest', { RequestToken: String(RequestToken) })).toBe('ConcurrentModificationException')
})

it('goes on after a kill with what was begun, and takes what it made itself for its own', async () => {
  await ask('sqs', 'CreateQueue', { QueueName: 'q' })
  await stop()
  const request: ResourceRequest = {
    token: 't',
    asked: '',
    operation: 'CREATE',
    type: QUEUE,
    status: 'IN_PROGRESS',
    createdMs: 1,
    updatedMs: 1,
    properties: { QueueName: 'q', DelaySeconds: 3 },
  }
  const database = openServicesDatabase(directory)
  new CloudControlStore(database, { find: () => undefined, list: () => [] }, Date.now()).putRequest(request)
  database.close()
  await start()
  services.resume()
  const status = async () => (await control('GetResourceRequestStatus', { RequestToken: 't' }))['ProgressEvent']
  await expect.poll(status).toMatchObject({ OperationStatus: 'SUCCESS', Identifier: expect.stringContaining('/q') })
})

test('of a resource of a stack, whoever touched it last has the last word', () => {
  const database = openServicesDatabase(undefined)
  const naming = { stackName: 's', id: 'Q', scope: 'arn', generation: 0 }
  const known = { identifier: 'q', attributes: {}, naming }
  let ofStack: StackResource | undefined = { ...known, properties: { D: 1 }, operationId: 'first' }
  const store = new CloudControlStore(
    database,
    { find: () => ofStack, list: () => (ofStack === undefined ? [] : [ofStack]) },
    Date.now(),
  )
  expect(store.find(QUEUE, 'q')).toMatchObject({ properties: { D: 1 } })
  store.putResource(QUEUE, { ...known, properties: { D: 2 } })
  expect(store.list(QUEUE)).toMatchObject([{ properties: { D: 2 } }])
  ofStack = { ...ofStack, properties: { D: 3 }, operationId: 'second' }
  expect(store.find(QUEUE, 'q')).toMatchObject({ properties: { D: 3 } })
  ofStack = undefined
  expect(store.list(QUEUE)).toEqual([])
  database.close()
})
