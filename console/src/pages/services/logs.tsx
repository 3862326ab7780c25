/** Log groups, their streams, and their events as they come. */
import { useState } from 'react'

import { callLogs } from '../../api/logs.ts'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Records } from '../../ui/records.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { showBytes, showTime } from '../../ui/time.ts'
import { useLeave } from '../../ui/use-leave.ts'
import { type Page, usePages } from '../../ui/use-pages.ts'
import { Link, pathTo } from '../../router.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { PageProps } from '../page.ts'
import { LogFollower } from './log-follower.tsx'

interface Group {
  readonly logGroupName: string
  readonly storedBytes?: number
  readonly retentionInDays?: number
  /** Epoch milliseconds. */
  readonly creationTime?: number
}

interface Stream {
  readonly logStreamName: string
  /** Epoch milliseconds, as the next. */
  readonly firstEventTimestamp?: number
  readonly lastEventTimestamp?: number
}

export default function LogsPage({ subject, query }: PageProps) {
  if (subject === '') return <Groups />
  return <OneGroup group={subject} stream={query.get('stream') ?? undefined} pattern={query.get('filter') ?? ''} />
}

async function listGroups(pattern: string, token: string | undefined, signal: AbortSignal): Promise<Page<Group>> {
  const input = { ...(pattern !== '' && { logGroupNamePattern: pattern }), ...(token !== undefined && { nextToken: token }) }
  const { logGroups, nextToken } = (await callLogs('DescribeLogGroups', input, signal)) as {
    logGroups: readonly Group[]
    nextToken?: string
  }
  return { items: logGroups, next: nextToken }
}

async function listStreams(group: string, token: string | undefined, signal: AbortSignal): Promise<Page<Stream>> {
  const input = {
    logGroupName: group,
    orderBy: 'LastEventTime',
    descending: true,
    ...(token !== undefined && { nextToken: token }),
  }
  const { logStreams, nextToken } = (await callLogs('DescribeLogStreams', input, signal)) as {
    logStreams: readonly Stream[]
    nextToken?: string
  }
  return { items: logStreams, next: nextToken }
}

function Groups() {
  const { t, language } = useMessages()
  const [pattern, setPattern] = useState('')
  const { items, error, onMore } = usePages(['groups', pattern], (token, signal) => listGroups(pattern, token, signal))
  return (
    <Records
      title={t('logs')}
      items={items}
      error={error}
      onMore={onMore}
      onSearch={setPattern}
      empty={<EmptyState text={t('emptyLogs')} command="logs create-log-group --log-group-name my-group" />}
      columns={[
        {
          header: t('name'),
          text: (one) => one.logGroupName,
          cell: (one) => <Link to={pathTo('logs', one.logGroupName)}>{one.logGroupName}</Link>,
        },
        { header: t('size'), text: ({ storedBytes = 0 }) => showBytes(storedBytes), minWidth: 90 },
        { header: t('retention'), text: ({ retentionInDays: n }) => (n === undefined ? t('forever') : t('days', { n })) },
        { header: t('createdMasculine'), text: ({ creationTime }) => showTime(creationTime && creationTime / 1_000, language) },
      ]}
    />
  )
}

interface OneGroupProps {
  readonly group: string
  readonly stream: string | undefined
  readonly pattern: string
}

function OneGroup({ group, stream, pattern }: OneGroupProps) {
  const { t } = useMessages()
  const leave = useLeave(['groups'], pathTo('logs'))
  const remove = async () => {
    await callLogs('DeleteLogGroup', { logGroupName: group })
    leave()
  }
  return (
    <>
      <PageHead title={group} back={[pathTo('logs'), t('logs')]}>
        <ConfirmButton label={t('remove')} question={t('deleteSure', { name: group })} onYes={remove} />
      </PageHead>
      {stream !== undefined && (
        <p className="anywhere">
          {t('stream')}: {stream} · <Link to={pathTo('logs', group)}>{t('allStreams')}</Link>
        </p>
      )}
      <LogFollower key={stream} group={group} stream={stream} firstPattern={pattern} />
      <Streams group={group} />
    </>
  )
}

function Streams({ group }: { readonly group: string }) {
  const { t, language } = useMessages()
  const { items, error, onMore } = usePages(['streams', group], (token, signal) => listStreams(group, token, signal))
  return (
    <Records
      isPart
      title={t('streams')}
      items={items}
      error={error}
      onMore={onMore}
      columns={[
        {
          header: t('name'),
          text: (one) => one.logStreamName,
          cell: (one) => <Link to={pathTo('logs', group, { stream: one.logStreamName })}>{one.logStreamName}</Link>,
        },
        {
          header: t('firstEvent'),
          text: (one) => showTime(one.firstEventTimestamp && one.firstEventTimestamp / 1_000, language),
        },
        { header: t('lastEvent'), text: (one) => showTime(one.lastEventTimestamp && one.lastEventTimestamp / 1_000, language) },
      ]}
    />
  )
}
