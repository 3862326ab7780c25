/** An event by hand, and which of the rules at hand take it. */
import Button from '@cloudscape-design/components/button'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'

import { callEvents, type Rule } from '../../api/events.ts'
import { objectText } from '../../model/json-text.ts'
import { Problem } from '../../ui/error.tsx'
import { useMessages } from '../../messages/messages.tsx'

/** So many rules are asked whether they match. */
const RULES_MAX = 50

interface PutEventProps {
  readonly bus: string
  readonly rules: readonly Rule[]
}

interface Answer {
  readonly Entries: readonly { readonly EventId?: string; readonly ErrorMessage?: string }[]
}

export function PutEvent({ bus, rules }: PutEventProps) {
  const { t } = useMessages()
  const [source, setSource] = useState('my.app')
  const [type, setType] = useState('order')
  const [detail, setDetail] = useState('{}')
  const put = useMutation({
    mutationFn: async () => {
      const entry = { EventBusName: bus, Source: source, DetailType: type, Detail: detail }
      const [made] = ((await callEvents('PutEvents', { Entries: [entry] })) as Answer).Entries
      if (made?.EventId === undefined) throw new Error(made?.ErrorMessage)
      return { id: made.EventId, matching: await matching(rules, { source, type, detail }, made.EventId) }
    },
  })
  return (
    <details className="fold">
      <summary>{t('putEvent')}</summary>
      <div className="form">
        <label>
          {t('source')} <input value={source} onChange={(event) => setSource(event.target.value)} />
        </label>
        <label>
          {t('detailType')} <input value={type} onChange={(event) => setType(event.target.value)} />
        </label>
        <label className="wide">
          {t('detail')}{' '}
          <textarea rows={4} spellCheck={false} value={detail} onChange={(event) => setDetail(event.target.value)} />
        </label>
        <Button variant="primary" loading={put.isPending} onClick={() => put.mutate()}>
          {t('send')}
        </Button>
      </div>
      <p role="status">
        {put.data && `${t('sent')} ${put.data.id} · `}
        {put.data &&
          (put.data.matching.length > 0 ? t('matchedBy', { rules: put.data.matching.join(', ') }) : t('matchedByNone'))}
      </p>
      <Problem error={put.error} />
    </details>
  )
}

interface Given {
  readonly source: string
  readonly type: string
  readonly detail: string
}

async function matching(rules: readonly Rule[], { source, type, detail }: Given, id: string): Promise<readonly string[]> {
  const time = new Date().toISOString()
  const found: string[] = []
  for (const { Name, Arn, EventPattern, State } of rules.slice(0, RULES_MAX)) {
    if (EventPattern === undefined || State === 'DISABLED') continue
    const [, , , region, account] = Arn.split(':')
    const parts = { version: '0', id, source, 'detail-type': type, time, region, account, resources: [] }
    // Numbers are matched as they are written.
    const Event = objectText([
      ...Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)] as const),
      ['detail', detail],
    ])
    const { Result } = (await callEvents('TestEventPattern', { EventPattern, Event })) as { Result: boolean }
    if (Result) found.push(Name)
  }
  return found
}
