/** What goes wrong, and when: drawn from the seed, one after the other, each until everything is well again. */
import type { Dice } from '../simulation/dice.ts'

import type { Bed, BedKind } from './bed/bed.ts'
import { isWritable } from './bed/database.ts'
import type { RegenteNode } from './bed/nodes.ts'
import type { Network } from './bed/tcp-proxy.ts'
import { sleep, until } from './bed/workspace.ts'
import { type FaultWindow, TAKE_OVER_MS } from './checker.ts'
import { shardsOf } from './leases.ts'

/** Nodes by number, from 0. */
export type Fault =
  /** SIGKILL, and started again after a while. */
  | { readonly kind: 'kill-node'; readonly node: number; readonly downMs: number }
  /** SIGSTOP for longer than the lease, then SIGCONT: it wakes up and believes that nothing has happened. */
  | { readonly kind: 'pause-node'; readonly node: number; readonly ms: number }
  /** SIGTERM and started again, one node after the other. */
  | { readonly kind: 'rolling-restart' }
  /** The primary dies as a machine does that loses its power. */
  | { readonly kind: 'kill-database'; readonly downMs: number }
  | { readonly kind: 'restart-database' }
  /** All connections of these nodes with the database. */
  | { readonly kind: 'cut-connections'; readonly nodes: readonly number[] }
  /** Between a node and the database nothing arrives, for longer than the lease; afterwards late, or never. */
  | { readonly kind: 'part-node'; readonly node: number; readonly ms: number; readonly isCut: boolean }
  /** The database hears the node, and the node does not hear the database. */
  | { readonly kind: 'mute-database'; readonly node: number; readonly ms: number; readonly isCut: boolean }
  | { readonly kind: 'slow-network'; readonly node: number; readonly ms: number; readonly delayMs: number }
  /** The other nodes do not reach the node; clients and it the database do. */
  | { readonly kind: 'part-peers'; readonly node: number; readonly ms: number; readonly network: PeerTrouble }
type PeerTrouble = 'parted' | 'mute' | 'refused'
export type FaultKind = Fault['kind']

const OF_ONE_NODE = ['kill-node', 'rolling-restart'] as const
const OF_A_CLUSTER = [
  'kill-node',
  'pause-node',
  'rolling-restart',
  'kill-database',
  'restart-database',
  'cut-connections',
  'part-node',
  'mute-database',
  'slow-network',
  'part-peers',
] as const
const KINDS: Readonly<Record<BedKind, readonly FaultKind[]>> = {
  sqlite: OF_ONE_NODE,
  postgres: OF_A_CLUSTER,
  ha: OF_A_CLUSTER,
}

/** What can go wrong with a bed. */
export const faultKindsOf = (bed: BedKind): readonly FaultKind[] => KINDS[bed]

/** Each kind comes before any comes again; with `only`, no other comes. */
export function planFaults(dice: Dice, bed: Pick<Bed, 'kind' | 'leaseMs'>, count: number, only?: FaultKind): Fault[] {
  const faults: Fault[] = []
  while (faults.length < count) {
    const deck = only ? [only] : [...KINDS[bed.kind]]
    while (deck.length > 0 && faults.length < count) {
      const [kind = 'kill-node'] = deck.splice(dice.below(deck.length), 1)
      faults.push(draw(kind, dice, bed))
    }
  }
  return faults
}

function draw(kind: FaultKind, dice: Dice, { kind: bed, leaseMs }: Pick<Bed, 'kind' | 'leaseMs'>): Fault {
  const node = dice.below(bed === 'sqlite' ? 1 : 3)
  // The others look every third of a lease.
  const pastLease = Math.ceil((leaseMs * 4) / 3) + dice.between(1_500, 3_000)
  switch (kind) {
    case 'kill-node':
      return { kind, node, downMs: dice.pick([0, 500, leaseMs + 1_000]) }
    case 'pause-node':
      return { kind, node, ms: pastLease }
    case 'kill-database':
      return { kind, downMs: dice.pick([0, 500, 2_000]) }
    case 'cut-connections':
      return { kind, nodes: dice.chance(0.5) ? [0, 1, 2] : [node] }
    case 'part-node':
    case 'mute-database':
      return { kind, node, ms: dice.chance(0.7) ? pastLease : 1_000, isCut: dice.chance(0.5) }
    case 'slow-network':
      return { kind, node, ms: dice.between(3_000, 5_000), delayMs: dice.pick([50, 200, 600]) }
    case 'part-peers':
      return { kind, node, ms: dice.between(3_000, 8_000), network: dice.pick(['parted', 'mute', 'refused']) }
    case 'rolling-restart':
    case 'restart-database':
      return { kind }
  }
}

