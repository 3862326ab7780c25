/** `regente move`: executions that are in the middle of something go on in another store, whatever it is that they wait for. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { endPostgresServer, isPostgresMissing, needsPostgres, postgresServer } from '../../src/store/testing/postgres.ts'

import { callback, type Clients, clientsOf, create, endsOf, start, tokensFrom, until } from './bad-hour.ts'
import { regente } from './command.ts'
import { makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from './server.ts'

let home: string
let server: RunningServer
let services: RunningServer | undefined
let clients: Clients
beforeAll(async () => {
  home = await makeDataDirectory()
  server = await startServer(join(home, 'data'))
  clients = clientsOf(server.url, 3)
}, 60_000)
afterAll(async () => {
  await server.stop()
  await services?.stop()
  await removeDataDirectory(home)
})

const move = (...args: string[]) => regente('move', ...args)
const ACTIVITY = { Type: 'Task', Resource: 'arn:aws:states:us-east-1:000000000000:activity:act', End: true }
const ROOM = { Type: 'Wait', Seconds: 8, End: true }

test('by way of a file into another folder; the services go on where they are', async () => {
  const { sfn, sqs } = clients
  await sqs.createQueue({ QueueName: 'tokens' })
  const { activityArn = '' } = await sfn.createActivity({ name: 'act' })
  await create(clients, 'wait', { W: { ...ROOM } })
  await create(clients, 'token', { T: callback(clients, 'tokens') })
  await create(clients, 'activity', { A: { ...ACTIVITY, Resource: activityArn } })
  await create(clients, 'map', {
    M: {
      Type: 'Map',
      Items: Array.from({ length: 20 }, (_, i) => i),
      QueryLanguage: 'JSONata',
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'W', States: { W: ROOM } },
      MaxConcurrency: 12,
      End: true,
    },
  })
  const open = [
    await start(clients, 'wait'),
    await start(clients, 'token'),
    await start(clients, 'activity'),
    await start(clients, 'map'),
  ]
  const [token = ''] = await tokensFrom(clients, 'tokens', 1)
  const { mapRuns } = await until(
    () => sfn.listMapRuns({ executionArn: open[3] ?? '' }),
    (answer) => (answer.mapRuns?.length ?? 0) > 0,
  )
  const mapRunArn = mapRuns?.[0]?.mapRunArn ?? ''
  await until(
    () => sfn.describeMapRun({ mapRunArn }),
    ({ itemCounts }) => (itemCounts?.running ?? 0) > 0,
  )
  const [data, other, file] = [join(home, 'data'), join(home, 'other'), join(home, 'store.ndjson')]
  expect(await move('--from', data, '--to', file)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Another Regente uses the folder'),
  })
  await server.stop()
  expect(await move('--from', data, '--to', file)).toMatchObject({ code: 0, stderr: '' })
  expect(await move('--from', file, '--to', other)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/: 4 state machines, 1 activity, \d+ executions, 1 Map Run\.\n$/),
  })

  services = await startServer(data, [], 0, { command: 'services' })
  server = await startServer(other, ['--services-url', services.url, '--services-key', join(data, 'services.key')])
  clients = clientsOf(server.url, 3)
  await clients.sfn.sendTaskSuccess({ taskToken: token, output: '1' })
  const { taskToken } = await clients.sfn.getActivityTask({ activityArn })
  await clients.sfn.sendTaskSuccess({ taskToken: taskToken ?? '', output: '2' })
  expect(await endsOf(clients, open)).toEqual(['wait SUCCEEDED', 'token SUCCEEDED', 'activity SUCCEEDED', 'map SUCCEEDED'])
  expect(await clients.sfn.describeMapRun({ mapRunArn })).toMatchObject({ itemCounts: { succeeded: 20, total: 20 } })
}, 120_000)

test('into another folder at once; the first one starts no more', async () => {
  const [other, third] = [join(home, 'other'), join(home, 'third')]
  await server.stop()
  expect(await move('--from', other, '--to', third, '--all')).toMatchObject({ code: 0, stderr: '' })
  await expect(startServer(other)).rejects.toThrow('go on elsewhere')
  await access(join(other, 'moved'))
  server = await startServer(third)
  const { executions } = await clientsOf(server.url).sfn.listExecutions({
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:map',
  })
  expect(executions?.map(({ status }) => status)).toEqual(['SUCCEEDED'])
}, 60_000)

test.skipIf(isPostgresMissing)(
  needsPostgres('into PostgreSQL, where a node carries on, and back'),
  async () => {
    const postgres = await postgresServer()
    const url = postgres.url(await postgres.newDatabase())
    const [third, back] = [join(home, 'third'), join(home, 'back')]
    const parked = await start(clientsOf(server.url, 3), 'wait')
    await server.stop()
    expect(await move('--from', third, '--to', url)).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/1 execution, 0 Map Runs\.\n$/),
    })
    await expect(startServer(third)).rejects.toThrow('go on elsewhere')
    server = await startServer(join(home, 'node'), ['--store', url, '--services-url', services?.url ?? ''])
    expect(await move('--from', url, '--to', back)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nodes run on the database'),
    })
    expect(await endsOf(clientsOf(server.url, 3), [parked])).toEqual(['wait SUCCEEDED'])
    await server.stop()
    expect(await move('--from', url, '--to', back, '--all')).toMatchObject({ code: 0, stderr: '' })
    await expect(startServer(join(home, 'node'), ['--store', url, '--services-url', services?.url ?? ''])).rejects.toThrow(
      'go on elsewhere',
    )
    server = await startServer(back)
    expect(await endsOf(clientsOf(server.url, 3), [parked])).toEqual(['wait SUCCEEDED'])
    await endPostgresServer()
  },
  120_000,
)

test('what is missing on the command line is told', async () => {
  expect(await move('--from', home)).toMatchObject({ code: 2, stderr: expect.stringContaining('A move needs --from and --to') })
})
