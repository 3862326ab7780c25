import { gunzipSync } from 'node:zlib'

import { afterAll, beforeAll, expect, test, vi } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { callAws } from '../../wire/client.ts'

import { startServed } from '../lambda/testing/served.ts'

let served: Awaited<ReturnType<typeof startServed>>
beforeAll(async () => {
  served = await startServed()
})
afterAll(() => served.close())

async function logs(operation: string, input: unknown): Promise<JsonObject> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${operation}` }
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const { endpoint } = served
  const body = JSON.stringify(input)
  const answer = await callAws({ endpoint, region: 'us-east-1', service: 'logs', credentials, method: 'POST', headers, body })
  return JSON.parse(answer.body.toString() || '{}') as JsonObject
}
const logGroupName = 'app'
const put = (...messages: string[]) => {
  const timestamp = Date.now()
  const logEvents = messages.map((message) => ({ timestamp, message }))
  return logs('PutLogEvents', { logGroupName, logStreamName: 's', logEvents })
}

test('a subscription hands what it matches to a function, packed as AWS packs it', async () => {
  await logs('CreateLogGroup', { logGroupName })
  await logs('CreateLogStream', { logGroupName, logStreamName: 's' })
  const told = await served.makeQueue('told')
  await served.makeFunction(
    'reader',
    `export const handler = async (event) => {
      const headers = { 'x-amz-target': 'AmazonSQS.SendMessage', 'content-type': 'application/x-amz-json-1.0' }
      await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', headers, body: JSON.stringify({ QueueUrl: 'told', MessageBody: event.awslogs.data }) })
    }`,
  )
  const destinationArn = 'arn:aws:lambda:us-east-1:000000000000:function:reader'
  const filter = { logGroupName, filterName: 'errors', filterPattern: 'ERROR', destinationArn }
  expect(await logs('PutSubscriptionFilter', filter)).toEqual({})
  await put('ERROR one', 'fine', 'ERROR two')
  const [message] = await told.receive(1)
  const data = JSON.parse(gunzipSync(Buffer.from(message?.Body ?? '', 'base64')).toString())
  expect(data).toEqual({
    messageType: 'DATA_MESSAGE',
    owner: '000000000000',
    logGroup: 'app',
    logStream: 's',
    subscriptionFilters: ['errors'],
    logEvents: ['ERROR one', 'ERROR two'].map((text) => ({
      id: expect.stringMatching(/^\d{56}$/),
      timestamp: expect.any(Number),
      message: text,
    })),
  })
  expect(await logs('DescribeSubscriptionFilters', { logGroupName })).toEqual({
    subscriptionFilters: [{ ...filter, distribution: 'ByLogStream', creationTime: expect.any(Number) }],
  })
  await logs('PutSubscriptionFilter', { ...filter, filterName: 'second' })
  expect(await logs('PutSubscriptionFilter', { ...filter, filterName: 'third' })).toMatchObject({
    message: 'Resource limit exceeded.',
  })
  for (const filterName of ['errors', 'second']) await logs('DeleteSubscriptionFilter', { logGroupName, filterName })
  expect(await logs('DeleteSubscriptionFilter', { logGroupName, filterName: 'errors' })).toMatchObject({
    message: 'The specified subscription filter does not exist.',
  })
  const kinesis = { ...filter, destinationArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' }
  expect(await logs('PutSubscriptionFilter', kinesis)).toMatchObject({ message: expect.stringContaining('functions alone') })
  expect(await logs('PutSubscriptionFilter', { ...filter, filterPattern: '{ $.' })).toMatchObject({
    __type: expect.stringContaining('InvalidParameterException'),
  })
}, 30_000)

test('metric filters put what they make of events into CloudWatch: values, default values, dimensions', async () => {
  const monitoring = async (input: JsonObject): Promise<JsonObject> => {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'GraniteServiceVersion20100801.GetMetricStatistics',
    }
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
    const now = Math.floor(Date.now() / 1000)
    const range = { StartTime: now - 3600, EndTime: now + 3600, Period: 86_400, Statistics: ['Sum', 'SampleCount', 'Maximum'] }
    const body = JSON.stringify({ Namespace: 'Measured', ...range, ...input })
    const answer = await callAws({
      endpoint: served.endpoint,
      region: 'us-east-1',
      service: 'monitoring',
      credentials,
      method: 'POST',
      headers,
      body,
    })
    return JSON.parse(answer.body.toString()) as JsonObject
  }
  const sums = (MetricName: string, point: JsonObject | undefined, more: JsonObject = {}) =>
    vi.waitFor(async () => {
      const { Datapoints } = await monitoring({ MetricName, ...more })
      expect(Datapoints).toEqual(point ? [{ Timestamp: expect.any(Number), Unit: 'None', ...point }] : [])
    }, 10_000)
  const name = { logGroupName: 'measured', logStreamName: 's' }
  await logs('CreateLogGroup', { logGroupName: 'measured' })
  await logs('CreateLogStream', name)
  const filter = (filterPattern: string, metricName: string, more: JsonObject) =>
    logs('PutMetricFilter', {
      logGroupName: 'measured',
      filterName: metricName,
      filterPattern,
      metricTransformations: [{ metricName, metricNamespace: 'Measured', ...more }],
    })
  expect(await filter('ERROR', 'errors', { metricValue: '1', defaultValue: 0 })).toEqual({})
  expect(await filter('{ $.ms > 0 }', 'ms', { metricValue: '$.ms', unit: 'Milliseconds' })).toEqual({})
  expect(
    await filter('[verb, ..., status = 5*, size]', 'bytes', { metricValue: '$size', dimensions: { Code: '$status' } }),
  ).toEqual({})
  const messages = [
    'ERROR a',
    'ERROR b',
    'fine',
    '{"ms":20}',
    '{"ms":5}',
    '{"ms":"slow"}',
    'GET /x y 500 10',
    'GET /x 502 7',
    'GET /y 500 5',
  ]
  const timestamp = Date.now()
  await logs('PutLogEvents', { ...name, logEvents: messages.map((message) => ({ timestamp, message })) })
  await sums('errors', { Sum: 2, SampleCount: 9, Maximum: 1 })
  await sums('ms', { Sum: 25, SampleCount: 2, Maximum: 20, Unit: 'Milliseconds' })
  await sums('bytes', { Sum: 15, SampleCount: 2, Maximum: 10 }, { Dimensions: [{ Name: 'Code', Value: '500' }] })
  await sums('bytes', { Sum: 7, SampleCount: 1, Maximum: 7 }, { Dimensions: [{ Name: 'Code', Value: '502' }] })
  await sums('bytes', undefined)

  const refusals: readonly (readonly [string, JsonObject, string])[] = [
    [
      '{ $.a = 1 }',
      { metricValue: '1', defaultValue: 0, dimensions: { A: '$.a' } },
      'dimensions and default value are mutually exclusive',
    ],
    ['ERROR', { metricValue: '1', dimensions: { A: '$.a' } }, 'The specified filter pattern does not support dimensions'],
    ['[a, b]', { metricValue: '$c' }, 'the value $c is neither a number nor a field of the pattern'],
    ['[a, b]', { metricValue: '1', dimensions: { C: '$c' } }, 'the dimension C is no field of the pattern'],
  ]
  for (const [pattern, more, message] of refusals)
    expect(await filter(pattern, 'refused', more)).toMatchObject({
      __type: expect.stringContaining('InvalidParameterException'),
      message: expect.stringContaining(message),
    })
  await logs('DeleteLogGroup', { logGroupName: 'measured' })
}, 30_000)

test('metric filters are kept, counted, tested, and go with their group', async () => {
  await logs('CreateLogGroup', { logGroupName: 'metrics' })
  const transformation = { metricName: 'Errors', metricNamespace: 'App', metricValue: '1' }
  const filter = {
    logGroupName: 'metrics',
    filterName: 'm',
    filterPattern: '{ $.level = "error" }',
    metricTransformations: [transformation],
  }
  await logs('PutMetricFilter', filter)
  expect(await logs('DescribeMetricFilters', { metricName: 'Errors', metricNamespace: 'App' })).toMatchObject({
    metricFilters: [filter],
  })
  expect(await logs('DescribeMetricFilters', { metricName: 'Other', metricNamespace: 'App' })).toEqual({ metricFilters: [] })
  expect(await logs('DescribeLogGroups', { logGroupNamePrefix: 'metrics' })).toMatchObject({
    logGroups: [{ metricFilterCount: 1 }],
  })
  const logEventMessages = ['{"level":"error"}', '{"level":"info"}']
  expect(await logs('TestMetricFilter', { filterPattern: filter.filterPattern, logEventMessages })).toEqual({
    matches: [{ eventNumber: 1, eventMessage: '{"level":"error"}', extractedValues: {} }],
  })
  await logs('DeleteLogGroup', { logGroupName: 'metrics' })
  expect(await logs('DescribeMetricFilters', {})).toEqual({ metricFilters: [] })
  // What the function prints is logged when it ends, which may be after what it has sent was received.
  await vi.waitFor(async () =>
    expect(await logs('ListLogGroups', {})).toMatchObject({
      logGroups: [{ logGroupName: '/aws/lambda/reader' }, { logGroupName: 'app' }],
    }),
  )
})
