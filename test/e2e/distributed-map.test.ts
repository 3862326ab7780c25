/** The second founding workflow, by the AWS CLI and by the SDK, killed in the middle of its Map Run. */
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  ListMapRunsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { deployExample } from './command.ts'
import {
  ACCOUNT,
  credentials,
  makeDataDirectory,
  REGION,
  removeDataDirectory,
  ROOT,
  type RunningServer,
  startServer,
} from './server.ts'
import { aws, describeWithAwsCli } from './tools.ts'

const MACHINE = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:HottestDays`
const STATIONS = 240
let dataDirectory = ''
let server: RunningServer

const clients = () => ({ endpoint: server.url, region: REGION, credentials })
const sfn = () => new SFNClient(clients())
const s3 = () => new S3Client({ ...clients(), forcePathStyle: true })

beforeAll(async () => {
  dataDirectory = await makeDataDirectory()
  server = await startServer(dataDirectory)
  await deployExample('distributed-map-s3', server.url)
  const generator: string = join(ROOT, 'examples/distributed-map-s3/generate-data.mjs')
  const { stationFiles } = (await import(generator)) as {
    stationFiles(settings: { year: number; stations: number }): Iterable<{ key: string; body: string }>
  }
  const client = s3()
  for (const { key, body } of stationFiles({ year: 2025, stations: STATIONS })) {
    await client.send(new PutObjectCommand({ Bucket: 'noaa-gsod-input', Key: key, Body: body }))
  }
}, 180_000)
afterAll(async () => {
  await server.stop()
  await removeDataDirectory(dataDirectory)
})

async function until<T>(read: () => Promise<T>, is: (value: T) => boolean, withinMs = 90_000): Promise<T> {
  for (const end = Date.now() + withinMs; ; ) {
    const value = await read()
    if (is(value)) return value
    if (Date.now() > end) throw new Error(`not reached within ${withinMs} ms: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

const describeExecution = (executionArn: string) => sfn().send(new DescribeExecutionCommand({ executionArn }))
const ended = (executionArn: string) =>
  until(
    () => describeExecution(executionArn),
    ({ status }) => status !== 'RUNNING',
  )

async function mapRunOf(executionArn: string) {
  const { mapRuns = [] } = await sfn().send(new ListMapRunsCommand({ executionArn }))
  const mapRunArn = mapRuns[0]?.mapRunArn
  return mapRunArn === undefined ? undefined : sfn().send(new DescribeMapRunCommand({ mapRunArn }))
}

async function readReport(): Promise<{ stations: number; hottest: object; failures: { error: string; objects: string[] }[] }> {
  const { Body } = await s3().send(new GetObjectCommand({ Bucket: 'noaa-gsod-output', Key: '2025/hottest-days.json' }))
  return JSON.parse((await Body?.transformToString()) ?? '{}')
}

async function expectResults(executionArn: string): Promise<void> {
  const execution = await ended(executionArn)
  expect(execution).toMatchObject({ status: 'SUCCEEDED' })
  expect(JSON.parse(execution.output ?? '{}')).toMatchObject({
    report: 's3://noaa-gsod-output/2025/hottest-days.json',
    failedBatches: 1,
  })
  const mapRun = await mapRunOf(executionArn)
  expect(mapRun).toMatchObject({
    status: 'SUCCEEDED',
    itemCounts: { total: STATIONS, succeeded: STATIONS - 10, failed: 10, running: 0, pending: 0 },
  })
  const report = await readReport()
  expect(report.stations).toBe(STATIONS - 10)
  expect(Object.keys(report.hottest)).toHaveLength(12)
  expect(report.failures).toHaveLength(1)
  expect(report.failures[0]).toMatchObject({ error: 'CorruptStationFile' })
  const { Contents = [] } = await s3().send(new ListObjectsV2Command({ Bucket: 'noaa-gsod-results', Prefix: 'results/' }))
  const names = Contents.map(({ Key }) => Key?.split('/').at(-1))
  expect(names).toEqual(expect.arrayContaining(['manifest.json', 'SUCCEEDED_0.json', 'FAILED_0.json']))
}

test('by the SDK: the corrupt file is tolerated and reported, the report is written', async () => {
  const { Configuration } = await new LambdaClient(clients()).send(
    new GetFunctionCommand({ FunctionName: 'hottest-days-of-stations' }),
  )
  expect(Configuration).toMatchObject({ Runtime: 'nodejs22.x', State: 'Active' })
  const { executionArn = '' } = await sfn().send(new StartExecutionCommand({ stateMachineArn: MACHINE, input: '{"year": 2025}' }))
  await expectResults(executionArn)
}, 180_000)

describeWithAwsCli('by the AWS CLI', () => {
  test('start, describe, the report in S3 and the log', async () => {
    const { executionArn } = (await aws(
      server.url,
      'stepfunctions',
      'start-execution',
      '--state-machine-arn',
      MACHINE,
      '--input',
      '{"year": 2025}',
    )) as {
      executionArn: string
    }
    await ended(executionArn)
    const execution = (await aws(server.url, 'stepfunctions', 'describe-execution', '--execution-arn', executionArn)) as {
      status: string
    }
    expect(execution.status).toBe('SUCCEEDED')
    const report = (await aws(server.url, 's3', 'cp', 's3://noaa-gsod-output/2025/hottest-days.json', '-')) as {
      stations: number
    }
    expect(report.stations).toBe(STATIONS - 10)
    expect(String(await aws(server.url, 's3', 'ls', '--recursive', 's3://noaa-gsod-results/'))).toContain('manifest.json')
    const readLog = async () =>
      (await aws(
        server.url,
        'logs',
        'filter-log-events',
        '--log-group-name',
        '/aws/vendedlogs/states/HottestDays',
        '--filter-pattern',
        'ExecutionSucceeded',
      )) as {
        events: { message: string }[]
      }
    const log = await until(readLog, ({ events }) => events.some(({ message }) => message.includes(executionArn)), 20_000)
    expect(log.events.length).toBeGreaterThan(0)
  }, 180_000)
})

test('killed in the middle of the Map Run, it goes on and ends with the same results', async () => {
  const { executionArn = '' } = await sfn().send(new StartExecutionCommand({ stateMachineArn: MACHINE, input: '{"year": 2025}' }))
  await until(
    () => mapRunOf(executionArn),
    (mapRun) => (mapRun?.itemCounts?.succeeded ?? 0) > 0,
  )
  await server.kill()
  server = await startServer(dataDirectory)
  await expectResults(executionArn)
}, 240_000)
