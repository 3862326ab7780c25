/** What AWS has and is not here, and what AWS does not have either, as each service's own clients read it. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { decodeCbor } from '../wire/cbor.ts'
import { readErrorResponse } from '../wire/errors.ts'

import { handlerFor, startTestServices } from './kit/testing/services.ts'
import type { Services } from './services.ts'

let services: Services
let server: Server
let url = ''

beforeAll(async () => {
  services = startTestServices()
  server = createServer((req, res) => void handlerFor(services, req)?.(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await services.close()
})

const signed = (service: string) => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKID/20261123/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
})

async function ask(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  const response = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body }) })
  const bytes = Buffer.from(await response.arrayBuffer())
  const all = Object.fromEntries(response.headers)
  return { status: response.status, headers: all, body: bytes, text: bytes.toString('utf8') }
}

/** Status, code and message. */
function told(answer: Awaited<ReturnType<typeof ask>>) {
  const { status, code, message } = readErrorResponse(answer)
  return [status, code, message]
}

const json = (target: string, version: string) =>
  ask('POST', '/', { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target }, '{}')
const query = (version: string, Action: string) =>
  ask(
    'POST',
    '/',
    { 'content-type': 'application/x-www-form-urlencoded' },
    String(new URLSearchParams({ Action, Version: version })),
  )

