/** Map Runs, their logs, and their children as pending executions. */
import type { MapRunArn } from '../../base/arn.ts'
import { assert } from '../../base/assert.ts'
import { type ExecutionKey, type MapRunKey, type Shard, shardOf, toMapRunKey } from '../../base/ids.ts'

import type { Child, ChildRows, MapRunEvent } from '../../engine/map-run/event.ts'

import type { MapRunRecord, MapRunTurn, Page } from '../contract.ts'
import { pageOf } from '../page.ts'
import { withPatch } from '../patch.ts'
import type { MemoryDisk } from './disk.ts'
import { childRows, insertExecution, putExecution } from './executions.ts'
import type { IsHeld } from './leases.ts'

export function mapRunOperations(disk: MemoryDisk, isHeld: IsHeld) {
  const { mapRuns, mapRunLogs } = disk
  const byArn = (arn: MapRunArn) => [...mapRuns.values()].find((run) => run.arn === arn)
  return {
    /** The run of that ARN, made now or earlier. */
    async createMapRun(run: Omit<MapRunRecord, 'key'>, events: readonly MapRunEvent[]): Promise<MapRunRecord> {
      if (!isHeld(run.executionKey)) throw new Error(`the execution ${run.executionKey} is not held here`)
      const known = byArn(run.arn)
      if (known) return known
      const made = { ...run, key: toMapRunKey(++disk.last.mapRun) }
      mapRuns.set(made.key, made)
      mapRunLogs.set(made.key, [...events])
      return made
    },
    async commitMapRun(turn: MapRunTurn): Promise<'committed' | 'stale' | 'fenced'> {
      const { key, sequence, events, patch, children, childLogs = [], reopensChildren } = turn
      const run = mapRuns.get(key)
      const log = mapRunLogs.get(key) ?? []
      if (run && !isHeld(run.executionKey)) return 'fenced'
      if (!run || log.length !== sequence) return 'stale'
      for (const { arn } of children) assert(!disk.keysByArn.has(arn), `the child ${arn} is new`)
      for (const child of children) insertExecution(disk, child)
      for (const log of childLogs) disk.logs.set(log.key, [{ sequence: 0, events: log.events }])
      mapRunLogs.set(key, [...log, ...events])
      mapRuns.set(key, withPatch<MapRunRecord>(run, patch))
      if (!reopensChildren) return 'committed'
      for (const child of childRows(disk, key))
        if (child.status === 'FAILED' || child.status === 'TIMED_OUT' || child.status === 'ABORTED')
          putExecution(disk, { ...child, status: 'PENDING_REDRIVE' })
      return 'committed'
    },
    mapRunLog: async (key: MapRunKey): Promise<readonly MapRunEvent[]> => mapRunLogs.get(key) ?? [],
    async childRows(mapRunKey: MapRunKey): Promise<ChildRows> {
      const running: Child[] = []
      const waiting: Child[] = []
      let endedItems = 0
      let failedItems = 0
      const rows = childRows(disk, mapRunKey).sort((a, b) => (a.itemIndex ?? 0) - (b.itemIndex ?? 0))
      for (const { status, itemIndex: child = 0, itemCount: items = 1 } of rows) {
        if (status === 'RUNNING') running.push({ child, items })
        else if (status === 'PENDING' || status === 'PENDING_REDRIVE') waiting.push({ child, items })
        else endedItems += items
        if (status === 'FAILED' || status === 'TIMED_OUT') failedItems += items
      }
      return { running, waiting, endedItems, failedItems }
    },
    mapRun: async (arn: MapRunArn): Promise<MapRunRecord | undefined> => byArn(arn),
    wholeMapRun: async (arn: MapRunArn): Promise<MapRunRecord | undefined> => byArn(arn),
    mapRunByKey: async (key: MapRunKey): Promise<MapRunRecord | undefined> => mapRuns.get(key),
    async mapRuns(executionKey: ExecutionKey, limit: number, from?: string): Promise<Page<MapRunRecord>> {
      const below = from === undefined ? Number.POSITIVE_INFINITY : Number(from)
      const rows = [...mapRuns.values()].filter((run) => run.executionKey === executionKey && run.key < below)
      return pageOf(
        rows.sort((a, b) => b.key - a.key),
        limit,
        (last) => String(last.key),
      )
    },
    runningMapRuns: async (shards: readonly Shard[]): Promise<readonly MapRunRecord[]> =>
      [...mapRuns.values()].filter(({ status, executionKey }) => status === 'RUNNING' && shards.includes(shardOf(executionKey))),
  }
}
