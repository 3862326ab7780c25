import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage, type Thing } from './testing/stage.ts'

let stage: Stage
let queue: Thing
beforeAll(async () => {
  stage = await openStage()
  queue = await stage.create('AWS::SQS::Queue', {}, 'Queue')
})
afterAll(() => stage.close())

const events = (action: string, input: JsonObject) => stage.aws.json(SERVICES.eventbridge, action, input)
const queueArn = () => String(queue.deployed.attributes['Arn'])
const RoleArn = 'arn:aws:iam::123456789012:role/r'
const Tags = [{ Key: 'a', Value: '1' }]

test('a bus and what its policy says', async () => {
  const full = {
    Name: 'shop',
    Description: 'd',
    DeadLetterConfig: { Arn: queueArn() },
    Policy: {
      Version: '2012-10-17',
      Statement: [{ Sid: 'own', Effect: 'Allow', Principal: '*', Action: 'events:PutEvents', Resource: '*' }],
    },
    Tags,
  }
  const bus = await stage.create('AWS::Events::EventBus', full)
  const Arn = 'arn:aws:events:us-east-1:123456789012:event-bus/shop'
  expect(bus.deployed).toMatchObject({ ref: 'shop', attributes: { Arn, Name: 'shop', Policy: JSON.stringify(full.Policy) } })
  expect((await stage.update(bus, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Events::EventBus', full)).rejects.toThrow('shop already exists')
  const bare = await stage.update(bus, { Name: 'shop' })
  expect(bare.deployed.change).toBe('updated')
  const shown = await events('DescribeEventBus', { Name: 'shop' })
  for (const gone of ['Description', 'DeadLetterConfig', 'Policy']) expect(shown).not.toHaveProperty(gone)
  expect(await events('ListTagsForResource', { ResourceARN: Arn })).toEqual({ Tags: [] })

  const statement = (StatementId: string, Action: string) => ({
    EventBusName: 'shop',
    StatementId,
    Statement: { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action, Resource: Arn },
  })
  const [one, two] = await Promise.all([
    stage.create('AWS::Events::EventBusPolicy', statement('one', 'events:PutEvents'), 'One'),
    stage.create('AWS::Events::EventBusPolicy', statement('two', 'events:PutEvents'), 'Two'),
  ])
  expect((await stage.update(one, one.existing.properties)).deployed).toEqual({
    ref: 'shop|one',
    attributes: {},
    change: 'unchanged',
  })
  await expect(stage.create('AWS::Events::EventBusPolicy', one.existing.properties)).rejects.toThrow('already exists')
  expect((await stage.update(two, statement('two', 'events:*'))).deployed.change).toBe('updated')
  const short = { EventBusName: 'shop', StatementId: 'all', Action: 'events:PutEvents', Principal: '*' }
  const all = await stage.create('AWS::Events::EventBusPolicy', short, 'All')
  expect((await stage.update(all, short)).deployed.change).toBe('unchanged')
  const { Policy } = await events('DescribeEventBus', { Name: 'shop' })
  expect(JSON.parse(String(Policy))).toMatchObject({
    Statement: [{ Sid: 'one' }, { Sid: 'two', Action: 'events:*' }, { Sid: 'all' }],
  })
  for (const gone of [all, one, two, bare, all, bare]) expect(await stage.remove(gone)).toBeUndefined()
})

test('a rule loses the targets and the tags that its template says no more', async () => {
  const bus = await stage.create('AWS::Events::EventBus', { Name: 'b' }, 'Bus')
  const target = (Id: string, more: JsonObject = {}) => ({ Id, Arn: queueArn(), ...more })
  const full = {
    Description: 'd',
    EventBusName: 'b',
    EventPattern: { source: ['shop'] },
    Targets: [target('one', { RetryPolicy: { MaximumRetryAttempts: '2' } }), target('two')],
    Tags,
  }
  const rule = await stage.create('AWS::Events::Rule', full)
  expect(rule.deployed.ref).toBe('b|Stack-Thing-ABCDEFGHIJKL')
  expect(rule.deployed.attributes['Arn']).toBe('arn:aws:events:us-east-1:123456789012:rule/b/Stack-Thing-ABCDEFGHIJKL')
  expect((await stage.update(rule, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Events::Rule', full)).rejects.toThrow('already exists')
  const bare = await stage.update(rule, { EventBusName: 'b', EventPattern: { source: ['shop'] }, Targets: [target('two')] })
  expect(bare.deployed.change).toBe('updated')
  const name = { Name: 'Stack-Thing-ABCDEFGHIJKL', EventBusName: 'b' }
  expect(await events('DescribeRule', name)).not.toHaveProperty('Description')
  expect((await events('ListTargetsByRule', { Rule: name.Name, EventBusName: 'b' }))['Targets']).toEqual([target('two')])
  expect(await events('ListTagsForResource', { ResourceARN: String(bare.deployed.attributes['Arn']) })).toEqual({ Tags: [] })

  const far = {
    ScheduleExpression: 'rate(1 day)',
    State: 'DISABLED',
    Targets: [{ Id: 'x', Arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/s', RoleArn }],
  }
  const warned = await stage.create('AWS::Events::Rule', far, 'Far')
  expect(stage.warnings[0]).toMatch(/^Far: the target x is left out/)
  for (const gone of [bare, warned, bus, bare]) expect(await stage.remove(gone)).toBeUndefined()
})

test('a connection, an API destination over it, and an archive', async () => {
  const basic = (Password: string) => ({
    AuthorizationType: 'BASIC',
    AuthParameters: { BasicAuthParameters: { Username: 'u', Password } },
    Name: 'c',
  })
  const connection = await stage.create('AWS::Events::Connection', { ...basic('p'), Description: 'd' }, 'Connection')
  const ConnectionArn = String(connection.deployed.attributes['Arn'])
  expect(connection.deployed.attributes['ArnForPolicy']).toBe('arn:aws:events:us-east-1:123456789012:connection/c')
  expect((await stage.update(connection, connection.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Events::Connection', basic('p'))).rejects.toThrow('c already exists')
  const other = await stage.update(connection, basic('q'))
  expect(other.deployed).toMatchObject({ change: 'updated', attributes: { Arn: ConnectionArn } })
  expect((await events('DescribeConnection', { Name: 'c' }))['Description'] ?? '').toBe('')

  const destined = { ConnectionArn, HttpMethod: 'POST', InvocationEndpoint: 'https://example.org/', Name: 'd' }
  const full = { ...destined, Description: 'x', InvocationRateLimitPerSecond: '10' }
  const destination = await stage.create('AWS::Events::ApiDestination', full, 'Destination')
  expect((await stage.update(destination, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Events::ApiDestination', full)).rejects.toThrow('d already exists')
  const slow = await stage.update(destination, destined)
  expect(await events('DescribeApiDestination', { Name: 'd' })).toMatchObject({ InvocationRateLimitPerSecond: 300 })

  const SourceArn = 'arn:aws:events:us-east-1:123456789012:event-bus/default'
  const kept = { ArchiveName: 'a', SourceArn, EventPattern: { source: ['x'] }, RetentionDays: '3', Description: 'd' }
  const archive = await stage.create('AWS::Events::Archive', kept, 'Archive')
  expect(archive.deployed.attributes).toEqual({ Arn: 'arn:aws:events:us-east-1:123456789012:archive/a', ArchiveName: 'a' })
  expect((await stage.update(archive, kept)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Events::Archive', kept)).rejects.toThrow('a already exists')
  const all = await stage.update(archive, { ArchiveName: 'a', SourceArn })
  const shown = await events('DescribeArchive', { ArchiveName: 'a' })
  expect(shown).toMatchObject({ RetentionDays: 0 })
  expect(shown['EventPattern'] ?? '').toBe('')
  await events('PutEvents', { Entries: [{ Source: 'x', DetailType: 'y', Detail: '{}' }] })
  expect(await stage.remove(all, {})).toBe('it is not empty')
  for (const gone of [all, slow, other, all, slow, other]) expect(await stage.remove(gone)).toBeUndefined()
})

test('schedules in groups', async () => {
  const group = await stage.create('AWS::Scheduler::ScheduleGroup', { Name: 'nightly', Tags }, 'Group')
  expect(group.deployed.attributes).toMatchObject({
    Arn: 'arn:aws:scheduler:us-east-1:123456789012:schedule-group/nightly',
    State: 'ACTIVE',
  })
  expect((await stage.update(group, group.existing.properties)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Scheduler::ScheduleGroup', { Name: 'nightly' })).rejects.toThrow('nightly already exists')
  const untagged = await stage.update(group, { Name: 'nightly' })
  expect(untagged.deployed.change).toBe('updated')

  const Target = { Arn: queueArn(), RoleArn, RetryPolicy: { MaximumRetryAttempts: '3' } }
  const least = { FlexibleTimeWindow: { Mode: 'OFF' }, Name: 's', ScheduleExpression: 'rate(1 day)', Target }
  const full = {
    ...least,
    Description: 'd',
    EndDate: '2099-01-01T00:00:00Z',
    GroupName: 'nightly',
    ScheduleExpressionTimezone: 'Europe/Rome',
    State: 'DISABLED',
  }
  const made = await stage.create('AWS::Scheduler::Schedule', full)
  expect(made.deployed).toMatchObject({
    ref: 's',
    attributes: { Arn: 'arn:aws:scheduler:us-east-1:123456789012:schedule/nightly/s' },
  })
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Scheduler::Schedule', full)).rejects.toThrow('s already exists')
  const bare = await stage.update(made, { ...least, GroupName: 'nightly' })
  const path = '/schedules/s'
  const read = (groupName: string) =>
    stage.aws.rest(SERVICES.scheduler, 'GET', path, undefined, new URLSearchParams({ groupName }))
  expect(await read('nightly')).toMatchObject({ State: 'ENABLED', ScheduleExpressionTimezone: 'UTC' })
  expect(await read('nightly')).not.toHaveProperty('EndDate')
  const moved = await stage.update(bare, least)
  expect(moved.deployed.attributes['Arn']).toMatch(/schedule\/default\/s$/)
  await expect(read('nightly')).rejects.toThrow('does not exist')
  expect(await stage.remove(moved, {})).toBeUndefined()
  for (const gone of [moved, untagged, untagged]) expect(await stage.remove(gone)).toBeUndefined()
})

test('a pipe from a queue', async () => {
  const target = await stage.create('AWS::SQS::Queue', {}, 'Target')
  const least = { Name: 'p', RoleArn, Source: queueArn(), Target: String(target.deployed.attributes['Arn']) }
  const full = {
    ...least,
    Description: 'd',
    DesiredState: 'STOPPED',
    SourceParameters: { FilterCriteria: { Filters: [{ Pattern: '{"body":["x"]}' }] }, SqsQueueParameters: { BatchSize: '1' } },
    Tags: { a: '1' },
    TargetParameters: { InputTemplate: '<$.body>' },
  }
  const made = await stage.create('AWS::Pipes::Pipe', full)
  expect(made.deployed).toMatchObject({
    ref: 'p',
    attributes: { Arn: 'arn:aws:pipes:us-east-1:123456789012:pipe/p', CurrentState: 'STOPPED' },
  })
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Pipes::Pipe', full)).rejects.toThrow('p already exists')
  const bare = await stage.update(made, least)
  expect(bare.deployed.attributes['CurrentState']).toBe('RUNNING')
  const shown = await stage.aws.rest(SERVICES.pipes, 'GET', '/v1/pipes/p')
  expect(shown).toMatchObject({
    SourceParameters: { FilterCriteria: {}, SqsQueueParameters: {} },
    TargetParameters: {},
    Tags: {},
  })
  expect((await stage.update(bare, least)).deployed.change).toBe('unchanged')
  const far = await stage.create(
    'AWS::Pipes::Pipe',
    { ...least, Name: 'q', Source: 'arn:aws:kinesis:us-east-1:123456789012:stream/s' },
    'Far',
  )
  expect([far.deployed.change, stage.warnings.length]).toEqual(['recorded', 1])
  for (const gone of [bare, bare, far]) expect(await stage.remove(gone)).toBeUndefined()
})
