/** Every visit on one axis of time, with its attempts and the pauses between them; what runs grows as one looks. */
import { useDeferredValue, useMemo, useState } from 'react'

import { detailsOf } from '../../../src/history/history-event.ts'
import { type Axis, axisOf, type Bar, stretchesOf, timelineOf } from '../../../src/history/timeline.ts'
import { isScheduling, type Run, type Visit, type VisitStatus } from '../../../src/history/visits.ts'
import { placeText } from '../model/place-of.ts'
import { StatusSign } from '../graph/status-sign.tsx'
import { FilterField } from '../ui/filter-field.tsx'
import { WORD_OF_VISIT } from '../ui/status.tsx'
import { showSpan } from '../ui/time.ts'
import { useNow } from '../ui/use-now.ts'
import { VirtualList } from '../ui/virtual-list.tsx'
import { useMessages } from '../messages/messages.tsx'

interface TimelineProps {
  readonly run: Run
  readonly onSelect: (visit: Visit) => void
}

const STATUSES = Object.keys(WORD_OF_VISIT) as readonly VisitStatus[]

export function Timeline({ run, onSelect }: TimelineProps) {
  const { t } = useMessages()
  const [filter, setFilter] = useState('')
  const [status, setStatus] = useState('')
  const now = useNow(run.status === 'RUNNING')
  const wanted = useDeferredValue(filter.toLowerCase())
  const axis = useMemo(() => axisOf(run, now), [run, now])
  const bars = useMemo(
    () =>
      timelineOf(run, now).filter(({ visit }) => (status === '' || visit.status === status) && textOf(visit).includes(wanted)),
    [run, now, status, wanted],
  )
  const head = (
    <div className="row bar-row head">
      <span>{t('state')}</span>
      <span>{t('status')}</span>
      <span>{t('startedAfter')}</span>
      <span>{t('duration')}</span>
      <span className="axis">
        <span>0</span>
        <span>{showSpan(axis.span / 2)}</span>
        <span>{showSpan(axis.span)}</span>
      </span>
    </div>
  )
  return (
    <>
      <div className="toolbar">
        <FilterField value={filter} onChange={setFilter} />
        <select aria-label={t('status')} value={status} onChange={(event) => setStatus(event.target.value)}>
          <option value="">{t('allStatuses')}</option>
          {STATUSES.map((one) => (
            <option key={one} value={one}>
              {t(WORD_OF_VISIT[one])}
            </option>
          ))}
        </select>
        <span role="status">{t('statesIn', { n: bars.length, all: run.visits.length })}</span>
      </div>
      <VirtualList
        label={t('timeline')}
        head={head}
        items={bars}
        row={(bar) => <BarRow key={bar.visit.id} bar={bar} axis={axis} now={now} onSelect={onSelect} />}
      />
    </>
  )
}

interface BarRowProps extends Pick<TimelineProps, 'onSelect'> {
  readonly bar: Bar
  readonly axis: Axis
  readonly now: number
}

function BarRow({ bar: { visit, depth, from, width }, axis, now, onSelect }: BarRowProps) {
  const { t } = useMessages()
  const stretches = stretchesOf(visit, axis, now)
  return (
    <button type="button" className="row bar-row" onClick={() => onSelect(visit)}>
      <span className="two-lines" style={{ paddingInlineStart: depth * 14 }} title={placeText(visit)}>
        <span>
          {visit.name.slice(0, 200)}
          {visit.iteration !== undefined && ` [${visit.iteration}]`}
        </span>
        <small>{[visit.type, resourceOf(visit)].filter(Boolean).join(' · ')}</small>
      </span>
      <span>
        <StatusSign status={visit.status} />
        {t(WORD_OF_VISIT[visit.status])}
      </span>
      <span>{showSpan(visit.startAt - axis.start)}</span>
      <span>{showSpan(Math.max(0, (visit.endAt ?? now) - visit.startAt))}</span>
      <span className="track">
        <i className={`bar ${visit.status}${stretches.length > 0 ? ' thin' : ''}`} style={placeOn(from, width)} />
        {stretches.map((one) => (
          <i
            key={`${one.kind} ${one.from}`}
            className={`bar ${one.kind}`}
            title={t(one.kind)}
            style={placeOn(one.from, one.width)}
          />
        ))}
      </span>
    </button>
  )
}

/** What is too short to be seen at the end of the axis stands before it. */
const placeOn = (from: number, width: number) => ({ left: `${Math.min(from, 1 - width) * 100}%`, width: `${width * 100}%` })

/** What it called: `sqs:sendMessage`, or the name of a function or activity. */
function resourceOf({ events }: Visit): string | undefined {
  const asked = events.find(isScheduling)
  if (!asked) return undefined
  const { resourceType, resource = '' } = detailsOf(asked)
  return resource.startsWith('arn:') ? resource.split(':')[6] : `${resourceType}:${resource}`
}

const textOf = (visit: Visit): string => `${visit.name} ${visit.type} ${resourceOf(visit) ?? ''}`.toLowerCase()
