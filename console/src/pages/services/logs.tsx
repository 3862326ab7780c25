/** Log groups, filtered and followed. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { callJson } from '../../api/client.ts'
import { Problem } from '../../parts/error.tsx'
import { Records } from '../../parts/records.tsx'
import { showClock } from '../../parts/time.ts'
import { VirtualList } from '../../parts/virtual-list.tsx'
import { Link, pathTo } from '../../router.tsx'
import { useWords } from '../../words/words.tsx'
import type { PageProps } from '../index.ts'

interface LogEvent {
  readonly eventId: string
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly message: string
}

const TARGET = 'Logs_20140328'

export default function LogsPage({ subject }: PageProps) {
  return subject === '' ? <Groups /> : <Events group={subject} />
}

function Groups() {
  const { t } = useWords()
  const { data, error } = useQuery({
    queryKey: ['groups'],
    queryFn: async ({ signal }) =>
      ((await callJson(`${TARGET}.DescribeLogGroups`, {}, signal)) as { logGroups: readonly { readonly logGroupName: string }[] })
        .logGroups,
  })
  return (
    <Records
      title={t('logs')}
      items={data}
      error={error}
      empty={t('emptyService')}
      columns={[
        {
          header: t('name'),
          text: (one) => one.logGroupName,
          cell: (one) => <Link to={pathTo('logs', one.logGroupName)}>{one.logGroupName}</Link>,
        },
      ]}
    />
  )
}

const TAIL_MS = 1_500
const DAY_MS = 86_400_000

function Events({ group }: { readonly group: string }) {
  const { t, language } = useWords()
  const [pattern, setPattern] = useState('')
  const [isTail, setTail] = useState(true)
  const { data, error } = useQuery({
    queryKey: ['logEvents', group, pattern],
    queryFn: async ({ signal }) => {
      const input = {
        logGroupName: group,
        limit: 10_000,
        startTime: Date.now() - DAY_MS,
        ...(pattern !== '' && { filterPattern: pattern }),
      }
      return ((await callJson(`${TARGET}.FilterLogEvents`, input, signal)) as { events: readonly LogEvent[] }).events
    },
    refetchInterval: isTail ? TAIL_MS : false,
  })
  return (
    <>
      <h1>{group}</h1>
      <Problem error={error} />
      <div className="form">
        <label>
          {t('filter')} <input value={pattern} onChange={(event) => setPattern(event.target.value)} />
        </label>
        <label>
          {t('tail')} <input type="checkbox" checked={isTail} onChange={(event) => setTail(event.target.checked)} />
        </label>
      </div>
      <VirtualList
        label={group}
        head={null}
        items={(data ?? []).toReversed()}
        row={({ eventId, timestamp, message }) => (
          <div
            className="row"
            key={eventId}
            style={{ gridTemplateColumns: '110px minmax(0, 1fr)' }}
            title={message.slice(0, 2_000)}
          >
            <span>{showClock(timestamp / 1_000, language)}</span>
            <span className="arn">{message.slice(0, 500)}</span>
          </div>
        )}
      />
    </>
  )
}