export function told(fault: Fault): string {
  const node = 'node' in fault ? `node-${fault.node + 1}` : ''
  switch (fault.kind) {
    case 'kill-node':
      return `kill -9 of ${node}, started again after ${fault.downMs} ms`
    case 'pause-node':
      return `${node} sleeps (SIGSTOP) for ${fault.ms} ms`
    case 'rolling-restart':
      return 'all nodes are restarted, one after the other (SIGTERM)'
    case 'kill-database':
      return `the primary database is killed, started again after ${fault.downMs} ms`
    case 'restart-database':
      return 'the database is restarted'
    case 'cut-connections':
      return `connections of ${fault.nodes.map((number) => `node-${number + 1}`).join(', ')} with the database are cut`
    case 'part-node':
      return `${node} and the database are parted for ${fault.ms} ms; ${afterwards(fault.isCut)}`
    case 'mute-database':
      return `${node} does not hear the database for ${fault.ms} ms; ${afterwards(fault.isCut)}`
    case 'slow-network':
      return `${node} and the database are ${fault.delayMs} ms apart for ${fault.ms} ms`
    case 'part-peers':
      return `the other nodes do not reach ${node} for ${fault.ms} ms (${fault.network})`
  }
}

const afterwards = (isCut: boolean): string => (isCut ? 'what was on its way is lost' : 'what was on its way arrives late')

/** A cluster that is not whole again after this time is broken. */
const RECOVERY_MS = 60_000
/** SIGTERM to exit. */
const DRAIN_MS_MAX = 10_000
const LONG_AFTER_MS = 1_000

export interface FaultSeen {
  readonly window: FaultWindow
  /** What does not hold of the fault itself. */
  readonly violations: readonly string[]
  /** What is worth knowing. */
  readonly notes: readonly string[]
}

/** Resolves when everything is well again. */
export async function inflict(bed: Bed, fault: Fault): Promise<FaultSeen> {
  const from = Date.now()
  const { servedFrom = from, violations = [], notes = [] } = await happen(bed, fault)
  const what = told(fault)
  const seen = (to: number, more: readonly string[] = []): FaultSeen => ({
    window: {
      what,
      from,
      to,
      servedFrom,
      costsLeases: costsLeases(fault, bed),
      isHidden: fault.kind === 'part-peers' || (fault.kind === 'rolling-restart' && bed.nodes.length > 1),
    },
    violations: [...violations, ...more],
    notes,
  })
  try {
    await until('the cluster is whole again', RECOVERY_MS, () => bed.isWhole())
    return seen(Date.now())
  } catch (error) {
    return seen(Date.now(), [`${what}: ${String(error)}`])
  }
}

/** Whoever keeps its lease, or gives its shards up when nothing of theirs is being called, does nothing twice. */
const COSTS_LEASES: Readonly<Record<FaultKind, boolean>> = {
  'kill-node': true,
  'pause-node': true,
  'rolling-restart': false,
  'kill-database': false,
  'restart-database': false,
  'cut-connections': false,
  'part-node': true,
  'mute-database': true,
  'slow-network': false,
  'part-peers': false,
}
/** A node alone has nobody to give them up to. */
const costsLeases = (fault: Fault, { nodes }: Bed): boolean =>
  COSTS_LEASES[fault.kind] || (fault.kind === 'rolling-restart' && nodes.length === 1)

