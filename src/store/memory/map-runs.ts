/** Map Runs, and their children as pending executions. */
import { assert } from '../../base/assert.ts'
import type { Instant } from '../../base/time.ts'

import type { ExecutionKey, ExecutionRecord, MapRunPatch, MapRunRecord, MapRunStatus, Page } from '../contract.ts'
import { pageOf } from '../page.ts'
import { withPatch } from '../patch.ts'
import type { MemoryDisk } from './disk.ts'
import { childRows, insertExecution, putExecution } from './executions.ts'

export function mapRunVerbs(disk: MemoryDisk) {
  const { mapRuns } = disk
  const byArn = (arn: string) => [...mapRuns.values()].find((run) => run.arn === arn)
  return {
    /** The run of that ARN, made now or earlier. */
    async createMapRun(run: Omit<MapRunRecord, 'key'>): Promise<MapRunRecord> {
      const known = byArn(run.arn)
      if (known) return known
      const made = { ...run, key: ++disk.last.mapRun }
      mapRuns.set(made.key, made)
      return made
    },
    async updateMapRun(arn: string, patch: MapRunPatch, onlyWhile?: MapRunStatus): Promise<boolean> {
      const run = byArn(arn)
      if (!run || (onlyWhile !== undefined && run.status !== onlyWhile)) return false
      mapRuns.set(run.key, withPatch(run, patch))
      return true
    },
    async redriveMapRun(arn: string, redriveCount: number, at: Instant, settings: string): Promise<MapRunRecord> {
      const run = byArn(arn)
      assert(run, 'a run that is redriven was created')
      if (run.redriveCount >= redriveCount) return run
      const { stopAt: _, ...rest } = run
      const redriven: MapRunRecord = { ...rest, status: 'RUNNING', redriveCount, redriveAt: at, settings }
      mapRuns.set(run.key, redriven)
      for (const child of childRows(disk, run.key))
        if (child.status === 'FAILED' || child.status === 'TIMED_OUT' || child.status === 'ABORTED')
          putExecution(disk, { ...child, status: 'PENDING_REDRIVE' })
      return redriven
    },
    mapRun: async (arn: string): Promise<MapRunRecord | undefined> => byArn(arn),
    wholeMapRun: async (arn: string): Promise<MapRunRecord | undefined> => byArn(arn),
    mapRunByKey: async (key: number): Promise<MapRunRecord | undefined> => mapRuns.get(key),
    async mapRuns(executionKey: ExecutionKey, limit: number, from?: string): Promise<Page<MapRunRecord>> {
      const below = from === undefined ? Number.POSITIVE_INFINITY : Number(from)
      const rows = [...mapRuns.values()].filter((run) => run.executionKey === executionKey && run.key < below)
      return pageOf(
        rows.sort((a, b) => b.key - a.key),
        limit,
        (last) => String(last.key),
      )
    },
    runningMapRuns: async (): Promise<readonly MapRunRecord[]> =>
      [...mapRuns.values()].filter(({ status }) => status === 'RUNNING'),
    async addChildren(
      mapRunKey: number,
      children: readonly ExecutionRecord[],
      itemsRead: number,
      isReadingDone: boolean,
    ): Promise<void> {
      for (const { arn } of children) assert(!disk.keysByArn.has(arn), `the child ${arn} is new`)
      for (const child of children) insertExecution(disk, child)
      const run = mapRuns.get(mapRunKey)
      if (run) mapRuns.set(mapRunKey, { ...run, itemsRead, isReadingDone })
    },
  }
}
