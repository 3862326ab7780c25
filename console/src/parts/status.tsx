import StatusIndicator from '@cloudscape-design/components/status-indicator'

import type { VisitStatus } from '../model/history.ts'
import type { Word } from '../words/en.ts'
import { useWords } from '../words/words.tsx'

const SHOWN = {
  RUNNING: ['in-progress', 'running'],
  SUCCEEDED: ['success', 'succeeded'],
  FAILED: ['error', 'failed'],
  ABORTED: ['stopped', 'aborted'],
  TIMED_OUT: ['error', 'timedOut'],
  PENDING_REDRIVE: ['pending', 'pendingRedrive'],
} as const

export function Status({ status }: { readonly status: string | undefined }) {
  const { t } = useWords()
  const [type, word] = SHOWN[status as keyof typeof SHOWN] ?? ['pending', 'pending']
  return <StatusIndicator type={type}>{t(word)}</StatusIndicator>
}

export const WORD_OF_VISIT = {
  running: 'running',
  succeeded: 'succeeded',
  caught: 'caught',
  failed: 'failed',
  aborted: 'aborted',
} as const satisfies Readonly<Record<VisitStatus, Word>>
