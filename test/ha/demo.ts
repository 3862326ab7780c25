/**
 * `npm run demo:cluster`: both founding workflows on three nodes behind HAProxy, with one PostgreSQL, and the node that drives
 * them killed half-way. Everything is on the loopback interface, in a temporary folder, and gone in the end.
 *   -- --keep   goes on running until it is stopped, for whoever wants to look around
 */
import { S3 } from '@aws-sdk/client-s3'
import { SFN } from '@aws-sdk/client-sfn'
import { SQS } from '@aws-sdk/client-sqs'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'

import { type Bed, startBed } from './bed/bed.ts'
import type { RegenteNode } from './bed/nodes.ts'
import { MissingProgram } from './bed/programs.ts'
import { sleep, until } from './bed/workspace.ts'
import { holderOf, shardsOf } from './leases.ts'
import { ACCOUNT, executionArnOf, machineArnOf, REGION } from './load/workflows.ts'

const ROOT = join(import.meta.dirname, '../..')
const LEASE_SECONDS = 5
/** So many that there is a half-way; one of their files is corrupt, and tolerated. */
const STATIONS = 960
const STATIONS_A_BATCH = 10
const STEP = STATIONS / 8
/** Whoever was killed stays so until the others have taken its shards. */
const DEAD_MS = (LEASE_SECONDS + 2) * 1_000
const TIMER_KILLED_AFTER_MS = 3_000

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } })

process.exitCode = await main()

