/**
 * A state machine's executions, the latest first: of one status, one version or alias, of a time, or of a name, among all there
 * are. What is looked for stands in the address.
 */
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import { useQuery } from '@tanstack/react-query'

import type { Execution } from '../api/executions.ts'
import { findByName, findExecutions } from '../api/find-executions.ts'
import { Records } from '../ui/records.tsx'
import { Status } from '../ui/status.tsx'
import { isStatusFilter, StatusFilterChoice } from '../ui/status-filter.tsx'
import { showSpan, showTime } from '../ui/time.ts'
import { useNow } from '../ui/use-now.ts'
import { usePages } from '../ui/use-pages.ts'
import { useSettled } from '../ui/use-settled.ts'
import { go, Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { useTargets } from './machine-targets.ts'

const SETTLED_MS = 250
const REFRESH_MS = 2_000
const LARGE_REFRESH_MS = 10_000
const LARGE = 200

interface ExecutionsProps {
  readonly stateMachineArn: string
  readonly query: URLSearchParams
  readonly onStart: () => void
}

export function Executions({ stateMachineArn, query, onStart }: ExecutionsProps) {
  const { t, language } = useMessages()
  const given = query.get('status') ?? ''
  const status = isStatusFilter(given) ? given : undefined
  const name = useSettled((query.get('name') ?? '').trim(), SETTLED_MS)
  const [since, until, of] = ['since', 'until', 'of'].map((key) => query.get(key) ?? '')
  const targets = useTargets(stateMachineArn)
  const set = (key: string, value: string) => {
    const { [key]: _, ...rest } = Object.fromEntries(query)
    go(pathTo('machine', stateMachineArn, { ...rest, ...(value !== '' && { [key]: value }) }), { replace: true })
  }
  const wanted = {
    stateMachineArn: of || stateMachineArn,
    status,
    name,
    from: secondsOf(since),
    to: secondsOf(until),
  }
  const isSearch = name !== '' || wanted.from !== undefined || wanted.to !== undefined
  const { items, error, onMore } = usePages(
    ['executions', wanted],
    (token, signal) => findExecutions(wanted, token, signal),
    // A list that somebody has read on in, or looked for, is left as it is.
    { everyMs: (count) => (count > LARGE ? LARGE_REFRESH_MS : REFRESH_MS), freshPages: isSearch ? 0 : 1 },
  )
  const exact = useQuery({
    queryKey: ['execution-named', stateMachineArn, name],
    queryFn: async ({ signal }) => (await findByName(stateMachineArn, name, signal)) ?? null,
    enabled: name !== '',
  })
  const shown = withFirst(exact.data ?? undefined, items)
  const now = useNow(shown?.some(({ status }) => status === 'RUNNING') ?? false)
  return (
    <Records<Execution>
      title={t('executions')}
      items={shown}
      error={error}
      onMore={onMore}
      search={query.get('name') ?? ''}
      onSearch={(text) => set('name', text)}
      actions={
        <>
          <StatusFilterChoice value={status} onChange={(chosen) => set('status', chosen ?? '')} />
          {targets.length > 1 && (
            <label>
              {t('versionOrAlias')}{' '}
              <select className="choice" value={of} onChange={(event) => set('of', event.target.value)}>
                <option value="">{t('allStatuses')}</option>
                {targets.slice(1).map(([arn, label]) => (
                  <option key={arn} value={arn}>
                    {label}
                  </option>
                ))}
              </select>
            </label>
          )}
          <MomentField label={t('startedSince')} value={since} onChange={(value) => set('since', value)} />
          <MomentField label={t('startedUntil')} value={until} onChange={(value) => set('until', value)} />
        </>
      }
      empty={
        isSearch || status !== undefined || of !== '' ? (
          t('noMatch')
        ) : (
          <SpaceBetween size="xs">
            <b>{t('noExecutions')}</b>
            <span>{t('noExecutionsText')}</span>
            <Button onClick={onStart}>{t('start')}</Button>
          </SpaceBetween>
        )
      }
      columns={[
        {
          header: t('name'),
          text: ({ name }) => name ?? '',
          cell: ({ name, executionArn }) => <Link to={pathTo('execution', executionArn)}>{name}</Link>,
        },
        { header: t('status'), text: ({ status }) => status ?? '', cell: ({ status }) => <Status status={status} /> },
        { header: t('started'), text: ({ startDate }) => showTime(startDate, language) },
        { header: t('stopped'), text: ({ stopDate }) => showTime(stopDate, language) },
        {
          header: t('duration'),
          text: ({ startDate = 0, stopDate }) => showSpan(Math.max(0, (stopDate ?? now) - startDate)),
        },
      ]}
    />
  )
}

/** Of a local time as the browser's own field writes it; undefined of an empty one. */
function secondsOf(text: string | undefined): number | undefined {
  const at = Date.parse(text ?? '')
  return Number.isNaN(at) ? undefined : at / 1_000
}

function withFirst(first: Execution | undefined, rest: readonly Execution[] | undefined): readonly Execution[] | undefined {
  if (!first) return rest
  return [first, ...(rest ?? []).filter(({ executionArn }) => executionArn !== first.executionArn)]
}

interface MomentFieldProps {
  readonly label: string
  readonly value: string | undefined
  readonly onChange: (value: string) => void
}

function MomentField({ label, value, onChange }: MomentFieldProps) {
  return (
    <label>
      {label} <input className="choice" type="datetime-local" value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  )
}
