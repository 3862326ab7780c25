/** One row an execution: created and patched by turns, listed by machine or Map Run, woken by due time. */
import type { ExecutionArn } from '../../base/arn.ts'
import { assert } from '../../base/assert.ts'
import { type ExecutionKey, type MapRunKey, type Shard, shardOf, type StateMachineKey } from '../../base/ids.ts'
import type { Instant } from '../../base/time.ts'

import type {
  ChildCounts,
  DueExecution,
  ExecutionFilter,
  ExecutionRecord,
  ExecutionStatus,
  ExecutionSummary,
  Page,
  TurnOutcome,
  TurnRecord,
} from '../contract.ts'
import { pageOf } from '../page.ts'
import { withPatch } from '../patch.ts'
import type { MemoryDisk } from './disk.ts'
import type { IsHeld } from './leases.ts'

/** The last redrives of an execution that are told once more to whoever asks again. */
const REDRIVES_KEPT = 10

export function executionOperations(disk: MemoryDisk, isHeld: IsHeld) {
  const { executions, redrives } = disk
  const waiting = (): DueExecution[] =>
    runningRows(disk).flatMap(({ key, wakeAt }) => (wakeAt === undefined || !isHeld(key) ? [] : [{ key, wakeAt }]))
  return {
    /** Every turn of its own; rejects when one cannot be stored, and has stored the others then. */
    async commit(turns: readonly TurnRecord[]): Promise<readonly TurnOutcome[]> {
      let refused: { readonly reason: unknown } | undefined
      const outcomes = turns.map((turn) => {
        try {
          return isHeld(turn.key) ? commitTurn(disk, turn) : 'fenced'
        } catch (reason) {
          refused ??= { reason }
          return 'stale'
        }
      })
      if (refused) throw refused.reason
      return outcomes
    },
    async execution(arn: ExecutionArn): Promise<ExecutionRecord | undefined> {
      const key = disk.keysByArn.get(arn)
      return key === undefined ? undefined : executions.get(key)
    },
    async executionSummary(arn: ExecutionArn): Promise<ExecutionSummary | undefined> {
      const key = disk.keysByArn.get(arn)
      return key === undefined ? undefined : executions.get(key)
    },
    executionByKey: async (key: ExecutionKey): Promise<ExecutionRecord | undefined> => executions.get(key),
    async executions(filter: ExecutionFilter, limit: number, from?: string): Promise<Page<ExecutionRecord>> {
      const rows = (filter.mapRunKey === undefined ? [...executions.values()] : childRows(disk, filter.mapRunKey))
        .filter((row) => isListed(row, filter) && (from === undefined || isBefore(row, from)))
        .sort((a, b) => listedAt(b) - listedAt(a) || b.key - a.key)
      return pageOf(rows, limit, (last) => `${listedAt(last)}:${last.key}`)
    },
    async due(until: Instant, limit: number, after?: DueExecution): Promise<readonly DueExecution[]> {
      return waiting()
        .filter((one) => one.wakeAt <= until && (after === undefined || byDueTime(after, one) < 0))
        .sort(byDueTime)
        .slice(0, limit)
    },
    async nextDue(after: Instant): Promise<Instant | undefined> {
      let next: Instant | undefined
      for (const { wakeAt } of waiting()) if (wakeAt > after && (next === undefined || wakeAt < next)) next = wakeAt
      return next
    },
    async busy(shards: readonly Shard[], after: ExecutionKey, limit: number): Promise<readonly ExecutionKey[]> {
      const of = new Set(shards)
      const keys = runningRows(disk).flatMap(({ key, isBusy }) => (isBusy && key > after && of.has(shardOf(key)) ? [key] : []))
      return keys.sort((a, b) => a - b).slice(0, limit)
    },
    async machinesWithExecutions(after: StateMachineKey, limit: number): Promise<readonly StateMachineKey[]> {
      const keys = new Set<StateMachineKey>()
      for (const { stateMachineKey, mapRunKey } of executions.values())
        if (mapRunKey === undefined && stateMachineKey > after) keys.add(stateMachineKey)
      return [...keys].sort((a, b) => a - b).slice(0, limit)
    },
    async closedExecutions(stateMachineKey: StateMachineKey, before: Instant, limit: number): Promise<readonly ExecutionKey[]> {
      const closed = [...executions.values()].filter(
        (row) => row.stateMachineKey === stateMachineKey && isOver(row, before) && isHeld(row.key),
      )
      closed.sort((a, b) => (a.stopAt ?? 0) - (b.stopAt ?? 0) || a.key - b.key)
      return closed.slice(0, limit).map(({ key }) => key)
    },
    async removeClosed(keys: readonly ExecutionKey[], before: Instant): Promise<number> {
      const gone = rowsOf(disk, keys).filter((row) => isOver(row, before))
      for (const { key } of gone) removeWithRuns(disk, key)
      return gone.length
    },
    redriveOf: async (key: ExecutionKey, clientToken: string, after: Instant): Promise<Instant | undefined> =>
      redrives.get(key)?.find((one) => one.clientToken === clientToken && one.at > after)?.at,
    async keepRedrive(key: ExecutionKey, clientToken: string, at: Instant): Promise<void> {
      const others = (redrives.get(key) ?? []).filter((one) => one.clientToken !== clientToken)
      redrives.set(key, [...others, { clientToken, at }].slice(-REDRIVES_KEPT))
    },
    async countsByStatus(stateMachineKey: StateMachineKey): Promise<Readonly<Partial<Record<ExecutionStatus, number>>>> {
      const counts: Partial<Record<ExecutionStatus, number>> = {}
      for (const row of executions.values())
        if (row.stateMachineKey === stateMachineKey && row.mapRunKey === undefined)
          counts[row.status] = (counts[row.status] ?? 0) + 1
      return counts
    },
    async children(
      mapRunKey: MapRunKey,
      statuses: readonly ExecutionStatus[],
      afterIndex: number,
      limit: number,
    ): Promise<readonly ExecutionRecord[]> {
      const rows = childRows(disk, mapRunKey).filter((row) => statuses.includes(row.status) && indexOf(row) > afterIndex)
      return rows.sort((a, b) => indexOf(a) - indexOf(b)).slice(0, limit)
    },
    async childCounts(mapRunKey: MapRunKey): Promise<ChildCounts> {
      const counts: Partial<Record<ExecutionStatus, { executions: number; items: number }>> = {}
      for (const { status, itemCount = 0 } of childRows(disk, mapRunKey)) {
        const count = (counts[status] ??= { executions: 0, items: 0 })
        count.executions++
        count.items += itemCount
      }
      return counts
    },
  }
}

