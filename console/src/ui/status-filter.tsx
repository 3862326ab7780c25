/** Executions of one status, or of all: as ListExecutions filters them. */
import { useMessages } from '../messages/messages.tsx'
import { WORD_OF_STATUS } from './status.tsx'

export type StatusFilter = keyof typeof WORD_OF_STATUS

const STATUSES: readonly StatusFilter[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'PENDING_REDRIVE']

export const isStatusFilter = (text: string): text is StatusFilter => STATUSES.some((status) => status === text)

interface StatusFilterChoiceProps {
  readonly value: StatusFilter | undefined
  readonly onChange: (status: StatusFilter | undefined) => void
}

export function StatusFilterChoice({ value, onChange }: StatusFilterChoiceProps) {
  const { t } = useMessages()
  const choose = (text: string) => onChange(isStatusFilter(text) ? text : undefined)
  return (
    <label>
      {t('status')}{' '}
      <select className="choice" value={value ?? ''} onChange={(event) => choose(event.target.value)}>
        <option value="">{t('allStatuses')}</option>
        {STATUSES.map((status) => (
          <option key={status} value={status}>
            {t(WORD_OF_STATUS[status])}
          </option>
        ))}
      </select>
    </label>
  )
}
