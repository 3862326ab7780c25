/**
 * Twenty Pass states that hand a large input on, Standard and durable, started over HTTP by eight clients: executions a second,
 * and the CPU time of one in the server; of one long text, and of an order with as many lines (every quote of which is escaped on
 * the way). Beside it, in the same run, what bounds it on this machine: an echo of node:http of the same request, what it takes to
 * parse it (the request, then the input in it), and how many such texts a file takes, each synced.
 * Run: node_modules/.bin/node bench/large-payload.ts [checkout …] [kb=240] [shapes=text,lines] [count=N] [rounds=N]
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { measureEcho } from './echo.ts'
import { checkouts, setting } from './settings.ts'
import { cpuMs, inParallel, openClient, passChain, perSecond, ROLE, startBench } from './workload.ts'

const CLIENTS = 8
const STATES = 20
const kb = Number(setting('kb') ?? 240)
const count = Number(setting('count') ?? 2_000)
const rounds = Number(setting('rounds') ?? 3)

/** An order with as many lines as fill the text. */
function orderOf(chars: number): string {
  const line = (index: number) => ({ sku: `article-${index}`, count: index % 7, price: 12.5, note: 'wrap it well' })
  const perLine = JSON.stringify(line(1_000)).length + 1
  return JSON.stringify({ order: 1, lines: Array.from({ length: Math.floor(chars / perLine) }, (_, index) => line(index)) })
}

const SHAPES: Readonly<Record<string, (chars: number) => string>> = {
  text: (chars) => JSON.stringify({ text: 'abcdefgh'.repeat(chars / 8) }),
  lines: orderOf,
}

async function round(checkout: string, input: string): Promise<{ readonly rate: number; readonly cpuMs: number }> {
  const server = await startBench({ checkout })
  try {
    const client = openClient(server.url, CLIENTS)
    const definition = JSON.stringify(passChain(STATES))
    const { stateMachineArn } = await client.states('CreateStateMachine', { name: 'large', definition, roleArn: ROLE })
    const isRunning = async () =>
      ((await client.states('ListExecutions', { stateMachineArn, statusFilter: 'RUNNING', maxResults: 1 }))['executions'] as [])
        .length > 0
    // Printed once: the load is no part of what is measured.
    const body = JSON.stringify({ stateMachineArn, input })
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.StartExecution' }
    const arns: string[] = []
    const run = async (executions: number) => {
      await inParallel(executions, CLIENTS, async () => {
        const answer = await client.post(headers, body)
        arns.push(/"executionArn":"([^"]+)"/.exec(answer.body)?.[1] ?? answer.body)
      })
      while (await isRunning());
    }
    await run(100)
    const before = cpuMs(server)
    const begun = performance.now()
    await run(count)
    const rate = perSecond(count, performance.now() - begun)
    const used = (cpuMs(server) - before) / count
    for (const executionArn of arns.slice(-20)) {
      const { status, output } = await client.states('DescribeExecution', { executionArn })
      if (status !== 'SUCCEEDED' || output !== input) throw new Error(`${executionArn} is ${String(status)}`)
    }
    return { rate, cpuMs: used }
  } finally {
    await server.stop()
  }
}

/** Texts a second that a file takes, each of them synced. */
function measureDisk(bytes: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'regente-disk-'))
  const file = openSync(join(folder, 'f'), 'w')
  const text = Buffer.alloc(bytes, 'x')
  const begun = performance.now()
  let writes = 0
  for (; performance.now() - begun < 1_000; writes++) {
    writeSync(file, text)
    fdatasyncSync(file)
  }
  const rate = perSecond(writes, performance.now() - begun)
  closeSync(file)
  rmSync(folder, { recursive: true })
  return rate
}

function measureParsing(request: string): number {
  const parse = () => JSON.parse((JSON.parse(request) as { input: string }).input) as unknown
  for (const until = performance.now() + 500; performance.now() < until; ) parse()
  const begun = performance.now()
  let parsed = 0
  for (; performance.now() - begun < 500; parsed++) parse()
  return perSecond(parsed, performance.now() - begun)
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

async function measureShape(shape: string): Promise<void> {
  const input = SHAPES[shape]?.(kb * 1_000)
  if (input === undefined) throw new Error(`${shape} is none of ${Object.keys(SHAPES).join(', ')}`)
  const request = JSON.stringify({ input })
  const echo = await measureEcho(1_000, CLIENTS, request)
  console.log(`${kb} KB of ${shape}: node:http echo ${echo}/s, parsed ${measureParsing(request)}/s, written and synced ${disk}/s`)
  const all = checkouts.map((checkout) => ({ checkout, rates: [] as number[], cpu: [] as number[] }))
  for (let turn = 0; turn < rounds; turn++) {
    for (const { checkout, rates, cpu } of all) {
      const figures = await round(checkout, input)
      rates.push(figures.rate)
      cpu.push(figures.cpuMs)
    }
  }
  for (const { checkout, rates, cpu } of all)
    console.log(`  ${STATES} Pass states: ${median(rates)} executions/s, ${median(cpu).toFixed(2)} ms of CPU each (${checkout})`)
}

const disk = measureDisk(kb * 1_000)
for (const shape of setting('shapes')?.split(',') ?? Object.keys(SHAPES)) await measureShape(shape)
process.exit(0)
