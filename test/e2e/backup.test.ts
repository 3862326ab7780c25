/** `regente backup` of a server under load, and what `regente restore` makes of it: a server that goes on. */
import { DynamoDB } from '@aws-sdk/client-dynamodb'
import { createHash, randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { zipOf } from '../../src/services/lambda/testing/zip.ts'

import { type Clients, clientsOf, create, ended, machineArn, ROLE, start, until } from './bad-hour.ts'
import { regente } from './command.ts'
import { credentials, makeDataDirectory, REGION, removeDataDirectory, type RunningServer, startServer } from './server.ts'

const OBJECT_BYTES = 40_000
const BUCKET = 'load'

let home: string
let server: RunningServer
let clients: Clients
beforeAll(async () => {
  home = await makeDataDirectory()
  server = await startServer(join(home, 'data'))
  clients = clientsOf(server.url, 3)
}, 60_000)
afterAll(async () => {
  await server.stop()
  await removeDataDirectory(home)
})

const dynamoOf = (endpoint: string) => new DynamoDB({ endpoint, region: REGION, credentials })
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What was acknowledged; each object keeps its own hash in its metadata. */
interface Acknowledged {
  readonly executions: string[]
  readonly items: number[]
  readonly objects: Set<string>
}

/** Starts executions, overwrites objects and puts items, one after the other, until it is told to end. */
async function load(isOver: () => boolean, done: Acknowledged): Promise<void> {
  const table = dynamoOf(server.url)
  const executions = async () => {
    while (!isOver()) done.executions.push(await start(clients, 'wait', { seconds: 20 }))
  }
  const objects = async () => {
    for (let n = 0; !isOver(); n = (n + 1) % 5) {
      const Body = randomBytes(OBJECT_BYTES)
      await clients.s3.putObject({ Bucket: BUCKET, Key: `k${n}`, Body, Metadata: { hash: sha256(Body) } })
      done.objects.add(`k${n}`)
    }
  }
  const items = async () => {
    for (let n = 0; !isOver(); n++) {
      await table.putItem({ TableName: 'items', Item: { id: { N: String(n) }, text: { S: 'x'.repeat(1_000) } } })
      done.items.push(n)
    }
  }
  await Promise.all([executions(), executions(), objects(), objects(), items()])
  table.destroy()
}

test('a backup under load has what was acknowledged before it, and a server on what is restored goes on', async () => {
  const { s3, lambda } = clients
  await create(clients, 'wait', { W: { Type: 'Wait', SecondsPath: '$.seconds', Next: 'P' }, P: { Type: 'Pass', End: true } })
  await s3.createBucket({ Bucket: BUCKET })
  const code = { Runtime: 'nodejs22.x', Role: ROLE, Handler: 'index.handler' } as const
  await lambda.createFunction({
    FunctionName: 'f',
    ...code,
    Code: { ZipFile: zipOf({ 'index.js': "exports.handler = async () => 'hello'" }) },
  })
  await dynamoOf(server.url).createTable({
    TableName: 'items',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'N' }],
    BillingMode: 'PAY_PER_REQUEST',
  })
  await until(
    () => dynamoOf(server.url).describeTable({ TableName: 'items' }),
    ({ Table }) => Table?.TableStatus === 'ACTIVE',
  )

  const done: Acknowledged = { executions: [], items: [], objects: new Set() }
  let isOver = false
  const loading = load(() => isOver, done)
  await until(
    async () => done,
    ({ executions, items, objects }) => executions.length > 100 && items.length > 20 && objects.size === 5,
  )
  const before = { executions: [...done.executions], items: [...done.items] }
  const copy = join(home, 'copy.tar')
  const told = await regente('backup', copy, '--data', join(home, 'data'))
  const meanwhile = done.executions.length - before.executions.length
  isOver = true
  await loading
  expect(told).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/is backed up in .*copy\.tar: \d+ files, [\d.]+ MB\.\n$/),
  })
  expect(meanwhile, 'the server took work while it was backed up').toBeGreaterThan(0)
  await server.kill()
  await rm(join(home, 'data'), { recursive: true })

  const restored = join(home, 'elsewhere')
  expect(await regente('restore', copy, '--data', restored)).toMatchObject({ code: 0, stderr: '' })
  server = await startServer(restored)
  clients = clientsOf(server.url, 3)
  for (const arn of before.executions) await clients.sfn.describeExecution({ executionArn: arn })
  for (const arn of [before.executions[0], before.executions.at(-1)])
    expect(await ended(clients, arn ?? '')).toMatchObject({ status: 'SUCCEEDED', output: '{"seconds": 20}'.replace(' ', '') })
  expect((await ended(clients, await start(clients, 'wait', { seconds: 0 }))).status).toBe('SUCCEEDED')
  expect(await clients.sfn.describeStateMachine({ stateMachineArn: machineArn('wait') })).toMatchObject({ status: 'ACTIVE' })

  for (const Key of done.objects) {
    const { Body, Metadata } = await clients.s3.getObject({ Bucket: BUCKET, Key })
    const bytes = (await Body?.transformToByteArray()) ?? Buffer.alloc(0)
    expect([bytes.length, sha256(bytes)], Key).toEqual([OBJECT_BYTES, Metadata?.['hash']])
  }
  const answer = await clients.lambda.invoke({ FunctionName: 'f' })
  expect(Buffer.from(answer.Payload ?? []).toString()).toBe('"hello"')
  const table = dynamoOf(server.url)
  for (const n of before.items) {
    const { Item } = await table.getItem({ TableName: 'items', Key: { id: { N: String(n) } } })
    expect(Item?.['id'], `item ${n}`).toEqual({ N: String(n) })
  }
}, 180_000)

test('what cannot be is told in a sentence, with exit code 1', async () => {
  const data = join(home, 'elsewhere')
  expect(await regente('backup', join(home, 'copy.tar'), '--data', data)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is there already, and nothing is overwritten. Name another file or folder for the backup.'),
  })
  expect(await regente('backup', join(home, 'other.tar'), '--data', join(home, 'none'))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no data of Regente in'),
  })
  expect(await regente('restore', join(home, 'copy.tar'), '--data', data)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not empty, and nothing in it is overwritten. Name a new one to restore into.'),
  })
})
