/** The first founding workflow, by the AWS CLI and by the SDK, and over a kill in the middle of its wait. */
import { DescribeExecutionCommand, GetExecutionHistoryCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn'
import { GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { deployExample, regente } from './command.ts'
import {
  ACCOUNT,
  credentials,
  makeDataDirectory,
  REGION,
  removeDataDirectory,
  type RunningServer,
  startServer,
} from './server.ts'
import { aws, describeWithAwsCli } from './tools.ts'

const MACHINE = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:TaskTimer`
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:reminders`
const inputOf = (message: string, seconds: number): string => JSON.stringify({ topic: TOPIC, message, timer_seconds: seconds })
const EVENTS = [
  'ExecutionStarted',
  'WaitStateEntered',
  'WaitStateExited',
  'TaskStateEntered',
  'TaskScheduled',
  'TaskStarted',
  'TaskSucceeded',
  'TaskStateExited',
  'ExecutionSucceeded',
]
let dataDirectory = ''
let server: RunningServer

beforeAll(async () => {
  dataDirectory = await makeDataDirectory()
  server = await startServer(dataDirectory)
  await deployExample('task-timer', server.url)
}, 120_000)
afterAll(async () => {
  await server.stop()
  await removeDataDirectory(dataDirectory)
})

const sfn = () => new SFNClient({ endpoint: server.url, region: REGION, credentials })
const sqs = () => new SQSClient({ endpoint: server.url, region: REGION, credentials })

async function ended(executionArn: string, withinMs = 30_000) {
  for (const until = Date.now() + withinMs; ; ) {
    const execution = await sfn().send(new DescribeExecutionCommand({ executionArn }))
    if (execution.status !== 'RUNNING') return execution
    if (Date.now() > until) throw new Error(`still running after ${withinMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Messages until `wanted` is among them; each is deleted by no one, so their visibility time hides what was seen. */
async function received(wanted: string): Promise<string[]> {
  const { QueueUrl } = await sqs().send(new GetQueueUrlCommand({ QueueName: 'reminders-inbox' }))
  const seen: string[] = []
  for (let polls = 0; polls < 5 && !seen.includes(wanted); polls++) {
    const { Messages = [] } = await sqs().send(
      new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 3, MaxNumberOfMessages: 10 }),
    )
    seen.push(...Messages.map(({ Body }) => JSON.parse(Body ?? '{}').Message as string))
  }
  return seen
}

describeWithAwsCli('by the AWS CLI', () => {
  test('ten seconds, four transitions, and the message is in the queue', async () => {
    const started = (await aws(
      server.url,
      'stepfunctions',
      'start-execution',
      '--state-machine-arn',
      MACHINE,
      '--input',
      inputOf('HelloWorld', 10),
    )) as {
      executionArn: string
    }
    const queue = (await aws(server.url, 'sqs', 'get-queue-url', '--queue-name', 'reminders-inbox')) as { QueueUrl: string }
    const answer = (await aws(
      server.url,
      'sqs',
      'receive-message',
      '--queue-url',
      queue.QueueUrl,
      '--wait-time-seconds',
      '20',
    )) as {
      Messages: { Body: string }[]
    }
    expect(JSON.parse(answer.Messages[0]?.Body ?? '{}')).toMatchObject({
      Type: 'Notification',
      TopicArn: TOPIC,
      Message: 'HelloWorld',
    })
    await ended(started.executionArn)
    const execution = (await aws(
      server.url,
      'stepfunctions',
      'describe-execution',
      '--execution-arn',
      started.executionArn,
    )) as Record<string, string>
    expect(execution).toMatchObject({ status: 'SUCCEEDED', stateMachineArn: MACHINE })
    const machine = (await aws(server.url, 'stepfunctions', 'describe-state-machine', '--state-machine-arn', MACHINE)) as {
      type: string
    }
    expect(machine.type).toBe('STANDARD')
    const history = (await aws(
      server.url,
      'stepfunctions',
      'get-execution-history',
      '--execution-arn',
      started.executionArn,
    )) as {
      events: { type: string }[]
    }
    expect(history.events.map(({ type }) => type)).toEqual(EVENTS)
    const shown = await regente('show', started.executionArn, '--endpoint', server.url)
    expect(shown.stdout).toMatch(/SUCCEEDED after 1\d\.\d s, 4 transitions \(2 states entered\)/)
  }, 90_000)
})

test('by the SDK: the same, with a wait of a second', async () => {
  const { executionArn = '' } = await sfn().send(
    new StartExecutionCommand({ stateMachineArn: MACHINE, input: inputOf('FromTheSdk', 1) }),
  )
  expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' })
  const { events = [] } = await sfn().send(new GetExecutionHistoryCommand({ executionArn }))
  expect(events.map(({ type }) => type)).toEqual(EVENTS)
  expect(await received('FromTheSdk')).toContain('FromTheSdk')
}, 60_000)

test('killed while it waits, it goes on where its log ends, and the message comes once', async () => {
  const { executionArn = '' } = await sfn().send(
    new StartExecutionCommand({ stateMachineArn: MACHINE, input: inputOf('AfterTheKill', 4) }),
  )
  await server.kill()
  server = await startServer(dataDirectory)
  expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' })
  const { events = [] } = await sfn().send(new GetExecutionHistoryCommand({ executionArn }))
  expect(events.map(({ type }) => type)).toEqual(EVENTS)
  const waited = Number(events[2]?.timestamp) - Number(events[1]?.timestamp)
  expect(waited).toBeGreaterThanOrEqual(4_000)
  const messages = await received('AfterTheKill')
  expect(messages.filter((message) => message === 'AfterTheKill')).toHaveLength(1)
}, 90_000)

test('told to end, the server ends in order', async () => {
  expect(await server.stop()).toBe(0)
  server = await startServer(dataDirectory)
})
