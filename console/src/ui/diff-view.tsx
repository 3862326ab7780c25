/** What differs between two texts, the lines that only one has in its own colour and with its own sign. */
import { useMemo } from 'react'

import { diffLines, foldSame } from '../model/line-diff.ts'
import { useMessages } from '../messages/messages.tsx'

interface DiffViewProps {
  readonly before: string
  readonly after: string
  readonly label: string
}

const SIGNS = { same: ' ', removed: '−', added: '+' } as const

export function DiffView({ before, after, label }: DiffViewProps) {
  const { t } = useMessages()
  const parts = useMemo(() => foldSame(diffLines(before, after)), [before, after])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="json diff" tabIndex={0} aria-label={label}>
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines keep nothing of their own
        <div key={at} className={part.kind}>
          {part.kind === 'skipped' ? t('linesAlike', { n: part.lines }) : `${SIGNS[part.kind]} ${part.text}`}
        </div>
      ))}
    </section>
  )
}
