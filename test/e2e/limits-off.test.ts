/** `--limits off` lifts AWS's limits at every door, and leaves guards of memory that end one execution and nothing else. */
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn'
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { afterAll, expect, test } from 'vitest'

import { PRINTED_BYTES_MAX } from '../../src/base/limits.ts'

import { ACCOUNT, credentials, REGION } from './server.ts'
import { useServer } from './use-server.ts'

const server = useServer(['--limits', 'off'])
const clients: { destroy(): void }[] = []
const open = <C extends { destroy(): void }>(client: C): C => {
  clients.push(client)
  return client
}
afterAll(() => {
  for (const client of clients) client.destroy()
})
const states = () => open(new SFNClient({ endpoint: server.url, region: REGION, credentials, maxAttempts: 1 }))

const text = (chars: number) => JSON.stringify('x'.repeat(chars))

async function create(sfn: SFNClient, name: string, definition: object): Promise<string> {
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/r`
  const made = await sfn.send(new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn }))
  return made.stateMachineArn ?? ''
}

async function ended(sfn: SFNClient, executionArn: string | undefined) {
  for (;;) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }))
    if (execution.status !== 'RUNNING') return execution
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('inputs, results and causes beyond 256 KiB pass', async () => {
  const sfn = states()
  const pass = await create(sfn, 'pass', { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
  for (const chars of [300_000, 4_000_000]) {
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: pass, input: text(chars) }))
    const { status, output } = await ended(sfn, executionArn)
    expect([status, output?.length]).toEqual(['SUCCEEDED', chars + 2])
  }
  const { activityArn } = await sfn.send(new CreateActivityCommand({ name: 'a' }))
  const activity = await create(sfn, 'act', { StartAt: 'T', States: { T: { Type: 'Task', Resource: activityArn, End: true } } })
  const begin = async () => {
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: activity, input: text(300_000) }))
    const { taskToken, input } = await sfn.send(new GetActivityTaskCommand({ activityArn }))
    expect(input?.length).toBe(300_002)
    return { executionArn, taskToken }
  }
  const one = await begin()
  await sfn.send(new SendTaskSuccessCommand({ taskToken: one.taskToken, output: text(500_000) }))
  expect((await ended(sfn, one.executionArn)).output?.length).toBe(500_002)
  const two = await begin()
  await sfn.send(new SendTaskFailureCommand({ taskToken: two.taskToken, error: 'e'.repeat(300), cause: 'c'.repeat(40_000) }))
  const failed = await ended(sfn, two.executionArn)
  expect([failed.error?.length, failed.cause?.length]).toEqual([300, 40_000])
}, 60_000)

test('so do messages to the services', async () => {
  const sns = open(new SNSClient({ endpoint: server.url, region: REGION, credentials, maxAttempts: 1 }))
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't' }))
  expect((await sns.send(new PublishCommand({ TopicArn, Message: 'x'.repeat(300_000) }))).MessageId).toBeDefined()
})

test('a payload that doubles for ever ends at the guard, which is named', async () => {
  const sfn = states()
  const machine = await create(sfn, 'doubling', {
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', Parameters: { 'a.$': '$', 'b.$': '$' }, Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Variable: '$.end', IsPresent: true, Next: 'Z' }], Default: 'A' },
      Z: { Type: 'Succeed' },
    },
  })
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine, input: text(1_000) }))
  const { status, error, cause } = await ended(sfn, executionArn)
  expect([status, error]).toEqual(['FAILED', 'States.DataLimitExceeded'])
  expect(cause).toContain(`at most ${PRINTED_BYTES_MAX} bytes`)
}, 60_000)
