/**
 * The store on PostgreSQL, which any number of nodes share: writes of turns grouped, on connections of their own; reads on some
 * others; leases apart from both. What belongs to an execution lies in a shard, and is written by the node that holds it.
 */
import { systemClock } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'
import type { Log } from '../../base/log.ts'

import type { Store } from '../contract.ts'
import { StoreUnavailableError } from '../unavailable.ts'
import { activityReads, activityWrites } from './activities.ts'
import { parseAddress } from './address.ts'
import { Channel, type Query } from './channel.ts'
import { connect } from './connect.ts'
import { definitionReads, definitionWrites } from './definitions.ts'
import { executionReads, executionWrites } from './executions.ts'
import { isStoreFailure, reasonOf, startErrorOf } from './failure.ts'
import { Fence } from './fence.ts'
import { GroupCommit } from './group-commit.ts'
import { Keys } from './keys.ts'
import { openLeases } from './leases.ts'
import { logReads } from './log.ts'
import { mapRunReads } from './map-runs.ts'
import { mapRunWrites } from './map-run-turns.ts'
import { openDatabase } from './open.ts'
import { packTurn } from './packed-turns.ts'
import { Partitions } from './partitions.ts'
import { tagReads, tagWrites } from './tags.ts'

const LANES = 2
const READERS = 3
const WAIT_MS = 30_000
/** To analyse a table takes as long as it takes. */
const UPKEEP_MS = 600_000
/** So long a store that closes tries to give its shards up. Who cannot is taken for dead later. */
const LEAVE_MS = 2_000
export const DEFAULT_LEASE_MS = 10_000

export interface PostgresStoreOptions {
  /** `postgres://user:password@host:5432/database`, with several hosts where one of them is the primary. */
  readonly url: string
  readonly log: Log
  /** How long this node lives without renewing its lease. */
  readonly leaseMs?: number
  /** How long to wait at the start for a server that does not answer yet. */
  readonly waitMs?: number
  /** Ends that wait. */
  readonly stopped?: AbortSignal | undefined
  /** How many commits are under way at once. */
  readonly lanes?: number
}

/** Rejects with a StartError when the database cannot be used, in words for whoever started us. */
export async function openPostgresStore(
  options: PostgresStoreOptions,
): Promise<Store & { readonly leases: NonNullable<Store['leases']> }> {
  const { url, log, leaseMs = DEFAULT_LEASE_MS, waitMs = WAIT_MS, stopped } = options
  const address = parseAddress(url)
  await openDatabase({ address, log, waitMs, stopped })

  const channel = (statementTimeoutMs?: number) => new Channel(() => connect({ address, statementTimeoutMs }))
  const lanes = Array.from({ length: options.lanes ?? LANES }, () => channel())
  const readers = Array.from({ length: READERS }, () => channel())
  const renewals = channel(Math.ceil(leaseMs / 3))
  const [claims, inbox, definitions, removals, others] = [channel(), channel(), channel(), channel(), channel()]
  const upkeep = channel(UPKEEP_MS)
  const channels = [...lanes, ...readers, renewals, claims, inbox, definitions, removals, others, upkeep]

  /** By the reader that has least to do. */
  const read: Query = (statement, ...values) => {
    const reader = readers.reduce((least, other) => (other.load < least.load ? other : least))
    return reader.query(statement, ...values).catch(tellAway)
  }
  const other: Query = (statement, ...values) => others.query(statement, ...values).catch(tellAway)
  const fence = new Fence()
  const held = () => fence.held()
  const commits = new GroupCommit({ lanes, fence, log, shown: address.shown })
  const keys = new Keys({ query: inbox.query, held, log })
  const partitions = new Partitions(upkeep.query, log)
  const closeAll = async () => {
    partitions.close()
    await Promise.all(channels.map((one) => one.close()))
  }
  try {
    await Promise.all([partitions.open(), keys.open(), ...lanes.map((lane) => lane.open())])
  } catch (error) {
    await closeAll()
    throw startErrorOf(error, address)
  }
  const { positions, ...executions } = executionReads({ query: read, held })
  const leases = openLeases({ leaseMs, fence, renewals, claims, inbox, positions })

  return {
    leases,
    newExecutionKey: (where) => keys.next(where),
    commit: (turns) => Promise.all(turns.map((turn) => commits.commit(packTurn(turn)))),
    ...executions,
    ...executionWrites(other, removals),
    ...logReads(read),
    ...mapRunReads(read),
    ...mapRunWrites({ commits, fence }),
    ...definitionReads(read),
    ...definitionWrites({ transaction: (work) => definitions.transaction(work).catch(tellAway) }),
    ...activityReads(read),
    ...activityWrites(other),
    ...tagReads(read),
    ...tagWrites(other),
    health: () => commits.health(),
    async close() {
      await commits.close()
      if (fence.hasJoined && commits.health().status === 'ok') await within(LEAVE_MS, leases.leave())
      await closeAll()
    },
  }
}

/** Waits until it is done, or has failed, or that time is over. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const over = deferred<void>()
  const alarm = systemClock.after(ms, () => over.resolve())
  await Promise.race([work.catch(() => {}), over.promise])
  alarm.cancel()
}

/** Tells a database that does not answer from what was asked of it. */
function tellAway(error: unknown): never {
  throw isStoreFailure(error) ? new StoreUnavailableError(reasonOf(error), { cause: error }) : error
}
