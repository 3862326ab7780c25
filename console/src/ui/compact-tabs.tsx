/** Tabs where there is little room: they wrap instead of hiding. Arrow keys go from one to the next, as tabs do. */
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react'

export interface CompactTab {
  readonly id: string
  readonly label: string
  /** Made only when it is looked at. */
  readonly content: () => ReactNode
}

export function CompactTabs({ label, tabs }: { readonly label: string; readonly tabs: readonly CompactTab[] }) {
  const base = useId()
  const [chosen, setChosen] = useState<string>()
  const current = tabs.find(({ id }) => id === chosen) ?? tabs[0]
  if (!current) return null
  const step = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    const next = tabs[(tabs.indexOf(current) + by + tabs.length) % tabs.length]
    if (!next) return
    setChosen(next.id)
    document.getElementById(`${base}-${next.id}`)?.focus()
  }
  return (
    <>
      <div className="compact-tabs" role="tablist" aria-label={label} onKeyDown={step}>
        {tabs.map(({ id, label }) => (
          <button
            type="button"
            role="tab"
            key={id}
            id={`${base}-${id}`}
            aria-selected={id === current.id}
            aria-controls={`${base}-panel`}
            tabIndex={id === current.id ? 0 : -1}
            onClick={() => setChosen(id)}
          >
            {label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${base}-panel`} aria-labelledby={`${base}-${current.id}`}>
        {current.content()}
      </div>
    </>
  )
}