interface Happened {
  /** Undefined: nodes that live can serve all the while. */
  readonly servedFrom?: number
  readonly violations?: readonly string[]
  readonly notes?: readonly string[]
}

async function happen(bed: Bed, fault: Fault): Promise<Happened> {
  switch (fault.kind) {
    case 'kill-node': {
      const node = at(bed.nodes, fault.node)
      await node.kill()
      await sleep(fault.downMs)
      await node.start()
      return bed.nodes.length === 1 ? { servedFrom: Date.now() } : {}
    }
    case 'pause-node': {
      const node = at(bed.nodes, fault.node)
      node.pause()
      await sleep(fault.ms)
      const violations = await stillHeld(bed, node)
      node.resume()
      await sleep(LONG_AFTER_MS)
      return { violations }
    }
    case 'rolling-restart':
      return restartAll(bed)
    case 'kill-database': {
      const database = databaseOf(bed)
      const bringBack = await database.kill()
      const served = until('writes are taken again', RECOVERY_MS, () => isWritable(database.url)).then(() => Date.now())
      const [servedFrom] = await Promise.all([served, sleep(fault.downMs).then(bringBack)])
      return { servedFrom }
    }
    case 'restart-database':
      await databaseOf(bed).restart()
      return { servedFrom: Date.now() }
    case 'cut-connections':
      for (const node of fault.nodes) at(bed.networks, node).cut()
      return {}
    case 'part-node':
      return trouble(bed, { kind: 'parted' }, fault)
    case 'mute-database':
      return trouble(bed, { kind: 'mute' }, fault)
    case 'slow-network':
      return trouble(bed, { kind: 'slow', delayMs: fault.delayMs }, fault)
    case 'part-peers': {
      const proxy = at(bed.peers, fault.node)
      proxy.network = { kind: fault.network }
      if (fault.network === 'refused') proxy.cut()
      await sleep(fault.ms)
      proxy.network = { kind: 'well' }
      return {}
    }
  }
}

interface Trouble {
  readonly node: number
  readonly ms: number
  readonly isCut?: boolean
}

async function trouble(bed: Bed, network: Network, { node, ms, isCut = false }: Trouble): Promise<Happened> {
  const proxy = at(bed.networks, node)
  proxy.network = network
  await sleep(ms)
  const violations = network.kind === 'parted' && ms > bed.leaseMs ? await stillHeld(bed, at(bed.nodes, node)) : []
  if (isCut) proxy.cut()
  proxy.network = { kind: 'well' }
  // What arrives late has arrived.
  await sleep(LONG_AFTER_MS)
  return { violations }
}

/**
 * Whoever has not been heard of for longer than the lease has nothing left: the others have taken it. They are given as much time
 * as for a timer of it: that two hold a shard is another matter, and is looked for all the while (`leases.ts`).
 */
async function stillHeld(bed: Bed, node: RegenteNode): Promise<string[]> {
  let held: number | undefined
  const isFree = async () => (held = (await shardsOf(bed)).get(node) ?? 0) === 0
  return until('its shards are taken', TAKE_OVER_MS, isFree).then(
    () => [],
    () => [`${node.name} was not heard of for longer than the lease, and ${held ?? 'all'} shards were left to it`],
  )
}

async function restartAll(bed: Bed): Promise<Happened> {
  const violations: string[] = []
  const notes: string[] = []
  for (const node of bed.nodes) {
    const tookMs = await node.stop()
    notes.push(`${node.name} ended after ${(tookMs / 1_000).toFixed(1)} s`)
    if (tookMs > DRAIN_MS_MAX + LONG_AFTER_MS) violations.push(`${node.name} took ${tookMs} ms to end after SIGTERM`)
    await node.start()
    await node.ready()
  }
  return { violations, notes, ...(bed.nodes.length === 1 && { servedFrom: Date.now() }) }
}

function at<T>(of: readonly T[], node: number): T {
  const found = of[node]
  if (found === undefined) throw new Error(`there is no node ${node}`)
  return found
}

function databaseOf({ database }: Bed) {
  if (!database) throw new Error('this bed has no database server')
  return database
}
