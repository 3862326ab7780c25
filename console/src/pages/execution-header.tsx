/** What an execution is, at a glance: as it is now, wherever in its past one looks. */
import { useQueries } from '@tanstack/react-query'
import type { ReactNode } from 'react'

import { countTransitions } from '../../../src/history/transitions.ts'
import type { Run } from '../../../src/history/visits.ts'
import { costOfMapRun } from '../api/map-run-cost.ts'
import { costOfExpress, costOfStandard } from '../model/cost.ts'
import { parentOf } from '../model/links.ts'
import { Arn } from '../ui/arn.tsx'
import { type Fact, Facts } from '../ui/facts.tsx'
import { Status } from '../ui/status.tsx'
import { showSpan, showTime } from '../ui/time.ts'
import { useNow } from '../ui/use-now.ts'
import { Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { type Description, isExpressArn } from './use-execution.ts'

interface ExecutionHeaderProps {
  readonly executionArn: string
  readonly description: Description | undefined
  readonly logGroup: string | undefined
  readonly run: Run
  readonly actions: ReactNode
}

export function ExecutionHeader({ executionArn, description, logGroup, run, actions }: ExecutionHeaderProps) {
  const { t, language } = useMessages()
  const { startDate, stopDate, stateMachineArn, stateMachineVersionArn, stateMachineAliasArn, mapRunArn } = description ?? {}
  const now = useNow(description?.status === 'RUNNING')
  const parent = parentOf(description?.input)
  const isExpress = isExpressArn(executionArn)
  const { drawn, statesEntered } = countTransitions(run)
  const seconds = startDate === undefined ? undefined : Math.max(0, (stopDate ?? now) - startDate)
  const facts: Fact[] = []
  if (stateMachineVersionArn !== undefined) facts.push([t('version'), stateMachineVersionArn.split(':').at(-1)])
  if (stateMachineAliasArn !== undefined) facts.push([t('alias'), stateMachineAliasArn.split(':').at(-1)])
  facts.push(
    [t('type'), t(isExpress ? 'express' : 'standard')],
    [t('started'), showTime(startDate, language)],
    [t('stopped'), showTime(stopDate, language)],
    [t('duration'), seconds === undefined ? '–' : showSpan(seconds)],
  )
  if (run.visits.length > 0) facts.push([t('transitions'), t('transitionsText', { n: drawn, entered: statesEntered })])
  if (seconds !== undefined)
    facts.push([
      t('cost'),
      <Cost key="cost" own={isExpress ? costOfExpress(seconds) : costOfStandard(statesEntered)} run={run} />,
    ])
  if (!isExpress) facts.push([t('redrives'), description?.redriveCount ?? 0])
  if (parent !== undefined)
    facts.push([
      t('parent'),
      <Link key="parent" to={pathTo('execution', parent)}>
        {parent.split(':').at(-1)}
      </Link>,
    ])
  if (mapRunArn !== undefined)
    facts.push([
      t('mapRun'),
      <Link key="mapRun" to={pathTo('map-run', mapRunArn)}>
        {t('mapRunOpen')}
      </Link>,
    ])
  if (logGroup !== undefined)
    facts.push([
      t('logging'),
      <Link key="logs" to={pathTo('logs', logGroup, { filter: `"${executionArn}"` })}>
        {logGroup}
      </Link>,
    ])
  const machineName = stateMachineArn?.split(':')[6]?.split('/')[0]
  return (
    <>
      {stateMachineArn !== undefined && machineName !== undefined && (
        <nav aria-label={t('machine')} className="crumbs">
          <Link to={pathTo('machines')}>{t('machines')}</Link> {'› '}
          <Link to={pathTo('machine', stateMachineArn.split('/')[0])}>{machineName}</Link>
        </nav>
      )}
      <div className="toolbar">
        <h1>{description?.name ?? t('execution')}</h1>
        {description && <Status status={description.status} />}
        <span className="spacer" />
        {actions}
      </div>
      <Arn value={executionArn} />
      <Facts facts={facts} />
    </>
  )
}

/** Of the execution, and of the children of its Map Runs, which are executions of their own. */
function Cost({ own, run }: { readonly own: number; readonly run: Run }) {
  const { t, language } = useMessages()
  const mapRuns = [...new Set(run.visits.flatMap(({ mapRunArn }) => mapRunArn ?? []))].slice(0, MAP_RUNS_MAX)
  const children = useQueries({
    queries: mapRuns.map((mapRunArn) => ({
      queryKey: ['cost', mapRunArn, run.status],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) => costOfMapRun(mapRunArn, signal),
    })),
  }).flatMap(({ data }) => data ?? [])
  const usd = children.reduce((sum, one) => sum + one.usd, own)
  const count = children.reduce((sum, one) => sum + one.count, 0)
  const word = children.every(({ isExact }) => isExact) ? 'costChildren' : 'costEstimated'
  const cost = usd.toLocaleString(language, { minimumFractionDigits: 6, maximumFractionDigits: 6 })
  return (
    <>
      {t('costText', { cost })}
      <small className="soft">
        {count > 0 && `${t(word, { n: count })} · `}
        {t('costBasis')}
      </small>
    </>
  )
}

const MAP_RUNS_MAX = 20
