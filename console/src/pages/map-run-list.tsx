/** The Map Runs of an execution, each with how far it is: its children are executions of their own. */
import { useQueries } from '@tanstack/react-query'

import { detailsOf } from '../../../src/history/history-event.ts'
import type { Run } from '../../../src/history/visits.ts'
import { type OutputOf, states } from '../api/client.ts'
import { Loading } from '../ui/loading.tsx'
import { Status } from '../ui/status.tsx'
import { Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { Progress } from './map-run-progress.tsx'

export interface MapRunOf {
  readonly state: string
  readonly mapRunArn: string
  readonly run: OutputOf<'DescribeMapRun'> | undefined
}

const RUNNING_MS = 1_000
const SHOWN_MAX = 50

/** The latest ones, in the order in which they began. */
export function useMapRuns(run: Run): readonly MapRunOf[] {
  const begun = run.visits
    .flatMap(({ name, events }) => events.filter(({ type }) => type === 'MapRunStarted').map((event) => ({ name, event })))
    .flatMap(({ name, event }) => {
      const { mapRunArn } = detailsOf(event)
      return mapRunArn === undefined ? [] : [{ state: name, mapRunArn }]
    })
    .slice(-SHOWN_MAX)
  const answers = useQueries({
    queries: begun.map(({ mapRunArn }) => ({
      queryKey: ['mapRun', mapRunArn, run.status],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) => states('DescribeMapRun', { mapRunArn }, signal),
      refetchInterval: run.status === 'RUNNING' ? RUNNING_MS : (false as const),
    })),
  })
  return begun.map((one, index) => ({ ...one, run: answers[index]?.data }))
}

/** `9,900/10,000`, of the latest run of each state. */
export function progressByState(runs: readonly MapRunOf[], language: string): ReadonlyMap<string, string> {
  const show = (n: number) => n.toLocaleString(language)
  return new Map(
    runs.flatMap(({ state, run }) => {
      const { total = 0, pending = 0, running = 0 } = run?.itemCounts ?? {}
      return run ? [[state, `${show(total - pending - running)}/${show(total)}`] as const] : []
    }),
  )
}

export function MapRunList({ runs }: { readonly runs: readonly MapRunOf[] }) {
  const { t } = useMessages()
  return (
    <ul className="plain-list">
      {runs.map(({ state, mapRunArn, run }) => (
        <li key={mapRunArn} className="panel">
          <div className="toolbar">
            <b>{state.slice(0, 120)}</b>
            {run && <Status status={run.status} />}
            <Link to={pathTo('map-run', mapRunArn)}>{t('mapRunOpen')}</Link>
          </div>
          {run?.itemCounts ? <Progress counts={run.itemCounts} /> : <Loading />}
        </li>
      ))}
    </ul>
  )
}
