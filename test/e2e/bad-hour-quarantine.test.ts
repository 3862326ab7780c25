/** Executions that cannot be taken up, for what stands in the file: they stand aside, named, and nobody else waits for them. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { Database } from '../../src/sqlite/database.ts'

import { type Clients, clientsOf, create, ended, healthOf, start, typesOf, until } from './bad-hour.ts'
import { regente } from './command.ts'
import { ACCOUNT, makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from './server.ts'

/** What a newer compiler makes of a definition: a state less, or nothing. */
const OTHER_STATES = '{"StartAt":"Q","States":{"Q":{"Type":"Pass","End":true}}}'
const REFUSED = '{"StartAt":"Q","States":{"Q":{"Type":"New"}}}'

let dataDirectory = ''
let server: RunningServer
let clients: Clients
beforeAll(async () => {
  dataDirectory = await makeDataDirectory()
  server = await startServer(dataDirectory)
  clients = clientsOf(server.url)
})
afterAll(async () => {
  await server.stop()
  await removeDataDirectory(dataDirectory)
})

const CHUNK = {
  of: `SELECT position AS key, chunk AS text FROM log WHERE execution_key = (SELECT key FROM executions WHERE arn = ?)
       ORDER BY sequence DESC LIMIT 1`,
  set: 'UPDATE log SET chunk = ? WHERE position = ?',
}
const DEFINITION = {
  of: `SELECT revisions.key, definition AS text FROM executions JOIN revisions ON revisions.key = revision_key WHERE arn = ?`,
  set: 'UPDATE revisions SET definition = ? WHERE key = ?',
}

/** Changes what the store's file has of an execution, whoever else has it open; the answer changes it back. */
function damage(executionArn: string, { of, set }: typeof CHUNK, text: string): () => void {
  const edit = <T>(work: (database: Database) => T): T => {
    const database = new Database(join(dataDirectory, 'regente.sqlite'))
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  const row = edit((database) => database.prepare<[string], { key: number; text: string }>(of).get(executionArn))
  if (!row) throw new Error(`the file has nothing of ${executionArn}`)
  const write = (value: string) => edit((database) => expect(database.prepare(set).run(value, row.key).changes).toBe(1))
  write(text)
  return () => write(row.text)
}

async function restart(): Promise<void> {
  server = await startServer(dataDirectory, [], Number(new URL(clients.url).port))
}

const quarantine = (...more: string[]) => regente('quarantine', '--endpoint', clients.url, ...more)
async function quarantined(): Promise<Record<string, unknown>[]> {
  const answer = (await (await fetch(`${clients.url}/_regente/quarantine`)).json()) as { quarantined: Record<string, unknown>[] }
  return answer.quarantined
}

/** A machine of its own, whose execution hangs on a call until somebody sends a message. */
async function calling(name: string): Promise<string> {
  const { QueueUrl } = await clients.sqs.createQueue({ QueueName: name })
  await create(clients, name, {
    T: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sqs:receiveMessage',
      End: true,
      Parameters: { QueueUrl, WaitTimeSeconds: 20 },
    },
  })
  return start(clients, name)
}
const send = (name: string) => clients.sqs.sendMessage({ QueueUrl: `${clients.url}/${ACCOUNT}/${name}`, MessageBody: 'go on' })

test('they stand aside at the start, are named with their reasons, keep nobody, and go on when they are mended', async () => {
  // Long enough to be under way when the server is killed, however slow the machine.
  await create(clients, 'wait', { W: { Type: 'Wait', Seconds: 6, End: true } })
  const healthy = await start(clients, 'wait')
  const parked = await start(clients, 'wait')
  const chunk = await calling('chunk')
  const refused = await calling('refused')
  const renamed = await calling('renamed')
  await server.kill()
  const mend = new Map([
    [parked, damage(parked, CHUNK, 'garbage')],
    [chunk, damage(chunk, CHUNK, 'garbage')],
    [refused, damage(refused, DEFINITION, REFUSED)],
    [renamed, damage(renamed, DEFINITION, OTHER_STATES)],
  ])
  const bad = [...mend.keys()]

  await restart()
  expect(await ended(clients, healthy)).toMatchObject({ status: 'SUCCEEDED' })
  const entries = await until(quarantined, ({ length }) => length === bad.length)
  expect(new Set(entries.map(({ executionArn }) => executionArn))).toEqual(new Set(bad))
  for (const { reason } of entries) expect(reason).not.toBe('')
  expect(await healthOf(clients)).toMatchObject({ status: 'degraded', reasons: [expect.stringContaining('quarantine): 4')] })
  const shown = await quarantine()
  expect(shown.code).toBe(1)
  for (const { executionArn, reason } of entries) expect(shown.stdout).toContain(`${executionArn}\n  ${reason}\n`)
  const tried = await quarantine('--retry', chunk)
  expect(tried.stdout, 'it is as bad as it was').toContain(chunk)

  for (const restore of mend.values()) restore()
  await quarantine('--retry', parked)
  expect(await ended(clients, parked)).toMatchObject({ status: 'SUCCEEDED' })
  for (const [arn, name] of [
    [chunk, 'chunk'],
    [refused, 'refused'],
  ] as const) {
    await quarantine('--retry', arn)
    await send(name)
    expect(await ended(clients, arn)).toMatchObject({ status: 'SUCCEEDED' })
    expect((await typesOf(clients, arn)).filter((type) => type === 'TaskScheduled')).toHaveLength(1)
  }

  // A running server keeps the definition that it has read: a revision never changes.
  expect(await server.stop()).toBe(0)
  await restart()
  await send('renamed')
  expect(await ended(clients, renamed)).toMatchObject({ status: 'SUCCEEDED' })
  expect(await healthOf(clients)).toMatchObject({ status: 'ok' })
  expect(await quarantine()).toMatchObject({ code: 0, stdout: 'Nothing stands in quarantine.\n' })
  expect(await quarantine('--retry', chunk)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('does not stand in quarantine'),
  })
}, 120_000)

test('a stop of one that stands aside is told that it could not be recorded, and works once it is mended', async () => {
  const executionArn = await calling('doomed')
  await server.kill()
  const restore = damage(executionArn, CHUNK, 'garbage')
  await restart()
  await until(quarantined, ({ length }) => length === 1)
  await expect(clients.sfn.stopExecution({ executionArn })).rejects.toMatchObject({ name: 'ServiceUnavailable' })
  restore()
  await clients.sfn.stopExecution({ executionArn })
  expect(await ended(clients, executionArn)).toMatchObject({ status: 'ABORTED' })
  expect(await until(quarantined, ({ length }) => length === 0)).toEqual([])
}, 60_000)
