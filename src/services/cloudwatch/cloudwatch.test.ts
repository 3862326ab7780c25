import { gzipSync } from 'node:zlib'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { decodeCbor, encodeCbor } from '../../wire/cbor.ts'
import { child, childText, parseXml } from '../../wire/xml.ts'

import { type Served, serveAll, serveOne } from '../kit/testing/served.ts'
import { createCloudWatch } from './handler.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
let served: Served
const events: unknown[] = []

beforeEach(async () => {
  served = await serveOne((deps) => {
    const cloudwatch = createCloudWatch({ ...deps, publishEvents: (told) => void events.push(...told) })
    cloudwatch.resume()
    return cloudwatch
  })
  events.length = 0
})
afterEach(() => served.close())

const call = (action: string, input: object = {}) => served.call(`GraniteServiceVersion20100801.${action}`, input, '1.0')
const now = () => served.clock.now() / 1000
const put = (Value: number, more: object = {}) =>
  call('PutMetricData', { Namespace: 'app', MetricData: [{ MetricName: 'errors', Value, ...more }] })
const query = (Id: string, Stat: string, more: object = {}) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'app', MetricName: 'errors', ...more }, Period: 60, Stat },
})
const data = (MetricDataQueries: object[], more: object = {}) =>
  call('GetMetricData', { MetricDataQueries, StartTime: now() - 600, EndTime: now() + 60, ...more })

