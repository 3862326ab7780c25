/** A Map Run as it goes: how many items are where, its bounds, which can be changed while it runs, its children and results. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'

import { type OutputOf, states } from '../api/client.ts'
import { findResults, labelOf } from '../api/map-run-results.ts'
import { Problem } from '../ui/error.tsx'
import { every } from '../ui/every.ts'
import { fact, Facts } from '../ui/facts.tsx'
import { Loading } from '../ui/loading.tsx'
import { PageHead } from '../ui/page-head.tsx'
import { Status } from '../ui/status.tsx'
import { showSpan, showTime } from '../ui/time.ts'
import { Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import type { PageProps } from './page.ts'
import { MapRunBounds } from './map-run-bounds.tsx'
import { Progress } from './map-run-progress.tsx'
import { MapRunChildren, MapRunFailures } from './map-run-children.tsx'

type Run = OutputOf<'DescribeMapRun'>
const RUNNING_MS = 1_000
/** A redrive may start it again. */
const ENDED_MS = 10_000

export default function MapRunPage({ subject: mapRunArn, query }: PageProps) {
  const { t } = useMessages()
  const { data: run, error } = useQuery({
    queryKey: ['mapRun', mapRunArn],
    queryFn: ({ signal }) => states('DescribeMapRun', { mapRunArn }, signal),
    refetchInterval: (query) => every(query.state.data?.status === 'RUNNING' ? RUNNING_MS : ENDED_MS)(query),
  })
  const back = run?.executionArn === undefined ? pathTo('machines') : pathTo('execution', run.executionArn)
  return (
    <>
      <PageHead title={`${t('mapRun')}: ${labelOf(mapRunArn)}`} back={[back, t('parent')]}>
        {run && <Status status={run.status} />}
        {run && run.status !== 'RUNNING' && <Redrive key={run.status} run={run} />}
      </PageHead>
      <Problem error={error} />
      {!run && !error && <Loading />}
      {run && (
        <>
          {run.itemCounts && <Progress counts={run.itemCounts} />}
          <About run={run} />
          {run.status === 'RUNNING' && <MapRunBounds key={mapRunArn} run={run} />}
          <MapRunFailures mapRunArn={mapRunArn} failed={failedOf(run)} />
          <MapRunChildren mapRunArn={mapRunArn} status={query.get('status') ?? ''} isRunning={run.status === 'RUNNING'} />
        </>
      )}
    </>
  )
}

/** A Map Run is redriven by a redrive of its execution: AWS has no other way. */
function Redrive({ run: { executionArn, mapRunArn } }: { readonly run: Run }) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const { data: parent } = useQuery({
    queryKey: ['execution', executionArn],
    queryFn: ({ signal }) => states('DescribeExecution', { executionArn }, signal),
  })
  const redrive = useMutation({
    mutationFn: () => states('RedriveExecution', { executionArn }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['execution', executionArn] })
      await queries.invalidateQueries({ queryKey: ['mapRun', mapRunArn] })
    },
  })
  if (parent?.redriveStatus !== 'REDRIVABLE') return <Problem error={redrive.error} />
  return (
    <>
      <Button loading={redrive.isPending} onClick={() => redrive.mutate()}>
        {t('redriveParent')}
      </Button>
      <Problem error={redrive.error} />
    </>
  )
}

/** Children that ended badly. */
function failedOf({ executionCounts }: Run): number {
  const { failed = 0, timedOut = 0, aborted = 0 } = executionCounts ?? {}
  return failed + timedOut + aborted
}

function About({ run }: { readonly run: Run }) {
  const { t, language } = useMessages()
  const { mapRunArn = '', executionArn = '', status, startDate = 0, stopDate } = run
  const results = useQuery({
    queryKey: ['mapRunResults', mapRunArn, status],
    queryFn: async ({ signal }) => (await findResults(mapRunArn, executionArn, signal)) ?? null,
    enabled: status !== 'RUNNING',
  })
  return (
    <Facts
      facts={[
        fact(t('started'), showTime(startDate, language)),
        fact(t('stopped'), showTime(stopDate, language)),
        fact(t('duration'), showSpan((stopDate ?? Date.now() / 1_000) - startDate)),
        fact(t('concurrency'), run.maxConcurrency === 0 ? t('unlimited') : run.maxConcurrency),
        fact(t('toleratedCount'), run.toleratedFailureCount),
        fact(t('tolerance'), run.toleratedFailurePercentage),
        fact(t('children'), run.executionCounts?.total),
        fact(t('redrives'), run.redriveCount === 0 ? 0 : `${run.redriveCount} · ${showTime(run.redriveDate, language)}`),
        fact(t('execution'), <Link to={pathTo('execution', executionArn)}>{executionArn.split(':').at(-1)}</Link>),
        ...(results.data
          ? [
              fact(
                t('results'),
                <Link to={pathTo('buckets', results.data.bucket, { prefix: results.data.prefix })}>
                  s3://{results.data.bucket}/{results.data.prefix}
                </Link>,
              ),
            ]
          : []),
      ]}
    />
  )
}
