/**
 * Five Pass states by StartSyncExecution, over HTTP from this process to a server of its own: executions a second, the CPU time of
 * one in the server, and how long a caller waits, by as many callers at once. Beside it, in the same run, what node:http does with
 * an echo. Run: node_modules/.bin/node bench/express.ts [checkout …] [count=N] [rounds=N]
 */

import { measureEcho } from './echo.ts'
import { checkouts, setting } from './settings.ts'
import { cpuMs, inParallel, openClient, passChain, perSecond, ROLE, startBench } from './workload.ts'

const CLIENTS = [8, 64]
const STATES = 5
const count = Number(setting('count') ?? 20_000)
const rounds = Number(setting('rounds') ?? 3)

interface Figures {
  readonly rate: number
  readonly cpuUs: number
  readonly p50: number
  readonly p99: number
}

async function round(checkout: string, clients: number): Promise<Figures> {
  const server = await startBench({ checkout })
  try {
    const client = openClient(server.url, clients)
    const definition = JSON.stringify(passChain(STATES))
    const machine = { name: 'express', type: 'EXPRESS', definition, roleArn: ROLE }
    const { stateMachineArn } = await client.states('CreateStateMachine', machine)
    const input = JSON.stringify({ order: 1, customer: 'c' })
    const waited: number[] = []
    const run = async () => {
      const begun = performance.now()
      const { status } = await client.states('StartSyncExecution', { stateMachineArn, input })
      if (status !== 'SUCCEEDED') throw new Error(`an execution is ${String(status)}`)
      waited.push(performance.now() - begun)
    }
    await inParallel(2_000, clients, run)
    waited.length = 0
    const [before, begun] = [cpuMs(server), performance.now()]
    await inParallel(count, clients, run)
    const rate = perSecond(count, performance.now() - begun)
    const cpuUs = ((cpuMs(server) - before) / count) * 1_000
    waited.sort((a, b) => a - b)
    const at = (share: number) => waited[Math.floor(waited.length * share)] ?? Number.NaN
    return { rate, cpuUs, p50: at(0.5), p99: at(0.99) }
  } finally {
    await server.stop()
  }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
for (const clients of CLIENTS) {
  console.log(`${clients} callers: node:http echo ${await measureEcho(count, clients)} requests/s`)
  const all = checkouts.map((checkout) => ({ checkout, figures: [] as Figures[] }))
  for (let turn = 0; turn < rounds; turn++) for (const { checkout, figures } of all) figures.push(await round(checkout, clients))
  for (const { checkout, figures } of all) {
    const of = (what: keyof Figures) => median(figures.map((one) => one[what]))
    console.log(
      `  five Pass states, Express: ${of('rate')} executions/s, ${of('cpuUs').toFixed(0)} µs of CPU each, ` +
        `p50 ${of('p50').toFixed(1)} ms, p99 ${of('p99').toFixed(1)} ms (${checkout})`,
    )
  }
}
process.exit(0)
