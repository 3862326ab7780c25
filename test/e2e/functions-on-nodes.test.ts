/**
 * Functions of `regente services` that run on servers with --lambda: spread over them, with code and layers that they fetch, and lines
 * that are kept where the function is; and what becomes of an invocation whose server dies in the middle.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { zipOf } from '../../src/services/lambda/testing/zip.ts'

import { type Clients, clientsOf, create, ended, ROLE, start, until } from './bad-hour.ts'
import { credentials, makeDataDirectory, REGION, removeDataDirectory, type RunningServer, startServer } from './server.ts'

const folders: string[] = []
let services: RunningServer
let nodes: RunningServer[] = []
let clients: Clients
let logs: CloudWatchLogs

const makeFolder = async () => {
  const folder = await makeDataDirectory()
  folders.push(folder)
  return folder
}

async function startNode(): Promise<RunningServer> {
  const key = join(folders[0] ?? '', 'services.key')
  return startServer(await makeFolder(), ['--services-url', services.url, '--services-key', key, '--lambda'])
}

/** Tells which server has started it, by whose parent it is, and where it lies. */
const WHERE = `
exports.handler = async ({ ms = 0 }) => {
  console.log('working for ' + ms)
  await new Promise((resolve) => setTimeout(resolve, ms))
  return { parent: process.ppid, root: process.env.LAMBDA_TASK_ROOT, endpoint: process.env.AWS_ENDPOINT_URL }
}`

async function createFunction(FunctionName: string, code: string, more: object = {}): Promise<void> {
  const Code = { ZipFile: zipOf({ 'index.js': code }) }
  const named = { FunctionName, Runtime: 'nodejs22.x', Handler: 'index.handler', Role: ROLE, Timeout: 60 } as const
  await clients.lambda.createFunction({ ...named, Code, ...more })
}

interface Place {
  readonly parent: number
  readonly root: string
  readonly endpoint: string
}

async function invoke(FunctionName: string, event: object = {}) {
  const answer = await clients.lambda.invoke({ FunctionName, Payload: JSON.stringify(event), LogType: 'Tail' })
  return {
    payload: JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as Place,
    functionError: answer.FunctionError,
    log: Buffer.from(answer.LogResult ?? '', 'base64').toString(),
  }
}

const linesOf = async (name: string) => {
  const { events = [] } = await logs.filterLogEvents({ logGroupName: `/aws/lambda/${name}` })
  return events.map(({ message = '' }) => message)
}

beforeAll(async () => {
  services = await startServer(await makeFolder(), [], 0, { command: 'services' })
  nodes = [await startNode(), await startNode()]
  clients = clientsOf(services.url)
  logs = new CloudWatchLogs({ endpoint: services.url, region: REGION, credentials })
  await createFunction('where', WHERE)
}, 60_000)
afterAll(async () => {
  for (const server of [...nodes, services]) await server.stop()
  for (const folder of folders) await removeDataDirectory(folder)
})

test('invocations are spread over the servers, which keep copies of the code; functions call the server that runs them', async () => {
  const places = await Promise.all([1, 2, 3, 4].map(() => invoke('where', { ms: 300 })))
  const endpoints = places.map(({ payload }) => payload.endpoint)
  expect(endpoints.toSorted()).toEqual([...nodes, ...nodes].map(({ url }) => url).toSorted())
  for (const { payload } of places) expect(folders.slice(1).some((folder) => payload.root.startsWith(folder))).toBe(true)
})

test('what they print is in the answer and in the log group, when the answer comes', async () => {
  const { log } = await invoke('where', { ms: 7 })
  expect(log).toContain('working for 7')
  expect(log).toMatch(/REPORT RequestId: /)
  expect((await linesOf('where')).filter((line) => line.includes('working for 7'))).toHaveLength(1)
})

test('a function that throws fails as it does beside the services', async () => {
  await createFunction('throws', 'exports.handler = async () => { throw new TypeError("no") }')
  const { payload, functionError } = await invoke('throws')
  expect([functionError, payload]).toEqual(['Unhandled', expect.objectContaining({ errorType: 'TypeError', errorMessage: 'no' })])
})

