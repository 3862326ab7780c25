/**
 * Memory over many mixed executions: Pass, Map, Parallel, Retry, a Lambda task, SNS to SQS, a callback answered by its token,
 * an Express one answered at once. Resident memory of the server is told when a first part has settled, after each further
 * part, and at the end when all has settled again: it must end within 20 % of where it had settled.
 * Run: node_modules/.bin/node bench/soak.ts [executions]
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'

import { zipOf } from '../src/services/lambda/testing/zip.ts'

import { inParallel, openClient, perSecond, ROLE, startBench } from './workload.ts'

const EXECUTIONS = Number(process.argv[2] ?? 20_000)
const PARTS = 5
const CLIENTS = 16
const SETTLE_MS = 15_000
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

const server = await startBench()
const residentMb = (): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]) / 1024)
const options = { endpoint: server.url, region: 'us-east-1', credentials }
const [lambda, sns, sqs] = [new LambdaClient(options), new SNSClient(options), new SQSClient(options)]
const client = openClient(server.url, CLIENTS * 2)

await lambda.send(
  new CreateFunctionCommand({
    FunctionName: 'double',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: ROLE,
    Code: { ZipFile: zipOf({ 'index.js': 'exports.handler = async (event) => ({ ...event, n: event.n * 2 })' }) },
  }),
)
const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'soak' }))
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'soak' }))
await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:us-east-1:000000000000:soak' }))

const pass = { Type: 'Pass', End: true }
const MACHINES: Readonly<Record<string, object>> = {
  pass: { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: pass } },
  map: {
    StartAt: 'M',
    States: { M: { Type: 'Map', ItemsPath: '$.items', ItemProcessor: { StartAt: 'P', States: { P: pass } }, End: true } },
  },
  parallel: {
    StartAt: 'P',
    States: {
      P: { Type: 'Parallel', Branches: ['A', 'B', 'C'].map((name) => ({ StartAt: name, States: { [name]: pass } })), End: true },
    },
  },
  lambda: {
    StartAt: 'L',
    States: {
      L: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: 'double', 'Payload.$': '$' },
        Retry: [{ ErrorEquals: ['States.ALL'] }],
        End: true,
      },
    },
  },
  publish: {
    StartAt: 'S',
    States: {
      S: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sns:publish',
        Parameters: { TopicArn, 'Message.$': 'States.JsonToString($)' },
        End: true,
      },
    },
  },
  callback: {
    StartAt: 'C',
    States: {
      C: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Parameters: { QueueUrl, MessageBody: { 'token.$': '$$.Task.Token' } },
        TimeoutSeconds: 600,
        End: true,
      },
    },
  },
}
const arns = await Promise.all(
  Object.entries(MACHINES).map(async ([name, definition]) => {
    const made = await client.states('CreateStateMachine', { name, definition: JSON.stringify(definition), roleArn: ROLE })
    return String(made['stateMachineArn'])
  }),
)
const express = await client.states('CreateStateMachine', {
  name: 'express',
  definition: JSON.stringify(MACHINES['pass']),
  roleArn: ROLE,
  type: 'EXPRESS',
})

/** Answers callbacks, and takes everything else away. */
let isOver = false
async function consume(): Promise<void> {
  while (!isOver) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }))
    if (Messages.length === 0) continue
    await Promise.all(
      Messages.map(async ({ Body = '{}' }) => {
        const { token } = JSON.parse(Body) as { token?: string }
        if (token !== undefined) await client.states('SendTaskSuccess', { taskToken: token, output: '{"ok":true}' })
      }),
    )
    const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
  }
}
const consumers = Array.from({ length: 4 }, consume)

const input = (n: number) => JSON.stringify({ n, items: [1, 2, 3, 4, 5], text: 'x'.repeat(2_000) })
async function runPart(count: number): Promise<void> {
  await inParallel(count, CLIENTS, async (n) => {
    if (n % 7 === 6) {
      await client.states('StartSyncExecution', { stateMachineArn: express['stateMachineArn'], input: input(n) })
      return
    }
    await client.states('StartExecution', { stateMachineArn: arns[n % 7], input: input(n) })
  })
  for (const stateMachineArn of arns) {
    const running = () => client.states('ListExecutions', { stateMachineArn, statusFilter: 'RUNNING', maxResults: 1 })
    while (((await running())['executions'] as []).length > 0) await sleep(200)
  }
}

try {
  const begun = performance.now()
  await runPart(EXECUTIONS / PARTS)
  await sleep(SETTLE_MS)
  const settled = residentMb()
  console.log(`settled after ${EXECUTIONS / PARTS} executions: ${settled} MB`)
  for (let part = 2; part <= PARTS; part++) {
    await runPart(EXECUTIONS / PARTS)
    console.log(`after ${(EXECUTIONS / PARTS) * part}: ${residentMb()} MB`)
  }
  const rate = perSecond(EXECUTIONS, performance.now() - begun - SETTLE_MS)
  await sleep(SETTLE_MS)
  const end = residentMb()
  console.log(`settled at the end: ${end} MB, ${Math.round((end / settled - 1) * 100)} % more; ${rate} executions/s`)
  process.exitCode = end <= settled * 1.2 ? 0 : 1
} finally {
  isOver = true
  await Promise.allSettled(consumers)
  await server.stop()
}
process.exit()
