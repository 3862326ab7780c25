import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { VirtualClock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'
import { silentLog } from '../../base/log.ts'

import { callAws } from '../../wire/client.ts'

import { handlerFor } from '../kit/testing/services.ts'
import { type Services, startServices } from '../services.ts'

const ACCOUNT = '123456789012'
const queueArn = `arn:aws:sqs:us-east-1:${ACCOUNT}:q`
const machineArn = `arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:m`
const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }

let directory: string
let clock: VirtualClock
let local: Services
let server: Server
let endpoint = ''
let started: JsonObject[] = []
let heard: (() => void) | undefined

/** All services on a port; Step Functions is a server that takes down what it is told to start. */
const open = () =>
  startServices({ directory, region: 'us-east-1', account: ACCOUNT, endpoint: () => endpoint, log: silentLog, clock })

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'events-'))
  clock = new VirtualClock()
  started = []
  local = open()
  server = createServer(async (req, res) => {
    const handler = handlerFor(local, req)
    if (handler) return handler(req, res)
    const pieces: Buffer[] = []
    for await (const piece of req) pieces.push(piece as Buffer)
    started.push(JSON.parse(Buffer.concat(pieces).toString()) as JsonObject)
    res.end('{}')
    heard?.()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  server.close()
  await local.close()
  rmSync(directory, { recursive: true, force: true })
})

async function json(service: string, target: string, input: unknown): Promise<JsonObject & { readonly status: number }> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
  const body = JSON.stringify(input)
  const answer = await callAws({ endpoint, region: 'us-east-1', service, credentials, method: 'POST', headers, body })
  return { ...(JSON.parse(answer.body.toString()) as JsonObject), status: answer.status }
}
const events = (operation: string, input: unknown) => json('events', `AWSEvents.${operation}`, input)

async function scheduler(method: string, path: string, input?: unknown) {
  const body = input === undefined ? undefined : JSON.stringify(input)
  const headers = { 'content-type': 'application/json' }
  const answer = await callAws({ endpoint, region: 'us-east-1', service: 'scheduler', credentials, method, path, headers, body })
  const output: JsonObject & { readonly status: number } = {
    ...(JSON.parse(answer.body.toString()) as JsonObject),
    status: answer.status,
  }
  return output
}

async function starts(count: number): Promise<readonly JsonObject[]> {
  while (started.length < count) await new Promise<void>((resolve) => (heard = resolve))
  return started
}

const QueueUrl = () => `${endpoint}/${ACCOUNT}/q`
const received = async () => {
  const answer = await json('sqs', 'AmazonSQS.ReceiveMessage', { QueueUrl: QueueUrl(), WaitTimeSeconds: 5 })
  return (answer['Messages'] as { Body: string }[]).map(({ Body }) => JSON.parse(Body) as JsonObject)
}

