/**
 * Nodes on one PostgreSQL beside `regente services`, as a team runs them: whatever node is asked, nodes that come, stop and die, a
 * database that goes away and comes back. The kill test of `test/ha` does the same at length and at random.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { isPostgresMissing, needsPostgres, type PostgresServer, startPostgres } from '../../src/store/testing/postgres.ts'

import { type Clients, clientsOf, create, ended, machineArn, start, until } from './bad-hour.ts'
import { makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from './server.ts'

const LEASE_SECONDS = 3
const folders: string[] = []
let postgres: PostgresServer
let store = ''
let services: RunningServer
let flags: readonly string[] = []
let [first, second]: (RunningServer | undefined)[] = []

const makeFolder = async () => {
  const folder = await makeDataDirectory()
  folders.push(folder)
  return folder
}
const startNode = async () => startServer(await makeFolder(), flags)
const clients = (node: RunningServer | undefined): Clients => clientsOf(node?.url ?? '')

describe.skipIf(isPostgresMissing)(needsPostgres('nodes on one PostgreSQL'), () => {
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: true })
    store = postgres.url(await postgres.newDatabase())
    const folder = await makeFolder()
    services = await startServer(folder, [], 0, { command: 'services' })
    const key = join(folder, 'services.key')
    flags = ['--store', store, '--lease', String(LEASE_SECONDS), '--services-url', services.url, '--services-key', key]
    ;[first, second] = [await startNode(), await startNode()]
    await balanced(2)
  }, 120_000)
  afterAll(async () => {
    for (const node of [first, second, services]) await node?.stop()
    await postgres.discard()
    for (const folder of folders) await removeDataDirectory(folder)
  })

  /** Each of so many nodes holds its share. */
  const balanced = (count: number) =>
    until(
      () => postgres.query('SELECT holder, count(*)::int AS n FROM shards WHERE holder IS NOT NULL GROUP BY 1', database()),
      (rows) => rows.length === count && rows.every(({ n }) => Number(n) <= Math.ceil(256 / count)),
    )
  const database = () => new URL(store).pathname.slice(1)

  test('what one makes the others know at once, and executions are started, seen and stopped at any', async () => {
    const [a, b] = [clients(first), clients(second)]
    await create(a, 'pass', { P: { Type: 'Pass', Result: 1, End: true } })
    await create(a, 'long', { W: { Type: 'Wait', Seconds: 3_600, End: true } })
    const arns = await Promise.all(Array.from({ length: 20 }, (_, i) => start(i % 2 === 0 ? a : b, 'pass')))
    for (const [i, arn] of arns.entries()) expect((await ended(i % 2 === 0 ? b : a, arn)).status).toBe('SUCCEEDED')
    const waiting = await Promise.all(Array.from({ length: 10 }, () => start(a, 'long')))
    for (const executionArn of waiting) {
      await b.sfn.stopExecution({ executionArn, error: 'Enough' })
      expect(await a.sfn.describeExecution({ executionArn })).toMatchObject({ status: 'ABORTED', error: 'Enough' })
    }
  }, 60_000)

  test('a node of another region or account is told so, and does not start', async () => {
    const folder = await makeFolder()
    await expect(startServer(folder, [...flags, '--region', 'eu-west-1'])).rejects.toThrow(
      /of the region us-east-1 and the account 000000000000; this node of eu-west-1 .* --region us-east-1/,
    )
  }, 30_000)

  test('a page token that one has given is taken by another', async () => {
    const page = await clients(first).sfn.listExecutions({ stateMachineArn: machineArn('pass'), maxResults: 5 })
    const { nextToken } = page
    const next = await clients(second).sfn.listExecutions({ stateMachineArn: machineArn('pass'), maxResults: 100, nextToken })
    expect((page.executions?.length ?? 0) + (next.executions?.length ?? 0)).toBe(20)
  })

  test('an activity’s task is taken and answered at any node', async () => {
    const [a, b] = [clients(first), clients(second)]
    const { activityArn = '' } = await a.sfn.createActivity({ name: 'work' })
    await create(a, 'worked', { T: { Type: 'Task', Resource: activityArn, TimeoutSeconds: 30, End: true } })
    const polls = [a, b, a, b].map((at) => at.sfn.getActivityTask({ activityArn, workerName: 'w' }))
    await sleep(200)
    const begun = performance.now()
    const arns = await Promise.all([a, a, b, b].map((at) => start(at, 'worked')))
    const tasks = await Promise.all(polls)
    expect(performance.now() - begun, 'an offer is seen at once').toBeLessThan(2_000)
    await Promise.all(tasks.map(({ taskToken }, i) => [b, a][i % 2]?.sfn.sendTaskSuccess({ taskToken, output: '1' })))
    for (const arn of arns) expect((await ended(a, arn)).status).toBe('SUCCEEDED')
  }, 60_000)

  test('who watches an execution at one node is told when it moves at another', async () => {
    await create(clients(first), 'watched', { W: { Type: 'Wait', Seconds: 2, End: true } })
    const executionArn = await start(clients(first), 'watched')
    const over = new AbortController()
    const live = await fetch(`${second?.url}/_regente/live?executionArn=${encodeURIComponent(executionArn)}`, {
      headers: { accept: 'text/event-stream' },
      signal: over.signal,
    })
    let told = ''
    const reading = (async () => {
      for await (const piece of live.body ?? []) told += Buffer.from(piece).toString()
    })().catch((error: unknown) => error)
    await ended(clients(second), executionArn)
    await until(
      async () => told,
      (text) => text.includes('event: turn'),
      5_000,
    )
    over.abort()
    await reading
  }, 30_000)

  test('tasks call the services, whose one home all nodes share', async () => {
    const [a, b] = [clients(first), clients(second)]
    const { QueueUrl } = await a.sqs.createQueue({ QueueName: 'home' })
    const Parameters = { QueueUrl, MessageBody: 'hello' }
    await create(b, 'sends', { T: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', Parameters, End: true } })
    for (const at of [a, b]) expect((await ended(at, await start(at, 'sends'))).status).toBe('SUCCEEDED')
    const { Attributes } = await b.sqs.getQueueAttributes({ QueueUrl, AttributeNames: ['All'] })
    expect(Attributes?.['ApproximateNumberOfMessages']).toBe('2')
  }, 60_000)

  test('a node that is told to stop gives everything up, and its timers fire elsewhere on time', async () => {
    await create(clients(first), 'soon', { W: { Type: 'Wait', Seconds: 4, End: true } })
    const arns = await Promise.all(Array.from({ length: 12 }, () => start(clients(second), 'soon')))
    const begun = performance.now()
    expect(await second?.stop()).toBe(0)
    expect(performance.now() - begun).toBeLessThan(10_000)
    await balanced(1)
    for (const arn of arns) {
      const { status, startDate, stopDate } = await ended(clients(first), arn)
      expect(status).toBe('SUCCEEDED')
      expect(Number(stopDate) - Number(startDate), 'a wait of four seconds').toBeLessThan(5_000)
    }
    second = await startNode()
    await balanced(2)
  }, 60_000)

  test('of a node that is killed nothing is lost, and its timers fire when the lease has run out', async () => {
    await create(clients(first), 'later', { W: { Type: 'Wait', Seconds: 1, End: true } })
    const arns = await Promise.all(Array.from({ length: 12 }, () => start(clients(second), 'later')))
    await second?.kill()
    const begun = performance.now()
    for (const arn of arns) expect((await ended(clients(first), arn)).status).toBe('SUCCEEDED')
    expect(performance.now() - begun).toBeLessThan((LEASE_SECONDS + 4) * 1_000)
    second = await startNode()
    await balanced(2)
  }, 60_000)

  test('a database that goes away and comes back takes nothing with it, and no client that asks again notices', async () => {
    const [a, b] = [clientsOf(first?.url ?? '', 10), clientsOf(second?.url ?? '', 10)]
    await create(a, 'through', { W: { Type: 'Wait', Seconds: 3, End: true } })
    const arns = await Promise.all([a, b, a, b].map((at) => start(at, 'through')))
    await postgres.stop('SIGKILL')
    await until(
      () => fetch(`${first?.url}/_regente/ready`),
      ({ status }) => status === 503,
    )
    await postgres.start()
    for (const arn of arns) expect((await ended(b, arn)).status).toBe('SUCCEEDED')
    for (const node of [first, second])
      await until(
        () => fetch(`${node?.url}/_regente/ready`),
        ({ status }) => status === 200,
      )
  }, 90_000)
})
