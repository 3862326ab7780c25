/** A stop in order, in the middle of everything: nobody's execution fails by it, and whoever waits for an answer gets it. */
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createRegente } from '../../src/regente.ts'
import { readConfig } from '../../src/config.ts'

import {
  callback,
  type Clients,
  clientsOf,
  create,
  createSlowFunction,
  endsOf,
  machineArn,
  start,
  tokensFrom,
  typesOf,
  until,
} from './bad-hour.ts'
import { makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from './server.ts'

const LAMBDA = {
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'slow', Payload: { ms: 3_000 } },
  End: true,
}
const PUBLISH = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', ResultSelector: {}, End: true }
const PUT = { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:s3:putObject', ResultPath: null, Next: 'Get' }
const GET = { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:s3:getObject', End: true }
const object = { Bucket: 'objects', 'Key.$': "States.Format('k{}', $)" }
const items = (count: number) => Array.from({ length: count }, (_, i) => i)
const mapOver = (StartAt: string, States: object, ProcessorConfig: object = { Mode: 'INLINE' }) => ({
  Type: 'Map',
  ItemProcessor: { ProcessorConfig, StartAt, States },
  End: true,
})

/** Everything that the machines of `beginEverything` need. */
async function prepare(clients: Clients): Promise<void> {
  const { sns, sqs, s3, sfn } = clients
  await createSlowFunction(clients)
  for (const Bucket of ['objects', 'results']) await s3.createBucket({ Bucket })
  const { TopicArn } = await sns.createTopic({ Name: 'topic' })
  for (const QueueName of ['tokens', 'empty']) await sqs.createQueue({ QueueName })
  await sfn.createActivity({ name: 'nobody' })
  await create(clients, 'lambda', { T: LAMBDA })
  await create(clients, 'sns', {
    M: { ...mapOver('T', { T: { ...PUBLISH, Parameters: { TopicArn, Message: 'x' } } }), MaxConcurrency: 3 },
  })
  await create(clients, 's3', {
    M: {
      ...mapOver('Put', { Put: { ...PUT, Parameters: { ...object, Body: 'x' } }, Get: { ...GET, Parameters: object } }),
      MaxConcurrency: 3,
      ResultPath: null,
    },
  })
  await create(clients, 'nested', {
    T: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      End: true,
      Parameters: { StateMachineArn: machineArn('lambda') },
    },
  })
  for (const ExecutionType of ['STANDARD', 'EXPRESS'])
    await create(clients, `map-${ExecutionType}`, {
      M: {
        ...mapOver('P', { P: { Type: 'Pass', End: true } }, { Mode: 'DISTRIBUTED', ExecutionType }),
        MaxConcurrency: 20,
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'results', Prefix: ExecutionType } },
      },
    })
  await create(clients, 'wait', { W: { Type: 'Wait', Seconds: 4, End: true } })
  await create(clients, 'callback', { T: callback(clients, 'tokens') })
  await create(clients, 'express', { W: { Type: 'Wait', Seconds: 2, End: true } }, 'EXPRESS')
}

/** One execution of everything, each in the middle of its work. */
async function beginEverything(clients: Clients): Promise<string[]> {
  const loops = [await start(clients, 'sns', items(600)), await start(clients, 's3', items(300))]
  const executions = [
    ...loops,
    ...[await start(clients, 'lambda'), await start(clients, 'nested'), await start(clients, 'wait')],
    ...[await start(clients, 'callback'), await start(clients, 'callback')],
    ...[await start(clients, 'map-STANDARD', items(800)), await start(clients, 'map-EXPRESS', items(2_000))],
  ]
  for (const loop of loops) {
    await until(
      () => typesOf(clients, loop),
      (types) => types.includes('TaskSucceeded'),
    )
    expect((await clients.sfn.describeExecution({ executionArn: loop })).status).toBe('RUNNING')
  }
  return executions
}

async function expectAllToSucceed(clients: Clients, executions: readonly string[], tokens: readonly string[]): Promise<void> {
  for (const taskToken of tokens) await clients.sfn.sendTaskSuccess({ taskToken, output: '{}' })
  expect((await endsOf(clients, executions)).filter((end) => !end.endsWith('SUCCEEDED'))).toEqual([])
}

let dataDirectory = ''
let server: RunningServer
let clients: Clients

beforeAll(async () => {
  dataDirectory = await makeDataDirectory()
  server = await startServer(dataDirectory)
  clients = clientsOf(server.url)
  await prepare(clients)
})
afterAll(async () => {
  await server.stop()
  await removeDataDirectory(dataDirectory)
})

test('after a SIGTERM in the middle of everything all goes on and succeeds, and who waits for an answer has got it', async () => {
  const executions = await beginEverything(clients)
  const [token = '', other = ''] = await tokensFrom(clients, 'tokens', 2)
  const { sfn, sqs, lambda, url } = clients
  const asked = {
    sync: sfn.startSyncExecution({ stateMachineArn: machineArn('express') }),
    invoke: lambda.invoke({ FunctionName: 'slow', Payload: '{"ms":1500}' }),
    activity: sfn.getActivityTask({ activityArn: 'arn:aws:states:us-east-1:000000000000:activity:nobody' }),
    messages: sqs.receiveMessage({ QueueUrl: `${url}/000000000000/empty`, WaitTimeSeconds: 20 }),
  }
  // Asked after them on other connections, and so answered after they have been heard.
  await sfn.sendTaskHeartbeat({ taskToken: token })
  await until(
    () => lambda.invoke({ FunctionName: 'slow', Payload: '{"ms":0}' }),
    ({ StatusCode }) => StatusCode === 200,
  )
  const code = server.stop()
  const { sync, invoke, activity, messages } = Object.fromEntries(
    await Promise.all(Object.entries(asked).map(async ([name, answer]) => [name, await answer])),
  )
  expect(sync).toMatchObject({ status: 'SUCCEEDED' })
  expect(Buffer.from(invoke.Payload).toString()).toBe('1500')
  expect(activity.taskToken ?? '').toBe('')
  expect(messages.Messages ?? []).toEqual([])
  expect(await code).toBe(0)

  server = await startServer(dataDirectory, [], Number(new URL(url).port))
  await expectAllToSucceed(clients, executions, [token, other])
}, 90_000)

test('the same by stop() of a server in this process', async () => {
  await server.stop()
  const { port } = new URL(clients.url)
  const config = readConfig({ port, dataDirectory, logLevel: 'silent' })
  let embedded = createRegente(config)
  await embedded.start()
  const executions = await beginEverything(clients)
  const tokens = await tokensFrom(clients, 'tokens', 2)
  const invoked = clients.lambda.invoke({ FunctionName: 'slow', Payload: '{"ms":1500}' })
  await until(
    () => clients.lambda.invoke({ FunctionName: 'slow', Payload: '{"ms":0}' }),
    ({ StatusCode }) => StatusCode === 200,
  )
  await embedded.stop()
  expect((await invoked).StatusCode).toBe(200)

  embedded = createRegente(config)
  await embedded.start()
  try {
    await expectAllToSucceed(clients, executions, tokens)
  } finally {
    await embedded.stop()
    server = await startServer(dataDirectory, [], Number(port))
  }
}, 90_000)
