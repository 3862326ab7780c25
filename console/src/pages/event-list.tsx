/** The history as AWS tells it: filtered, turned round, and one event opened beside the list. */
import { useEffect, useMemo, useRef, useState } from 'react'

import type { HistoryEvent } from '../../../src/history/history-event.ts'
import type { Run } from '../../../src/history/visits.ts'
import { eventText } from '../model/event-text.ts'
import { FilterField } from '../ui/filter-field.tsx'
import { JsonView } from '../ui/json-view.tsx'
import { showClock } from '../ui/time.ts'
import { VirtualList } from '../ui/virtual-list.tsx'
import { useMessages } from '../messages/messages.tsx'

export function EventList({ events, run }: { readonly events: readonly HistoryEvent[]; readonly run: Run }) {
  const { t, language } = useMessages()
  const [filter, setFilter] = useState('')
  const [isNewest, setNewest] = useState(false)
  const [openId, setOpenId] = useState<number>()
  const names = useMemo(() => namesOf(run), [run])
  const wanted = filter.toLowerCase()
  const found = events.filter(({ id, type }) => `${id} ${type} ${names.get(id) ?? ''}`.toLowerCase().includes(wanted))
  const open = events.find(({ id }) => id === openId)
  const row = (event: HistoryEvent) => (
    <button
      type="button"
      className={`row event${event.id === openId ? ' chosen' : ''}`}
      key={event.id}
      aria-expanded={event.id === openId}
      onClick={() => setOpenId(event.id === openId ? undefined : event.id)}
    >
      <span>{event.id}</span>
      <span>{event.type}</span>
      <span>{names.get(event.id)?.slice(0, 200)}</span>
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
        <FilterField value={filter} onChange={setFilter} />
        <button type="button" aria-pressed={isNewest} onClick={() => setNewest(!isNewest)}>
          {t('newest')}
        </button>
        <span role="status">{t('failuresOf', { n: found.length, all: events.length })}</span>
      </div>
      <div className={open ? 'workbench' : undefined}>
        <VirtualList label={t('eventsView')} head={head} items={isNewest ? found.toReversed() : found} row={row} />
        {open && <Opened key={open.id} event={open} />}
      </div>
    </>
  )
}

/** Where there is no room beside the list it stands below, and is brought into sight. */
function Opened({ event }: { readonly event: HistoryEvent }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    place.current?.scrollIntoView({ block: 'nearest' })
  }, [])
  return (
    <div className="panel" ref={place}>
      <JsonView label={event.type} text={eventText(event)} />
    </div>
  )
}

/** An execution's own events are no state's. */
const namesOf = ({ visits }: Run): ReadonlyMap<number, string> =>
  new Map(
    visits.flatMap(({ name, events }) =>
      events.filter(({ type }) => !type.startsWith('Execution')).map(({ id }) => [id, name] as const),
    ),
  )
