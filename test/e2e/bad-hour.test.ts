/** Callers at once, a process that runs short of descriptors, a writer thread that dies: in the real program. */
import type { Worker } from 'node:worker_threads'

import { expect, test } from 'vitest'

import { createRegente } from '../../src/regente.ts'
import { readConfig } from '../../src/config.ts'

import {
  callback,
  clientsOf,
  create,
  createSlowFunction,
  ended,
  endsOf,
  healthOf,
  inOnePacket,
  start,
  tokensFrom,
  typesOf,
  until,
} from './bad-hour.ts'
import { makeDataDirectory, removeDataDirectory, startServer } from './server.ts'
import { useServer } from './use-server.ts'

const server = useServer()

test('of eight redrives in one packet one runs, and seven are told that it runs', async () => {
  const clients = clientsOf(server.url)
  await createSlowFunction(clients)
  const Parameters = { FunctionName: 'slow', Payload: { ms: 1_000, fails: true } }
  await create(clients, 'fails', { T: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters, End: true } })
  const executionArn = await start(clients, 'fails')
  expect((await ended(clients, executionArn)).status).toBe('FAILED')
  const redrive = { operation: 'RedriveExecution', input: { executionArn } }
  const answers = await inOnePacket(clients.url, Array(8).fill(redrive))
  const codes = answers.map(({ status, body }) => (status === 200 ? 'ok' : String(body['__type']).split('#').at(-1)))
  expect(codes.toSorted()).toEqual([...Array<string>(7).fill('ExecutionNotRedrivable'), 'ok'])
  await ended(clients, executionArn)
  const types = await typesOf(clients, executionArn)
  expect(types.filter((type) => type === 'ExecutionRedriven')).toHaveLength(1)
  expect(
    types.filter((type) => type === 'TaskScheduled'),
    'the first try, and one more',
  ).toHaveLength(2)
})

test('of a stop and an answer by token in one packet one wins, and the other is told', async () => {
  const clients = clientsOf(server.url)
  await clients.sqs.createQueue({ QueueName: 'tokens' })
  await create(clients, 'callback', { T: callback(clients, 'tokens') })
  const executionArn = await start(clients, 'callback')
  const [taskToken = ''] = await tokensFrom(clients, 'tokens', 1)
  const [stopped, answered] = await inOnePacket(clients.url, [
    { operation: 'StopExecution', input: { executionArn } },
    { operation: 'SendTaskSuccess', input: { taskToken, output: '{}' } },
  ])
  const { status } = await clients.sfn.describeExecution({ executionArn })
  // A stop of an execution that has ended is answered with its end; an answer to one that was stopped is refused.
  expect([stopped?.status, answered?.status]).toEqual([200, status === 'SUCCEEDED' ? 200 : 400])
  expect(status === 'ABORTED' || status === 'SUCCEEDED').toBe(true)
  expect((await typesOf(clients, executionArn)).filter((type) => /^Execution(?:Aborted|Succeeded)$/.test(type))).toHaveLength(1)
})

test('a server that is out of descriptors fails nobody’s execution', async () => {
  const directory = await makeDataDirectory()
  const narrow = await startServer(directory, [], 0, { descriptors: 80 })
  try {
    // A connection that it cannot take is reset: clients of AWS try again.
    const of = clientsOf(narrow.url, 20)
    const { TopicArn } = await of.sns.createTopic({ Name: 'topic' })
    const Parameters = { TopicArn, Message: 'x' }
    const States = { T: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters, ResultSelector: {}, End: true } }
    await create(of, 'publish', { M: { Type: 'Map', ItemProcessor: { StartAt: 'T', States }, End: true } })
    const executions: string[] = []
    for (let i = 0; i < 12; i++) executions.push(await start(of, 'publish', Array(30).fill(0)))
    expect(new Set(await endsOf(of, executions))).toEqual(new Set(['publish SUCCEEDED']))
  } finally {
    await narrow.kill()
    await removeDataDirectory(directory)
  }
})

test('a writer thread that dies is replaced: meanwhile nothing is acknowledged, and what was acknowledged is there', async () => {
  const dataDirectory = await makeDataDirectory()
  const writers: Worker[] = []
  const remember = (worker: Worker) => void writers.push(worker)
  process.on('worker', remember)
  const embedded = createRegente(readConfig({ port: '0', dataDirectory, logLevel: 'silent' }))
  try {
    const clients = clientsOf((await embedded.start()).url)
    const { sfn } = clients
    await clients.sqs.createQueue({ QueueName: 'tokens' })
    await create(clients, 'callback', { T: callback(clients, 'tokens') })
    const executionArn = await start(clients, 'callback')
    const [taskToken = ''] = await tokensFrom(clients, 'tokens', 1)
    await writers[0]?.terminate()
    expect(await healthOf(clients)).toMatchObject({ status: 'degraded', reasons: [expect.stringContaining('writer thread')] })
    const asked = [
      start(clients, 'callback'),
      sfn.sendTaskSuccess({ taskToken, output: '1' }),
      sfn.stopExecution({ executionArn }),
    ]
    for (const answer of asked) await expect(answer).rejects.toMatchObject({ name: 'ServiceUnavailable' })
    await until(
      () => healthOf(clients),
      ({ status }) => status === 'ok',
    )
    await sfn.sendTaskSuccess({ taskToken, output: '1' })
    expect(await endsOf(clients, [executionArn])).toEqual(['callback SUCCEEDED'])
    await writers.at(-1)?.terminate()
  } finally {
    await embedded.stop()
    process.off('worker', remember)
    await removeDataDirectory(dataDirectory)
  }
})
