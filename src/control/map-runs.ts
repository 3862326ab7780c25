/** Map Runs: list, describe, update while they run. */
import { type MapRunArn, parseStatesArn } from '../base/arn.ts'

import type { MapRunLimits } from '../engine/map-run/tolerance.ts'
import type { ChildCounts, ExecutionSummary, MapRunSummary, Page } from '../store/contract.ts'

import type { Context } from './context.ts'
import { invalidArn, ServiceError, unavailable, validation } from './service-error.ts'

export interface UpdateMapRun extends Partial<MapRunLimits> {
  readonly mapRunArn: string
}

export function createMapRuns({ store, executionPort, tokens }: Context) {
  async function find(arn: string): Promise<MapRunSummary> {
    const parsed = parseStatesArn(arn)
    if (parsed?.kind !== 'mapRun') throw invalidArn(arn)
    const run = await store.mapRun(parsed.arn)
    if (!run) throw new ServiceError('ResourceNotFound', `Resource not found: '${arn}'`)
    return run
  }
  return {
    /** The Map Run that an execution is a child of. */
    async arnOf({ mapRunKey }: ExecutionSummary): Promise<MapRunArn | undefined> {
      return mapRunKey === undefined ? undefined : (await store.mapRunByKey(mapRunKey))?.arn
    },
    async describe(arn: string): Promise<{ run: MapRunSummary; counts: ChildCounts }> {
      const run = await find(arn)
      return { run, counts: await store.childCounts(run.key) }
    },
    async list(executionArn: string, limit: number, token?: string): Promise<Page<MapRunSummary>> {
      const parsed = parseStatesArn(executionArn)
      if (parsed?.kind !== 'execution') throw invalidArn(executionArn)
      const execution = await store.executionSummary(parsed.arn)
      if (!execution) throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`)
      const scope = `map-runs ${executionArn}`
      const page = await store.mapRuns(execution.key, limit, tokens.open(scope, token))
      return page.next === undefined ? page : { ...page, next: tokens.seal(scope, page.next) }
    },
    async update({ mapRunArn, ...limits }: UpdateMapRun): Promise<void> {
      const { arn } = await find(mapRunArn)
      const changed = await executionPort.changeMapRun(arn, limits)
      if (changed === 'unavailable') throw unavailable()
      if (changed === 'refused') throw validation('Map Run is completed and cannot be updated', 'CANNOT_UPDATE_COMPLETED_MAP_RUN')
    },
  }
}
