/** A state machine's executions, the latest first: filtered by the API, page by page. */
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useState } from 'react'

import { type Execution, listExecutions } from '../api/executions.ts'
import { Records } from '../ui/records.tsx'
import { Status } from '../ui/status.tsx'
import { type StatusFilter, StatusFilterChoice } from '../ui/status-filter.tsx'
import { showSpan, showTime } from '../ui/time.ts'
import { useNow } from '../ui/use-now.ts'
import { usePages } from '../ui/use-pages.ts'
import { Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'

const REFRESH_MS = 2_000
/** A list that somebody has read this far is left as it is. */
const KEPT_FRESH_PAGES = 3

interface ExecutionsProps {
  readonly stateMachineArn: string
  readonly onStart: () => void
}

export function Executions({ stateMachineArn, onStart }: ExecutionsProps) {
  const { t, language } = useMessages()
  const [status, setStatus] = useState<StatusFilter>()
  const { items, error, onMore } = usePages(
    ['executions', stateMachineArn, status],
    (token, signal) => listExecutions({ stateMachineArn }, status, token, signal),
    { everyMs: REFRESH_MS, freshPages: KEPT_FRESH_PAGES },
  )
  const now = useNow(items?.some(({ status }) => status === 'RUNNING') ?? false)
  return (
    <Records<Execution>
      title={t('executions')}
      items={items}
      error={error}
      onMore={onMore}
      actions={<StatusFilterChoice value={status} onChange={setStatus} />}
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
