/** The sign of a status, beside its colour: for those who do not see colours, and where the system paints all alike. */
import type { VisitStatus } from '../../../src/history/visits.ts'
import { WORD_OF_VISIT } from '../ui/status.tsx'
import { useMessages } from '../messages/messages.tsx'
import { SIGN_PATHS } from './node-colour.ts'

export function StatusSign({ status }: { readonly status: VisitStatus }) {
  return (
    <svg className={`sign ${status}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={SIGN_PATHS[status]} />
    </svg>
  )
}

const STATUSES = Object.keys(SIGN_PATHS) as readonly VisitStatus[]

export function Legend() {
  const { t } = useMessages()
  return (
    <ul className="signs" aria-label={t('legend')}>
      {STATUSES.map((status) => (
        <li key={status}>
          <StatusSign status={status} />
          {t(WORD_OF_VISIT[status])}
        </li>
      ))}
      <li>
        <i className="sign idle" />
        {t('notStarted')}
      </li>
    </ul>
  )
}