function commitTurn(disk: MemoryDisk, { key, create, ofMachine, patch, sequence, events }: TurnRecord): TurnOutcome {
  if (ofMachine !== undefined && disk.machines.get(ofMachine)?.status !== 'ACTIVE') return 'machine-gone'
  if (create && disk.keysByArn.has(create.arn)) return 'name-taken'
  const row = create ?? disk.executions.get(key)
  if (!row) return 'stale'
  assert(typeof row.input === 'string', `execution ${key} has an input`)
  const log = disk.logs.get(key) ?? []
  if (events.length > 0 && log.some((turn) => turn.sequence === sequence)) return 'stale'
  if (create) insertExecution(disk, create)
  if (events.length > 0) {
    const turns = [...log, { sequence, events: [...events] }]
    disk.logs.set(
      key,
      turns.sort((a, b) => a.sequence - b.sequence),
    )
  }
  if (patch) putExecution(disk, withPatch(row, patch))
  return 'committed'
}

/** False when the ARN is taken. */
export function insertExecution(disk: MemoryDisk, record: ExecutionRecord): boolean {
  const { key, arn, mapRunKey } = record
  if (disk.keysByArn.has(arn) || disk.executions.has(key)) return false
  disk.keysByArn.set(arn, key)
  if (mapRunKey !== undefined) disk.childrenByRun.set(mapRunKey, [...(disk.childrenByRun.get(mapRunKey) ?? []), key])
  disk.last.execution = Math.max(disk.last.execution, key)
  putExecution(disk, record)
  return true
}

export function putExecution(disk: MemoryDisk, row: ExecutionRecord): void {
  disk.executions.set(row.key, row)
  if (row.status === 'RUNNING') disk.running.add(row.key)
  else disk.running.delete(row.key)
}

export const childRows = (disk: MemoryDisk, mapRunKey: MapRunKey): ExecutionRecord[] =>
  rowsOf(disk, disk.childrenByRun.get(mapRunKey) ?? [])

const runningRows = (disk: MemoryDisk): ExecutionRecord[] => rowsOf(disk, [...disk.running])

const rowsOf = ({ executions }: MemoryDisk, keys: readonly ExecutionKey[]): ExecutionRecord[] =>
  keys.flatMap((key) => executions.get(key) ?? [])

/** With its Map Runs and their children, who may have Map Runs too. */
function removeWithRuns(disk: MemoryDisk, executionKey: ExecutionKey): void {
  for (const run of [...disk.mapRuns.values()].filter((one) => one.executionKey === executionKey)) {
    for (const child of childRows(disk, run.key)) removeWithRuns(disk, child.key)
    disk.childrenByRun.delete(run.key)
    disk.mapRuns.delete(run.key)
    disk.mapRunLogs.delete(run.key)
  }
  for (const row of rowsOf(disk, [executionKey])) remove(disk, row)
}

function remove(disk: MemoryDisk, { key, arn }: ExecutionRecord): void {
  disk.executions.delete(key)
  disk.keysByArn.delete(arn)
  disk.logs.delete(key)
  disk.redrives.delete(key)
  disk.running.delete(key)
}

/** Closed before `before`, and no child of a Map Run. */
const isOver = ({ stopAt, mapRunKey }: ExecutionRecord, before: Instant): boolean =>
  stopAt !== undefined && mapRunKey === undefined && stopAt < before

const byDueTime = (a: DueExecution, b: DueExecution): number => a.wakeAt - b.wakeAt || a.key - b.key
const listedAt = ({ stopAt, redriveAt, startAt }: ExecutionRecord): number => stopAt ?? redriveAt ?? startAt
const indexOf = ({ itemIndex = -1 }: ExecutionRecord): number => itemIndex

function isBefore(row: ExecutionRecord, from: string): boolean {
  const [at = 0, key = 0] = from.split(':').map(Number)
  return listedAt(row) < at || (listedAt(row) === at && row.key < key)
}

/** Children of a Map Run that have not begun are not listed. */
function isListed(row: ExecutionRecord, filter: ExecutionFilter): boolean {
  const { stateMachineKey, versionArn, aliasArn, mapRunKey, status, isRedriven } = filter
  return (
    (mapRunKey === undefined ? row.mapRunKey === undefined : row.status !== 'PENDING') &&
    (stateMachineKey === undefined || row.stateMachineKey === stateMachineKey) &&
    (versionArn === undefined || row.versionArn === versionArn) &&
    (aliasArn === undefined || row.aliasArn === aliasArn) &&
    (status === undefined || row.status === status) &&
    (isRedriven === undefined || row.redriveCount > 0 === isRedriven)
  )
}
