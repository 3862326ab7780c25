import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, expect, test } from 'vitest'

import { systemClock } from '../base/clock.ts'
import { AWS_LIMITS } from '../base/limits.ts'
import type { Log } from '../base/log.ts'

import { type AwsCall, callAws } from '../wire/client.ts'

import { ENGINE_HEADER } from './link-door.ts'
import { ServicesLink } from './link.ts'
import { ServiceThread } from './service-thread.ts'

const directory = mkdtempSync(join(tmpdir(), 'thread-'))
const errors: string[] = []
const warnings: string[] = []
const log: Log = {
  debug() {},
  info() {},
  warn: (message) => void warnings.push(message),
  error: (message) => void errors.push(message),
}
const options = {
  directory,
  region: 'us-east-1',
  account: '123456789012',
  url: 'http://127.0.0.1:1',
  limits: AWS_LIMITS.services,
}
let thread: ServiceThread

afterEach(async () => {
  await thread.close()
  rmSync(directory, { recursive: true, force: true })
})

const open = (entry?: URL) => new ServiceThread({ clock: systemClock, log, thread: () => options, ...(entry && { entry }) })
const call = (socketPath: string, path: string, method = 'GET') =>
  callAws({ endpoint: 'http://localhost', socketPath, region: 'us-east-1', service: 's3', method, path })

test('the thread is started by the first who asks, answers at a private socket, and leaves nothing behind', async () => {
  thread = open()
  expect([thread.socketPath, thread.trouble]).toEqual([undefined, undefined])
  const socketPath = await thread.reach()
  expect(thread.socketPath).toBe(socketPath)
  expect((await call(socketPath, '/bucket', 'PUT')).status).toBe(200)
  expect((await call(socketPath, '/bucket/none')).status).toBe(404)
  await thread.close()
  expect(existsSync(dirname(socketPath))).toBe(false)
  await expect(Promise.resolve(thread.reach())).rejects.toThrow('the server stops')
})

test('by its link an engine learns whether rules listen, publishes events, and asks for the parts of connections', async () => {
  thread = open()
  const link = new ServicesLink({
    place: async () => ({ endpoint: 'http://localhost', socketPath: await thread.reach(), region: 'us-east-1' }),
    whenWanted: () => thread.whenUp(),
    engineUrl: () => 'http://127.0.0.1:1',
    headers: { [ENGINE_HEADER]: 'an-engine' },
    expected: { region: 'eu-west-1', account: '123456789012', isTrusted: true },
    clock: systemClock,
    log,
  })
  const socketPath = await thread.reach()
  await link.open()
  expect(link.hasListeners()).toBe(false)
  expect(warnings).toEqual([expect.stringContaining('another region')])
  const headers = { 'x-amz-target': 'AWSEvents.PutRule', 'content-type': 'application/x-amz-json-1.1' }
  const rule = { Name: 'r', EventPattern: '{"source":["aws.states"]}' }
  const put = { endpoint: 'http://localhost', socketPath, region: 'us-east-1', service: 'events', headers }
  expect((await callAws({ ...put, body: JSON.stringify(rule) })).status).toBe(200)
  await expect.poll(() => link.hasListeners()).toBe(true)
  await link.publish([{ source: 'aws.states', detailType: 'd', resources: [], detail: {} }])
  expect(await link.authorize('arn:aws:events:us-east-1:123456789012:connection/none/1')).toBe(undefined)
  link.close()
})

/** Listens as the thread does, and dies when it is asked to. */
const MORTAL = new URL(
  `data:text/javascript,${encodeURIComponent(`
import { createServer } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
createServer((req, res) => {
  if (req.url === '/die') queueMicrotask(() => { throw new RangeError('a bug') })
  else res.end('alive')
}).listen(workerData.socketPath, () => parentPort.postMessage({ kind: 'ready' }))
parentPort.on('message', (message) => message === 'close' && process.exit())
`)}`,
)

test('a thread that dies is told, and started again', async () => {
  errors.length = 0
  thread = open(MORTAL)
  const first = await thread.reach()
  await expect(call(first, '/die')).rejects.toThrow()
  await expect.poll(() => thread.trouble ?? thread.socketPath).not.toBe(first)
  await expect.poll(() => errors).toEqual(['the embedded services have died, and are started again'])
  const second = await thread.whenUp()
  expect(second).not.toBe(first)
  expect((await call(second, '/')).body.toString()).toBe('alive')
  expect(thread.trouble).toBe(undefined)
})

