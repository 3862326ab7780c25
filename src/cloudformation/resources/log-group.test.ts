import { afterAll, beforeAll, expect, test } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { openStage, type Stage } from './testing/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const logs = (action: string, input: JsonObject) => stage.aws.json(SERVICES.cloudwatchlogs, action, input)
const group = async (logGroupNamePrefix: string) => (await logs('DescribeLogGroups', { logGroupNamePrefix }))['logGroups']

test('a log group keeps events as long as its template says; it goes with what was logged', async () => {
  const full = {
    LogGroupName: '/app',
    RetentionInDays: '7',
    LogGroupClass: 'INFREQUENT_ACCESS',
    Tags: [{ Key: 'a', Value: '1' }],
  }
  const made = await stage.create('AWS::Logs::LogGroup', full)
  expect(made.deployed).toEqual({
    ref: '/app',
    attributes: { Arn: 'arn:aws:logs:us-east-1:123456789012:log-group:/app:*' },
    change: 'created',
  })
  expect((await stage.update(made, full)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Logs::LogGroup', full)).rejects.toThrow('/app already exists')
  const bare = await stage.update(made, { LogGroupName: '/app' })
  expect(bare.deployed.change).toBe('updated')
  expect(await group('/app')).toMatchObject([{ logGroupClass: 'INFREQUENT_ACCESS' }])
  expect(await group('/app')).not.toMatchObject([{ retentionInDays: 7 }])
  expect(await logs('ListTagsForResource', { resourceArn: 'arn:aws:logs:us-east-1:123456789012:log-group:/app' })).toEqual({
    tags: {},
  })

  const stream = await stage.create('AWS::Logs::LogStream', { LogGroupName: '/app', LogStreamName: 's' }, 'Stream')
  expect((await stage.update(stream, stream.existing.properties)).deployed).toEqual({
    ref: 's',
    attributes: {},
    change: 'unchanged',
  })
  await expect(stage.create('AWS::Logs::LogStream', stream.existing.properties)).rejects.toThrow('s already exists')
  expect(await stage.remove(stream, {})).toBe('what was logged is kept')
  expect(await stage.remove(bare, {})).toBe('what was logged is kept')
  for (const gone of [stream, stream, bare, bare, stream]) expect(await stage.remove(gone)).toBeUndefined()
  expect(await group('/app')).toEqual([])
})

test('filters of a group, and who may write to Logs', async () => {
  const LogGroupName = '/filtered'
  const held = await stage.create('AWS::Logs::LogGroup', { LogGroupName }, 'Group')
  const fn = await stage.create(
    'AWS::Lambda::Function',
    {
      Role: 'arn:aws:iam::123456789012:role/r',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Code: { ZipFile: 'exports.handler = async () => 1' },
    },
    'Fn',
  )
  const subscribed = {
    LogGroupName,
    FilterName: 'f',
    FilterPattern: 'ERROR',
    DestinationArn: String(fn.deployed.attributes['Arn']),
  }
  const filter = await stage.create('AWS::Logs::SubscriptionFilter', subscribed, 'Filter')
  expect(filter.deployed.ref).toBe('f|/filtered')
  expect((await stage.update(filter, subscribed)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Logs::SubscriptionFilter', subscribed)).rejects.toThrow('already exists')
  const wide = await stage.update(filter, { ...subscribed, FilterPattern: '' })
  expect(wide.deployed.change).toBe('updated')

  const counted = {
    LogGroupName,
    FilterName: 'm',
    FilterPattern: '{ $.ms = * }',
    MetricTransformations: [
      {
        MetricName: 'ms',
        MetricNamespace: 'app',
        MetricValue: '$.ms',
        Dimensions: [{ Key: 'path', Value: '$.path' }],
        Unit: 'Milliseconds',
      },
    ],
  }
  const metric = await stage.create('AWS::Logs::MetricFilter', counted, 'Metric')
  expect(metric.deployed.ref).toBe('/filtered|m')
  expect((await stage.update(metric, counted)).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Logs::MetricFilter', counted)).rejects.toThrow('already exists')
  const plain = [{ MetricName: 'n', MetricNamespace: 'app', MetricValue: '1', DefaultValue: '0' }]
  const other = await stage.update(metric, { ...counted, MetricTransformations: plain })
  expect((await logs('DescribeMetricFilters', { logGroupName: LogGroupName }))['metricFilters']).toMatchObject([
    { metricTransformations: [{ metricName: 'n', defaultValue: 0 }] },
  ])

  const PolicyDocument = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'es.amazonaws.com' }, Action: 'logs:PutLogEvents', Resource: '*' }],
  }
  const policy = await stage.create(
    'AWS::Logs::ResourcePolicy',
    { PolicyName: 'p', PolicyDocument: JSON.stringify(PolicyDocument) },
    'Policy',
  )
  expect((await stage.update(policy, { PolicyName: 'p', PolicyDocument })).deployed.change).toBe('unchanged')
  await expect(stage.create('AWS::Logs::ResourcePolicy', policy.existing.properties)).rejects.toThrow('p already exists')
  const all = [policy, other, wide, held]
  for (const gone of [...all, ...all, fn]) expect(await stage.remove(gone)).toBeUndefined()
})
