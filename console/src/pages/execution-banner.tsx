/** What one should know of an execution before all else: why it failed or was stopped, and whom it waits for. */
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import ButtonDropdown from '@cloudscape-design/components/button-dropdown'
import SpaceBetween from '@cloudscape-design/components/space-between'

import type { Run, Visit } from '../../../src/history/visits.ts'
import { messageOfCause } from '../model/failure-text.ts'
import { placeText } from '../model/place-of.ts'
import { waitingOf } from '../model/waiting.ts'
import { Clamped } from '../ui/clamped.tsx'
import { Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { type Description, type ExecutionView, isExpressArn } from './use-execution.ts'

interface BannerProps {
  readonly run: Run
  readonly description: Description | undefined
  readonly onGoTo: (visit: Visit) => void
  readonly onRedrive: () => void
  /** Undefined where no such execution can be started. */
  readonly onStartAgain: (() => void) | undefined
}

export function FailureBanner({ run, description, onGoTo, onRedrive, onStartAgain }: BannerProps) {
  const { t } = useMessages()
  const failure = run.failure ?? failureOf(description)
  if (!failure) return null
  const visit = run.failedVisit
  const isStopped = description?.status === 'ABORTED'
  const header = isStopped
    ? failure.error === ''
      ? t('stoppedByHand')
      : t('stoppedWith', { error: failure.error })
    : visit
      ? t('failedIn', { state: visit.name.slice(0, 200) })
      : t('failed')
  const canRedrive = description?.redriveStatus === 'REDRIVABLE'
  const place = visit && placeText(visit)
  return (
    <Alert
      type={isStopped ? 'info' : 'error'}
      header={header}
      action={
        <SpaceBetween direction="horizontal" size="xs">
          {visit && <Button onClick={() => onGoTo(visit)}>{t('goToStep')}</Button>}
          {!isExpressArn(description?.executionArn ?? '') && (
            <ButtonDropdown
              expandToViewport
              items={[
                {
                  id: 'redrive',
                  text: t('redriveFromFailure'),
                  disabled: !canRedrive,
                  disabledReason: description?.redriveStatusReason ?? '',
                },
                ...(onStartAgain ? [{ id: 'again', text: t('againEdited') }] : []),
              ]}
              onItemClick={({ detail }) => (detail.id === 'redrive' ? onRedrive() : onStartAgain?.())}
            >
              {t('recover')}
            </ButtonDropdown>
          )}
        </SpaceBetween>
      }
    >
      {place && <div className="soft">{place}</div>}
      {!isStopped && <b>{failure.error}</b>} <Clamped text={messageOfCause(failure.cause)} />
    </Alert>
  )
}

/** Of an Express execution the history may tell less than its end does. */
function failureOf(description: Description | undefined) {
  const { status, error, cause } = description ?? {}
  if (status === undefined || status === 'RUNNING' || (error === undefined && cause === undefined)) return undefined
  return { error: error ?? '', cause: cause ?? '' }
}

const SHOWN_MAX = 5

/** Tasks that wait for an answer that can be given here. */
export function WaitingBanner({ run, onGoTo }: Pick<BannerProps, 'run' | 'onGoTo'>) {
  const { t } = useMessages()
  const waiting = waitingOf(run)
  if (waiting.length === 0) return null
  return (
    <Alert type="info" header={t('openTokens', { n: waiting.length })}>
      <SpaceBetween direction="horizontal" size="xs">
        {waiting.slice(0, SHOWN_MAX).map(({ visit }) => (
          <Button key={visit.id} onClick={() => onGoTo(visit)}>
            {[visit.name.slice(0, 60), placeText(visit)].filter(Boolean).join(' · ')}
          </Button>
        ))}
        {waiting.length > SHOWN_MAX && <span>…</span>}
      </SpaceBetween>
    </Alert>
  )
}

/** Where the states of an Express execution are from, which has no history. */
export function SourceNote({ view, machineArn }: { readonly view: ExecutionView; readonly machineArn: string }) {
  const { t } = useMessages()
  if (view.source === undefined || view.source === 'history') return null
  if (view.source === 'nothing')
    return (
      <Alert type="warning" header={t('expressNothing')}>
        {t('expressNothingText')} <Link to={pathTo('machine', machineArn, { tab: 'settings' })}>{t('goToMachine')}</Link>
      </Alert>
    )
  return <p className="soft">{t(view.source === 'memory' ? 'expressMemory' : 'expressLog')}</p>
}
