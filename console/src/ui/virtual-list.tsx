/** Rows of one height, of which only those in sight are drawn: 25,000 events cost as much as forty. */
import { type ReactNode, useState } from 'react'

const ROW_PX = 36
const [SHOWN, MARGIN] = [20, 10]

interface VirtualListProps<T> {
  readonly items: readonly T[]
  readonly head: ReactNode
  readonly label: string
  readonly row: (item: T) => ReactNode
}

export function VirtualList<T>({ items, head, label, row }: VirtualListProps<T>) {
  const [top, setTop] = useState(0)
  const first = Math.max(0, Math.floor(top / ROW_PX) - MARGIN)
  const last = Math.min(items.length, first + SHOWN + 2 * MARGIN)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section className="list" aria-label={label} tabIndex={0} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      {head}
      <div style={{ height: first * ROW_PX }} />
      {items.slice(first, last).map(row)}
      <div style={{ height: (items.length - last) * ROW_PX }} />
    </section>
  )
}
