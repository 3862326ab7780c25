import StatusIndicator from '@cloudscape-design/components/status-indicator'

import type { VisitStatus } from '../../../src/history/visits.ts'
import type { MessageKey } from '../messages/en.ts'
import { useMessages } from '../messages/messages.tsx'

const SIGNS = {
  RUNNING: 'in-progress',
  SUCCEEDED: 'success',
  FAILED: 'error',
  ABORTED: 'stopped',
  TIMED_OUT: 'error',
  PENDING_REDRIVE: 'pending',
} as const

export function Status({ status }: { readonly status: string | undefined }) {
  const { t } = useMessages()
  const known = status as keyof typeof SIGNS
  return (
    <span className="status">
      <StatusIndicator type={SIGNS[known] ?? 'pending'}>{t(WORD_OF_STATUS[known] ?? 'pending')}</StatusIndicator>
    </span>
  )
}

export const WORD_OF_STATUS = {
  RUNNING: 'running',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  ABORTED: 'aborted',
  TIMED_OUT: 'timedOut',
  PENDING_REDRIVE: 'pendingRedrive',
} as const

export const WORD_OF_VISIT = {
  running: 'running',
  succeeded: 'succeeded',
  caught: 'caught',
  failed: 'failed',
  aborted: 'abortedVisit',
} as const satisfies Readonly<Record<VisitStatus, MessageKey>>
