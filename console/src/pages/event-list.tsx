/** The history as AWS tells it: filtered, turned round, and one event opened at a time. */
import { useMemo, useState } from 'react'

import type { HistoryEvent } from '../../../src/history/history-event.ts'
import type { Run } from '../../../src/history/visits.ts'
import { JsonView } from '../ui/json-view.tsx'
import { showClock } from '../ui/time.ts'
import { VirtualList } from '../ui/virtual-list.tsx'
import { useMessages } from '../messages/messages.tsx'

export function EventList({ events, run }: { readonly events: readonly HistoryEvent[]; readonly run: Run }) {
  const { t, language } = useMessages()
  const [filter, setFilter] = useState('')
  const [isNewest, setNewest] = useState(false)
  const [open, setOpen] = useState<HistoryEvent>()
  const states = useMemo(
    () => new Map(run.visits.flatMap(({ name, events }) => events.map(({ id }) => [id, name] as const))),
    [run],
  )
  const wanted = filter.toLowerCase()
  const found = events.filter(({ id, type }) => `${id} ${type} ${states.get(id) ?? ''}`.toLowerCase().includes(wanted))
  const row = (event: HistoryEvent) => (
    <button
      type="button"
      className="row event"
      key={event.id}
      aria-expanded={open?.id === event.id}
      onClick={() => setOpen(open?.id === event.id ? undefined : event)}
    >
      <span>{event.id}</span>
      <span>{event.type}</span>
      <span>{states.get(event.id)?.slice(0, 200)}</span>
      <span>{showClock(event.timestamp, language)}</span>
    </button>
  )
  const head = (
    <div className="row event head">
      <span>{t('id')}</span>
      <span>{t('type')}</span>
      <span>{t('step')}</span>
      <span>{t('time')}</span>
    </div>
  )
  return (
    <>
      <div className="toolbar">
        <input
          type="search"
          placeholder={t('filter')}
          aria-label={t('filter')}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <button type="button" aria-pressed={isNewest} onClick={() => setNewest(!isNewest)}>
          {t('newest')}
        </button>
      </div>
      <VirtualList label={t('eventsView')} head={head} items={isNewest ? found.toReversed() : found} row={row} />
      {open && <JsonView label={open.type} text={JSON.stringify(open)} />}
    </>
  )
}
