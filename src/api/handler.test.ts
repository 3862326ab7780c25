import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { AWS_LIMITS } from '../base/limits.ts'

import { ARN, ARN_SCOPE, openService, type World } from '../runtime/testing/world.ts'

import { createStatesHandler } from './handler.ts'

let server: Server
let world: World
let told: unknown[] = []

beforeEach(async () => {
  told = []
  const opened = await openService()
  world = opened.world
  const handle = createStatesHandler(opened.control, {
    log: { ...world.log, info: (...line) => void told.push(line) },
    limits: AWS_LIMITS,
    arnScope: ARN_SCOPE,
    storeHealth: () => opened.world.store.health(),
  })
  server = createServer((req, res) => {
    void handle(req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.close()
  server.closeAllConnections()
})

async function post(target: string, body: string) {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
    body,
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> }
}
const ask = (operation: string, input: object) => post(`AWSStepFunctions.${operation}`, JSON.stringify(input))

test('an answer is AWS JSON 1.0, and each has an id of its own', async () => {
  const answers = [await ask('ListStateMachines', {}), await ask('ListStateMachines', {})]
  for (const { status, headers, body } of answers) {
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.0')
    expect(body).toEqual({ stateMachines: [] })
  }
  expect(new Set(answers.map(({ headers }) => headers.get('x-amzn-requestid'))).size).toBe(2)
})

test.each([
  ['DescribeExecution', { executionArn: `${ARN}:execution:m:e` }, 400, 'ExecutionDoesNotExist'],
  ['DescribeExecution', {}, 400, 'ValidationException'],
  ['DescribeExecution', { executionArn: 1 }, 400, 'SerializationException'],
  ['SendTaskHeartbeat', { taskToken: 't' }, 400, 'InvalidToken'],
])('a refusal of %s %j tells its code and a message', async (operation, input, status, code) => {
  const answer = await ask(operation, input)
  expect(answer.status).toBe(status)
  expect(String(answer.body['__type'])).toMatch(new RegExp(`(?:^|#)${code}$`))
  expect(answer.body['message'] ?? answer.body['Message']).toEqual(expect.any(String))
})

test('while the store is away whoever asks is told to ask again', async () => {
  world.unruly.fail()
  const answer = await ask('ListStateMachines', {})
  expect(answer).toMatchObject({ status: 503, body: { __type: expect.stringMatching(/ServiceUnavailable$/) } })
  world.unruly.recover()
  expect((await ask('ListStateMachines', {})).status).toBe(200)
})

test('a refusal tells the reason where AWS has one', async () => {
  const answer = await ask('StartExecution', { stateMachineArn: `${ARN}:stateMachine:m/label` })
  expect(answer.body).toMatchObject({ reason: 'API_DOES_NOT_SUPPORT_LABELED_ARNS' })
})

test('what cannot be recorded is a 503, and what is a fault of ours a 500 that tells nothing of it', async () => {
  const { arn } = await world.machine({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 9, End: true } } })
  await ask('DescribeStateMachine', { stateMachineArn: arn })
  world.unruly.fail({ isReadable: true })
  expect((await ask('StartExecution', { stateMachineArn: arn })).status).toBe(503)
  world.unruly.recover()
  world.unruly.faultOf = () => 'fails'
  const fault = await ask('ListStateMachines', {})
  expect(fault.status).toBe(500)
  expect(JSON.stringify(fault.body)).not.toContain('the disk is full')
  expect(world.lines.some(({ level }) => level === 'error')).toBe(true)
})

test.each(['', '[]', '"text"', '{', 'null', '{"a":'.repeat(5_000)])('a body of %.9j is refused', async (body) => {
  const answer = await post('AWSStepFunctions.ListStateMachines', body)
  // An empty body is an empty input.
  expect(answer.status).toBe(body === '' ? 200 : 400)
})

test('an operation that AWS has not is told so', async () => {
  for (const operation of ['Nope', 'toString', '__proto__', '']) {
    const answer = await ask(operation, {})
    expect(answer.status, operation).toBe(400)
    expect(String(answer.body['__type'])).toMatch(/UnknownOperationException$/)
  }
})

test('what is not there and could not be here is told with the region and account that are', async () => {
  const { region, account } = ARN_SCOPE
  const named = async (scope: string) =>
    String((await ask('DescribeStateMachine', { stateMachineArn: `arn:aws:states:${scope}:stateMachine:m` })).body['message'])
  expect(await named(`${region}:${account}`)).toBe(`State Machine Does Not Exist: '${ARN}:stateMachine:m'`)
  for (const scope of [`sa-east-1:${account}`, `${region}:999999999999`])
    expect(await named(scope)).toContain(`(what is made on this server is of the region ${region} and the account ${account})`)
})

test('operators are told which machine was changed, and by which request', async () => {
  const definition = JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
  const { headers } = await ask('CreateStateMachine', { name: 'm', definition, roleArn: 'arn:aws:iam::123456789012:role/r' })
  await ask('ListStateMachines', {})
  const requestId = headers.get('x-amzn-requestid')
  const fields = { requestId, action: 'states:CreateStateMachine', resource: `${ARN}:stateMachine:m` }
  expect(told).toEqual([['what is deployed was changed', fields]])
})
