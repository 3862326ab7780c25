/**
 * How cost grows: with the size of the input, with the length of an execution's history, and with the number of executions that
 * wait. A cost that grows with what it does is told per unit; one that should not grow at all is told as it is.
 * Run: node_modules/.bin/node bench/growth.ts [parked=N]
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import {
  type Bench,
  type Client,
  inParallel,
  openClient,
  passChain,
  perSecond,
  pidOf,
  ROLE,
  startBench,
  untilNoneRuns,
} from './workload.ts'

const CLIENTS = 32
const parked = Number(process.argv.find((arg) => arg.startsWith('parked='))?.slice(7) ?? 50_000)

async function createMachine(client: Client, name: string, definition: object): Promise<unknown> {
  const input = { name, roleArn: ROLE, definition: JSON.stringify(definition) }
  return (await client.states('CreateStateMachine', input))['stateMachineArn']
}

async function rateOf(client: Client, stateMachineArn: unknown, count: number, input: string): Promise<number> {
  const run = (times: number) =>
    inParallel(times, CLIENTS, async () => void (await client.states('StartExecution', { stateMachineArn, input })))
  await run(Math.ceil(count / 5))
  await untilNoneRuns(client, stateMachineArn, 2)
  const begun = performance.now()
  await run(count)
  await untilNoneRuns(client, stateMachineArn, 2)
  return perSecond(count, performance.now() - begun)
}

async function byInputSize(client: Client): Promise<void> {
  const stateMachineArn = await createMachine(client, 'ten', passChain(10))
  for (const kb of [0.1, 1, 10, 100, 240]) {
    const input = JSON.stringify({ text: 'x'.repeat(kb * 1_024) })
    const rate = await rateOf(client, stateMachineArn, kb > 10 ? 300 : 3_000, input)
    console.log(`ten Pass states, input of ${String(kb).padStart(5)} KB: ${String(rate).padStart(6)} executions/s`)
  }
}

/** Each round of the loop is a Pass and a Choice: four events. */
async function byHistoryLength(client: Client): Promise<void> {
  const stateMachineArn = await createMachine(client, 'loop', {
    StartAt: 'Add',
    States: {
      Add: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'More' },
      More: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericLessThan: 6_200, Next: 'Add' }], Default: 'Done' },
      Done: { Type: 'Succeed' },
    },
  })
  const { executionArn } = await client.states('StartExecution', { stateMachineArn, input: '{"n": 0}' })
  await untilNoneRuns(client, stateMachineArn, 2)
  const times: number[] = []
  let nextToken: unknown
  do {
    const input = { executionArn, maxResults: 1_000, includeExecutionData: false, ...(nextToken !== undefined && { nextToken }) }
    const page = await client.states('GetExecutionHistory', input)
    times.push(...(page['events'] as { timestamp: number }[]).map(({ timestamp }) => timestamp))
    nextToken = page['nextToken']
  } while (nextToken !== undefined)
  for (let from = 0; from + 4_000 < times.length; from += 8_000) {
    const ms = ((times[from + 4_000] ?? 0) - (times[from] ?? 0)) * 1_000
    console.log(
      `a history's events ${String(from + 1).padStart(6)} to ${from + 4_000}: ${((ms / 4_000) * 1_000).toFixed(1)} µs each`,
    )
  }
}

const residentMb = (server: Bench): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pidOf(server)}/status`, 'utf8'))?.[1]) / 1_024)

async function byParked(client: Client, server: Bench): Promise<void> {
  const waits = await createMachine(client, 'waits', {
    StartAt: 'W',
    States: { W: { Type: 'Wait', Seconds: 86_400, End: true } },
  })
  const one = await createMachine(client, 'one', passChain(1))
  for (let count = 0; ; count += Math.ceil(parked / 4)) {
    await sleep(8_000)
    const idleMb = residentMb(server)
    const rate = await rateOf(client, one, 3_000, '{}')
    console.log(
      `beside ${String(count).padStart(7)} executions that wait: ${rate} executions/s of one Pass; ${idleMb} MB when idle`,
    )
    if (count >= parked) return
    const start = async () => void (await client.states('StartExecution', { stateMachineArn: waits, input: '{"order": 1}' }))
    await inParallel(Math.ceil(parked / 4), CLIENTS, start)
  }
}

const server = await startBench()
const client = openClient(server.url, CLIENTS)
try {
  await byInputSize(client)
  await byHistoryLength(client)
  await byParked(client, server)
} finally {
  await server.stop()
}
process.exit(0)
