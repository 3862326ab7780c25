/** The child executions of a Map Run, by status; and why those that failed did. */
import Button from '@cloudscape-design/components/button'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { states } from '../api/client.ts'
import { type Execution, listExecutions } from '../api/executions.ts'
import { messageOfCause } from '../model/failure-text.ts'
import { Clamped } from '../ui/clamped.tsx'
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

/** Each failure costs a call: so many at first, and so many more on demand. */
const [FAILURES, FAILURES_MORE] = [50, 200]

interface FailureGroup {
  readonly error: string
  readonly cause: string
  readonly children: readonly { readonly name: string; readonly executionArn: string }[]
}

/** Failures by what they have in common, the most frequent first. */
export function MapRunFailures({ mapRunArn, failed }: { readonly mapRunArn: string; readonly failed: number }) {
  const { t } = useMessages()
  const [wanted, setWanted] = useState(FAILURES)
  const { data, error } = useQuery({
    queryKey: ['mapRunFailures', mapRunArn, failed, wanted],
    queryFn: ({ signal }) => readFailures(mapRunArn, wanted, signal),
    enabled: failed > 0,
    placeholderData: (before) => before,
  })
  if (failed === 0) return null
  const read = data?.reduce((sum, { children }) => sum + children.length, 0) ?? 0
  return (
    <>
      <Records
        isPart
        title={`${t('failures')}: ${t('failuresOf', { n: read, all: failed })}`}
        items={data}
        error={error}
        columns={[
          { header: t('count'), text: ({ children }) => String(children.length), minWidth: 60 },
          { header: t('error'), text: ({ error: code }) => code, minWidth: 160, isLong: true },
          {
            header: t('cause'),
            text: ({ cause }) => cause,
            cell: ({ cause }) => <Cause text={cause} />,
            minWidth: 260,
            isLong: true,
          },
          {
            header: t('children'),
            text: ({ children }) => children.map(({ name }) => name).join(' '),
            cell: ({ children }) => <Children list={children} />,
            minWidth: 200,
          },
        ]}
      />
      {failed > read && <Button onClick={() => setWanted(wanted + FAILURES_MORE)}>{t('more')}</Button>}
    </>
  )
}

async function readFailures(mapRunArn: string, wanted: number, signal: AbortSignal): Promise<readonly FailureGroup[]> {
  const found: Execution[] = []
  for (const statusFilter of ['FAILED', 'TIMED_OUT', 'ABORTED'] as const) {
    if (found.length >= wanted) break
    const page = await states('ListExecutions', { mapRunArn, statusFilter, maxResults: wanted }, signal)
    found.push(...(page.executions ?? []))
  }
  const described = await Promise.all(
    found
      .slice(0, wanted)
      .map(({ executionArn }) => states('DescribeExecution', { executionArn, includedData: 'ALL_DATA' }, signal)),
  )
  const groups = Map.groupBy(described, ({ error = '', cause = '' }) => JSON.stringify([error, messageOfCause(cause)]))
  return [...groups.values()]
    .map((those) => ({
      error: those[0]?.error ?? those[0]?.status ?? '',
      cause: those[0]?.cause ?? '',
      children: those.map(({ name = '', executionArn = '' }) => ({ name, executionArn })),
    }))
    .sort((a, b) => b.children.length - a.children.length)
}

const CHILDREN_SHOWN = 3

function Children({ list }: { readonly list: FailureGroup['children'] }) {
  const { t } = useMessages()
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      {list.slice(0, isOpen ? list.length : CHILDREN_SHOWN).map(({ name, executionArn }) => (
        <div key={executionArn}>
          <Link to={pathTo('execution', executionArn)}>{name}</Link>
        </div>
      ))}
      {list.length > CHILDREN_SHOWN && (
        <button type="button" className="plain" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t(isOpen ? 'showLess' : 'showAll')}
        </button>
      )}
    </>
  )
}

/** A function's failure comes as JSON: its message first, the whole of it on demand. */
function Cause({ text }: { readonly text: string }) {
  const { t } = useMessages()
  const message = messageOfCause(text)
  if (message === text) return <Clamped text={text === '' ? '–' : text} />
  return (
    <>
      <Clamped text={message} />
      <details>
        <summary>{t('details')}</summary>
        <JsonView label={t('cause')} text={text} />
      </details>
    </>
  )
}