describe('events', () => {
  it('that match a rule come to its targets, whole or as the target wants them', async () => {
    await json('sqs', 'AmazonSQS.CreateQueue', { QueueName: 'q' })
    const EventPattern = '{"source":["shop"],"detail":{"amount":[{"numeric":[">",10]}]}}'
    expect(await events('PutRule', { Name: 'r', EventPattern })).toMatchObject({
      RuleArn: `arn:aws:events:us-east-1:${ACCOUNT}:rule/r`,
    })
    const InputTransformer = {
      InputPathsMap: { n: '$.detail.amount' },
      InputTemplate: '{"paid":<n>,"text":"<n> from <aws.events.rule-name>"}',
    }
    const Targets = [
      { Id: 'whole', Arn: queueArn },
      { Id: 'machine', Arn: machineArn, InputTransformer },
    ]
    expect(await events('PutTargets', { Rule: 'r', Targets })).toMatchObject({ FailedEntryCount: 0 })
    const entry = { Source: 'shop', DetailType: 'Paid', Resources: ['x'] }
    const put = await events('PutEvents', {
      Entries: [
        { ...entry, Detail: '{"amount":11}' },
        { ...entry, Detail: '{"amount":9}' },
        { ...entry, Detail: 'no' },
      ],
    })
    expect(put).toMatchObject({ FailedEntryCount: 1, Entries: [{}, {}, { ErrorCode: 'MalformedDetail' }] })
    expect(await received()).toMatchObject([
      { version: '0', source: 'shop', 'detail-type': 'Paid', account: ACCOUNT, resources: ['x'], detail: { amount: 11 } },
    ])
    const [start] = await starts(1)
    expect(start).toMatchObject({ stateMachineArn: machineArn, input: '{"paid":11,"text":"11 from r"}' })
  })

  it('come with numbers spelled and members ordered as they were, on every way', async () => {
    const detail = '{"a":1.0,"10":9007199254740993,"2":[1e3]}'
    const busArn = `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/other`
    await events('CreateEventBus', { Name: 'other' })
    const ways = [
      ['whole', {}],
      ['path', { InputPath: '$.detail' }],
      [
        'template',
        {
          InputTransformer: {
            InputPathsMap: { d: '$.detail', n: '$.detail.10' },
            InputTemplate: '{"d":<d>,"t":"<n>","e":<aws.events.event.json>}',
          },
        },
      ],
    ] as const
    for (const EventBusName of ['default', 'other']) {
      await events('PutRule', { Name: 'r', EventBusName, EventPattern: '{"detail":{"2":[{"numeric":["=",1000]}]}}' })
      const Targets = ways.map(([Id, way]) => ({ Id, Arn: machineArn, ...way }))
      await events('PutTargets', { Rule: 'r', EventBusName, Targets })
    }
    await events('PutTargets', { Rule: 'r', Targets: [{ Id: 'bus', Arn: busArn }] })
    await events('PutEvents', { Entries: [{ Source: 's', DetailType: 't', Detail: detail }] })
    const inputs = (await starts(6)).map(({ input }) => String(input))
    expect(inputs.filter((input) => input === detail)).toHaveLength(2)
    expect(inputs.filter((input) => input.startsWith('{"version"') && input.endsWith(`,"detail":${detail}}`))).toHaveLength(2)
    const filled = inputs.filter((input) => input.startsWith(`{"d":${detail},"t":"9007199254740993","e":{"version"`))
    expect(filled.filter((input) => input.endsWith(`,"detail":${detail}}}`))).toHaveLength(2)
  })

  it('are sent by a rule with dotted names, over a restart too', async () => {
    await events('PutRule', { Name: 'r', EventPattern: '{"detail.job.state":["done"]}' })
    await events('PutTargets', { Rule: 'r', Targets: [{ Id: 't', Arn: machineArn }] })
    const put = (DetailType: string, state: string) =>
      events('PutEvents', { Entries: [{ Source: 'a', DetailType, Detail: JSON.stringify({ job: { state } }) }] })
    const types = () => started.map(({ input }) => (JSON.parse(String(input)) as JsonObject)['detail-type'])
    await put('unwanted', 'begun')
    await put('wanted', 'done')
    await expect.poll(types).toContain('wanted')
    await local.close()
    local = open()
    await put('later', 'done')
    await expect.poll(types).toContain('later')
    expect(types()).not.toContain('unwanted')
  })

  it('are not sent by a disabled rule, and rules with targets are not deleted', async () => {
    await events('PutRule', { Name: 'r', EventPattern: '{"source":["a"]}' })
    await events('PutTargets', { Rule: 'r', Targets: [{ Id: 't', Arn: machineArn }] })
    await events('DisableRule', { Name: 'r' })
    await events('PutEvents', { Entries: [{ Source: 'a', DetailType: 'off', Detail: '{}' }] })
    await events('EnableRule', { Name: 'r' })
    await events('PutEvents', { Entries: [{ Source: 'a', DetailType: 'on', Detail: '{}' }] })
    expect(JSON.parse(String((await starts(1))[0]?.['input']))).toMatchObject({ 'detail-type': 'on' })
    expect(await events('DeleteRule', { Name: 'r' })).toMatchObject({ message: "Rule can't be deleted since it has targets." })
    await events('RemoveTargets', { Rule: 'r', Ids: ['t'] })
    expect(await events('DeleteRule', { Name: 'r' })).toMatchObject({ status: 200 })
    expect(await events('DescribeRule', { Name: 'r' })).toMatchObject({ message: 'Rule r does not exist on EventBus default.' })
  })
})

