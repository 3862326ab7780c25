/**
 * Executions of ten tasks, Standard and durable, started by 32 clients over kept connections: executions a second, the CPU time
 * of a task (server and functions), how long one execution alone takes, and the memory of all processes. Beside it what bounds
 * them on this machine: an echo of node:http, how often a second it syncs a file, and what bare processes answer over a pipe.
 * Run: node_modules/.bin/node bench/tasks.ts [checkout …] [kinds=lambda,sqs,sns,dynamodb,events,states] [count=N] [rounds=N] [alone=N]
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { measureBareProcesses } from './bare-process.ts'
import { measureEcho } from './echo.ts'
import { createNoOpFunction } from './no-op-function.ts'
import { usedOf } from './processes.ts'
import { checkouts, setting } from './settings.ts'
import { type Bench, type Client, inParallel, openClient, perSecond, ROLE, startBench, untilNoneRuns } from './workload.ts'

const CLIENTS = 32
const rounds = Number(setting('rounds') ?? 3)
const count = Number(setting('count') ?? 3_000)
/** Before: V8 has compiled what is used often, and the processes of a function are there. */
const WARM_UP = 1_000
/** How many are started one after another, to tell how long one takes. */
const singles = Number(setting('alone') ?? 200)

interface Kind {
  readonly resource: string
  /** What the tasks need; the parameters of one. */
  prepare(client: Client, url: string): Promise<object>
}

/** Who is asked stands in the scope; nobody checks the signature. */
const signedFor = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`

const json = (version: string, target: string, service: string) => (client: Client, action: string, input: object) =>
  client.post(
    {
      'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${target}.${action}`,
      authorization: signedFor(service),
    },
    JSON.stringify(input),
  )
const sqs = json('1.0', 'AmazonSQS', 'sqs')
const dynamodb = json('1.0', 'DynamoDB_20120810', 'dynamodb')
const account = '000000000000'

const KINDS: Readonly<Record<string, Kind>> = {
  lambda: {
    resource: 'arn:aws:states:::lambda:invoke',
    async prepare(_client, url) {
      await createNoOpFunction(url)
      return { FunctionName: 'same', 'Payload.$': '$' }
    },
  },
  sqs: {
    resource: 'arn:aws:states:::sqs:sendMessage',
    async prepare(client, url) {
      await sqs(client, 'CreateQueue', { QueueName: 'bench' })
      return { QueueUrl: `${url}/${account}/bench`, 'MessageBody.$': '$' }
    },
  },
  sns: {
    resource: 'arn:aws:states:::sns:publish',
    async prepare(client) {
      await client.post(
        { 'content-type': 'application/x-www-form-urlencoded', authorization: signedFor('sns') },
        'Action=CreateTopic&Version=2010-03-31&Name=bench',
      )
      return { TopicArn: `arn:aws:sns:us-east-1:${account}:bench`, 'Message.$': '$' }
    },
  },
  dynamodb: {
    resource: 'arn:aws:states:::dynamodb:putItem',
    async prepare(client) {
      await dynamodb(client, 'CreateTable', {
        TableName: 'bench',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
      })
      return { TableName: 'bench', Item: { id: { 'S.$': '$$.Execution.Name' }, of: { 'S.$': '$$.State.Name' } } }
    },
  },
  events: {
    resource: 'arn:aws:states:::events:putEvents',
    prepare: async () => ({ Entries: [{ Source: 'bench', DetailType: 'done', 'Detail.$': '$' }] }),
  },
  states: {
    resource: 'arn:aws:states:::states:startExecution',
    async prepare(client) {
      const definition = JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } })
      const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'nested', roleArn: ROLE, definition })
      return { StateMachineArn: stateMachineArn, 'Input.$': '$' }
    },
  },
}

const machineOf = (Resource: string, Parameters: object) => {
  const names = Array.from({ length: 10 }, (_, index) => `T${index}`)
  const after = (index: number) => (index === 9 ? { End: true } : { Next: names[index + 1] })
  const task = (index: number) => ({ Type: 'Task', Resource, Parameters, ResultPath: null, ...after(index) })
  return { StartAt: 'T0', States: Object.fromEntries(names.map((name, index) => [name, task(index)])) }
}

