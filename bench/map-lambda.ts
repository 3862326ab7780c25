/**
 * A Distributed Map whose children each invoke a no-op Node function, on a pool that is warm: items a second, CPU time of an item
 * (server and functions), and the memory of all processes; with Express children, and with Standard ones.
 * Run: node_modules/.bin/node bench/map-lambda.ts [checkout …] [items=N] [types=EXPRESS,STANDARD] [concurrency=N] [rounds=N]
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { createNoOpFunction } from './no-op-function.ts'
import { usedOf } from './processes.ts'
import { checkouts, setting } from './settings.ts'
import { type Client, openClient, perSecond, ROLE, startBench } from './workload.ts'

const items = Number(setting('items') ?? 10_000)
const concurrency = Number(setting('concurrency') ?? 0)
const rounds = Number(setting('rounds') ?? 1)
const types = (setting('types') ?? 'EXPRESS,STANDARD').split(',')

const definitionOf = (ExecutionType: string) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      Items: '{% [1..$states.input.items] %}',
      MaxConcurrency: concurrency,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType },
        StartAt: 'Invoke',
        States: {
          Invoke: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Arguments: { FunctionName: 'same', Payload: { item: '{% $states.input %}' } },
            Output: '{% $states.result.Payload %}',
            End: true,
          },
        },
      },
      Output: '{% $count($states.result) %}',
      End: true,
    },
  },
})

/** Milliseconds. */
async function run(client: Client, stateMachineArn: unknown, count: number): Promise<number> {
  const begun = performance.now()
  const input = JSON.stringify({ items: count })
  const { executionArn } = await client.states('StartExecution', { stateMachineArn, input })
  for (;;) {
    const { status, output, cause } = await client.states('DescribeExecution', { executionArn })
    if (status === 'RUNNING') await sleep(20)
    else if (output === String(count)) return performance.now() - begun
    else throw new Error(`${String(status)} ${String(cause)} ${String(output)}`)
  }
}

async function measure(checkout: string, type: string): Promise<string> {
  const server = await startBench({ checkout })
  try {
    await createNoOpFunction(server.url)
    const client = openClient(server.url, 4)
    const definition = JSON.stringify(definitionOf(type))
    const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'map', definition, roleArn: ROLE })
    await run(client, stateMachineArn, 1_000)
    const before = usedOf(server)
    const took = await run(client, stateMachineArn, items)
    const { cpuMs, mb, processes } = usedOf(server)
    const cpu = Math.round(((cpuMs - before.cpuMs) / items) * 1_000)
    return `${perSecond(items, took)} items/s, CPU ${cpu} µs an item, ${mb} MB in ${processes} processes`
  } finally {
    await server.stop()
  }
}

for (const type of types)
  for (let round = 0; round < rounds; round++)
    for (const checkout of checkouts) console.log(`${type.padEnd(9)} ${checkout}: ${await measure(checkout, type)}`)
process.exit(0)
