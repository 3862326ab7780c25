/** A Map Run between the store and the machine: folded from its log, committed turn by turn. */
import type { ExecutionKey } from '../../base/ids.ts'
import { parseExactly, printInOrder } from '../../base/member-order.ts'
import type { Entropy } from '../../base/random.ts'

import { applyMapRun, foldMapRun } from '../../engine/map-run/apply.ts'
import type { MapRunEnd, MapRunEvent, RunBefore } from '../../engine/map-run/event.ts'
import { type MapRunRequest, type MapRunState, newMapRunState } from '../../engine/map-run/state.ts'
import { beginMapRun } from '../../engine/map-run/step.ts'
import type { ChildLog, ExecutionRecord, MapRunPatch, MapRunRecord, MapRunTurn, Store } from '../../store/contract.ts'

/** What stands in `MapRunRecord.settings`. */
interface KeptRun {
  readonly request: MapRunRequest
  /** Of runs that were made before there was a log: how they ended, or what they stop towards. */
  readonly end?: MapRunEnd
}

export const printKept = (request: MapRunRequest): string => printInOrder({ request } satisfies KeptRun)

interface LogPorts {
  readonly store: Pick<Store, 'mapRunLog' | 'commitMapRun'>
  fenced(executionKey: ExecutionKey): void
}

/** The run as its log says, without its children. Rejects when the store fails. */
export async function foldLogOf(ports: LogPorts, record: MapRunRecord, entropy: Pick<Entropy, 'seed'>): Promise<MapRunState> {
  const { request, end } = parseExactly(record.settings) as KeptRun
  const empty = newMapRunState(request, record.startAt)
  const log = await ports.store.mapRunLog(record.key)
  if (log.length > 0) return foldMapRun(empty, log)
  const begun = beginMapRun(record.startAt, { seed: entropy.seed(), before: beforeOf(record, end) })
  applyMapRun(empty, begun)
  await commitRun(ports, record, empty, { events: [begun] })
  return empty
}

/** Makes a turn durable, after which the run is `state`. Rejects when it may not be. */
export async function commitRun(
  { store, fenced }: LogPorts,
  { key, executionKey }: Pick<MapRunRecord, 'key' | 'executionKey'>,
  state: MapRunState,
  turn: {
    readonly events: readonly MapRunEvent[]
    readonly children?: readonly ExecutionRecord[]
    readonly childLogs?: readonly ChildLog[]
    /** Its children are reopened with what it is started with now. */
    readonly redrive?: MapRunRequest
  },
): Promise<void> {
  const { events, children = [], childLogs = [], redrive } = turn
  const committed: MapRunTurn = {
    key,
    sequence: state.sequence - events.length,
    events,
    children,
    childLogs,
    reopensChildren: redrive !== undefined,
    patch: { ...rowPatchOf(state), ...(redrive && { settings: printKept(redrive) }) },
  }
  const outcome = await store.commitMapRun(committed)
  if (outcome === 'committed') return
  if (outcome === 'fenced') fenced(executionKey)
  throw new Error(outcome === 'fenced' ? 'another node has it' : 'its log has moved on')
}

/** What the run's row says after a turn. */
export function rowPatchOf(state: MapRunState): MapRunPatch {
  const { status, stopAt, limits, redriveCount, redriveAt, itemsRead, isReadingDone, resultsWritten } = state
  return {
    status,
    stopAt: stopAt ?? null,
    ...limits,
    redriveCount,
    itemsRead,
    isReadingDone,
    resultsWritten,
    ...(redriveAt !== undefined && { redriveAt }),
  }
}

function beforeOf(record: MapRunRecord, end: MapRunEnd | undefined): RunBefore {
  const { status, stopAt, itemsRead, isReadingDone, resultsWritten, redriveCount } = record
  const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = record
  return {
    limits: { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage },
    itemsRead,
    isReadingDone,
    resultsWritten,
    redriveCount,
    isOver: status !== 'RUNNING',
    ...(stopAt !== undefined && { stopAt }),
    ...(end && { end }),
  }
}
