/** EventBridge Scheduler: what is started when, and when next. */
import Button from '@cloudscape-design/components/button'
import { useIsMutating, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { callScheduler, getSchedule, listSchedules, pathOfSchedule, roleFor, type Schedule } from '../../api/events.ts'
import { nextRunOfSchedule } from '../../model/next-run.ts'
import { every } from '../../ui/every.ts'
import { ConfirmButton } from '../../ui/confirm-button.tsx'
import { Problem } from '../../ui/error.tsx'
import { fact, Facts } from '../../ui/facts.tsx'
import { JsonView } from '../../ui/json-view.tsx'
import { Loading } from '../../ui/loading.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { Records } from '../../ui/records.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { showTime } from '../../ui/time.ts'
import { useLeave } from '../../ui/use-leave.ts'
import { usePages } from '../../ui/use-pages.ts'
import { go, Link, pathTo } from '../../router.tsx'
import { useMessages } from '../../messages/messages.tsx'
import type { PageProps } from '../page.ts'
import { MachineChoice } from './machine-choice.tsx'
import { EnabledState } from './rules.tsx'
import { TargetLink } from './target-link.tsx'

type Of = Pick<Schedule, 'Name' | 'GroupName'>

export default function SchedulesPage({ subject }: PageProps) {
  const [group = '', name] = subject.split('/')
  return name === undefined ? <Schedules /> : <One of={{ GroupName: group, Name: name }} />
}

const schedulePath = ({ Name, GroupName }: Of): string => pathTo('schedules', `${GroupName}/${Name}`)
const REFRESH_MS = 5_000

const querySchedule = (of: Of) => ({
  queryKey: ['schedule', of.GroupName, of.Name],
  queryFn: ({ signal }: { readonly signal: AbortSignal }) => getSchedule(of, signal),
})

function Schedules() {
  const { t } = useMessages()
  const { items, error, onMore } = usePages(['schedules'], listSchedules)
  return (
    <>
      <Records
        title={t('schedules')}
        items={items}
        error={error}
        onMore={onMore}
        empty={<EmptyState text={t('emptySchedules')} />}
        columns={[
          {
            header: t('name'),
            text: ({ GroupName, Name }) => `${GroupName} ${Name}`,
            cell: (one) => (
              <Link to={schedulePath(one)}>{one.GroupName === 'default' ? one.Name : `${one.GroupName}/${one.Name}`}</Link>
            ),
          },
          { header: t('state'), text: ({ State }) => State, cell: ({ State }) => <EnabledState state={State} />, minWidth: 110 },
          { header: t('expression'), text: () => '', cell: (one) => <Expression of={one} />, minWidth: 130 },
          { header: t('nextRun'), text: () => '', cell: (one) => <NextRun of={one} /> },
          {
            header: t('target'),
            text: ({ Target }) => Target.Arn,
            cell: ({ Target }) => <TargetLink arn={Target.Arn} />,
            isLong: true,
          },
        ]}
      />
      <NewSchedule />
    </>
  )
}

/** The list of schedules does not tell their expressions. */
function Expression({ of }: { readonly of: Of }) {
  const { data } = useQuery(querySchedule(of))
  if (!data) return '–'
  const zone = data.ScheduleExpressionTimezone
  return `${data.ScheduleExpression ?? '–'}${zone === undefined || zone === 'UTC' ? '' : ` ${zone}`}`
}

function NextRun({ of }: { readonly of: Of }) {
  const { language } = useMessages()
  const { data } = useQuery({ ...querySchedule(of), refetchInterval: every(REFRESH_MS) })
  const next = data && nextRunOfSchedule(data, Date.now())
  return showTime(next === undefined ? undefined : next / 1_000, language)
}

function NewSchedule() {
  const { t } = useMessages()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [expression, setExpression] = useState('rate(1 hour)')
  const [zone, setZone] = useState('UTC')
  const [target, setTarget] = useState('')
  const [input, setInput] = useState('{}')
  const create = useMutation({
    mutationFn: () =>
      callScheduler('POST', `/schedules/${encodeURIComponent(name)}`, {
        ScheduleExpression: expression,
        ScheduleExpressionTimezone: zone,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: target, RoleArn: roleFor(target), Input: input },
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['schedules'] })
      go(schedulePath({ GroupName: 'default', Name: name }))
    },
  })
  return (
    <details className="fold">
      <summary>{t('newSchedule')}</summary>
      <div className="form">
        <label>
          {t('name')} <input value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          {t('expression')} <input value={expression} onChange={(event) => setExpression(event.target.value)} />
          <small>{t('expressionHint')}</small>
        </label>
        <label>
          {t('zone')} <input value={zone} list="zones" onChange={(event) => setZone(event.target.value)} />
          <datalist id="zones">
            {Intl.supportedValuesOf('timeZone').map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </label>
        <MachineChoice value={target} onChange={setTarget} />
        <label className="wide">
          {t('input')} <textarea rows={4} spellCheck={false} value={input} onChange={(event) => setInput(event.target.value)} />
        </label>
        <Button
          variant="primary"
          disabled={name === '' || target === ''}
          loading={create.isPending}
          onClick={() => create.mutate()}
        >
          {t('create')}
        </Button>
      </div>
      <Problem error={create.error} />
    </details>
  )
}

function One({ of }: { readonly of: Of }) {
  const { t, language } = useMessages()
  const queries = useQueryClient()
  // What is being deleted is not asked for.
  const enabled = useIsMutating() === 0
  const { data, error } = useQuery({ ...querySchedule(of), refetchInterval: every(REFRESH_MS), enabled })
  const isOn = data?.State !== 'DISABLED'
  const changed = () => queries.invalidateQueries({ queryKey: ['schedule', of.GroupName, of.Name] })
  // An update takes the whole schedule: what is left out is gone.
  const toggle = useMutation({
    mutationFn: async () => {
      const whole = await getSchedule(of)
      return callScheduler('PUT', pathOfSchedule(of), { ...whole, State: isOn ? 'DISABLED' : 'ENABLED' })
    },
    onSuccess: changed,
  })
  const leave = useLeave(['schedules'], pathTo('schedules'))
  const remove = async () => {
    await callScheduler('DELETE', pathOfSchedule(of))
    leave()
  }
  return (
    <>
      <PageHead title={of.Name} back={[pathTo('schedules'), t('schedules')]}>
        <Button disabled={!data} loading={toggle.isPending} onClick={() => toggle.mutate()}>
          {t(isOn ? 'disable' : 'enable')}
        </Button>
        <ConfirmButton label={t('remove')} question={t('deleteSure', { name: of.Name })} onYes={remove} />
      </PageHead>
      <Problem error={error ?? toggle.error} />
      {!data && !error && <Loading />}
      {data && (
        <>
          <Facts
            facts={[
              fact(t('state'), <EnabledState state={data.State} />),
              fact(t('expression'), data.ScheduleExpression),
              fact(t('zone'), data.ScheduleExpressionTimezone),
              fact(t('nextRun'), <NextRun of={of} />),
              fact(t('group'), data.GroupName),
              fact(t('window'), data.FlexibleTimeWindow?.MaximumWindowInMinutes ?? t('exact')),
              fact(t('starts'), showTime(data.StartDate, language)),
              fact(t('ends'), showTime(data.EndDate, language)),
              fact(t('modifiedMasculine'), showTime(data.LastModificationDate, language)),
              fact(t('target'), <TargetLink arn={data.Target.Arn} />),
            ]}
          />
          <h2>{t('input')}</h2>
          <JsonView label={t('input')} text={data.Target.Input} />
        </>
      )}
    </>
  )
}
