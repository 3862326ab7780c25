/** A JSON text, indented; text that is not JSON as it is. Only as text: nothing in it is ever taken for markup. */
import { useMemo } from 'react'

import { indented } from '../model/json-text.ts'

const SHOWN_MAX = 200_000

export function JsonView({ text, label }: { readonly text: string | undefined; readonly label: string }) {
  const shown = useMemo(() => shownText(text), [text])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="json" tabIndex={0} aria-label={label}>
      {shown}
    </section>
  )
}

function shownText(text: string | undefined): string {
  if (text === undefined) return '–'
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : indented(text)
}
