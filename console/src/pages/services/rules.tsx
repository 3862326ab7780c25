/** EventBridge rules, bus by bus: what they match or when they fire, what they start; and an event by hand. */
import Button from '@cloudscape-design/components/button'
import StatusIndicator from '@cloudscape-design/components/status-indicator'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { callEvents, deleteRule, listBuses, listRules, listTargets, type Rule, roleFor } from '../../api/events.ts'
import { nextRunOfRule } from '../../model/next-run.ts'
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
import { PutEvent } from './put-event.tsx'
import { TargetLink } from './target-link.tsx'

/** A rule is named by its bus and itself. Neither has a slash of its own, but partner buses do: the last one parts them. */
export default function RulesPage({ subject, query }: PageProps) {
  const at = subject.lastIndexOf('/')
  if (at < 0) return <Rules bus={query.get('bus') ?? 'default'} />
  return <One bus={subject.slice(0, at)} name={subject.slice(at + 1)} />
}

const busPath = (bus: string): string => pathTo('rules', '', bus === 'default' ? {} : { bus })
const rulePath = ({ EventBusName, Name }: Pick<Rule, 'EventBusName' | 'Name'>): string =>
  pathTo('rules', `${EventBusName}/${Name}`)

export function EnabledState({ state }: { readonly state: string }) {
  const { t } = useMessages()
  const isOn = state !== 'DISABLED'
  return <StatusIndicator type={isOn ? 'success' : 'stopped'}>{t(isOn ? 'enabled' : 'disabled')}</StatusIndicator>
}

function Rules({ bus }: { readonly bus: string }) {
  const { t } = useMessages()
  const buses = useQuery({ queryKey: ['buses'], queryFn: ({ signal }) => listBuses(signal) })
  const { items, error, onMore } = usePages(['rules', bus], (token, signal) => listRules(bus, token, signal))
  return (
    <>
      <Records
        title={t('rules')}
        items={items}
        error={error}
        onMore={onMore}
        empty={<EmptyState text={t('emptyRules')} />}
        actions={
          <label>
            {t('bus')}{' '}
            <select className="choice" value={bus} onChange={(event) => go(busPath(event.target.value))}>
              {[...new Set([bus, ...(buses.data ?? [])])].map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        }
        columns={[
          { header: t('name'), text: ({ Name }) => Name, cell: (rule) => <Link to={rulePath(rule)}>{rule.Name}</Link> },
          { header: t('state'), text: ({ State }) => State, cell: ({ State }) => <EnabledState state={State} />, minWidth: 110 },
          {
            header: t('when'),
            isLong: true,
            text: ({ ScheduleExpression, EventPattern }) => ScheduleExpression ?? EventPattern ?? '',
            cell: ({ ScheduleExpression, EventPattern }) => (
              <span className="arn">{(ScheduleExpression ?? EventPattern ?? '').slice(0, 200)}</span>
            ),
          },
          { header: t('description'), text: ({ Description }) => Description ?? '', isLong: true },
        ]}
      />
      <NewRule bus={bus} />
      <PutEvent bus={bus} rules={items ?? []} />
    </>
  )
}

const PATTERN = JSON.stringify({ source: ['my.app'], 'detail-type': ['order'] }, null, 2)

function NewRule({ bus }: { readonly bus: string }) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [kind, setKind] = useState<'pattern' | 'schedule'>('pattern')
  const [pattern, setPattern] = useState(PATTERN)
  const [expression, setExpression] = useState('rate(5 minutes)')
  const [target, setTarget] = useState('')
  const create = useMutation({
    mutationFn: async () => {
      const what = kind === 'pattern' ? { EventPattern: pattern } : { ScheduleExpression: expression }
      await callEvents('PutRule', { Name: name, EventBusName: bus, ...what })
      if (target === '') return
      const Targets = [{ Id: 'target-1', Arn: target, ...(target.includes(':states:') && { RoleArn: roleFor(target) }) }]
      await callEvents('PutTargets', { Rule: name, EventBusName: bus, Targets })
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['rules', bus] })
      go(rulePath({ EventBusName: bus, Name: name }))
    },
  })
  return (
    <details className="fold">
      <summary>{t('newRule')}</summary>
      <div className="form">
        <label>
          {t('name')} <input value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <label>
          {t('when')}{' '}
          <select value={kind} onChange={(event) => setKind(event.target.value === 'schedule' ? 'schedule' : 'pattern')}>
            <option value="pattern">{t('byPattern')}</option>
            <option value="schedule">{t('bySchedule')}</option>
          </select>
        </label>
        {kind === 'pattern' ? (
          <label className="wide">
            {t('eventPattern')}{' '}
            <textarea rows={6} spellCheck={false} value={pattern} onChange={(event) => setPattern(event.target.value)} />
          </label>
        ) : (
          <label>
            {t('expression')} <input value={expression} onChange={(event) => setExpression(event.target.value)} />
            <small>{t('expressionHint')}</small>
          </label>
        )}
        <MachineChoice value={target} onChange={setTarget} />
        <Button variant="primary" disabled={name === ''} loading={create.isPending} onClick={() => create.mutate()}>
          {t('create')}
        </Button>
      </div>
      <Problem error={create.error} />
    </details>
  )
}