test('new code is run at once; a version stays what it was', async () => {
  await createFunction('changes', 'exports.handler = async () => 1')
  await clients.lambda.publishVersion({ FunctionName: 'changes' })
  expect((await invoke('changes')).payload).toBe(1)
  await clients.lambda.updateFunctionCode({
    FunctionName: 'changes',
    ZipFile: zipOf({ 'index.js': 'exports.handler = async () => 2' }),
  })
  expect([(await invoke('changes')).payload, (await invoke('changes:1')).payload]).toEqual([2, 1])
})

test('layers come along', async () => {
  const { LayerVersionArn = '' } = await clients.lambda.publishLayerVersion({
    LayerName: 'words',
    Content: { ZipFile: zipOf({ 'nodejs/node_modules/words/index.js': 'module.exports = "from a layer"' }) },
  })
  await createFunction('layered', 'exports.handler = async () => require("words")', { Layers: [LayerVersionArn] })
  expect((await invoke('layered')).payload).toBe('from a layer')
})

test('reserved concurrency bounds a function on all servers together', async () => {
  await createFunction('bounded', WHERE)
  await clients.lambda.putFunctionConcurrency({ FunctionName: 'bounded', ReservedConcurrentExecutions: 1 })
  const asked = await Promise.allSettled([invoke('bounded', { ms: 500 }), invoke('bounded', { ms: 500 })])
  expect(asked.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(asked.find((one) => one.status === 'rejected')?.reason).toMatchObject({ name: 'TooManyRequestsException' })
})

test('strangers run nothing on a server, and get no code', async () => {
  const ask = async (url: string, path: string) =>
    (await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).status
  expect(await ask(nodes[0]?.url ?? '', '/_regente/functions/run')).toBe(403)
  expect(await ask(services.url, '/_regente/services/archive')).toBe(403)
})

test('a server that is stopped ends what it has begun, and gets nothing new', async () => {
  const [first] = nodes
  const running = Promise.all([invoke('where', { ms: 2_000 }), invoke('where', { ms: 2_000 })])
  await until(
    () => linesOf('where'),
    (lines) => lines.filter((line) => line.includes('working for 2000')).length === 2,
  )
  const stopped = nodes.shift()?.stop()
  const ends = await running
  expect(ends.map(({ payload }) => payload.endpoint)).toContain(first?.url)
  expect(await stopped).toBe(0)
  for (const { payload } of [await invoke('where'), await invoke('where')]) expect(payload.endpoint).toBe(nodes[0]?.url)
}, 30_000)

test('an invocation whose server is killed fails with an error that Retry catches, and is made elsewhere', async () => {
  nodes.push(await startNode())
  const [survivor, killed] = nodes
  const engine = clientsOf(survivor?.url ?? '')
  await create(engine, 'calls', {
    T: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: 'where', Payload: { ms: 3_000 } },
      ResultSelector: { 'endpoint.$': '$.Payload.endpoint' },
      Retry: [{ ErrorEquals: ['Lambda.ServiceException'], IntervalSeconds: 1, MaxAttempts: 3 }],
      End: true,
    },
  })
  const executions = await Promise.all([start(engine, 'calls'), start(engine, 'calls')])
  await until(
    () => linesOf('where'),
    (lines) => lines.filter((line) => line.includes('working for 3000')).length === 2,
  )
  await killed?.kill()
  nodes.length = 1
  for (const execution of executions) {
    const { status, output } = await ended(engine, execution)
    expect([status, JSON.parse(output ?? '{}')]).toEqual(['SUCCEEDED', { endpoint: survivor?.url }])
  }
}, 60_000)

test('where no server runs functions they run beside the services', async () => {
  for (const node of nodes.splice(0)) await node.stop()
  const { payload } = await invoke('where')
  expect(payload.root.startsWith(folders[0] ?? '?')).toBe(true)
  expect(payload.endpoint).toBe(services.url)
  expect(existsSync(payload.root)).toBe(true)
}, 30_000)
