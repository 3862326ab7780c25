/** One seed: a quiet run, a run in a bad hour, and what is to be said against the second. */
import { asId } from '../../src/base/id-in-test.ts'
import { toInstant } from '../../src/base/time.ts'

import { checkDefinition } from '../../src/asl/check.ts'
import { openMemoryStore } from '../../src/store/memory/store.ts'

import { machineArnOf, sendCallers } from './callers.ts'
import { checkLeaks, checkRun, endsOf, expectNoMessageWaits } from './checkers.ts'
import { Dice } from './dice.ts'
import type { Doubles } from './doubles.ts'
import { QUIET, weatherAmongNodes, weatherOf } from './weather.ts'
import { ACTIVITIES, activityArnOf, workloadOf } from './workload.ts'
import { World } from './world.ts'

export interface Verdict {
  readonly seed: number
  /** What does not hold; empty is good. */
  readonly violations: readonly string[]
  readonly steps: number
  readonly crashes: number
  readonly stops: number
  readonly freezes: number
  /** Of everything that happened, in its order. */
  readonly traceHash: string
}

export interface RunOptions {
  readonly doubles?: Doubles
  /** Takes the trace of the bad hour. */
  readonly lines?: string[]
}

const STEPS_MAX = 60_000
const SETTLE_MS = 150_000
/** A message is old after ten minutes, and old ones are looked for each minute. */
const OLD_MS = 11 * 60_000
const SWEEP_MS = 100_000
const STEPS_OF_NODES_MAX = 150_000
/** One seed in three is one of several nodes. */
export const isOfNodes = (seed: number): boolean => seed % 3 === 0
/** Nothing waits longer than the longest timeout, 6,000 seconds. */
const STILL_MS_MAX = 10_000_000

export async function runSeed(seed: number, { doubles, lines }: RunOptions = {}): Promise<Verdict> {
  const dice = new Dice(seed)
  const workload = workloadOf(dice.of('workload'), isOfNodes(seed))
  const more = lines && { lines }
  const quiet = await runWorld(new World({ seed, weather: QUIET, workload, ...more }))
  const hour = weatherOf(dice.of('weather'))
  const weather = isOfNodes(seed) ? weatherAmongNodes(hour, dice.of('nodes weather')) : hour
  const rough = await runWorld(new World({ seed, weather, workload, ...more, ...(doubles && { doubles }) }))
  compareEnds(rough, quiet)
  return {
    seed,
    steps: quiet.scheduler.steps + rough.scheduler.steps,
    crashes: rough.crashes,
    stops: rough.stops,
    freezes: rough.freezes,
    violations: [...quiet.violations.map((what) => `on a quiet day: ${what}`), ...rough.violations],
    traceHash: quiet.scheduler.traceHash + rough.scheduler.traceHash,
  }
}

/** Every execution that nobody meddled with ends as on a quiet day. */
export function compareEnds(world: World, quiet: World): void {
  const expected = endsOf(quiet)
  for (const [name, end] of endsOf(world))
    if (end !== undefined && end !== expected.get(name))
      world.violate(`${name} ended ${end}, on a quiet day ${expected.get(name)}`)
}

/** Runs a world until everything has ended, and checks it. */
export async function runWorld(world: World): Promise<World> {
  // It would end a real server.
  const unhandled = (error: unknown) =>
    world.violate(`a rejection that nobody handles: ${error instanceof Error ? error.stack : String(error)}`)
  process.on('unhandledRejection', unhandled)
  const takeOut = world.plant()
  try {
    return await runToEnd(world)
  } finally {
    takeOut()
    process.off('unhandledRejection', unhandled)
  }
}

async function runToEnd(world: World): Promise<World> {
  await setUp(world)
  sendCallers(world)
  world.boot()
  let stillSince = 0
  let logged = 0
  while (world.isRunning && world.violations.length === 0) {
    const { steps, elapsed } = world.scheduler
    if (!(await world.step())) world.violate('nothing will ever happen again, and not everything has ended')
    const turns = turnsOf(world)
    if (turns !== logged) stillSince = elapsed
    logged = turns
    if (steps > (world.isShared ? STEPS_OF_NODES_MAX : STEPS_MAX) || elapsed - stillSince > STILL_MS_MAX)
      world.violate(`not everything ends: ${openOf(world)}`)
  }
  if (world.violations.length > 0) return end(world)
  world.close()
  await settle(world, SETTLE_MS)
  if (world.disk.inbox.size > 0) await sweepInbox(world)
  checkRun(world)
  await checkLeaks(world)
  return end(world)
}

/** Whoever is still on the way arrives. */
async function settle(world: World, ms: number): Promise<void> {
  const until = world.scheduler.elapsed + ms
  while (world.scheduler.elapsed < until) if (!(await world.step())) return
}

/** What is answered and nobody asks for any more goes when it is old. */
async function sweepInbox(world: World): Promise<void> {
  expectNoMessageWaits(world)
  world.scheduler.setClock(OLD_MS)
  await settle(world, SWEEP_MS)
  if (world.disk.inbox.size > 0) world.violate(`${world.disk.inbox.size} messages stay in the inbox`)
}

function end(world: World): World {
  world.outside.isOver = true
  for (const { life, wire } of world.processes) life.isOver = wire.isOver = true
  return world
}

/** Machines and activities, as if made on a day before. */
async function setUp({ disk, workload }: World): Promise<void> {
  const store = openMemoryStore(disk)
  const createdAt = toInstant(Date.UTC(2025, 11, 31))
  const standard = workload.machines.map((machine) => ({ ...machine, type: 'STANDARD' }) as const)
  for (const { name, definition, type } of [...standard, { ...workload.express, type: 'EXPRESS' } as const]) {
    const faults = checkDefinition(definition, { type }).filter(({ severity }) => severity === 'ERROR')
    if (faults.length > 0) throw new Error(`the workload is wrong: ${JSON.stringify(faults)} ${definition}`)
    const machine = { arn: machineArnOf(name), name, type, status: 'ACTIVE', createdAt } as const
    await store.createStateMachine(machine, { definition, roleArn: 'arn:aws:iam::123456789012:role/r', createdAt })
  }
  for (const name of ACTIVITIES) await store.createActivity({ arn: asId(activityArnOf(name)), name, createdAt })
}

const turnsOf = ({ disk }: World): number => {
  let turns = disk.executions.size
  for (const log of disk.logs.values()) turns += log.length
  return turns
}

function openOf({ disk }: World): string {
  const executions = [...disk.running].flatMap((key) => disk.executions.get(key)?.arn ?? [])
  return executions.length > 0 ? `${executions.length} executions, ${executions[0]}` : 'no execution, but a caller'
}
