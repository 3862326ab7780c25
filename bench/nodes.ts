/**
 * Nodes on one PostgreSQL, fsync on; load, nodes and database share the machine. For 1, 2 and 4 nodes: ten Pass states, Standard
 * and durable, started over HTTP by 64 clients on kept connections (executions a second), one at a time (ms), and what an execution
 * costs node and database (CPU ms). With one node also: a Distributed Map of Standard children over an inline dataset, and parked
 * executions: what they take of the node's memory, and how long its next start takes.
 * Run: node_modules/.bin/node bench/nodes.ts [executions] [children, thousands] [parked, thousands] [nodes: 1,2,4]
 */
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { type PostgresServer, startPostgres } from '../src/store/testing/postgres.ts'

import { type Bench, type Client, inParallel, openClient, perSecond, ROLE, startBench } from './workload.ts'

const CLIENTS = 64
const [executions = '20000', children = '100', parked = '1000', counts = '1,2,4'] = process.argv.slice(2)

const cpuOf = (pid: number): number => {
  const times = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ').slice(11, 13).map(Number) ?? []
  return (times[0] ?? 0) * 10 + (times[1] ?? 0) * 10
}
const kidsOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  )
/** CPU milliseconds of a process and of all that it has begun and that runs still. */
const cpuOfAll = (pid: number): number => cpuOf(pid) + kidsOf(pid).reduce((sum, kid) => sum + cpuOfAll(kid), 0)
const cpuOfPostgres = (postgres: PostgresServer): number => cpuOfAll(postgres.pid())
const pidOf = ({ child }: Bench): number => child.pid ?? 0
/** On Node 20 a launcher stands beside the server. */
const serverOf = (node: Bench): number => kidsOf(pidOf(node))[0] ?? pidOf(node)
const memoryOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024

interface Cluster {
  readonly nodes: readonly Bench[]
  readonly clients: readonly Client[]
  stop(): Promise<void>
}

async function startCluster(postgres: PostgresServer, database: string, count: number): Promise<Cluster> {
  const nodes: Bench[] = []
  for (let n = 0; n < count; n++) nodes.push(await startBench({ args: ['--store', postgres.url(database)] }))
  // Shards find their nodes.
  if (count > 1) await sleep(8_000)
  return {
    nodes,
    clients: nodes.map(({ url }) => openClient(url, CLIENTS)),
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  }
}

const PASS_TEN = JSON.stringify({
  StartAt: 'S0',
  States: Object.fromEntries(
    Array.from({ length: 10 }, (_, i) => [`S${i}`, { Type: 'Pass', ...(i < 9 ? { Next: `S${i + 1}` } : { End: true }) }]),
  ),
})

const percentile = (values: number[], share: number): string =>
  (values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0).toFixed(1)

async function measureRate(postgres: PostgresServer, count: number): Promise<void> {
  const cluster = await startCluster(postgres, await postgres.newDatabase(), count)
  const { nodes, clients } = cluster
  const client = (i: number): Client => clients[i % clients.length] as Client
  try {
    const { stateMachineArn } = await client(0).states('CreateStateMachine', { name: 'ten', definition: PASS_TEN, roleArn: ROLE })
    const start = (i: number) => client(i).states('StartExecution', { stateMachineArn, input: '{"order":1,"customer":"c"}' })
    await inParallel(2_000, CLIENTS, async (i) => void (await start(i)))
    const before = { nodes: nodes.reduce((sum, node) => sum + cpuOfAll(pidOf(node)), 0), postgres: cpuOfPostgres(postgres) }
    const latencies: number[] = []
    const begun = performance.now()
    await inParallel(Number(executions), CLIENTS, async (i) => {
      const from = performance.now()
      await start(i)
      latencies.push(performance.now() - from)
    })
    const ms = performance.now() - begun
    const cpu = {
      nodes: (nodes.reduce((sum, node) => sum + cpuOfAll(pidOf(node)), 0) - before.nodes) / Number(executions),
      postgres: (cpuOfPostgres(postgres) - before.postgres) / Number(executions),
    }
    const alone: number[] = []
    for (let i = 0; i < 500; i++) {
      const from = performance.now()
      await start(i)
      alone.push(performance.now() - from)
    }
    console.log(
      `${count} node(s): ${perSecond(Number(executions), ms)} executions/s, p50 ${percentile(latencies, 0.5)} ms, p99 ${percentile(latencies, 0.99)} ms; ` +
        `one at a time p50 ${percentile(alone, 0.5)} ms; CPU an execution: node ${cpu.nodes.toFixed(2)} ms, PostgreSQL ${cpu.postgres.toFixed(2)} ms`,
    )
  } finally {
    await cluster.stop()
  }
}

