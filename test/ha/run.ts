/**
 * `npm run test:ha`: a cluster under mixed load, and a bad hour. Ends with 1 where something does not hold.
 *   -- --bed ha           three nodes, PostgreSQL under Patroni (the default); postgres: one PostgreSQL; sqlite: one node alone
 *   -- --faults 10        so many, one after the other
 *   -- --kind kill-node   of that kind alone; all kinds in turn without it
 *   -- --quiet 10         so many seconds with no fault, before the first and after the last
 *   -- --seed 17          which, when, and what is started; the time of day without it
 *   -- --rate 6           executions a second
 *   -- --lease 5          seconds that a node lives without a word
 *   -- --etcd 3           members of etcd (1)
 */
import { join } from 'node:path'
import { inspect, parseArgs } from 'node:util'

import { Dice } from '../simulation/dice.ts'

import { BED_KINDS, type Bed, type BedKind, startBed } from './bed/bed.ts'
import { sleep, until } from './bed/workspace.ts'
import { check, clock, type FaultWindow, type Figures, type Waited } from './checker.ts'
import { type FaultKind, faultKindsOf, inflict, planFaults, told } from './faults.ts'
import { Client } from './load/client.ts'
import { Load } from './load/load.ts'
import { TaskService } from './load/task-service.ts'
import { LeaseWatch } from './leases.ts'
import { watchTimers, watchWrites } from './machine.ts'
import { countRunning, lookAt, readLog } from './observe.ts'

const ROOT = join(import.meta.dirname, '../..')
const NODES_MAX = 3
/** Everything that was started has ended after this time. */
const END_MS = 90_000
const LOOK_MS = 200
const [LINES_MAX, LINE_CHARS] = [40, 400]

const { values } = parseArgs({
  options: {
    bed: { type: 'string', default: 'ha' },
    faults: { type: 'string', default: '10' },
    kind: { type: 'string' },
    quiet: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rate: { type: 'string', default: '6' },
    lease: { type: 'string', default: '5' },
    etcd: { type: 'string', default: '1' },
  },
})

interface Options {
  readonly bed: BedKind
  readonly faults: number
  /** All of the bed's where it is left out. */
  readonly fault?: FaultKind
  readonly quietSeconds: number
  readonly seed: number
  readonly rate: number
  readonly leaseSeconds: number
  readonly etcdMembers: number
}

process.exitCode = await main(readOptions())

function readOptions(): Options {
  const number = (name: 'faults' | 'quiet' | 'seed' | 'rate' | 'lease' | 'etcd', least: number) => {
    const value = Number(values[name])
    if (!(value >= least)) fail(`--${name} ${values[name]}: not a number from ${least} on`)
    return value
  }
  const bed = BED_KINDS.find((kind) => kind === values.bed) ?? fail(`--bed ${values.bed}: one of ${BED_KINDS.join(', ')}`)
  const { kind } = values
  const kinds = faultKindsOf(bed)
  const fault = kind && (kinds.find((one) => one === kind) ?? fail(`--kind ${kind}: on this bed one of ${kinds.join(', ')}`))
  return {
    bed,
    faults: number('faults', 0),
    ...(fault && { fault }),
    quietSeconds: number('quiet', 0),
    seed: number('seed', 0),
    rate: number('rate', 0.1),
    leaseSeconds: number('lease', 1),
    etcdMembers: number('etcd', 1),
  }
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}

async function main(options: Options): Promise<number> {
  const { seed, faults, rate, leaseSeconds } = options
  const keepLogsIn = join(ROOT, '.regente', `test-ha-${seed}`)
  let load: Load | undefined
  const tasks = new TaskService((job, token) => load?.answerToken(job, token))
  const envs = await Promise.all(Array.from({ length: NODES_MAX }, (_, index) => tasks.open(`node-${index + 1}`)))
  say(`seed ${seed}: a bed of kind ${options.bed}, ${faults} faults, ${rate} executions a second, leases of ${leaseSeconds} s`)
  let bed: Bed
  try {
    bed = await startBed({ ...options, kind: options.bed, envOf: (node) => envs[node] ?? {}, keepLogsIn, tell: say })
  } catch (error) {
    await tasks.close()
    console.error(error instanceof Error ? error.message : error)
    return 1
  }
  endOnSignals(bed)
  const client = new Client(bed.url)
  load = new Load(client, tasks, seed)
  let violations: readonly string[] = []
  try {
    violations = await endure(bed, client, load, tasks, options)
  } catch (error) {
    violations = [`the test itself failed: ${inspect(error)}`]
  } finally {
    client.close()
    await load.close()
    await bed.close(violations.length > 0 ? keepLogsIn : undefined)
    await tasks.close()
  }
  if (violations.length === 0) {
    say('All is well.')
    return 0
  }
  const again = `npm run test:ha -- --bed ${options.bed} --faults ${faults}${options.fault ? ` --kind ${options.fault}` : ''} --seed ${seed}`
  console.log(`\nLogs of all processes: ${keepLogsIn}\nAgain: ${again}\n\n${listed(violations)}`)
  return 1
}

