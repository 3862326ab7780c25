/** `regente services` beside `regente start`: both founding workflows, and the services killed in the middle of them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { zipOf } from '../../src/services/lambda/testing/zip.ts'

import { type Clients, clientsOf, create, ended, machineArn, ROLE, start, until } from './bad-hour.ts'
import { deployExample } from './command.ts'
import { ACCOUNT, makeDataDirectory, REGION, removeDataDirectory, ROOT, type RunningServer, startServer } from './server.ts'

/** One batch of ten is corrupt: so many that it is tolerated. */
const STATIONS = 240
let folders: readonly [string, string] = ['', '']
let services: RunningServer
let engine: RunningServer
let clients: Clients

const startServices = (port = 0) => startServer(folders[0], [], port, { command: 'services' })

/** As a crash does, and somebody who starts them again. */
async function bounceServices(): Promise<void> {
  const port = Number(new URL(services.url).port)
  await services.kill()
  services = await startServices(port)
}

beforeAll(async () => {
  folders = [await makeDataDirectory(), await makeDataDirectory()]
  services = await startServices()
  const flags = ['--services-url', services.url, '--services-key', join(folders[0], 'services.key')]
  engine = await startServer(folders[1], flags)
  clients = clientsOf(engine.url, 5)
}, 120_000)
afterAll(async () => {
  await engine.stop()
  await services.stop()
  for (const folder of folders) await removeDataDirectory(folder)
})

test('the services are had at both ports, and live in their own folder', async () => {
  await clients.s3.createBucket({ Bucket: 'shared' })
  await clients.s3.putObject({ Bucket: 'shared', Key: 'k', Body: 'hello' })
  const direct = clientsOf(services.url)
  expect(await (await direct.s3.getObject({ Bucket: 'shared', Key: 'k' })).Body?.transformToString()).toBe('hello')
  const { QueueUrl } = await clients.sqs.createQueue({ QueueName: 'q' })
  expect(QueueUrl).toBe(`${engine.url}/${ACCOUNT}/q`)
  expect((await direct.sfn.listStateMachines({})).stateMachines).toEqual([])
})

test('an engine that is told to stop ends the long polls that it has handed on with an empty answer', async () => {
  const folder = await makeDataDirectory()
  const other = await startServer(folder, ['--services-url', services.url])
  const { sqs } = clientsOf(other.url)
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'empty' })
  const polls = [sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 }), sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 20 })]
  await until(
    () => clients.sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] }),
    () => true,
  )
  await other.stop()
  for (const { Messages } of await Promise.all(polls)) expect(Messages).toBeUndefined()
  await removeDataDirectory(folder)
}, 60_000)

test('the secrets of connections are for whoever shows the key', async () => {
  const ask = (headers: Record<string, string>) =>
    fetch(`${services.url}/_regente/services/authorize`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ connectionArn: `arn:aws:events:${REGION}:${ACCOUNT}:connection/none/1` }),
    })
  expect((await ask({})).status).toBe(403)
  expect((await ask({ 'x-regente-services-key': 'a guess' })).status).toBe(403)
  const key = await readFile(join(folders[0], 'services.key'))
  const told = await ask({ 'x-regente-services-key': key.toString('hex') })
  expect([told.status, await told.json()]).toEqual([200, { parts: null }])
})

test('task timer: services that are killed while it waits deliver its message when they are back', async () => {
  await deployExample('task-timer', engine.url)
  const input = { topic: `arn:aws:sns:${REGION}:${ACCOUNT}:reminders`, message: 'after the crash', timer_seconds: 20 }
  const execution = await start(clients, 'TaskTimer', input)
  await bounceServices()
  expect(await ended(clients, execution)).toMatchObject({ status: 'SUCCEEDED' })
  const { QueueUrl } = await clients.sqs.getQueueUrl({ QueueName: 'reminders-inbox' })
  const { Messages } = await until(
    () => clients.sqs.receiveMessage({ QueueUrl, WaitTimeSeconds: 5 }),
    ({ Messages }) => Messages !== undefined && Messages.length > 0,
  )
  expect(Messages?.[0]?.Body).toContain('after the crash')
}, 120_000)