describe('buses', () => {
  const busArn = (name: string) => `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/${name}`

  it('are changed, and keep their policy', async () => {
    await events('CreateEventBus', { Name: 'orders', Description: 'one' })
    await events('PutPermission', { EventBusName: 'orders', StatementId: 'a', Principal: ACCOUNT, Action: 'events:PutEvents' })
    expect(await events('UpdateEventBus', { Name: 'orders', Description: 'two' })).toMatchObject({
      Name: 'orders',
      Description: 'two',
    })
    const { Policy, ...shown } = await events('DescribeEventBus', { Name: 'orders' })
    expect(shown).toMatchObject({ Description: 'two', CreationTime: expect.any(Number) })
    const Principal = { AWS: `arn:aws:iam::${ACCOUNT}:root` }
    expect(JSON.parse(String(Policy))).toEqual({
      Version: '2012-10-17',
      Statement: [{ Sid: 'a', Effect: 'Allow', Principal, Action: 'events:PutEvents', Resource: busArn('orders') }],
    })
    expect(await events('UpdateEventBus', { Name: 'none' })).toMatchObject({ __type: 'ResourceNotFoundException' })
  })

  it('the default one too has a policy, and is listed once', async () => {
    const Condition = { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1' }
    const grant = { StatementId: 'a', Principal: '*', Action: 'events:PutEvents' }
    await events('PutPermission', { ...grant, Condition })
    await events('PutPermission', { ...grant, StatementId: 'b' })
    await events('PutPermission', { ...grant, StatementId: 'b', Principal: ACCOUNT })
    const statements = async () => {
      const { Policy } = await events('DescribeEventBus', {})
      return Policy === undefined ? undefined : (JSON.parse(String(Policy)) as JsonObject)['Statement']
    }
    expect(await statements()).toMatchObject([
      { Sid: 'a', Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
      { Sid: 'b', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } },
    ])
    expect((await events('ListEventBuses', {}))['EventBuses']).toMatchObject([{ Name: 'default' }])
    expect(await events('RemovePermission', { StatementId: 'c' })).toMatchObject({
      message: 'Statement with the provided id does not exist.',
    })
    await events('RemovePermission', { StatementId: 'a' })
    expect(await statements()).toMatchObject([{ Sid: 'b' }])
    await events('RemovePermission', { RemoveAllPermissions: true })
    expect(await statements()).toBeUndefined()
    expect(await events('RemovePermission', { StatementId: 'b' })).toMatchObject({ message: 'EventBus does not have a policy.' })
    await events('PutPermission', { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [] }) })
    expect(await events('PutPermission', { Policy: '{' })).toMatchObject({ __type: 'ValidationException' })
    expect(await events('PutPermission', { ...grant, Principal: 'me' })).toMatchObject({ __type: 'ValidationException' })
  })
})

describe('tags', () => {
  const ResourceARN = `arn:aws:events:us-east-1:${ACCOUNT}:rule/r`

  it('are of rules and buses that are there', async () => {
    const tag = { ResourceARN, Tags: [{ Key: 'a', Value: 'b' }] }
    expect(await events('TagResource', tag)).toMatchObject({ message: 'Rule r does not exist on EventBus default.' })
    await events('PutRule', { Name: 'r', EventPattern: '{"source":["a"]}' })
    await events('TagResource', tag)
    expect(await events('ListTagsForResource', { ResourceARN })).toMatchObject({ Tags: tag.Tags })
    const bus = ResourceARN.replace('rule/r', 'event-bus/b')
    expect(await events('ListTagsForResource', { ResourceARN: bus })).toMatchObject({ message: 'Event bus b does not exist.' })
    expect(await events('UntagResource', { ResourceARN: 'nonsense', TagKeys: [] })).toMatchObject({ status: 400 })
  })

  it('are of groups of schedules, and go with them', async () => {
    const made = await scheduler('POST', '/schedule-groups/g', { Tags: [{ Key: 'a', Value: 'b' }] })
    const path = `/tags/${encodeURIComponent(String(made['ScheduleGroupArn']))}`
    await scheduler('POST', path, { Tags: [{ Key: 'c', Value: 'd' }] })
    const query = new URLSearchParams({ TagKeys: 'a' })
    expect(await scheduler('GET', path)).toMatchObject({ Tags: [{ Key: 'a' }, { Key: 'c' }] })
    expect(await scheduler('GET', '/schedule-groups/g')).toMatchObject({ CreationDate: clock.now() / 1000 })
    await scheduler('DELETE', `${path}?${query}`)
    expect(await scheduler('GET', path)).toMatchObject({ Tags: [{ Key: 'c', Value: 'd' }] })
    await scheduler('DELETE', '/schedule-groups/g')
    expect(await scheduler('GET', path)).toMatchObject({ status: 404 })
  })
})

