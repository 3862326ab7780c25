/**
 * Ten Pass states, Standard and durable, started over HTTP by 64 clients on kept connections: executions a second from the
 * first start until all have ended. The load comes from this process, the server is another; both share the machine.
 * Beside it, in the same run, what node:http does with an echo. Run: node_modules/.bin/node bench/pass-ten.ts [executions]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { inParallel, openClient, perSecond, ROLE, startBench } from './workload.ts'

const CLIENTS = 64
const EXECUTIONS = Number(process.argv[2] ?? 20_000)
const ECHO = `require('node:http').createServer((req, res) => { let b = ''; req.on('data', (d) => (b += d)); req.on('end', () => res.end(b)) })
  .listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port) })`

async function measureEcho(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ECHO], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const client = openClient(url, CLIENTS)
  await inParallel(2_000, CLIENTS, async () => void (await client.post({}, '{"warm":1}')))
  const begun = performance.now()
  await inParallel(EXECUTIONS, CLIENTS, async () => void (await client.post({}, '{"stateMachineArn":"x","input":"{}"}')))
  const rate = perSecond(EXECUTIONS, performance.now() - begun)
  child.kill()
  return rate
}

async function measureExecutions(): Promise<{ started: number; ended: number }> {
  const server = await startBench()
  try {
    const client = openClient(server.url, CLIENTS)
    const names = Array.from({ length: 10 }, (_, index) => `S${index}`)
    const States = Object.fromEntries(
      names.map((name, i) => [name, { Type: 'Pass', ...(i < 9 ? { Next: names[i + 1] } : { End: true }) }]),
    )
    const definition = JSON.stringify({ StartAt: 'S0', States })
    const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'pass-ten', definition, roleArn: ROLE })
    const input = JSON.stringify({ order: 1, customer: 'c' })
    await inParallel(1_000, CLIENTS, async () => void (await client.states('StartExecution', { stateMachineArn, input })))
    const arns: string[] = []
    const begun = performance.now()
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
    await inParallel(arns.length, CLIENTS, async (index) => {
      const { status } = await client.states('DescribeExecution', { executionArn: arns[index] })
      if (status !== 'SUCCEEDED') throw new Error(`${arns[index]} is ${String(status)}`)
    })
    return { started, ended }
  } finally {
    await server.stop()
  }
}

const echo = await measureEcho()
const { started, ended } = await measureExecutions()
console.log(
  `ten Pass states, ${EXECUTIONS} executions, ${CLIENTS} clients: ${ended} executions/s (starts answered: ${started}/s)`,
)
console.log(`node:http echo, same machine and clients: ${echo} requests/s; share: ${((ended / echo) * 100).toFixed(0)} %`)
process.exit(0)