async function measureChildren(postgres: PostgresServer): Promise<void> {
  const { nodes, clients, stop } = await startCluster(postgres, await postgres.newDatabase(), 1)
  const [client, node] = [clients[0], nodes[0]]
  if (!client || !node) throw new Error('there is no node')
  try {
    const count = Number(children) * 1_000
    const definition = JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'Each',
      States: {
        Each: {
          Type: 'Map',
          Items: `{% [1..${count}] %}`,
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'First',
            States: { First: { Type: 'Pass', Next: 'Second' }, Second: { Type: 'Pass', Output: 1, End: true } },
          },
          Output: 1,
          End: true,
        },
      },
    })
    const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'each', definition, roleArn: ROLE })
    const before = { node: cpuOfAll(pidOf(node)), postgres: cpuOfPostgres(postgres) }
    const begun = performance.now()
    const { executionArn } = await client.states('StartExecution', { stateMachineArn, input: '{}' })
    let status: unknown = 'RUNNING'
    while (status === 'RUNNING') {
      await sleep(100)
      status = (await client.states('DescribeExecution', { executionArn }))['status']
    }
    const ms = performance.now() - begun
    console.log(
      `a Distributed Map of ${count} Standard children of two states: ${String(status)}, ${perSecond(count, ms)} children/s; ` +
        `CPU a child: node ${((cpuOfAll(pidOf(node)) - before.node) / count).toFixed(2)} ms, PostgreSQL ${((cpuOfPostgres(postgres) - before.postgres) / count).toFixed(2)} ms`,
    )
  } finally {
    await stop()
  }
}

async function measureParked(postgres: PostgresServer): Promise<void> {
  const database = await postgres.newDatabase()
  const { nodes, clients, stop } = await startCluster(postgres, database, 1)
  const [client, node] = [clients[0], nodes[0]]
  if (!client || !node) throw new Error('there is no node')
  const count = Number(parked) * 1_000
  const definition = JSON.stringify({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 864_000, End: true } } })
  const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'parked', definition, roleArn: ROLE })
  const begun = performance.now()
  await inParallel(count, CLIENTS, async () => void (await client.states('StartExecution', { stateMachineArn, input: '{}' })))
  const rate = perSecond(count, performance.now() - begun)
  await sleep(3_000)
  const memory = memoryOf(serverOf(node))
  await stop()
  const restarted = performance.now()
  const again = await startCluster(postgres, database, 1)
  const startMs = performance.now() - restarted
  await sleep(3_000)
  console.log(
    `${count} parked executions, begun at ${rate}/s: node ${memory.toFixed(0)} MiB; the next start takes ${(startMs / 1000).toFixed(2)} s, ` +
      `node ${memoryOf(again.nodes[0] ? serverOf(again.nodes[0]) : 0).toFixed(0)} MiB`,
  )
  await again.stop()
}

const postgres = await startPostgres({ fsync: true, settings: { shared_buffers: '256MB', max_wal_size: '4GB' } })
try {
  for (const count of counts.split(',').filter(Boolean)) await measureRate(postgres, Number(count))
  if (Number(children) > 0) await measureChildren(postgres)
  if (Number(parked) > 0) await measureParked(postgres)
} finally {
  await postgres.discard()
}
process.exit(0)
