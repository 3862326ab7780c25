/** What is wrong with a definition, and what could be better. A click leads to the place. */
import type { Found } from '../editor/diagnose.ts'
import type { Span } from '../model/source.ts'
import { useWords } from '../words/words.tsx'

const SHOWN_MAX = 100

interface EditorProblemsProps {
  /** Undefined before the first check. */
  readonly found: readonly Found[] | undefined
  readonly onGo: (span: Span) => void
}

export function EditorProblems({ found, onGo }: EditorProblemsProps) {
  const { t } = useWords()
  if (!found) return null
  return (
    <section className="panel" aria-label={t('diagnostics')} aria-live="polite">
      <b>{found.length === 0 ? t('noProblems') : `${t('diagnostics')} (${found.length})`}</b>
      {found.slice(0, SHOWN_MAX).map(({ severity, code, message, location, from, to }) => (
        <p key={`${code}${location}${message}`}>
          <i className={`dot ${severity === 'ERROR' ? 'failed' : 'caught'}`} />
          {t(severity === 'ERROR' ? 'error' : 'warning')} ·{' '}
          <button type="button" className="plain" onClick={() => onGo({ from, to })}>
            {code}
          </button>{' '}
          {message} <span className="arn">{location}</span>
        </p>
      ))}
    </section>
  )
}
