/** Short facts, side by side as far as there is room. */
import type { ReactNode } from 'react'

export type Fact = readonly [label: string, value: ReactNode]

/** For lists of facts in place. */
export const fact = (label: string, value: ReactNode): Fact => [label, value]

export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="facts">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value ?? '–'}</dd>
        </div>
      ))}
    </dl>
  )
}