test('while a dead thread is away whoever asks is told so at once', async () => {
  thread = open(new URL('data:text/javascript,throw new Error("it cannot start")'))
  await expect(thread.reach()).rejects.toThrow('it cannot start')
  expect(thread.trouble).toBe('it cannot start')
  await expect(thread.reach()).rejects.toThrow('it cannot start')
})

test.skipIf(process.platform === 'win32')('a folder that a killed process has left is removed, one in use is not', async () => {
  const dead = mkdtempSync(join(tmpdir(), 'regente-services-'))
  const alive = mkdtempSync(join(tmpdir(), 'regente-services-'))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(join(alive, '1.sock'), resolve))
  await leaveSocket(join(dead, '1.sock'))
  expect(readdirSync(dead)).toEqual(['1.sock'])
  thread = open(MORTAL)
  await thread.reach()
  expect([existsSync(dead), existsSync(alive)]).toEqual([false, true])
  server.close()
  rmSync(alive, { recursive: true })
})

test.skipIf(process.platform === 'win32')('a folder that is gone when the thread is started again is made anew', async () => {
  thread = open(MORTAL)
  const first = await thread.reach()
  await expect(call(first, '/die')).rejects.toThrow()
  await expect.poll(() => thread.trouble, { interval: 1 }).toBeDefined()
  rmSync(dirname(first), { recursive: true })
  const second = await thread.whenUp()
  expect((await call(second, '/')).body.toString()).toBe('alive')
})

const openWithPort = (entry?: URL) =>
  new ServiceThread({ clock: systemClock, log, thread: () => options, hasPort: true, ...(entry && { entry }) })
const callInMemory = (path: string, more: Partial<AwsCall> = {}) =>
  callAws({
    endpoint: 'http://localhost',
    transport: thread.transport,
    region: 'us-east-1',
    service: 's3',
    credentials: { accessKeyId: 'regente', secretAccessKey: 'regente' },
    method: 'GET',
    path,
    ...more,
  })

test('with a port the thread answers there as at its socket, while it is up', async () => {
  thread = openWithPort()
  expect(thread.transport).toBe(undefined)
  const socketPath = await thread.reach()
  expect((await callInMemory('/bucket', { method: 'PUT' })).status).toBe(200)
  expect((await call(socketPath, '/bucket')).status).toBe(200)
  expect((await callInMemory('/bucket/none')).status).toBe(404)
  await thread.close()
  expect(thread.transport).toBe(undefined)
})

test('a long poll that waits when the thread drains is answered, and what is asked when it has closed finds nobody', async () => {
  thread = openWithPort()
  await thread.reach()
  const { transport } = thread
  const sqs = (action: string, input: object) =>
    callInMemory('/', {
      transport,
      service: 'sqs',
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
      body: JSON.stringify(input),
    })
  const made = JSON.parse((await sqs('CreateQueue', { QueueName: 'q' })).body.toString()) as { QueueUrl: string }
  const poll = sqs('ReceiveMessage', { ...made, WaitTimeSeconds: 20 })
  await sqs('GetQueueAttributes', made)
  thread.drain()
  const closed = thread.close()
  expect((await poll).body.toString()).toBe('{}')
  await closed
  await expect(sqs('GetQueueAttributes', made)).rejects.toMatchObject({ kind: 'connect' })
})

test('a call breaks when the thread dies, and the next thread has a port of its own', async () => {
  thread = openWithPort(MORTAL)
  const first = await thread.reach()
  const { transport } = thread
  const isCutOff = expect(callInMemory('/')).rejects.toMatchObject({ kind: 'broken', cause: { code: 'ECONNRESET' } })
  await expect(call(first, '/die')).rejects.toThrow()
  await isCutOff
  await expect.poll(() => thread.transport).not.toBe(transport)
  await expect(callInMemory('/', { transport })).rejects.toMatchObject({ kind: 'connect', cause: { code: 'ECONNREFUSED' } })
  await thread.whenUp()
  expect(thread.transport).toBeDefined()
})

/** As SIGKILL leaves it: a process that ends in order removes its socket. */
async function leaveSocket(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  await once(spawn(process.execPath, ['-e', script]), 'exit')
}
