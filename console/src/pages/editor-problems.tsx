/** What is wrong with a definition, and what could be better. Each leads to its place; our own advice, to the page that explains it. */
import { memo, useState } from 'react'

import type { Found } from '../editor/diagnose.ts'
import type { Range } from '../../../src/source/tree.ts'
import { tellDiagnostic } from '../messages/diagnostics.ts'
import { useMessages } from '../messages/messages.tsx'

/** The pages of docs/rules, loaded when they are asked for. */
const PAGES = import.meta.glob<string>('../../../docs/rules/*.md', { query: '?raw', import: 'default' })
const SHOWN_MAX = 100

interface EditorProblemsProps {
  /** Undefined before the first check. */
  readonly checked: { readonly found: readonly Found[]; readonly text: string } | undefined
  readonly onGo: (range: Range) => void
}

export const EditorProblems = memo(function EditorProblems({ checked, onGo }: EditorProblemsProps) {
  const { t } = useMessages()
  if (!checked) return null
  const { found, text } = checked
  return (
    <section className="panel" aria-label={t('diagnostics')} aria-live="polite">
      <b>{found.length === 0 ? t('noProblems') : `${t('diagnostics')} (${found.length})`}</b>
      {found.slice(0, SHOWN_MAX).map((one) => (
        <Problem key={`${one.code}${one.location}${one.message}`} one={one} text={text} onGo={onGo} />
      ))}
    </section>
  )
})

interface ProblemProps {
  readonly one: Found
  readonly text: string
  readonly onGo: (range: Range) => void
}

function Problem({ one, text, onGo }: ProblemProps) {
  const { t, language } = useMessages()
  const [page, setPage] = useState<string>()
  const { severity, code, location, from, to } = one
  const lines = text.slice(0, from).split('\n')
  const explain = PAGES[`../../../docs/rules/${code}.md`]
  return (
    <div className="problem">
      <i className={`dot ${severity === 'ERROR' ? 'failed' : 'caught'}`} />
      {t(severity === 'ERROR' ? 'error' : 'warning')} {lines.length}:{(lines.at(-1)?.length ?? 0) + 1} ·{' '}
      <button type="button" className="plain" onClick={() => onGo({ from, to })}>
        {code}
      </button>{' '}
      {tellDiagnostic(one, language)} {location?.startsWith('/') && <span className="arn">{location}</span>}{' '}
      {explain && page === undefined && (
        <button type="button" className="plain" onClick={() => void explain().then(setPage)}>
          {t('why')}
        </button>
      )}
      {page !== undefined && <pre className="json">{page}</pre>}
    </div>
  )
}
