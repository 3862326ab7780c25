/**
 * Ten Pass states, Standard and durable, started over HTTP by 64 clients on kept connections: executions a second from the
 * first start until all have ended, and the CPU time of one in the server. The load comes from this process, the server is
 * another; both share the machine. Beside it, in the same run, what node:http does with an echo.
 * Run: node_modules/.bin/node bench/pass-ten.ts [executions] [checkout]
 */
import { measureEcho } from './echo.ts'
import { cpuMs, inParallel, openClient, passChain, perSecond, ROLE, startBench } from './workload.ts'

const CLIENTS = 64
const EXECUTIONS = Number(process.argv[2] ?? 20_000)
const checkout = process.argv[3]

async function measureExecutions(): Promise<{ started: number; ended: number; cpuUs: number }> {
  const server = await startBench(checkout === undefined ? {} : { checkout })
  try {
    const client = openClient(server.url, CLIENTS)
    const definition = JSON.stringify(passChain(10))
    const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'pass-ten', definition, roleArn: ROLE })
    const input = JSON.stringify({ order: 1, customer: 'c' })
    await inParallel(1_000, CLIENTS, async () => void (await client.states('StartExecution', { stateMachineArn, input })))
    const arns: string[] = []
    const [before, begun] = [cpuMs(server), performance.now()]
    await inParallel(EXECUTIONS, CLIENTS, async () => {
      arns.push(String((await client.states('StartExecution', { stateMachineArn, input }))['executionArn']))
    })
    const started = perSecond(EXECUTIONS, performance.now() - begun)
    // Nothing runs when the list of the running is empty; each is then looked at, outside the measured time.
    while (
      ((await client.states('ListExecutions', { stateMachineArn, statusFilter: 'RUNNING', maxResults: 1 }))['executions'] as [])
        .length > 0
    );
    const ended = perSecond(EXECUTIONS, performance.now() - begun)
    const cpuUs = Math.round(((cpuMs(server) - before) / EXECUTIONS) * 1_000)
    await inParallel(arns.length, CLIENTS, async (index) => {
      const { status } = await client.states('DescribeExecution', { executionArn: arns[index] })
      if (status !== 'SUCCEEDED') throw new Error(`${arns[index]} is ${String(status)}`)
    })
    return { started, ended, cpuUs }
  } finally {
    await server.stop()
  }
}

const echo = await measureEcho(EXECUTIONS, CLIENTS)
const { started, ended, cpuUs } = await measureExecutions()
console.log(
  `ten Pass states, ${EXECUTIONS} executions, ${CLIENTS} clients: ${ended} executions/s (starts answered: ${started}/s), ${cpuUs} µs of CPU each`,
)
console.log(`node:http echo, same machine and clients: ${echo} requests/s; share: ${((ended / echo) * 100).toFixed(0)} %`)
process.exit(0)