interface Figures {
  [name: string]: number[]
}

async function round(checkout: string, name: string, figures: Figures): Promise<void> {
  const kind = KINDS[name]
  if (!kind) throw new Error(`${name} is none of ${Object.keys(KINDS).join(', ')}`)
  const note = (what: string, value: number) => void (figures[`${name}: ${what}`] ??= []).push(value)
  const server = await startBench({ checkout })
  try {
    await measure(server, kind, note)
  } finally {
    await server.stop()
  }
}

type Note = (what: string, value: number) => void

async function measure(server: Bench, kind: Kind, note: Note): Promise<void> {
  const client = openClient(server.url, CLIENTS)
  const definition = JSON.stringify(machineOf(kind.resource, await kind.prepare(client, server.url)))
  const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'ten', roleArn: ROLE, definition })
  const input = JSON.stringify({ order: 1, customer: 'c' })
  const start = async () => String((await client.states('StartExecution', { stateMachineArn, input }))['executionArn'])
  const untilEnded = () => untilNoneRuns(client, stateMachineArn, 10)
  await inParallel(WARM_UP, CLIENTS, async () => void (await start()))
  await untilEnded()
  const before = usedOf(server)
  const begun = performance.now()
  const arns: string[] = []
  await inParallel(count, CLIENTS, async () => void arns.push(await start()))
  await untilEnded()
  const took = performance.now() - begun
  const after = usedOf(server)
  note('executions/s', perSecond(count, took))
  note('CPU µs a task', Math.round(((after.cpuMs - before.cpuMs) / count / 10) * 1_000))
  note('MB (PSS)', after.mb)
  note('processes', after.processes)
  await inParallel(arns.length, CLIENTS, async (index) => {
    const { status, cause } = await client.states('DescribeExecution', { executionArn: arns[index] })
    if (status !== 'SUCCEEDED') throw new Error(`${arns[index]} is ${String(status)}: ${String(cause)}`)
  })
  const alone: number[] = []
  for (let i = 0; i < singles; i++) {
    const executionArn = await start()
    let described: Record<string, unknown>
    // How long it took stands in its dates: nobody else is to be served meanwhile.
    do {
      await sleep(20)
      described = await client.states('DescribeExecution', { executionArn })
    } while (described['status'] === 'RUNNING')
    alone.push((Number(described['stopDate']) - Number(described['startDate'])) * 1_000)
  }
  if (singles === 0) return
  alone.sort((a, b) => a - b)
  note('one alone, p50 ms', Math.round(alone[Math.floor(singles * 0.5)] ?? 0))
  note('one alone, p99 ms', Math.round(alone[Math.floor(singles * 0.99)] ?? 0))
}

function measureSyncs(): number {
  const folder = mkdtempSync(join(tmpdir(), 'regente-syncs-'))
  const file = openSync(join(folder, 'f'), 'w')
  const page = Buffer.alloc(4_096, 1)
  const begun = performance.now()
  let syncs = 0
  for (; performance.now() - begun < 1_000; syncs++) {
    writeSync(file, page)
    fdatasyncSync(file)
  }
  closeSync(file)
  rmSync(folder, { recursive: true })
  return syncs
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const kinds = setting('kinds')?.split(',') ?? Object.keys(KINDS)
console.log(
  `node:http echo: ${await measureEcho(20_000, CLIENTS)} requests/s; fdatasync of 4 KB: ${measureSyncs()}/s; ` +
    `four bare processes: ${await measureBareProcesses(4)} answers/s`,
)
const all = checkouts.map((checkout) => ({ checkout, figures: {} as Figures }))
for (const kind of kinds) {
  for (let turn = 0; turn < rounds; turn++) for (const { checkout, figures } of all) await round(checkout, kind, figures)
  for (const name of Object.keys(all[0]?.figures ?? {}).filter((name) => name.startsWith(`${kind}: `)))
    console.log(`${name.padEnd(34)}${all.map(({ figures }) => String(median(figures[name] ?? [])).padStart(9)).join('')}`)
}
process.exit(0)
