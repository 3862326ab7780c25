/** A state machine's executions, the latest first: filtered by the API, page by page. */
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'

import type { InputOf } from '../../../src/api/model.ts'
import { type OutputOf, states } from '../api/client.ts'
import { Records } from '../parts/records.tsx'
import { Status, WORD_OF_STATUS } from '../parts/status.tsx'
import { showSpan, showTime } from '../parts/time.ts'
import { useNow } from '../parts/use-now.ts'
import { Link, pathTo } from '../router.tsx'
import { useWords } from '../words/words.tsx'

export type Execution = NonNullable<OutputOf<'ListExecutions'>['executions']>[number]
type Filter = NonNullable<InputOf<'ListExecutions'>['statusFilter']> | ''

const FILTERS: readonly Filter[] = ['', 'RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']
/** A list that somebody has read this far is left as it is. */
const KEPT_FRESH_PAGES = 3

interface ExecutionsProps {
  readonly stateMachineArn: string
  readonly onStart: () => void
}

export function Executions({ stateMachineArn, onStart }: ExecutionsProps) {
  const { t, language } = useWords()
  const [statusFilter, setFilter] = useState<Filter>('')
  const { data, error, hasNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: ['executions', stateMachineArn, statusFilter],
    queryFn: ({ pageParam, signal }) =>
      states(
        'ListExecutions',
        { stateMachineArn, maxResults: 100, nextToken: pageParam, ...(statusFilter !== '' && { statusFilter }) },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextToken }) => nextToken,
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 0) > KEPT_FRESH_PAGES ? false : 2_000),
  })
  const items = data?.pages.flatMap(({ executions = [] }) => executions)
  const now = useNow(items?.some(({ status }) => status === 'RUNNING') ?? false)
  return (
    <Records<Execution>
      title={t('executions')}
      items={items}
      error={error}
      onMore={hasNextPage ? () => void fetchNextPage() : undefined}
      actions={
        <select
          className="filter"
          aria-label={t('statusFilter')}
          value={statusFilter}
          onChange={(event) => setFilter(event.target.value as Filter)}
        >
          {FILTERS.map((filter) => (
            <option key={filter} value={filter}>
              {filter === '' ? t('all') : t(WORD_OF_STATUS[filter])}
            </option>
          ))}
        </select>
      }
      empty={
        <SpaceBetween size="xs">
          <b>{t('noExecutions')}</b>
          <span>{t('noExecutionsText')}</span>
          <Button onClick={onStart}>{t('start')}</Button>
        </SpaceBetween>
      }
      columns={[
        {
          header: t('name'),
          text: ({ name }) => name ?? '',
          cell: ({ name, executionArn }) => <Link to={pathTo('execution', executionArn)}>{name}</Link>,
        },
        { header: t('status'), text: ({ status }) => status ?? '', cell: ({ status }) => <Status status={status} /> },
        { header: t('started'), text: ({ startDate }) => showTime(startDate, language) },
        {
          header: t('duration'),
          text: ({ startDate = 0, stopDate }) => showSpan(Math.max(0, (stopDate ?? now) - startDate)),
        },
      ]}
    />
  )
}
