/** The sign of a status, beside its colour: for those who do not see colours, and where the system paints all alike. */
import type { VisitStatus } from '../../../src/history/visits.ts'
import type { MessageKey } from '../messages/en.ts'
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

/** Other words for some statuses: what else a picture may tell by their colours. */
export type GraphWords = Readonly<Partial<Record<VisitStatus, MessageKey>>>

export const wordOf = (status: VisitStatus, words: GraphWords = WORD_OF_VISIT): MessageKey =>
  words[status] ?? WORD_OF_VISIT[status]

export function Legend({ words = WORD_OF_VISIT }: { readonly words?: GraphWords | undefined }) {
  const { t } = useMessages()
  const statuses = Object.keys(words) as readonly VisitStatus[]
  return (
    <ul className="signs" aria-label={t('legend')}>
      {statuses.map((status) => (
        <li key={status}>
          <StatusSign status={status} />
          {t(wordOf(status, words))}
        </li>
      ))}
      {words === WORD_OF_VISIT && (
        <li>
          <i className="sign idle" />
          {t('notStarted')}
        </li>
      )}
    </ul>
  )
}
