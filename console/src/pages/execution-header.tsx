import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import type { ReactNode } from 'react'

import type { OutputOf } from '../api/client.ts'
import type { Run } from '../model/history.ts'
import { Status } from '../parts/status.tsx'
import { showSpan, showTime } from '../parts/time.ts'
import { Link, pathTo } from '../router.tsx'
import { useWords } from '../words/words.tsx'

/** US$ for a thousand transitions of a standard workflow in us-east-1. Source: AWS Step Functions pricing. */
const USD_PER_TRANSITION = 0.025 / 1_000

export type Description = OutputOf<'DescribeExecution'>

interface ExecutionHeaderProps {
  readonly executionArn: string
  readonly description: Description | undefined
  readonly run: Run
  readonly actions: ReactNode
}

export function ExecutionHeader({ executionArn, description, run, actions }: ExecutionHeaderProps) {
  const { t, language } = useWords()
  const { startDate, stopDate, stateMachineArn, mapRunArn, redriveCount } = description ?? {}
  const span = startDate === undefined ? '–' : showSpan((stopDate ?? Date.now() / 1_000) - startDate)
  return (
    <>
      <div className="toolbar">
        <h1>{description?.name ?? t('execution')}</h1>
        <Status status={run.status === 'RUNNING' ? (description?.status ?? 'RUNNING') : run.status} />
        <span className="spacer" />
        {actions}
      </div>
      <KeyValuePairs
        columns={4}
        items={[
          { label: t('arn'), value: <span className="arn">{executionArn}</span> },
          {
            label: t('machines'),
            value:
              stateMachineArn === undefined ? (
                '–'
              ) : (
                <Link to={pathTo('machine', stateMachineArn)}>{stateMachineArn.split(':').at(-1)}</Link>
              ),
          },
          { label: t('started'), value: showTime(startDate, language) },
          { label: t('stopped'), value: showTime(stopDate, language) },
          { label: t('duration'), value: span },
          { label: t('transitions'), value: run.transitions },
          { label: t('cost'), value: t('costText', { cost: (run.transitions * USD_PER_TRANSITION).toFixed(6) }) },
          { label: t('redrives'), value: redriveCount ?? 0 },
          ...(mapRunArn === undefined
            ? []
            : [{ label: t('mapRun'), value: <Link to={pathTo('map-run', mapRunArn)}>{t('mapRunOpen')}</Link> }]),
        ]}
      />
    </>
  )
}

export function FailureBanner({ run, onGoTo }: { readonly run: Run; readonly onGoTo: (state: string) => void }) {
  const { t } = useWords()
  if (!run.failure) return null
  const state = run.failedVisit?.name
  return (
    <Alert
      type="error"
      header={state === undefined ? t('failed') : t('failedIn', { state })}
      action={state !== undefined && <Button onClick={() => onGoTo(state)}>{t('goToStep')}</Button>}
    >
      <b>{run.failure.error}</b> {run.failure.cause.slice(0, 2_000)}
    </Alert>
  )
}