/** The last that is said, and short: of a long output only the end is kept where nobody looks on. */
function listed(violations: readonly string[]): string {
  const lines = violations.flatMap((violation) => violation.split('\n')).map((line) => line.slice(0, LINE_CHARS))
  const left = lines.length - LINES_MAX
  return [
    `${violations.length} violations:`,
    ...lines.slice(0, LINES_MAX),
    ...(left > 0 ? [`… and ${left} lines more`] : []),
  ].join('\n  ')
}

async function endure(bed: Bed, client: Client, load: Load, tasks: TaskService, options: Options): Promise<readonly string[]> {
  const leases = new LeaseWatch(bed)
  await load.createAll()
  load.begin(options.rate)
  let isOver = false
  const over = () => isOver
  const [timers, writes]: [Waited[], Waited[]] = [[], []]
  const watching = Promise.all([watch(leases, over), watchTimers(timers, over), watchWrites(bed, writes, over)])
  let hour: BadHour
  try {
    hour = await goThrough(bed, client, load, options)
  } finally {
    isOver = true
    await watching
  }
  say(await progress(client, load))
  const complaints = [...hour.complaints, ...load.complaints]
  const executions = await lookAt(client, load.followed).catch((error: unknown) => {
    throw new Error(`What became of it cannot be seen: ${String(error)}\n${complaints.join('\n')}`)
  })
  const { violations, figures } = check({
    leaseMs: bed.leaseMs,
    executions,
    calls: tasks.calls,
    answers: load.answers,
    complaints,
    givenUp: client.givenUp,
    windows: hour.windows,
    log: await readLog(bed),
    leases: leases.seen,
    timers,
    writes,
  })
  for (const line of summary(figures, client, leases)) say(line)
  return violations
}

interface BadHour {
  readonly windows: readonly FaultWindow[]
  readonly complaints: readonly string[]
}

/** All faults, and then until everything that was started has ended. */
async function goThrough(bed: Bed, client: Client, load: Load, options: Options): Promise<BadHour> {
  const { seed, faults, fault: kind, quietSeconds } = options
  const dice = new Dice(seed).of('faults')
  const windows: FaultWindow[] = []
  const complaints: string[] = []
  say('the load has begun')
  await sleep(quietSeconds * 1_000)
  for (const [index, fault] of planFaults(dice, bed, faults, kind).entries()) {
    say(`fault ${index + 1} of ${faults}: ${told(fault)}`)
    const seen = await inflict(bed, fault)
    windows.push(seen.window)
    complaints.push(...seen.violations)
    if (seen.notes.length > 0) say(`  ${seen.notes.join(', ')}`)
    say(`  well again after ${((seen.window.to - seen.window.from) / 1_000).toFixed(1)} s; ${await progress(client, load)}`)
    if (seen.violations.length > 0) break
    await sleep(dice.between(2_000, 4_000))
  }
  await sleep(quietSeconds * 1_000)
  say('no more is started')
  await load.stopStarting()
  await until('everything has ended', END_MS, async () => {
    const isDone = load.followed.every(({ planned, told }) => planned.meddling === undefined || told.meddledAt !== undefined)
    return isDone && (await countRunning(client)) === 0
  }).catch((error: unknown) => void complaints.push(String(error)))
  return { windows, complaints }
}

async function watch(leases: LeaseWatch, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await leases.look()
    await sleep(LOOK_MS)
  }
}

async function progress(client: Client, load: Load): Promise<string> {
  const running = await countRunning(client).catch(() => undefined)
  const { started } = load
  return running === undefined ? `${started} started` : `${started} started, ${started - running} ended, ${running} open`
}

function* summary(figures: Figures, client: Client, leases: LeaseWatch): Generator<string> {
  yield `${figures.ended} executions, ${figures.effects} effects of tasks, ${figures.turns} turns in the log, ${leases.seen.length} changes of leases`
  yield `${figures.doubled} effects came twice, each by a fault that costs a node its leases`
  yield `${client.givenUp.length} calls failed past the SDK's own retries, and were made again`
  yield `timers with no fault nearby: ${figures.timersInQuiet}, late by ${figures.timerP50Ms} ms (p50), ${figures.timerP99Ms} ms (p99), ${figures.timerMaxMs} ms (most); ${figures.timerOwnP99Ms} ms (p99) of it their own`
  yield `timers in a fault: late by at most ${figures.timerAfterFaultMaxMs} ms after they could fire`
}

function say(what: string): void {
  console.log(`${clock(Date.now())} ${what}`)
}

/** Whoever stops us stops all that we have begun. */
function endOnSignals(bed: Bed): void {
  for (const [signal, number] of Object.entries({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }))
    process.once(signal, () => void bed.close().then(() => process.exit(128 + number)))
}