function One({ bus, name }: { readonly bus: string; readonly name: string }) {
  const { t, language } = useMessages()
  const queries = useQueryClient()
  const of = { EventBusName: bus, Name: name }
  const { data, error } = useQuery({
    queryKey: ['rule', bus, name],
    queryFn: async ({ signal }) => (await callEvents('DescribeRule', of, signal)) as Rule,
  })
  const targets = useQuery({
    queryKey: ['targets', bus, name],
    queryFn: ({ signal }) => listTargets(bus, name, signal),
  })
  const isOn = data?.State !== 'DISABLED'
  const toggle = useMutation({
    mutationFn: () => callEvents(isOn ? 'DisableRule' : 'EnableRule', of),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['rule', bus, name] }),
  })
  const leave = useLeave(['rules', bus], busPath(bus))
  const remove = async () => {
    await deleteRule(bus, name)
    leave()
  }
  const next = data?.ScheduleExpression === undefined ? undefined : nextRunOfRule(data.ScheduleExpression, Date.now())
  return (
    <>
      <PageHead title={name} back={[busPath(bus), t('rules')]}>
        <Button disabled={!data} loading={toggle.isPending} onClick={() => toggle.mutate()}>
          {t(isOn ? 'disable' : 'enable')}
        </Button>
        <ConfirmButton label={t('remove')} question={t('deleteSure', { name })} onYes={remove} />
      </PageHead>
      <Problem error={error ?? toggle.error} />
      {!data && !error && <Loading />}
      {data && (
        <>
          <Facts
            facts={[
              fact(t('state'), <EnabledState state={data.State} />),
              fact(t('bus'), bus),
              fact(t('arn'), <span className="arn">{data.Arn}</span>),
              ...(data.Description ? [fact(t('description'), data.Description)] : []),
              ...(data.ScheduleExpression ? [fact(t('expression'), data.ScheduleExpression)] : []),
              ...(next !== undefined && isOn ? [fact(t('nextRun'), showTime(next / 1_000, language))] : []),
            ]}
          />
          {data.EventPattern !== undefined && (
            <>
              <h2>{t('eventPattern')}</h2>
              <JsonView label={t('eventPattern')} text={data.EventPattern} />
            </>
          )}
          <Records
            isPart
            title={t('targets')}
            items={targets.data}
            error={targets.error}
            empty={t('emptyTargets')}
            columns={[
              { header: t('arn'), text: ({ Arn }) => Arn, cell: ({ Arn }) => <TargetLink arn={Arn} /> },
              { header: t('id'), text: ({ Id }) => Id },
              { header: t('input'), text: ({ Input, InputPath }) => Input ?? InputPath ?? t('wholeEvent') },
            ]}
          />
          {data.EventPattern !== undefined && <PutEvent bus={bus} rules={[data]} />}
        </>
      )}
    </>
  )
}