describe('schedules', () => {
  it('of rules start a workflow at each due time once, over a restart too', async () => {
    await events('PutRule', { Name: 'r', ScheduleExpression: 'rate(1 minute)' })
    await events('PutTargets', { Rule: 'r', Targets: [{ Id: 't', Arn: machineArn, Input: '{"by":"rule"}' }] })
    clock.advance(60_000)
    await starts(1)
    await local.close()
    clock.advance(150_000)
    local = open()
    local.events.resume()
    clock.advance(30_000)
    // A call whose answer went down with the server is made again under its name, which Step Functions takes once.
    const names = () => new Set(started.map((one) => one['name']))
    while (names().size < 3) await starts(started.length + 1)
    expect(names().size).toBe(3)
    expect(new Set(started.map((one) => one['input']))).toEqual(new Set(['{"by":"rule"}']))
  })

  it('of the Scheduler call any action, with their input as its parameters', async () => {
    await json('sqs', 'AmazonSQS.CreateQueue', { QueueName: 'q' })
    const universal = (name: string, action: string, Input?: unknown) =>
      scheduler('POST', `/schedules/${name}`, {
        ScheduleExpression: 'at(2026-01-01T01:00:00)',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: `arn:aws:scheduler:::aws-sdk:${action}`,
          RoleArn: 'arn:aws:iam::123456789012:role/r',
          ...(Input !== undefined && { Input: typeof Input === 'string' ? Input : JSON.stringify(Input) }),
        },
      })
    const message = { QueueUrl: QueueUrl(), MessageBody: '{"at":"<aws.scheduler.scheduled-time>"}' }
    expect(await universal('queue', 'sqs:sendMessage', message)).toMatchObject({ status: 200 })
    expect(await universal('topic', 'sns:createTopic', { Name: 'made' })).toMatchObject({ status: 200 })
    const start = `{"StateMachineArn":"${machineArn}","Input":"{}"}`
    expect(await universal('machine', 'sfn:startExecution', start)).toMatchObject({ status: 200 })
    for (const [name, action, input] of [
      ['reads', 'sqs:receiveMessage', message],
      ['absent', 'ec2:stopInstances', {}],
      ['case', 'SQS:sendMessage', message],
      ['none', 'sqs:sendMessage', undefined],
      ['text', 'sqs:sendMessage', 'no'],
    ] as const)
      expect(await universal(name, action, input)).toMatchObject({ status: 400 })
    clock.advance(3_600_000)
    expect(await received()).toEqual([{ at: '2026-01-01T01:00:00Z' }])
    expect(await starts(1)).toEqual([{ stateMachineArn: machineArn, input: '{}' }])
  })

  it('of the Scheduler start a workflow at their time, and go when they are to', async () => {
    const Target = {
      Arn: machineArn,
      RoleArn: 'arn:aws:iam::123456789012:role/r',
      Input: '{"at":"<aws.scheduler.scheduled-time>"}',
    }
    const once = { ScheduleExpression: 'at(2026-01-01T02:00:00)', ScheduleExpressionTimezone: 'Europe/Berlin' }
    const input = { ...once, FlexibleTimeWindow: { Mode: 'OFF' }, ActionAfterCompletion: 'DELETE', Target }
    expect(await scheduler('POST', '/schedules/s', input)).toMatchObject({
      ScheduleArn: `arn:aws:scheduler:us-east-1:${ACCOUNT}:schedule/default/s`,
    })
    expect(await scheduler('POST', '/schedules/s', input)).toMatchObject({ status: 409 })
    expect(await scheduler('GET', '/schedules/s')).toMatchObject({ State: 'ENABLED', ...once, Target })
    clock.advance(3_600_000)
    expect((await starts(1))[0]).toMatchObject({ input: '{"at":"2026-01-01T01:00:00Z"}' })
    expect(await scheduler('GET', '/schedules/s')).toMatchObject({ status: 404 })
    expect(await scheduler('GET', '/schedules')).toMatchObject({ Schedules: [] })
  })

  it('that cannot be are refused', async () => {
    const input = { FlexibleTimeWindow: { Mode: 'OFF' }, Target: { Arn: machineArn, RoleArn: 'r' } }
    const answers = await Promise.all([
      scheduler('POST', '/schedules/a', { ...input, ScheduleExpression: 'cron(nonsense)' }),
      scheduler('POST', '/schedules/b', { ...input, ScheduleExpression: 'rate(1 day)', ScheduleExpressionTimezone: 'Mars/Base' }),
      events('PutRule', { Name: 'r', ScheduleExpression: 'at(2026-01-01T02:00:00)' }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400])
  })
})

describe('connections', () => {
  it('keep their secrets to themselves', async () => {
    const AuthParameters = {
      ApiKeyAuthParameters: { ApiKeyName: 'x-key', ApiKeyValue: 'hidden' },
      InvocationHttpParameters: { HeaderParameters: [{ Key: 'a', Value: 'hidden', IsValueSecret: true }] },
    }
    const made = await events('CreateConnection', { Name: 'c', AuthorizationType: 'API_KEY', AuthParameters })
    expect(made).toMatchObject({ ConnectionState: 'AUTHORIZED' })
    const shown = await events('DescribeConnection', { Name: 'c' })
    expect(shown['SecretArn']).toMatch(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:events!connection\/c\//)
    expect(shown).toMatchObject({ AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'x-key' } } })
    expect(JSON.stringify([shown, await events('ListConnections', {})])).not.toContain('hidden')
    const parts = await local.events.connections.authorize(String(made['ConnectionArn']))
    expect(parts?.headers).toEqual({ a: 'hidden', 'x-key': 'hidden' })
  })
})