describe('metrics', () => {
  test('are put as values, lists and sums, and read as statistics', async () => {
    await put(1, { Unit: 'Count' })
    await put(undefined as never, { Values: [2, 3], Counts: [1, 2], Unit: 'Count' })
    const span = { Namespace: 'app', MetricName: 'errors', Period: 60, StartTime: now() - 600, EndTime: now() + 60 }
    const Statistics = ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum']
    expect(await call('GetMetricStatistics', { ...span, Statistics, ExtendedStatistics: ['p50', 'p90', 'tm50'] })).toEqual({
      Label: 'errors',
      Datapoints: [
        {
          Timestamp: now(),
          SampleCount: 4,
          Sum: 9,
          Average: 2.25,
          Minimum: 1,
          Maximum: 3,
          Unit: 'Count',
          ExtendedStatistics: { p50: 2, p90: 3, tm50: 1.5 },
        },
      ],
    })
    await put(undefined as never, { StatisticValues: { SampleCount: 2, Sum: 10, Minimum: 4, Maximum: 6 }, Unit: 'Count' })
    expect(
      (await call('GetMetricStatistics', { ...span, Statistics: ['Sum'], ExtendedStatistics: ['p50'] }))['Datapoints'],
    ).toEqual([{ Timestamp: now(), Sum: 19, Unit: 'Count' }])
    expect((await call('GetMetricStatistics', { ...span, StartTime: now() - 2 * 86_400, Statistics: ['Sum'] }))['refused']).toBe(
      'InvalidParameterCombinationException: You have requested up to 2,881 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    )
  })

  test('are joined by expressions, newest first', async () => {
    await put(1, { Timestamp: now() - 60 })
    await put(4)
    expect(
      (
        await data([
          query('m1', 'Sum'),
          { Id: 'e1', Expression: 'm1 * 10', Label: 'ten' },
          { ...query('m2', 'Maximum'), ReturnData: false },
        ])
      )['MetricDataResults'],
    ).toEqual([
      { Id: 'm1', Label: 'errors', Timestamps: [now(), now() - 60], Values: [4, 1], StatusCode: 'Complete' },
      { Id: 'e1', Label: 'ten', Timestamps: [now(), now() - 60], Values: [40, 10], StatusCode: 'Complete' },
    ])
    expect(await data([query('m1', 'Sum')], { ScanBy: 'TimestampAscending' })).toMatchObject({
      MetricDataResults: [{ Values: [1, 4] }],
    })
  })

  test.each<[object[], string]>([
    [[{ Id: 'A', Expression: '1' }], 'not matching the expected pattern'],
    [[{ Id: 'a', Expression: 'b' }], "Error in expression 'a': there is no query with the id b"],
    [[{ Id: 'a', Expression: 'a + 1' }], "Error in expression 'a': it refers to itself by way of a"],
    [[{ Id: 'a', Expression: '1' }], 'a is no time series'],
    [[{ Id: 'a' }], 'Exactly one of'],
    [[], 'The parameter MetricDataQueries is required.'],
  ])('are not read by %j', async (queries, text) => {
    expect((await data(queries))['refused']).toContain(text)
  })

  test.each<[object, string]>([
    [{ Value: 'NaN' }, 'The value NaN for parameter MetricData.member.1.Value is invalid.'],
    [{ Value: 1, Values: [1] }, 'MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive'],
    [{ Values: [1, 2], Counts: [1] }, 'must be of the same size.'],
    [{ Value: 1, Unit: 'X' }, "Value 'X' at 'unit' failed to satisfy constraint"],
    [{ Value: 1, Timestamp: Date.UTC(2025, 0, 1) / 1000 }, 'no more than two weeks in the past.'],
    [{}, 'The parameter MetricData.member.1.Value is required.'],
  ])('are not put as %j', async (datum, text) => {
    expect((await call('PutMetricData', { Namespace: 'n', MetricData: [{ MetricName: 'm', ...datum }] }))['refused']).toContain(
      text,
    )
  })

  test('are told apart by their dimensions, whose order does not count', async () => {
    const Dimensions = [
      { Name: 'b', Value: '2' },
      { Name: 'a', Value: '1' },
    ]
    await put(1, { Dimensions })
    await put(2, { Dimensions: [...Dimensions].reverse() })
    await put(5)
    expect(await call('ListMetrics', { Namespace: 'app' })).toEqual({
      Metrics: [
        {
          Namespace: 'app',
          MetricName: 'errors',
          Dimensions: [
            { Name: 'a', Value: '1' },
            { Name: 'b', Value: '2' },
          ],
        },
        { Namespace: 'app', MetricName: 'errors', Dimensions: [] },
      ],
    })
    expect((await call('ListMetrics', { Dimensions: [{ Name: 'a' }] }))['Metrics']).toHaveLength(1)
    expect(await data([query('m', 'Sum', { Dimensions })])).toMatchObject({ MetricDataResults: [{ Values: [3] }] })
  })

  test('are kept by the second for three hours, by the minute for fifteen days', async () => {
    await put(1, { StorageResolution: 1 })
    const short = { Id: 'm', MetricStat: { Metric: { Namespace: 'app', MetricName: 'errors' }, Period: 1, Stat: 'Sum' } }
    expect(await data([short])).toMatchObject({ MetricDataResults: [{ Values: [1] }] })
    const all = { StartTime: now(), EndTime: now() + 60 }
    served.clock.advance(4 * 3_600_000)
    await put(1)
    expect(await data([short], all)).toMatchObject({ MetricDataResults: [{ Values: [] }] })
    expect(await data([query('m', 'Sum')], all)).toMatchObject({ MetricDataResults: [{ Values: [1] }] })
    served.clock.advance(16 * DAY_MS)
    await call('PutMetricData', { Namespace: 'other', MetricData: [{ MetricName: 'm', Value: 1 }] })
    expect(await call('ListMetrics')).toMatchObject({ Metrics: [{ Namespace: 'other' }] })
    expect(served.database.prepareValue<[], number>('SELECT count(*) FROM cloudwatch_data').get()).toBe(1)
  })
})

describe('alarms', () => {
  const alarm = (more: object = {}) =>
    call('PutMetricAlarm', {
      AlarmName: 'a',
      Namespace: 'app',
      MetricName: 'errors',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 3,
      ComparisonOperator: 'GreaterThanThreshold',
      ...more,
    })
  const states = async () =>
    Object.fromEntries(
      (
        (await call('DescribeAlarms', { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }))['MetricAlarms'] as {
          AlarmName: string
          StateValue: string
        }[]
      ).map(({ AlarmName, StateValue }) => [AlarmName, StateValue]),
    )
  const one = async () => ((await call('DescribeAlarms'))['MetricAlarms'] as Record<string, unknown>[])[0]

  test('follow their metric, and tell the event bus', async () => {
    await alarm({ AlarmDescription: 'd' })
    expect(await one()).toMatchObject({
      AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:a',
      StateValue: 'INSUFFICIENT_DATA',
      StateReason: 'Unchecked: Initial alarm creation',
      TreatMissingData: 'missing',
      ActionsEnabled: true,
    })
    await put(5)
    served.clock.advance(MINUTE_MS)
    expect(await one()).toMatchObject({
      StateValue: 'ALARM',
      StateReason:
        'Threshold Crossed: 1 out of the last 1 datapoints [5.0 (01/01/26 00:00:00)] was greater than the threshold (3.0) (minimum 1 datapoint for OK -> ALARM transition).',
    })
    await put(1)
    served.clock.advance(MINUTE_MS)
    expect(await states()).toEqual({ a: 'OK' })
    served.clock.advance(5 * MINUTE_MS)
    expect(await states()).toEqual({ a: 'INSUFFICIENT_DATA' })
    expect(events).toHaveLength(3)
    expect(events[0]).toMatchObject({
      source: 'aws.cloudwatch',
      detailType: 'CloudWatch Alarm State Change',
      resources: ['arn:aws:cloudwatch:us-east-1:000000000000:alarm:a'],
      detail: {
        alarmName: 'a',
        state: { value: 'ALARM' },
        previousState: { value: 'INSUFFICIENT_DATA' },
        configuration: { description: 'd', metrics: [{ id: 'm1', metricStat: { period: 60, stat: 'Sum' } }] },
      },
    })
    const { AlarmHistoryItems } = await call('DescribeAlarmHistory', { AlarmName: 'a' })
    expect((AlarmHistoryItems as { HistorySummary: string }[]).map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm updated from OK to INSUFFICIENT_DATA',
      'Alarm updated from ALARM to OK',
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
      'Alarm "a" created',
    ])
    expect(await call('DescribeAlarmHistory', { HistoryItemType: 'ConfigurationUpdate' })).toMatchObject({
      AlarmHistoryItems: [{ AlarmName: 'a' }],
    })
    const page = await call('DescribeAlarmHistory', { AlarmName: 'a', MaxRecords: 3 })
    expect(
      (await call('DescribeAlarmHistory', { AlarmName: 'a', NextToken: page['NextToken'] }))['AlarmHistoryItems'],
    ).toHaveLength(1)
    await call('DeleteAlarms', { AlarmNames: ['a'] })
    expect(served.clock.nextAlarm()).toBeUndefined()
  })

  test('look at longer periods each minute, and at shorter ones each ten seconds', async () => {
    await alarm({ AlarmName: 'long', Period: 300, Threshold: 7 })
    await alarm({ AlarmName: 'short', Period: 10, Threshold: 7 })
    await put(4, { StorageResolution: 1 })
    served.clock.advance(10_000)
    expect(await states()).toEqual({ long: 'INSUFFICIENT_DATA', short: 'OK' })
    served.clock.advance(50_000)
    await put(4)
    served.clock.advance(MINUTE_MS)
    expect(await states()).toMatchObject({ long: 'ALARM' })
  })

  test('may watch an expression', async () => {
    const Metrics = [
      { ...query('m1', 'Sum'), ReturnData: false },
      { Id: 'e1', Expression: 'm1 * 2' },
    ]
    await alarm({ Namespace: undefined, MetricName: undefined, Statistic: undefined, Period: undefined, Metrics })
    await put(2)
    served.clock.advance(MINUTE_MS)
    expect(await states()).toEqual({ a: 'ALARM' })
    expect((await alarm({ Metrics: [query('m1', 'Sum'), query('m2', 'Sum')] }))['refused']).toContain('Exactly one element')
  })

  test('may be set, switched, found by metric and prefix, tagged, and removed', async () => {
    await alarm({ AlarmActions: ['arn:aws:sns:us-east-1:000000000000:t'], Tags: [{ Key: 'k', Value: 'v' }] })
    await alarm({ AlarmName: 'b' })
    await call('SetAlarmState', { AlarmName: 'a', StateValue: 'ALARM', StateReason: 'test' })
    expect(await call('DescribeAlarms', { StateValue: 'ALARM' })).toMatchObject({
      MetricAlarms: [{ AlarmName: 'a', StateReason: 'test' }],
    })
    expect(await call('SetAlarmState', { AlarmName: 'none', StateValue: 'OK', StateReason: '' })).toEqual({
      refused: 'ResourceNotFound: Unknown',
      status: 404,
    })
    expect(await call('DescribeAlarms', { ActionPrefix: 'arn:aws:sns' })).toMatchObject({ MetricAlarms: [{ AlarmName: 'a' }] })
    expect(await call('DescribeAlarmsForMetric', { Namespace: 'app', MetricName: 'errors' })).toMatchObject({
      MetricAlarms: [{ AlarmName: 'a' }, { AlarmName: 'b' }],
    })
    expect(await call('DescribeAlarmsForMetric', { Namespace: 'app', MetricName: 'errors', Period: 300 })).toEqual({
      MetricAlarms: [],
    })
    const page = await call('DescribeAlarms', { MaxRecords: 1 })
    expect(await call('DescribeAlarms', { NextToken: page['NextToken'] })).toMatchObject({ MetricAlarms: [{ AlarmName: 'b' }] })
    await call('DisableAlarmActions', { AlarmNames: ['a'] })
    expect(await call('DescribeAlarms', { AlarmNames: ['a'] })).toMatchObject({ MetricAlarms: [{ ActionsEnabled: false }] })
    await call('EnableAlarmActions', { AlarmNames: ['a'] })
    const ResourceARN = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:a'
    await call('TagResource', { ResourceARN, Tags: [{ Key: 'l', Value: 'w' }] })
    await call('UntagResource', { ResourceARN, TagKeys: ['k'] })
    expect(await call('ListTagsForResource', { ResourceARN })).toEqual({ Tags: [{ Key: 'l', Value: 'w' }] })
    expect((await call('DeleteAlarms', { AlarmNames: ['a', 'none'] }))['status']).toBe(404)
    await call('DeleteAlarms', { AlarmNames: ['a', 'b'] })
    expect(await states()).toEqual({})
  })

  test('are combined by rules', async () => {
    await alarm()
    await alarm({ AlarmName: 'b' })
    expect(await call('PutCompositeAlarm', { AlarmName: 'both', AlarmRule: 'ALARM("a") AND NOT (OK(b) OR FALSE)' })).toEqual({})
    const composite = async () =>
      ((await call('DescribeAlarms', { AlarmTypes: ['CompositeAlarm'] }))['CompositeAlarms'] as object[])[0]
    expect(await composite()).toMatchObject({ AlarmName: 'both', StateValue: 'OK' })
    await call('SetAlarmState', { AlarmName: 'a', StateValue: 'ALARM', StateReason: 'r' })
    expect(await composite()).toMatchObject({
      StateValue: 'ALARM',
      StateReason: expect.stringContaining('alarm:a transitioned to ALARM'),
    })
    await call('SetAlarmState', { AlarmName: 'b', StateValue: 'OK', StateReason: 'r' })
    expect(await composite()).toMatchObject({ StateValue: 'OK' })
    expect(await call('DescribeAlarms', { ChildrenOfAlarmName: 'both' })).toMatchObject({
      MetricAlarms: [{ AlarmName: 'a' }, { AlarmName: 'b' }],
    })
    expect(await call('DescribeAlarms', { ParentsOfAlarmName: 'a' })).toMatchObject({ CompositeAlarms: [{ AlarmName: 'both' }] })
    for (const AlarmRule of ['ALARM(a', 'X(a)', 'ALARM("a)', 'ALARM(a) ALARM(b)', 'AND'])
      expect((await call('PutCompositeAlarm', { AlarmName: 'c', AlarmRule }))['refused']).toContain('AlarmRule')
  })

  test.each<[object, string]>([
    [{ ComparisonOperator: undefined }, 'The parameter ComparisonOperator is required.'],
    [{ Threshold: undefined }, 'The parameter Threshold is required.'],
    [{ Period: 45 }, 'must be 1, 5, 10, 20, 30, or a multiple of 60'],
    [{ ExtendedStatistic: 'p99' }, 'Exactly one of the parameters Statistic and ExtendedStatistic'],
    [{ DatapointsToAlarm: 2 }, 'DatapointsToAlarm must be less than or equal to EvaluationPeriods.'],
    [{ TreatMissingData: 'x' }, 'Member must satisfy enum value set: [breaching, notBreaching, ignore, missing]'],
    [{ Period: 86_400, EvaluationPeriods: 8 }, 'Metrics cannot be checked across more than a week'],
  ])('are not made of %j', async (more, text) => {
    expect((await alarm(more))['refused']).toContain(text)
  })
})

