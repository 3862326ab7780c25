/** What the children of a Map Run cost, after some of them: their histories for Standard ones, their durations for Express ones. */
import { countTransitions } from '../../../src/history/transitions.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { type ChildrenCost, costOfChildren, costOfExpress, costOfStandard } from '../model/cost.ts'
import { states } from './client.ts'
import { fetchHistory } from './history.ts'

const LISTED = 1_000
/** Each costs a call. */
const HISTORIES = 10

export async function costOfMapRun(mapRunArn: string, signal: AbortSignal): Promise<ChildrenCost> {
  const [{ executionCounts }, { executions = [] }] = await Promise.all([
    states('DescribeMapRun', { mapRunArn }, signal),
    states('ListExecutions', { mapRunArn, maxResults: LISTED }, signal),
  ])
  const count = (executionCounts?.total ?? 0) - (executionCounts?.pending ?? 0)
  const isExpress = executions[0]?.executionArn?.split(':')[5] === 'express'
  if (isExpress)
    return costOfChildren(
      count,
      executions.flatMap(({ startDate = 0, stopDate }) => (stopDate === undefined ? [] : [costOfExpress(stopDate - startDate)])),
    )
  const costs = await Promise.all(
    spread(executions).map(async ({ executionArn = '' }) => {
      const { statesEntered } = countTransitions(foldHistory(await fetchHistory(executionArn, [], signal)))
      return costOfStandard(statesEntered)
    }),
  )
  return costOfChildren(count, costs)
}

/** Some of a list, from all over it. */
function spread<T>(list: readonly T[]): readonly T[] {
  const step = Math.max(1, list.length / HISTORIES)
  return list.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step))
}
