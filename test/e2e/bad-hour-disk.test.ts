/** A disk that is full for a while: nothing is acknowledged that is not stored, and with room again all goes on by itself. */
import { expect } from 'vitest'

import {
  callback,
  type Clients,
  clientsOf,
  create,
  ended,
  endsOf,
  healthOf,
  start,
  tokensFrom,
  typesOf,
  until,
} from './bad-hour.ts'
import { ACCOUNT, startServer } from './server.ts'
import { testOnSmallDisk } from './small-disk.ts'

const WAITS = 200
const UNAVAILABLE = { name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } }
const items = (count: number) => Array.from({ length: count }, (_, i) => i)

async function prepare(clients: Clients): Promise<string> {
  const { sqs, sfn, url } = clients
  for (const QueueName of ['tokens', 'empty']) await sqs.createQueue({ QueueName })
  const { activityArn = '' } = await sfn.createActivity({ name: 'work' })
  await create(clients, 'callback', { T: callback(clients, 'tokens') })
  await create(clients, 'activity', { T: { Type: 'Task', Resource: activityArn, End: true } })
  await create(clients, 'pass', { P: { Type: 'Pass', End: true } })
  await create(clients, 'wait', { W: { Type: 'Wait', Seconds: 3, Next: 'P' }, P: { Type: 'Pass', End: true } })
  await create(clients, 'fails-once', {
    C: {
      Type: 'Choice',
      Default: 'F',
      Choices: [{ Variable: '$$.Execution.RedriveCount', NumericGreaterThan: 0, Next: 'P' }],
    },
    F: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage',
      Parameters: { QueueUrl: 'none', MessageBody: 'x' },
      End: true,
    },
    P: { Type: 'Pass', End: true },
  })
  // Its call is answered, with nothing, while the disk is full.
  await create(clients, 'call', {
    T: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:sqs:receiveMessage',
      End: true,
      Parameters: { QueueUrl: `${url}/${ACCOUNT}/empty`, WaitTimeSeconds: 3 },
    },
  })
  for (const ExecutionType of ['STANDARD', 'EXPRESS'])
    await create(clients, `map-${ExecutionType}`, {
      M: {
        Type: 'Map',
        MaxConcurrency: 4,
        End: true,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType },
          StartAt: 'W',
          States: { W: { Type: 'Wait', Seconds: 1, End: true } },
        },
      },
    })
  return activityArn
}

/** Nothing fits any more, in the store's own file either: the smallest start is refused, twice in a row. */
async function exhaust(clients: Clients, disk: { fill(): void }): Promise<void> {
  disk.fill()
  let refusals = 0
  for (let n = 0; refusals < 2; n++) {
    const input = refusals === 0 && n < 200 ? { pad: 'x'.repeat(Math.max(0, 200_000 - n * 20_000)) } : {}
    const outcome = await start(clients, 'pass', input).then(
      () => 'stored',
      (error: Error) => error.name,
    )
    refusals = outcome === 'stored' ? 0 : refusals + Number(JSON.stringify(input).length < 100)
    if (outcome !== 'stored') expect(outcome).toBe('ServiceUnavailable')
  }
}

await testOnSmallDisk(
  'while the disk is full nothing is acknowledged; then all goes on without a restart, and nothing acknowledged is lost',
  async (disk) => {
    const dataDirectory = `${disk.path}/data`
    let server = await startServer(dataDirectory)
    try {
      const before = await begin(clientsOf(server.url))
      await exhaust(before.clients, disk)
      await expectNothingToBeAcknowledged(before)
      await until(
        async () => Date.now(),
        (now) => now > before.dueAt + 3_000,
      )
      expect(server.logBytes, `of ${WAITS} timers that cannot fire`).toBeLessThan(100_000)
      expect(await healthOf(before.clients)).toMatchObject({
        status: 'degraded',
        reasons: [expect.stringContaining('cannot write')],
      })
      expect((await fetch(`${server.url}/_regente/ready`)).status).toBe(503)

      disk.makeRoom()
      await until(
        () => healthOf(before.clients),
        ({ status }) => status === 'ok',
      )
      await expectAllToGoOn(before)

      await server.kill()
      server = await startServer(dataDirectory)
      await expectAllToBeKept({ ...before, clients: clientsOf(server.url) })
      expect(await server.stop()).toBe(0)
    } finally {
      await server.kill()
    }
  },
  120_000,
)

/** One execution of each kind, in the middle of its work. */
async function begin(clients: Clients) {
  const activityArn = await prepare(clients)
  const answered = [await start(clients, 'callback'), await start(clients, 'callback')]
  const tokens = await tokensFrom(clients, 'tokens', answered.length)
  const toStop = await start(clients, 'callback')
  const toRedrive = await start(clients, 'fails-once')
  expect((await ended(clients, toRedrive)).status).toBe('FAILED')
  const offered = await start(clients, 'activity')
  const maps = [await start(clients, 'map-STANDARD', items(24)), await start(clients, 'map-EXPRESS', items(24))]
  const calls = [await start(clients, 'call'), await start(clients, 'call')]
  const waits = await Promise.all(items(WAITS).map(() => start(clients, 'wait')))
  return { clients, activityArn, answered, tokens, toStop, toRedrive, offered, maps, calls, waits, dueAt: Date.now() + 3_000 }
}
type Begun = Awaited<ReturnType<typeof begin>>

async function expectNothingToBeAcknowledged({ clients: { sfn }, activityArn, tokens, toStop, toRedrive }: Begun) {
  for (const taskToken of tokens) await expect(sfn.sendTaskSuccess({ taskToken, output: '1' })).rejects.toMatchObject(UNAVAILABLE)
  await expect(sfn.stopExecution({ executionArn: toStop })).rejects.toMatchObject(UNAVAILABLE)
  await expect(sfn.redriveExecution({ executionArn: toRedrive })).rejects.toMatchObject(UNAVAILABLE)
  await expect(sfn.getActivityTask({ activityArn })).rejects.toMatchObject(UNAVAILABLE)
}

async function expectAllToGoOn({
  clients,
  activityArn,
  answered,
  tokens,
  toStop,
  toRedrive,
  offered,
  maps,
  calls,
  waits,
}: Begun) {
  const { sfn } = clients
  for (const [i, taskToken] of tokens.entries()) await sfn.sendTaskSuccess({ taskToken, output: `"${i}"` })
  await sfn.stopExecution({ executionArn: toStop })
  await sfn.redriveExecution({ executionArn: toRedrive })
  const { taskToken } = await sfn.getActivityTask({ activityArn })
  await sfn.sendTaskSuccess({ taskToken, output: '"done"' })
  const all = [...answered, offered, ...maps, ...calls, ...waits]
  expect((await endsOf(clients, all)).filter((end) => !end.endsWith('SUCCEEDED'))).toEqual([])
  expect((await typesOf(clients, offered)).filter((type) => type === 'ActivityStarted')).toHaveLength(1)
}

async function expectAllToBeKept({ clients, answered, toStop, toRedrive, offered }: Begun) {
  for (const [i, arn] of answered.entries()) expect(await ended(clients, arn)).toMatchObject({ output: `"${i}"` })
  expect(await ended(clients, offered)).toMatchObject({ status: 'SUCCEEDED', output: '"done"' })
  expect(await ended(clients, toStop)).toMatchObject({ status: 'ABORTED' })
  expect(await ended(clients, toRedrive)).toMatchObject({ redriveCount: 1 })
}
