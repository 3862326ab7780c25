/** What an execution is, at a glance; and where it failed, what can be done. */
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import SpaceBetween from '@cloudscape-design/components/space-between'
import type { ReactNode } from 'react'

import { countTransitions } from '../../../src/history/transitions.ts'
import type { Run } from '../../../src/history/visits.ts'
import type { OutputOf } from '../api/client.ts'
import { parentOf } from '../model/links.ts'
import { Arn } from '../ui/arn.tsx'
import { type Fact, Facts } from '../ui/facts.tsx'
import { Status } from '../ui/status.tsx'
import { showSpan, showTime } from '../ui/time.ts'
import { useNow } from '../ui/use-now.ts'
import { Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'

/** US$ for a transition of a standard workflow in us-east-1. Source: AWS Step Functions pricing. */
const USD_PER_TRANSITION = 0.025 / 1_000

export type Description = OutputOf<'DescribeExecution'>

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
  const { drawn, statesEntered } = countTransitions(run)
  const facts: Fact[] = []
  if (stateMachineArn !== undefined)
    facts.push([
      t('machine'),
      <Link key="machine" to={pathTo('machine', stateMachineArn)}>
        {stateMachineArn.split(':')[6]}
      </Link>,
    ])
  if (stateMachineVersionArn !== undefined) facts.push([t('version'), stateMachineVersionArn.split(':').at(-1)])
  if (stateMachineAliasArn !== undefined) facts.push([t('alias'), stateMachineAliasArn.split(':').at(-1)])
  facts.push(
    [t('type'), t(executionArn.includes(':express:') ? 'express' : 'standard')],
    [t('started'), showTime(startDate, language)],
    [t('stopped'), showTime(stopDate, language)],
    [t('duration'), startDate === undefined ? '–' : showSpan(Math.max(0, (stopDate ?? now) - startDate))],
    [t('transitions'), t('transitionsText', { n: drawn, entered: statesEntered })],
    [t('cost'), t('costText', { cost: (statesEntered * USD_PER_TRANSITION).toFixed(6) })],
    [t('redrives'), description?.redriveCount ?? 0],
  )
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
  return (
    <>
      <div className="toolbar">
        <h1>{description?.name ?? t('execution')}</h1>
        <Status status={run.status === 'RUNNING' ? (description?.status ?? 'RUNNING') : run.status} />
        <span className="spacer" />
        {actions}
      </div>
      <Arn value={executionArn} />
      <Facts facts={facts} />
    </>
  )
}

interface FailureBannerProps {
  readonly run: Run
  readonly description: Description | undefined
  readonly onGoTo: (state: string) => void
  readonly onRedrive: () => void
  readonly onStartAgain: () => void
}

export function FailureBanner({ run, description, onGoTo, onRedrive, onStartAgain }: FailureBannerProps) {
  const { t } = useMessages()
  if (!run.failure) return null
  const state = run.failedVisit?.name
  const canRedrive = description?.redriveStatus === 'REDRIVABLE'
  return (
    <Alert
      type="error"
      header={state === undefined ? t('failed') : t('failedIn', { state: state.slice(0, 200) })}
      action={
        <SpaceBetween direction="horizontal" size="xs">
          {state !== undefined && <Button onClick={() => onGoTo(state)}>{t('goToStep')}</Button>}
          <ButtonDropdown
            items={[
              {
                id: 'redrive',
                text: t('redriveFromFailure'),
                disabled: !canRedrive,
                disabledReason: description?.redriveStatusReason ?? '',
              },
              { id: 'again', text: t('againEdited') },
            ]}
            onItemClick={({ detail }) => (detail.id === 'redrive' ? onRedrive() : onStartAgain())}
          >
            {t('recover')}
          </ButtonDropdown>
        </SpaceBetween>
      }
    >
      <b>{run.failure.error}</b> <span className="pre">{run.failure.cause.slice(0, 2_000)}</span>
    </Alert>
  )
}
