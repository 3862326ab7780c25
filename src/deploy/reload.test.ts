import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { type Deferred, deferred } from '../base/deferred.ts'
import { silentLog } from '../base/log.ts'

import { FakeAws } from '../cloudformation/fake-aws.ts'
import { handlerFor } from '../services/kit/testing/services.ts'
import { type Services, startServices } from '../services/services.ts'

import type { DeployedStack } from './deploy.ts'
import { answerStates } from './fake-endpoint.ts'
import { templatesAsTheyAre } from './project.ts'
import { openStackRecords } from './stack-record.ts'
import { type Watch, watch } from './watch.ts'

/** Lambda is real here, and all that it is asked is written down. */
const states = new FakeAws()
let local: Services
let server: Server
let endpoint = 'http://127.0.0.1'
let asked: string[] = []

beforeAll(async () => {
  local = startServices({ region: 'us-east-1', account: '000000000000', endpoint: () => endpoint, log: silentLog })
  server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`)
    const handler = handlerFor(local, req)
    if (handler) return void handler(req, res)
    answerStates(states, req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await local.close()
})

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

type News =
  | { readonly kind: 'deployed'; readonly stacks: readonly DeployedStack[] }
  | { readonly kind: 'reloaded'; readonly names: readonly string[] }
  | { readonly kind: 'failed'; readonly error: unknown }

let folder = ''
let watching: Watch
let news: News[] = []
let wanted: Deferred<void> | undefined

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'regente-reload-')))
  news = []
})
afterEach(async () => {
  await watching.close()
  rmSync(folder, { recursive: true, force: true })
})

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true })
  writeFileSync(join(folder, path), text)
}

/** What comes next. */
async function next(): Promise<News> {
  for (;;) {
    const first = news.shift()
    if (first !== undefined) return first
    wanted = deferred()
    await wanted.promise
  }
}

async function start(): Promise<void> {
  const tell = (one: News): void => {
    news.push(one)
    wanted?.resolve()
  }
  watching = watch([templatesAsTheyAre([{ file: join(folder, 'template.yaml') }])], {
    endpoint,
    region: 'us-east-1',
    account: '000000000000',
    credentials,
    records: await openStackRecords(undefined),
    onDeployed: (stacks) => tell({ kind: 'deployed', stacks }),
    onReloaded: (names) => tell({ kind: 'reloaded', names }),
    onError: (error) => tell({ kind: 'failed', error }),
  })
  expect(await next()).toMatchObject({ kind: 'deployed' })
}

async function answerOf(name: string): Promise<unknown> {
  const lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials })
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: '{}' }))
  return JSON.parse(Buffer.from(Payload ?? []).toString())
}

const answering = (value: number): string => `exports.handler = async () => ${value}\n`
const resource = (id: string, name: string, runtime: string, more = '') =>
  `  ${id}: {Type: AWS::Serverless::Function, Properties: {FunctionName: ${name}, Runtime: ${runtime}, Handler: app.handler, CodeUri: ${name}/${more}}}\n`

test('a function whose code alone has changed gets it, nothing else is asked, and the next call runs it', async () => {
  write('template.yaml', `Resources:\n${resource('A', 'one', 'nodejs22.x')}${resource('B', 'two', 'python3.12')}`)
  write('one/app.js', answering(1))
  write('two/app.py', 'def handler(event, context):\n  return 1\n')
  await start()
  expect([await answerOf('one'), await answerOf('two')]).toEqual([1, 1])

  asked = []
  write('one/app.js', answering(2))
  expect(await next()).toEqual({ kind: 'reloaded', names: ['one'] })
  expect(asked).toEqual(['PUT /2015-03-31/functions/one/code'])
  expect(await answerOf('one')).toBe(2)

  write('two/app.py', 'def handler(event, context):\n  return 2\n')
  expect(await next()).toEqual({ kind: 'reloaded', names: ['two'] })
  expect(await answerOf('two')).toBe(2)
}, 30_000)

test('a function of which versions are published is deployed, as is one whose template has changed with its code', async () => {
  write('template.yaml', `Resources:\n${resource('A', 'three', 'nodejs22.x', ', AutoPublishAlias: live')}`)
  write('three/app.js', answering(1))
  await start()
  write('three/app.js', answering(2))
  expect(await next()).toMatchObject({ kind: 'deployed' })
  expect(await answerOf('three:live')).toBe(2)

  write('template.yaml', `Resources:\n${resource('A', 'three', 'nodejs22.x', ', Timeout: 9')}`)
  write('three/app.js', answering(3))
  expect(await next()).toMatchObject({ kind: 'deployed' })
  expect(await answerOf('three')).toBe(3)
}, 30_000)

test('code that cannot be built is told, and once it is mended the function runs it', async () => {
  write('template.yaml', `Resources:\n${resource('A', 'four', 'nodejs22.x')}`)
  write('four/app.ts', 'export const handler = async (): Promise<number> => 1\n')
  await start()
  write('four/app.ts', 'export const handler = async (: => 1\n')
  expect(await next()).toMatchObject({ kind: 'failed' })
  write('four/app.ts', 'export const handler = async (): Promise<number> => 2\n')
  expect(await next()).toMatchObject({ kind: 'deployed' })
  expect(await answerOf('four')).toBe(2)
}, 30_000)
