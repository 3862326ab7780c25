/** The bounds of a Map Run, changed while it runs. Sends only what was changed. */
import Button from '@cloudscape-design/components/button'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { type OutputOf, states } from '../api/client.ts'
import { Problem } from '../ui/error.tsx'
import { useMessages } from '../messages/messages.tsx'

const BOUNDS = [
  ['maxConcurrency', 'concurrency', 10_000],
  ['toleratedFailureCount', 'toleratedCount', undefined],
  ['toleratedFailurePercentage', 'tolerance', 100],
] as const

type Bound = (typeof BOUNDS)[number][0]

export function MapRunBounds({ run }: { readonly run: OutputOf<'DescribeMapRun'> }) {
  const { t } = useMessages()
  const queries = useQueryClient()
  const [changes, setChanges] = useState<Partial<Record<Bound, string>>>({})
  const save = useMutation({
    mutationFn: () => {
      const numbers = Object.fromEntries(Object.entries(changes).map(([name, text]) => [name, Number(text)]))
      return states('UpdateMapRun', { mapRunArn: run.mapRunArn, ...numbers })
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['mapRun', run.mapRunArn] })
      setChanges({})
    },
  })
  const isChanged = Object.values(changes).some((text) => text !== '')
  return (
    <details className="fold" open>
      <summary>{t('bounds')}</summary>
      <div className="form">
        {BOUNDS.map(([name, word, max]) => (
          <label key={name}>
            {t(word)}{' '}
            <input
              type="number"
              min={0}
              max={max}
              value={changes[name] ?? run[name] ?? 0}
              onChange={(event) => setChanges({ ...changes, [name]: event.target.value })}
            />
          </label>
        ))}
        <Button variant="primary" disabled={!isChanged} loading={save.isPending} onClick={() => save.mutate()}>
          {t('save')}
        </Button>
        <span role="status">{save.isSuccess && !isChanged && t('saved')}</span>
      </div>
      <Problem error={save.error} />
    </details>
  )
}
