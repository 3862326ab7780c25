/**
 * The API under load, over HTTP from this process to a server of its own: DescribeExecution, SendTaskSuccess (durable), idle
 * workers in GetActivityTask, a page of history, a page out of a million executions, and the server's memory over a long run.
 * Beside it, in the same run, what node:http does with an echo. Run: node_modules/.bin/node bench/api.ts [executions listed]
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

import { asId } from '../src/base/id-in-test.ts'
import { silentLog } from '../src/base/log.ts'
import { toInstant } from '../src/base/time.ts'
import type { ExecutionRecord } from '../src/store/contract.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'
import { inParallel, openClient, perSecond, ROLE, startBench } from './workload.ts'

const CLIENTS = 64
const LISTED = Number(process.argv[2] ?? 1_000_000)
const RUNS = Number(process.argv[3] ?? 200_000)
const ECHO = `require('node:http').createServer((req, res) => { let b = ''; req.on('data', (d) => (b += d)); req.on('end', () => res.end(b)) })
  .listen(0, '127.0.0.1', function () { console.log('http://127.0.0.1:' + this.address().port) })`

const show = (what: string, value: string) => console.log(`${what.padEnd(58)} ${value}`)
const rss = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
/** Processor time that the process has used, in seconds. */
const cpu = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function rateOf(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await inParallel(count, CLIENTS, async (index) => void (await work(index)))
  return perSecond(count, performance.now() - begun)
}

async function bestMs(rounds: number, work: () => Promise<unknown>): Promise<string> {
  const times: number[] = []
  for (let i = 0; i < rounds; i++) {
    const begun = performance.now()
    await work()
    times.push(performance.now() - begun)
  }
  times.sort((a, b) => a - b)
  return `${times[0]?.toFixed(1)} ms best, ${times[Math.floor(rounds / 2)]?.toFixed(1)} ms median`
}

async function echo(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ECHO], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const client = openClient(url, CLIENTS)
  await rateOf(2_000, () => client.post({}, '{}'))
  const rate = await rateOf(20_000, () => client.post({}, '{"executionArn":"x"}'))
  child.kill()
  return rate
}

const machine = (States: object) => JSON.stringify({ StartAt: Object.keys(States)[0], States })
const PASS = machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', End: true } })

async function calls(): Promise<void> {
  const server = await startBench()
  const pid = server.child.pid ?? 0
  try {
    const client = openClient(server.url, CLIENTS)
    const make = async (name: string, definition: string) =>
      String((await client.states('CreateStateMachine', { name, definition, roleArn: ROLE }))['stateMachineArn'])
    const pass = await make('pass', PASS)
    const { executionArn } = await client.states('StartExecution', { stateMachineArn: pass })
    await rateOf(2_000, () => client.states('DescribeExecution', { executionArn }))
    show('DescribeExecution', `${await rateOf(30_000, () => client.states('DescribeExecution', { executionArn }))}/s`)

    const { activityArn } = await client.states('CreateActivity', { name: 'work' })
    const waiting = await make('waiting', machine({ T: { Type: 'Task', Resource: activityArn, End: true } }))
    const tokens: string[] = []
    const count = 10_000
    await inParallel(count, CLIENTS, async () => void (await client.states('StartExecution', { stateMachineArn: waiting })))
    await inParallel(count, CLIENTS, async () => {
      tokens.push(String((await client.states('GetActivityTask', { activityArn }))['taskToken']))
    })
    const sent = await rateOf(count, (i) => client.states('SendTaskSuccess', { taskToken: tokens[i], output: '{}' }))
    show('SendTaskSuccess, durable', `${sent}/s`)

    const pollers = openClient(server.url, 500)
    const abandoned = Promise.allSettled(Array.from({ length: 500 }, () => pollers.states('GetActivityTask', { activityArn })))
    await sleep(3_000)
    const before = cpu(pid)
    await sleep(20_000)
    show('500 workers in GetActivityTask', `${(((cpu(pid) - before) / 20) * 100).toFixed(2)} % of a core`)
    void abandoned

    const hundred = Object.fromEntries(
      Array.from({ length: 600 }, (_, i) => [`S${i}`, { Type: 'Pass', ...(i < 599 ? { Next: `S${i + 1}` } : { End: true }) }]),
    )
    const long = await make('long', machine(hundred))
    const started = await client.states('StartExecution', {
      stateMachineArn: long,
      input: JSON.stringify({ order: 1, text: 'x'.repeat(200) }),
    })
    const history = () => client.states('GetExecutionHistory', { executionArn: started['executionArn'], maxResults: 1_000 })
    show('GetExecutionHistory, 1,000 events', await bestMs(30, history))

    const curve: string[] = []
    for (let done = 0; done < RUNS; done += RUNS / 10) {
      await inParallel(
        RUNS / 10,
        CLIENTS,
        async () => void (await client.states('StartExecution', { stateMachineArn: pass, input: '{"a":1}' })),
      )
      curve.push(rss(pid).toFixed(0))
    }
    show(`memory over ${RUNS.toLocaleString('en')} executions, MB resident`, curve.join(' '))
  } finally {
    server.child.kill('SIGKILL')
    await once(server.child, 'exit')
  }
}

/** A million rows are made through the store; the page is then read as the API reads it. */
async function listing(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'regente-list-'))
  const store = await openSqliteStore({ directory, log: silentLog })
  try {
    const statuses = ['SUCCEEDED', 'FAILED', 'ABORTED', 'RUNNING'] as const
    for (let done = 0; done < LISTED; done += 5_000) {
      const turns = Array.from({ length: 5_000 }, (_, i) => {
        const key = store.newExecutionKey()
        const status = statuses[key % 50 === 0 ? key % 4 : 0] ?? 'SUCCEEDED'
        const create: ExecutionRecord = {
          key,
          arn: asId(`arn:aws:states:us-east-1:000000000000:execution:m:${key}`),
          name: `${key}`,
          stateMachineArn: asId('m'),
          stateMachineKey: asId(1),
          revisionKey: asId(1),
          type: 'STANDARD',
          status,
          startAt: toInstant(done + i),
          input: '{}',
          ...(status === 'RUNNING' ? {} : { stopAt: toInstant(done + i + 5) }),
          isBusy: false,
          redriveCount: 0,
          lastEventId: 5,
        }
        return { key, create, sequence: 0, events: [] }
      })
      await store.commit(turns)
    }
    const count = LISTED.toLocaleString('en')
    show(
      `ListExecutions, first page of 1,000 out of ${count}`,
      await bestMs(20, () => store.executions({ stateMachineKey: asId(1) }, 1_000)),
    )
    show(
      '  the page of 100 in the middle',
      await bestMs(20, () => store.executions({ stateMachineKey: asId(1) }, 100, `${LISTED / 2}:${LISTED / 2}`)),
    )
    show('  by status FAILED, 100', await bestMs(20, () => store.executions({ stateMachineKey: asId(1), status: 'FAILED' }, 100)))
    show(
      '  by status RUNNING, 100',
      await bestMs(20, () => store.executions({ stateMachineKey: asId(1), status: 'RUNNING' }, 100)),
    )
  } finally {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  }
}

show('node:http echo (the raw bound)', `${await echo()}/s`)
await calls()
await listing()
