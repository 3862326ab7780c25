/** For each Map that has run: which of its iterations the picture shows. */
import { useMemo } from 'react'

import type { Run } from '../../../src/history/visits.ts'
import { useMessages } from '../messages/messages.tsx'

interface IterationPickerProps {
  readonly run: Run
  readonly chosen: ReadonlyMap<string, number>
  readonly onChoose: (chosen: ReadonlyMap<string, number>) => void
}

const ALL = ''

export function IterationPicker({ run, chosen, onChoose }: IterationPickerProps) {
  const { t } = useMessages()
  const maps = useMemo(() => iterationsByMap(run), [run])
  const choose = (name: string, value: string) => {
    const next = new Map(chosen)
    if (value === ALL) next.delete(name)
    else next.set(name, Number(value))
    onChoose(next)
  }
  if (maps.size === 0) return null
  return (
    <div className="toolbar">
      {[...maps].map(([name, indexes]) => (
        <label key={name}>
          {name}{' '}
          <select value={chosen.get(name) ?? ALL} onChange={(event) => choose(name, event.target.value)}>
            <option value={ALL}>{t('allIterations')}</option>
            {indexes.map((index) => (
              <option key={index} value={index}>
                {t('iteration')} {index}
              </option>
            ))}
          </select>
        </label>
      ))}
    </div>
  )
}

function iterationsByMap({ visits }: Run): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, Set<number>>()
  for (const { parent, iteration } of visits) {
    if (!parent || iteration === undefined) continue
    const those = found.get(parent.name) ?? new Set()
    found.set(parent.name, those.add(iteration))
  }
  return new Map([...found].map(([name, indexes]) => [name, [...indexes].sort((a, b) => a - b)]))
}
