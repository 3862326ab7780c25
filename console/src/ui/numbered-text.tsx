/** A text with its lines numbered, and a way to any of them. Lines are of one height, so that a long text costs no more than two. */
import { useMemo, useRef, useState } from 'react'

import { useMessages } from '../messages/messages.tsx'

const LINE_PX = 18

export function NumberedText({ text, label }: { readonly text: string; readonly label: string }) {
  const { t } = useMessages()
  const box = useRef<HTMLElement>(null)
  const [line, setLine] = useState<number>()
  const count = useMemo(() => text.split('\n').length, [text])
  const numbers = useMemo(() => Array.from({ length: count }, (_, n) => n + 1).join('\n'), [count])
  const goTo = (wanted: number) => {
    if (!(wanted >= 1)) return setLine(undefined)
    setLine(Math.min(wanted, count))
    // A little above it, so that what leads there is seen.
    box.current?.scrollTo({ top: (Math.min(wanted, count) - 5) * LINE_PX })
  }
  return (
    <>
      <LineChoice label={t('goToLine')} onGo={goTo} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section className="json numbered" tabIndex={0} aria-label={label} ref={box}>
        {line !== undefined && <i className="marked" style={{ top: (line - 1) * LINE_PX }} />}
        <pre aria-hidden="true">{numbers}</pre>
        <pre>{text}</pre>
      </section>
    </>
  )
}

export function LineChoice({ label, onGo }: { readonly label: string; readonly onGo: (line: number) => void }) {
  return (
    <div className="toolbar">
      <label>
        {label} <input type="number" min={1} className="choice line" onChange={(event) => onGo(event.target.valueAsNumber)} />
      </label>
    </div>
  )
}
