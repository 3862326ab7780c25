import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { AWS_LIMITS } from '../base/limits.ts'

import { ARN, openService, type World } from '../runtime/testing/world.ts'

import { createStatesHandler } from './handler.ts'

let server: Server
let world: World

beforeEach(async () => {
  const opened = await openService()
  world = opened.world
  const handle = createStatesHandler(opened.control, world.log, AWS_LIMITS)
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

test('a refusal tells the reason where AWS has one', async () => {
  const answer = await ask('StartExecution', { stateMachineArn: `${ARN}:stateMachine:m/label` })
  expect(answer.body).toMatchObject({ reason: 'API_DOES_NOT_SUPPORT_LABELED_ARNS' })
})

test('what cannot be recorded is a 503, and what is a fault of ours a 500 that tells nothing of it', async () => {
  const { arn } = await world.machine({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 9, End: true } } })
  await ask('DescribeStateMachine', { stateMachineArn: arn })
  world.unruly.fail({ isReadable: true })
  expect((await ask('StartExecution', { stateMachineArn: arn })).status).toBe(503)
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
