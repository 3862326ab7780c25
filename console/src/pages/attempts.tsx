/** Every attempt of a state's work, with the wait before it; those of a redrive under its number. */
import { attemptsOf } from '../../../src/history/attempts.ts'
import type { Visit } from '../../../src/history/visits.ts'
import { StatusSign } from '../graph/status-sign.tsx'
import { Clamped } from '../ui/clamped.tsx'
import { showClock, showSpan } from '../ui/time.ts'
import { useMessages } from '../messages/messages.tsx'

export function Attempts({ visit }: { readonly visit: Visit | undefined }) {
  const { t, language } = useMessages()
  const attempts = visit ? attemptsOf(visit) : []
  if (attempts.length === 0) return <p>{t('noAttempts')}</p>
  return (
    <ol className="steps">
      {attempts.map(({ number, redrive, startAt, endAt, outcome, error, cause, waited }) => (
        <li key={`${redrive} ${number}`}>
          <b>
            <StatusSign status={outcome} />
            {redrive > 0 && `${t('redriveN', { n: redrive })} · `}
            {t('attempt', { n: number })} · {t(outcome)}
          </b>
          <div>
            {showClock(startAt, language)}
            {endAt !== undefined && ` · ${showSpan(endAt - startAt)}`}
            {waited !== undefined && ` · ${t('afterWaiting', { span: showSpan(waited) })}`}
          </div>
          {error !== undefined && <Clamped text={cause === undefined ? error : `${error}: ${cause}`} />}
        </li>
      ))}
    </ol>
  )
}