async function main(): Promise<number> {
  title('Starting PostgreSQL, three nodes, the services that they call, and HAProxy')
  let bed: Bed
  try {
    bed = await startBed({ kind: 'postgres', leaseSeconds: LEASE_SECONDS, logLevel: 'warn', tell: console.log })
  } catch (error) {
    console.error(error instanceof MissingProgram ? error.message : error)
    return 1
  }
  endOnSignals(bed)
  console.log(
    `The cluster is at ${bed.url} (its console: ${bed.url}/console). A node that dies is missed after ${LEASE_SECONDS} s.`,
  )
  for (const node of bed.nodes) console.log(`  ${node.name}  ${node.url}`)
  try {
    await demonstrate(bed)
    console.log('\nBoth workflows succeeded, and a node was killed in the middle of each.')
    if (values.keep) {
      console.log(`The cluster goes on at ${bed.url}/console until you stop it (Ctrl-C).`)
      await new Promise(() => {})
    }
    return 0
  } catch (error) {
    console.error(`\nFAILED: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    await bed.close()
  }
}

async function demonstrate(bed: Bed): Promise<void> {
  const settings = {
    endpoint: bed.url,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 10,
  }
  const sfn = new SFN({ ...settings, disableHostPrefix: true })
  const sqs = new SQS(settings)
  const s3 = new S3({ ...settings, forcePathStyle: true })

  title('Deploying both workflows, and making the data')
  for (const example of ['task-timer', 'distributed-map-s3'])
    await regente('dev', `examples/${example}`, '--no-watch', '--endpoint', bed.url)
  const generator = join(ROOT, 'examples/distributed-map-s3/generate-data.mjs')
  const made = node(generator, '--endpoint', bed.url, '--stations', String(STATIONS))

  title('Workflow 1: a task timer (waits 10 seconds, then publishes to SNS)')
  const timer = await start(sfn, 'TaskTimer', 'task-timer')
  await sleep(TIMER_KILLED_AFTER_MS)
  const killed = await killDriver(bed, timer)
  await follow(bed, sfn, timer, async () => ({ text: 'waits', step: 0 }))
  await killed?.start()
  const { Messages: [message] = [] } = await sqs.receiveMessage({
    QueueUrl: `${bed.url}/${ACCOUNT}/reminders-inbox`,
    WaitTimeSeconds: 10,
  })
  const said: unknown = JSON.parse(message?.Body ?? '{}').Message
  if (said !== 'HelloWorld') throw new Error(`the queue should hold HelloWorld, and holds ${String(said)}`)
  console.log('The message in the queue reminders-inbox: HelloWorld')

  await made
  await bed.nodes[0]?.ready()
  await until('all nodes are ready', 30_000, () => bed.isWhole())
  title(`Workflow 2: a Distributed Map over ${STATIONS} weather stations in S3 (one file is corrupt)`)
  const map = await start(sfn, 'HottestDays', 'distributed-map-s3')
  let isHalfWay = false
  await follow(bed, sfn, map, async () => {
    const done = await stationsDone(sfn, map)
    if (!isHalfWay && done >= STATIONS / 2) {
      isHalfWay = true
      console.log(`  ${done} of ${STATIONS} stations are done: half-way`)
      const driver = await killDriver(bed, map)
      setTimeout(() => void driver?.start().catch(() => {}), DEAD_MS)
    }
    return { text: `${String(done).padStart(4)} of ${STATIONS} stations`, step: Math.floor(done / STEP) }
  })
  if (!isHalfWay) throw new Error('it ended before anybody could kill a node')
  const report = await s3.getObject({ Bucket: 'noaa-gsod-output', Key: '2025/hottest-days.json' })
  const { stations, hottest, failures } = JSON.parse((await report.Body?.transformToString()) ?? '{}')
  const months = Object.keys(hottest ?? {}).length
  if (months !== 12 || failures?.length !== 1)
    throw new Error(`expected 12 months and 1 failed batch: ${months}, ${failures?.length}`)
  if (stations !== STATIONS - STATIONS_A_BATCH) throw new Error(`expected ${STATIONS - STATIONS_A_BATCH} stations: ${stations}`)
  console.log(
    `The report, s3://noaa-gsod-output/2025/hottest-days.json: ${stations} stations read, ${months} months, 1 batch tolerated`,
  )
  for (const client of [sfn, sqs, s3]) client.destroy()
}

async function start(sfn: SFN, machine: string, example: string): Promise<string> {
  const input = readFileSync(join(ROOT, 'examples', example, 'input.json'), 'utf8')
  await sfn.startExecution({ stateMachineArn: machineArnOf(machine), name: 'demo', input })
  return executionArnOf(machine, 'demo')
}

interface Progress {
  readonly text: string
  /** Told when it is another one. */
  readonly step: number
}

/** A line when it has come on by a step, and when shards have moved. Throws where it does not succeed. */
async function follow(bed: Bed, sfn: SFN, executionArn: string, progress: () => Promise<Progress>): Promise<void> {
  const begun = Date.now()
  const say = (text: string) => console.log(`  ${((Date.now() - begun) / 1_000).toFixed(1).padStart(5)} s  ${text}`)
  for (let last = ''; ; await sleep(250)) {
    const { status, error, cause } = await sfn.describeExecution({ executionArn })
    if (status === 'SUCCEEDED') return say(status)
    if (status !== 'RUNNING') throw new Error(`${executionArn} is ${status}: ${error}: ${cause}`)
    const { text, step } = await progress()
    const shards = await shown(bed)
    if (`${step} ${shards}` !== last) say(`${text}   shards: ${shards}`)
    last = `${step} ${shards}`
  }
}

async function shown(bed: Bed): Promise<string> {
  const held = await shardsOf(bed)
  const shards = (node: RegenteNode) => (node.isRunning ? String(held.get(node) ?? 0) : 'dead').padStart(4)
  return bed.nodes.map((node) => `${node.name} ${shards(node)}`).join(', ')
}

async function stationsDone(sfn: SFN, executionArn: string): Promise<number> {
  const { mapRuns: [run] = [] } = await sfn.listMapRuns({ executionArn })
  if (run?.mapRunArn === undefined) return 0
  const { itemCounts } = await sfn.describeMapRun({ mapRunArn: run.mapRunArn })
  return (itemCounts?.succeeded ?? 0) + (itemCounts?.failed ?? 0)
}

/** SIGKILL for the node that drives an execution. */
async function killDriver(bed: Bed, executionArn: string): Promise<RegenteNode | undefined> {
  const driver = await holderOf(bed, executionArn)
  if (driver === undefined) throw new Error(`no node drives ${executionArn}`)
  await driver.kill()
  console.log(`  ${driver.name}, which drives it, is killed (kill -9)`)
  return driver
}

function regente(...args: readonly string[]): Promise<void> {
  return node(join(ROOT, 'bin/regente.js'), ...args)
}

async function node(...args: readonly string[]): Promise<void> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:AWS|REGENTE)_/.test(name))
  const env = { ...Object.fromEntries(kept), AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' }
  await promisify(execFile)(process.execPath, args, { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 })
}

function title(text: string): void {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(2, 96 - text.length))}`)
}

/** Whoever stops us stops all that we have begun. */
function endOnSignals(bed: Bed): void {
  for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }))
    process.once(signal, () => void bed.close().then(() => process.exit(128 + number)))
}
