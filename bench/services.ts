/**
 * What the way to the embedded services costs: calls through the port, executions of ten Lambda tasks, starts of an execution
 * that calls nobody; per second and in CPU time of the server, with its start and its resident memory. Several checkouts are
 * measured in turns, so that a noisy machine is noisy for all.
 * Run: node_modules/.bin/node bench/services.ts [checkout …] [rounds=N]
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { createNoOpFunction } from './no-op-function.ts'
import { type Bench, type Client, cpuMs, inParallel, openClient, perSecond, pidOf, ROLE, startBench } from './workload.ts'

const rounds = Number(process.argv.find((arg) => arg.startsWith('rounds='))?.slice(7) ?? 5)
const given = process.argv.slice(2).filter((arg) => !arg.includes('='))
const checkouts = given.length === 0 ? [join(import.meta.dirname, '..')] : given
const IDLE_MS = 6_000

const residentMb = (server: Bench): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pidOf(server)}/status`, 'utf8'))?.[1]) / 1024)

interface Figures {
  [name: string]: number[]
}

async function timed(figures: Figures, server: Bench, name: string, count: number, work: () => Promise<void>): Promise<void> {
  const [begun, spent] = [performance.now(), cpuMs(server)]
  await work()
  ;(figures[`${name} /s`] ??= []).push(perSecond(count, performance.now() - begun))
  ;(figures[`${name} CPU µs`] ??= []).push(Math.round(((cpuMs(server) - spent) / count) * 1000))
}

const SQS = { 'content-type': 'application/x-amz-json-1.0' }
const send = (client: Client, action: string, input: object) =>
  client.post({ ...SQS, 'x-amz-target': `AmazonSQS.${action}` }, JSON.stringify(input))

const task = (index: number, last: number) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: { FunctionName: 'same', 'Payload.$': '$' },
  OutputPath: '$.Payload',
  ...(index === last ? { End: true } : { Next: `T${index + 1}` }),
})
const tenTasks = {
  StartAt: 'T0',
  States: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`T${index}`, task(index, 9)])),
}
const pass = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } }

async function round(checkout: string, figures: Figures): Promise<void> {
  const server = await startBench({ checkout })
  const note = (name: string, value: number) => void (figures[name] ??= []).push(Math.round(value))
  note('ready ms', server.startMs)
  await sleep(IDLE_MS)
  note('idle MB', residentMb(server))
  const client = openClient(server.url, 16)
  await client.put('/bench', '')
  await timed(figures, server, 'S3 put', 1_000, () =>
    inParallel(1_000, 8, (i) => client.put(`/bench/${i % 100}`, 'x'.repeat(1_024))),
  )
  await send(client, 'CreateQueue', { QueueName: 'bench' })
  const QueueUrl = `${server.url}/000000000000/bench`
  await timed(figures, server, 'SQS send', 2_000, () =>
    inParallel(2_000, 8, async (i) => void (await send(client, 'SendMessage', { QueueUrl, MessageBody: `message ${i}` }))),
  )
  const { stateMachineArn } = await client.states('CreateStateMachine', {
    name: 'pass',
    roleArn: ROLE,
    definition: JSON.stringify(pass),
  })
  await timed(figures, server, 'start', 4_000, () =>
    inParallel(4_000, 16, async () => void (await client.states('StartExecution', { stateMachineArn }))),
  )
  await createNoOpFunction(server.url)
  const tasks = await client.states('CreateStateMachine', {
    name: 'tasks',
    roleArn: ROLE,
    type: 'EXPRESS',
    definition: JSON.stringify(tenTasks),
  })
  const run = async () => {
    const { status } = await client.states('StartSyncExecution', { stateMachineArn: tasks['stateMachineArn'], input: '{}' })
    if (status !== 'SUCCEEDED') throw new Error(`an execution ended as ${String(status)}`)
  }
  await inParallel(8, 2, run)
  await timed(figures, server, 'ten tasks', 60, () => inParallel(60, 2, run))
  await timed(figures, server, 'ten tasks, one at a time', 20, () => inParallel(20, 1, run))
  note('used MB', residentMb(server))
  await server.stop()
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const all = checkouts.map((checkout) => ({ checkout, figures: {} as Figures }))
for (let turn = 0; turn < rounds; turn++) for (const { checkout, figures } of all) await round(checkout, figures)
const [first] = all
for (const name of Object.keys(first?.figures ?? {})) {
  const medians = all.map(({ figures }) => median(figures[name] ?? []))
  const change = medians.slice(1).map((value) => `${((value / (medians[0] ?? 1) - 1) * 100).toFixed(0)} %`)
  console.log(`${name.padEnd(34)}${medians.map((value) => String(value).padStart(9)).join('')}   ${change.join(' ')}`)
}