describe.each([
  ['DynamoDB', 'DynamoDB_20120810', '1.0', 'CreateBackup'],
  ['EventBridge', 'AWSEvents', '1.1', 'CreateEndpoint'],
  ['Secrets Manager', 'secretsmanager', '1.1', 'RotateSecret'],
  ['Systems Manager', 'AmazonSSM', '1.1', 'SendCommand'],
  ['KMS', 'TrentService', '1.1', 'CreateGrant'],
  ['CloudWatch', 'GraniteServiceVersion20100801', '1.0', 'PutInsightRule'],
  ['ECR', 'AmazonEC2ContainerRegistry_V20150921', '1.1', 'StartImageScan'],
  ['CloudWatch Logs', 'Logs_20140328', '1.1', 'StartQuery'],
  ['Resource Groups Tagging API', 'ResourceGroupsTaggingAPI_20170126', '1.1', 'GetComplianceSummary'],
])('%s', (title, target, version, absent) => {
  test('says in JSON what it has not, and in the type of the request', async () => {
    const answer = await json(`${target}.${absent}`, version)
    expect(told(answer)).toEqual([501, 'NotImplemented', `The operation ${absent} of ${title} is not implemented here.`])
    expect(answer.headers['content-type']).toBe(`application/x-amz-json-${version}`)
    expect(JSON.parse(answer.text)).toHaveProperty('__type', expect.stringMatching(/(?:^|#)NotImplemented$/))
  })

  test('does not know what AWS does not have', async () => {
    expect(told(await json(`${target}.MakeCoffee`, version)).slice(0, 2)).toEqual([400, 'UnknownOperationException'])
    expect(told(await json(`${target}.constructor`, version)).slice(0, 2)).toEqual([400, 'UnknownOperationException'])
  })
})

test.each([
  ['AmazonSQS', '1.0'],
  ['DynamoDBStreams_20120810', '1.0'],
])('%s has all that AWS has, and does not know the rest', async (target, version) => {
  expect(told(await json(`${target}.MakeCoffee`, version)).slice(0, 2)).toEqual([400, 'UnknownOperationException'])
})

test('the two doors of DynamoDB do not know what is the other one’s', async () => {
  for (const name of ['DynamoDB_20120810.ListStreams', 'DynamoDBStreams_20120810.ListTables'])
    expect(told(await json(name, '1.0')).slice(0, 2)).toEqual([400, 'UnknownOperationException'])
})

describe.each([
  ['CloudFormation', '2010-05-15', 'CreateStackSet'],
  ['IAM', '2010-05-08', 'SimulatePrincipalPolicy'],
  ['STS', '2011-06-15', 'AssumeRoleWithSAML'],
  ['SNS', '2010-03-31', 'CreatePlatformApplication'],
  ['CloudWatch', '2010-08-01', 'PutInsightRule'],
])('%s, asked by a form,', (title, version, absent) => {
  test('says in the XML of Query what it has not', async () => {
    const answer = await query(version, absent)
    expect(told(answer)).toEqual([501, 'NotImplemented', `The operation ${absent} of ${title} is not implemented here.`])
    expect(answer.text).toMatch(/<ErrorResponse xmlns="[^"]+"><Error><Type>Receiver<\/Type><Code>NotImplemented<\/Code>/)
  })

  test('does not know what AWS does not have', async () => {
    expect(told(await query(version, 'MakeCoffee')).slice(0, 2)).toEqual([400, 'InvalidAction'])
  })
})

test('SQS, asked by a form, does not know what AWS does not have', async () => {
  expect(told(await query('2012-11-05', 'MakeCoffee')).slice(0, 2)).toEqual([400, 'InvalidAction'])
})

test('CloudWatch says in CBOR what it has not', async () => {
  const answer = await ask('POST', '/service/GraniteServiceVersion20100801/operation/PutMetricStream', {
    'smithy-protocol': 'rpc-v2-cbor',
  })
  expect([answer.status, answer.headers['content-type']]).toEqual([501, 'application/cbor'])
  expect(decodeCbor(answer.body)).toMatchObject({
    __type: 'com.amazonaws.cloudwatch#NotImplemented',
    message: 'The operation PutMetricStream of CloudWatch is not implemented here.',
  })
})

describe('Lambda', () => {
  test.each([
    ['CreateCapacityProvider', 'POST', '/2025-11-30/capacity-providers'],
    ['PutFunctionScalingConfig', 'PUT', '/2025-11-30/functions/f/function-scaling-config?Qualifier=1'],
    ['ListDurableExecutionsByFunction', 'GET', '/2025-12-01/functions/f/durable-executions'],
  ])('says that %s is not here, as REST JSON does', async (name, method, path) => {
    const answer = await ask(method, path, signed('lambda'), method === 'GET' ? undefined : '{}')
    expect(told(answer)).toEqual([501, 'NotImplemented', `The operation ${name} of Lambda is not implemented here.`])
    expect(answer.headers['x-amzn-errortype']).toBe('NotImplemented')
    expect(JSON.parse(answer.text)).toHaveProperty('Type', 'Service')
  })

  test('does not know a path that AWS does not have', async () => {
    expect(told(await ask('POST', '/2015-03-31/functions/f/coffee', signed('lambda'), '{}')).slice(0, 2)).toEqual([
      404,
      'UnknownOperationException',
    ])
  })
})

test.each([
  ['scheduler', '/coffee'],
  ['pipes', '/v1/coffee'],
])('%s has all that AWS has, and does not know another path', async (service, path) => {
  expect(told(await ask('POST', path, signed(service), '{}')).slice(0, 2)).toEqual([404, 'UnknownOperationException'])
})

describe('S3', () => {
  beforeAll(async () => void (await ask('PUT', '/bucket')))

  test.each([
    ['RenameObject', 'PUT', '/bucket/k?renameObject', { 'x-amz-rename-source': '/bucket/j' }],
    ['RestoreObject', 'POST', '/bucket/k?restore', {}],
    ['SelectObjectContent', 'POST', '/bucket/k?select&select-type=2', {}],
    ['GetObjectTorrent', 'GET', '/bucket/k?torrent', {}],
    ['PutBucketAbac', 'PUT', '/bucket?abac', {}],
    ['UpdateObjectEncryption', 'PUT', '/bucket/k?encryption', {}],
  ])('says that %s is not here, as REST XML does', async (name, method, path, headers) => {
    const answer = await ask(method, path, { 'content-type': 'application/xml', ...headers })
    expect(told(answer)).toEqual([501, 'NotImplemented', `The operation ${name} of S3 is not implemented here.`])
    expect(answer.text).toMatch(/<Error><Code>NotImplemented<\/Code>/)
  })

  test('takes what it has never heard of for something else than the plain verb', async () => {
    expect(told(await ask('PUT', '/bucket/k?coffee')).slice(0, 2)).toEqual([501, 'NotImplemented'])
  })

  test('says first that there is no such bucket', async () => {
    expect(told(await ask('POST', '/missing/k?restore', { 'content-type': 'application/xml' })).slice(0, 2)).toEqual([
      404,
      'NoSuchBucket',
    ])
  })
})
