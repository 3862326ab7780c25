/** The child executions of a Map Run, by status; and why those that failed did. */
import Button from '@cloudscape-design/components/button'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { states } from '../api/client.ts'
import { type Execution, listExecutions } from '../api/executions.ts'
import { JsonView } from '../ui/json-view.tsx'
import { Records } from '../ui/records.tsx'
import { Status } from '../ui/status.tsx'
import { isStatusFilter, type StatusFilter, StatusFilterChoice } from '../ui/status-filter.tsx'
import { showSpan, showTime } from '../ui/time.ts'
import { usePages } from '../ui/use-pages.ts'
import { go, Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'

const REFRESH_MS = 2_000

/** `status` is in the address, so that a view can be shared. */
interface MapRunChildrenProps {
  readonly mapRunArn: string
  readonly status: string
  readonly isRunning: boolean
}

export function MapRunChildren({ mapRunArn, status, isRunning }: MapRunChildrenProps) {
  const { t, language } = useMessages()
  const filter = isStatusFilter(status) ? status : undefined
  const { items, error, onMore } = usePages(
    ['children', mapRunArn, status],
    (token, signal) => listExecutions({ mapRunArn }, filter, token, signal),
    { everyMs: isRunning ? REFRESH_MS : 0 },
  )
  const choose = (wanted: StatusFilter | undefined) =>
    go(pathTo('map-run', mapRunArn, wanted === undefined ? {} : { status: wanted }), { replace: true })
  return (
    <Records
      isPart
      title={t('children')}
      items={items}
      error={error}
      onMore={onMore}
      actions={<StatusFilterChoice value={filter} onChange={choose} />}
      columns={[
        {
          header: t('name'),
          text: ({ name }) => name ?? '',
          cell: ({ name, executionArn }) => <Link to={pathTo('execution', executionArn)}>{name}</Link>,
        },
        {
          header: t('status'),
          text: ({ status: own }) => own ?? '',
          cell: ({ status: own }) => <Status status={own} />,
          minWidth: 140,
        },
        { header: t('items'), text: ({ itemCount }) => String(itemCount ?? '–'), minWidth: 70 },
        { header: t('started'), text: ({ startDate }) => showTime(startDate, language) },
        {
          header: t('duration'),
          text: ({ startDate = 0, stopDate }) => (stopDate === undefined ? '–' : showSpan(stopDate - startDate)),
          minWidth: 90,
        },
      ]}
    />
  )
}

const FAILURES = 10

/** Each costs a call, so they come ten at a time. */
export function MapRunFailures({ mapRunArn, failed }: { readonly mapRunArn: string; readonly failed: number }) {
  const { t } = useMessages()
  const [wanted, setWanted] = useState(FAILURES)
  const { data, error } = useQuery({
    queryKey: ['mapRunFailures', mapRunArn, failed, wanted],
    queryFn: async ({ signal }) => {
      const found: Execution[] = []
      for (const statusFilter of ['FAILED', 'TIMED_OUT', 'ABORTED'] as const) {
        if (found.length >= wanted) break
        const page = await states('ListExecutions', { mapRunArn, statusFilter, maxResults: wanted }, signal)
        found.push(...(page.executions ?? []))
      }
      return Promise.all(
        found
          .slice(0, wanted)
          .map(({ executionArn }) => states('DescribeExecution', { executionArn, includedData: 'ALL_DATA' }, signal)),
      )
    },
    enabled: failed > 0,
    placeholderData: (before) => before,
  })
  if (failed === 0) return null
  return (
    <>
      <Records
        isPart
        title={t('failures')}
        items={data}
        error={error}
        columns={[
          {
            header: t('name'),
            text: ({ name }) => name ?? '',
            cell: ({ name, executionArn }) => <Link to={pathTo('execution', executionArn)}>{name}</Link>,
          },
          { header: t('error'), text: ({ error: code, status }) => code ?? status ?? '', minWidth: 180, isLong: true },
          {
            header: t('cause'),
            text: ({ cause }) => cause ?? '',
            cell: ({ cause }) => <Cause text={cause} />,
            minWidth: 260,
            isLong: true,
          },
        ]}
      />
      {failed > wanted && <Button onClick={() => setWanted(wanted + FAILURES)}>{t('more')}</Button>}
    </>
  )
}

/** A function's failure comes as JSON: its message first, the whole of it on demand. */
function Cause({ text = '–' }: { readonly text: string | undefined }) {
  const { t } = useMessages()
  const message = messageOf(text)
  if (message === undefined) return text.slice(0, CAUSE_MAX)
  return (
    <>
      {message.slice(0, CAUSE_MAX)}
      <details>
        <summary>{t('details')}</summary>
        <JsonView label={t('cause')} text={text} />
      </details>
    </>
  )
}

const CAUSE_MAX = 2_000

function messageOf(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const { errorMessage } = JSON.parse(text) as { errorMessage?: unknown }
    return typeof errorMessage === 'string' ? errorMessage : undefined
  } catch {
    return undefined
  }
}