test('an alarm sends to its topic and calls its function; its history tells what became of it', async () => {
  const all = await serveAll()
  const ask = (target: string, input: object) => all.call(target, input, '1.0')
  const queue = await ask('AmazonSQS.CreateQueue', { QueueName: 'q' })
  const query_ = (members: Record<string, string>) =>
    fetch(all.url, { method: 'POST', body: new URLSearchParams({ Version: '2010-03-31', ...members }) })
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:t'
  await query_({ Action: 'CreateTopic', Name: 't' })
  await query_({ Action: 'Subscribe', TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:q' })
  const monitoring = (action: string, input: object) => ask(`GraniteServiceVersion20100801.${action}`, input)
  const missing = 'arn:aws:lambda:us-east-1:000000000000:function:none'
  const threshold = {
    Threshold: 1,
    ComparisonOperator: 'GreaterThanThreshold',
    Statistic: 'Average',
    Period: 60,
    EvaluationPeriods: 1,
  }
  await monitoring('PutMetricAlarm', {
    AlarmName: 'a',
    Namespace: 'n',
    MetricName: 'm',
    ...threshold,
    AlarmActions: [TopicArn, missing],
  })
  await monitoring('SetAlarmState', { AlarmName: 'a', StateValue: 'ALARM', StateReason: 'because' })
  const summaries = async () => {
    const { AlarmHistoryItems } = await monitoring('DescribeAlarmHistory', { AlarmName: 'a', HistoryItemType: 'Action' })
    return (AlarmHistoryItems as { HistorySummary: string }[]).map(({ HistorySummary }) => HistorySummary).sort()
  }
  await expect
    .poll(summaries)
    .toEqual([expect.stringContaining(`Failed to execute action ${missing}.`), `Successfully executed action ${TopicArn}`])
  const messages: { Body: string }[] = []
  await expect
    .poll(async () => {
      const { Messages = [] } = await ask('AmazonSQS.ReceiveMessage', { QueueUrl: queue['QueueUrl'] })
      messages.push(...(Messages as { Body: string }[]))
      return messages.length
    })
    .toBe(1)
  const { Subject, Message } = JSON.parse(messages[0]?.Body ?? '{}') as Record<string, string>
  expect(Subject).toBe('ALARM: "a" in US East (N. Virginia)')
  expect(JSON.parse(Message ?? '{}')).toMatchObject({
    AlarmName: 'a',
    NewStateValue: 'ALARM',
    NewStateReason: 'because',
    OldStateValue: 'INSUFFICIENT_DATA',
    Trigger: { MetricName: 'm', Statistic: 'AVERAGE', Period: 60, Threshold: 1 },
  })
  await all.close()
})

describe('each protocol', () => {
  const cbor = async (operation: string, input: object, headers: Record<string, string> = {}) => {
    const body = encodeCbor(input as never, (member) => (member.endsWith('Time') ? 'time' : 'any'))
    const response = await fetch(`${served.url}/service/GraniteServiceVersion20100801/operation/${operation}`, {
      method: 'POST',
      headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor', ...headers },
      body: headers['content-encoding'] === 'gzip' ? gzipSync(body) : body,
    })
    return { response, body: decodeCbor(Buffer.from(await response.arrayBuffer())) }
  }

  test('CBOR reads and answers the same, compressed too', async () => {
    const datum = { Namespace: 'app', MetricData: [{ MetricName: 'errors', Value: 1.5 }] }
    expect((await cbor('PutMetricData', datum, { 'content-encoding': 'gzip' })).body).toEqual({})
    const span = { StartTime: now() - 60, EndTime: now() + 60 }
    const { body, response } = await cbor('GetMetricData', { ...span, MetricDataQueries: [query('m', 'Sum')] })
    expect(response.headers.get('smithy-protocol')).toBe('rpc-v2-cbor')
    expect(body).toMatchObject({ MetricDataResults: [{ Id: 'm', Timestamps: [now()], Values: [1.5] }] })
    const refused = await cbor('GetDashboard', { DashboardName: 'none' })
    expect(refused.response.status).toBe(404)
    expect(refused.response.headers.get('x-amzn-query-error')).toBe('ResourceNotFound;Sender')
    expect(refused.body).toEqual({
      __type: 'com.amazonaws.cloudwatch#DashboardNotFoundError',
      message: 'The specified dashboard does not exist. [none]',
    })
    expect((await cbor('GetMetricData', [])).response.status).toBe(400)
    expect((await cbor('PutMetricStream', {})).response.status).toBe(501)
  })

  test('Query reads forms and answers in XML', async () => {
    const ask = async (Action: string, members: Record<string, string>) => {
      const body = new URLSearchParams({ Action, Version: '2010-08-01', ...members })
      const response = await fetch(served.url, { method: 'POST', body })
      return { status: response.status, root: parseXml(await response.text()) }
    }
    const datum = {
      'MetricData.member.1.MetricName': 'errors',
      'MetricData.member.1.Value': '2.5',
      'MetricData.member.1.Unit': 'Count',
    }
    const dimension = {
      'MetricData.member.1.Dimensions.member.1.Name': 'd',
      'MetricData.member.1.Dimensions.member.1.Value': '1',
    }
    expect((await ask('PutMetricData', { Namespace: 'app', ...datum, ...dimension })).root.name).toBe('PutMetricDataResponse')
    const { root } = await ask('GetMetricStatistics', {
      Namespace: 'app',
      MetricName: 'errors',
      'Dimensions.member.1.Name': 'd',
      'Dimensions.member.1.Value': '1',
      Period: '60',
      StartTime: '2025-12-31T23:59:00Z',
      EndTime: '2026-01-01T00:01:00Z',
      'Statistics.member.1': 'Sum',
    })
    const point = [root, 'GetMetricStatisticsResult', 'Datapoints', 'member'].reduce<typeof root | undefined>(
      (parent, name) => (typeof name === 'string' && parent ? child(parent, name) : root),
      undefined,
    )
    expect(point && [childText(point, 'Timestamp'), childText(point, 'Sum'), childText(point, 'Unit')]).toEqual([
      '2026-01-01T00:00:00Z',
      '2.5',
      'Count',
    ])
    const refused = await ask('SetAlarmState', { AlarmName: 'none', StateValue: 'OK', StateReason: 'r' })
    const error = child(refused.root, 'Error')
    expect([refused.status, error && childText(error, 'Code')]).toEqual([404, 'ResourceNotFound'])
  })
})

test('dashboards are kept', async () => {
  const DashboardBody = '{"widgets":[]}'
  expect(await call('PutDashboard', { DashboardName: 'd', DashboardBody })).toEqual({ DashboardValidationMessages: [] })
  expect((await call('PutDashboard', { DashboardName: 'd', DashboardBody: 'x' }))['refused']).toContain(
    'DashboardInvalidInputError',
  )
  const DashboardArn = 'arn:aws:cloudwatch::000000000000:dashboard/d'
  expect(await call('GetDashboard', { DashboardName: 'd' })).toEqual({ DashboardArn, DashboardBody, DashboardName: 'd' })
  expect(await call('ListDashboards', { DashboardNamePrefix: 'd' })).toEqual({
    DashboardEntries: [{ DashboardName: 'd', DashboardArn, LastModified: now(), Size: 14 }],
  })
  await call('DeleteDashboards', { DashboardNames: ['d'] })
  expect((await call('DeleteDashboards', { DashboardNames: ['d'] }))['status']).toBe(404)
})