test('hottest days: services that are killed in the middle of its Map Run are asked again', async () => {
  await deployExample('distributed-map-s3', engine.url)
  const generator: string = join(ROOT, 'examples/distributed-map-s3/generate-data.mjs')
  const { stationFiles } = (await import(generator)) as {
    stationFiles(settings: { year: number; stations: number }): Iterable<{ key: string; body: string }>
  }
  for (const { key, body } of stationFiles({ year: 2025, stations: STATIONS }))
    await clients.s3.putObject({ Bucket: 'noaa-gsod-input', Key: key, Body: body })
  const execution = await start(clients, 'HottestDays', { year: 2025 })
  await until(
    async () => {
      const { mapRuns: [run] = [] } = await clients.sfn.listMapRuns({ executionArn: execution })
      return run && clients.sfn.describeMapRun({ mapRunArn: run.mapRunArn })
    },
    (run) => (run?.itemCounts?.succeeded ?? 0) > 0,
  )
  await bounceServices()
  expect(await ended(clients, execution, 150_000)).toMatchObject({ status: 'SUCCEEDED' })
}, 240_000)

test('while they are away health says so, and requests and tasks fail as unavailable services do', async () => {
  await create(clients, 'put', {
    T: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:s3:putObject',
      Parameters: { Bucket: 'shared', Key: 'k2', Body: 'x' },
      Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 30, BackoffRate: 1 }],
      End: true,
    },
  })
  const port = Number(new URL(services.url).port)
  await services.kill()
  const once = clientsOf(engine.url)
  await expect(once.s3.getObject({ Bucket: 'shared', Key: 'k' })).rejects.toMatchObject({ name: 'ServiceUnavailable' })
  await expect(once.sqs.listQueues({})).rejects.toMatchObject({ name: 'ServiceUnavailable' })
  await until(health, ({ status, reasons = [] }) => status === 'degraded' && reasons.join().includes(services.url))
  const execution = await start(clients, 'put')
  await until(
    () => once.sfn.getExecutionHistory({ executionArn: execution }),
    ({ events = [] }) => events.some(({ type }) => type === 'TaskFailed'),
  )
  services = await startServices(port)
  expect(await ended(clients, execution)).toMatchObject({ status: 'SUCCEEDED' })
  await until(health, ({ status }) => status === 'ok')
}, 120_000)

const health = async () =>
  (await (await fetch(`${engine.url}/_regente/health`)).json()) as {
    readonly status: string
    readonly reasons?: readonly string[]
  }

async function callEvents(action: string, input: object): Promise<void> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSEvents.${action}` }
  const response = await fetch(engine.url, { method: 'POST', headers, body: JSON.stringify(input) })
  expect(response.status).toBe(200)
}

test('rules of the services hear of executions, and start them', async () => {
  await create(clients, 'heard', { P: { Type: 'Pass', End: true } })
  await create(clients, 'told', { P: { Type: 'Pass', End: true } })
  const pattern = { source: ['aws.states'], detail: { status: ['SUCCEEDED'], stateMachineArn: [machineArn('told')] } }
  await callEvents('PutRule', { Name: 'ends', EventPattern: JSON.stringify(pattern) })
  await callEvents('PutTargets', { Rule: 'ends', Targets: [{ Id: 'm', Arn: machineArn('heard'), RoleArn: ROLE }] })
  await start(clients, 'told')
  const { executions } = await until(
    () => clients.sfn.listExecutions({ stateMachineArn: machineArn('heard') }),
    ({ executions }) => executions?.[0]?.status === 'SUCCEEDED',
  )
  expect(executions).toHaveLength(1)
}, 60_000)

test('functions of the services find the engine at their endpoint', async () => {
  const ZipFile = zipOf({ 'index.js': 'exports.handler = async () => process.env.AWS_ENDPOINT_URL' })
  await clients.lambda.createFunction({
    FunctionName: 'where',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: ROLE,
    Code: { ZipFile },
  })
  const { Payload } = await clients.lambda.invoke({ FunctionName: 'where' })
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toBe(engine.url)
}, 60_000)
