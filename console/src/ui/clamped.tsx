/** A long text: its first lines, and the rest on demand. */
import { useState } from 'react'

import { useMessages } from '../messages/messages.tsx'

interface ClampedProps {
  readonly text: string
  /** Shown whole; longer, it is folded. */
  readonly chars?: number
}

const TEXT_MAX = 20_000

export function Clamped({ text, chars = 240 }: ClampedProps) {
  const { t } = useMessages()
  const [isOpen, setOpen] = useState(false)
  const isLong = text.length > chars || text.split('\n', 4).length > 3
  return (
    <>
      <span className={isLong && !isOpen ? 'pre clamped' : 'pre'}>{text.slice(0, TEXT_MAX)}</span>
      {isLong && (
        <button type="button" className="plain" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t(isOpen ? 'showLess' : 'showAll')}
        </button>
      )}
    </>
  )
}
