/** A JSON text, indented; text that is not JSON as it is. Only as text: nothing in it is ever taken for markup. */
import { useMemo } from 'react'

const SHOWN_MAX = 200_000

export function JsonView({ text, label }: { readonly text: string | undefined; readonly label: string }) {
  const shown = useMemo(() => indent(text), [text])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="json" tabIndex={0} aria-label={label}>
      {shown}
    </section>
  )
}

function indent(text: string | undefined): string {
  if (text === undefined) return '–'
  if (text.length > SHOWN_MAX) return `${text.slice(0, SHOWN_MAX)}…`
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
