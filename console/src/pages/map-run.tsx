/** A Map Run as it goes: how many children are where, and its bounds, which can be changed while it runs. */
import Button from '@cloudscape-design/components/button'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { type OutputOf, states } from '../api/client.ts'
import { Problem } from '../parts/error.tsx'
import { Records } from '../parts/records.tsx'
import { Status } from '../parts/status.tsx'
import { showSpan, showTime } from '../parts/time.ts'
import { Link, pathTo } from '../router.tsx'
import { useWords } from '../words/words.tsx'
import type { PageProps } from './index.ts'

type Run = OutputOf<'DescribeMapRun'>

const SHARES = [
  ['succeeded', 'var(--succeeded)'],
  ['running', 'var(--running)'],
  ['failed', 'var(--failed)'],
  ['timedOut', 'var(--caught)'],
  ['aborted', 'var(--aborted)'],
  ['pending', 'var(--line)'],
] as const

export default function MapRunPage({ subject: mapRunArn }: PageProps) {
  const { t, language } = useWords()
  const { data, error } = useQuery({
    queryKey: ['mapRun', mapRunArn],
    queryFn: ({ signal }) => states('DescribeMapRun', { mapRunArn }, signal),
    refetchInterval: 1_000,
  })
  const children = useQuery({
    queryKey: ['children', mapRunArn],
    queryFn: ({ signal }) => states('ListExecutions', { mapRunArn, maxResults: 1_000 }, signal),
    refetchInterval: 2_000,
  })
  const counts = data?.itemCounts
  return (
    <>
      <Problem error={error} />
      <div className="toolbar">
        <h1>{t('mapRun')}</h1>
        <Status status={data?.status} />
      </div>
      {counts && (
        <>
          <div className="progress" role="img" aria-label={SHARES.map(([name]) => `${t(name)} ${counts[name]}`).join(', ')}>
            {SHARES.map(([name, colour]) => (
              <i
                key={name}
                style={{ width: `${(100 * (counts[name] ?? 0)) / Math.max(1, counts.total ?? 0)}%`, background: colour }}
              />
            ))}
          </div>
          <KeyValuePairs
            columns={4}
            items={[
              ...SHARES.map(([name]) => ({ label: t(name), value: counts[name] })),
              { label: t('total'), value: counts.total },
              { label: t('execution'), value: <Link to={pathTo('execution', data.executionArn)}>{t('parent')}</Link> },
            ]}
          />
        </>
      )}
      {data?.status === 'RUNNING' && <Bounds run={data} />}
      <Records
        title={t('children')}
        items={children.data?.executions}
        error={children.error}
        columns={[
          {
            header: t('name'),
            text: ({ name }) => name ?? '',
            cell: ({ name, executionArn }) => <Link to={pathTo('execution', executionArn)}>{name}</Link>,
          },
          { header: t('status'), text: ({ status }) => status ?? '', cell: ({ status }) => <Status status={status} /> },
          { header: t('items'), text: ({ itemCount }) => String(itemCount ?? '–') },
          { header: t('started'), text: ({ startDate }) => showTime(startDate, language) },
          {
            header: t('duration'),
            text: ({ startDate = 0, stopDate }) => (stopDate === undefined ? '–' : showSpan(stopDate - startDate)),
          },
        ]}
      />
    </>
  )
}

function Bounds({ run }: { readonly run: Run }) {
  const { t } = useWords()
  const [maxConcurrency, setMax] = useState(run.maxConcurrency ?? 0)
  const [percentage, setPercentage] = useState(run.toleratedFailurePercentage ?? 0)
  const save = useMutation({
    mutationFn: () =>
      states('UpdateMapRun', { mapRunArn: run.mapRunArn, maxConcurrency, toleratedFailurePercentage: percentage }),
  })
  return (
    <div className="form">
      <label>
        {t('concurrency')}{' '}
        <input type="number" min={0} value={maxConcurrency} onChange={(event) => setMax(Number(event.target.value))} />
      </label>
      <label>
        {t('tolerance')}{' '}
        <input
          type="number"
          min={0}
          max={100}
          value={percentage}
          onChange={(event) => setPercentage(Number(event.target.value))}
        />
      </label>
      <Button loading={save.isPending} onClick={() => save.mutate()}>
        {t('save')}
      </Button>
      <Problem error={save.error} />
    </div>
  )
}
