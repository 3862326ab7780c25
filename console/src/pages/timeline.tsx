/** Every visit on one axis of time. */
import { type Bar, timelineOf } from '../../../src/history/timeline.ts'
import type { Run } from '../../../src/history/visits.ts'
import { WORD_OF_VISIT } from '../ui/status.tsx'
import { showSpan } from '../ui/time.ts'
import { VirtualList } from '../ui/virtual-list.tsx'
import { useMessages } from '../messages/messages.tsx'

export function Timeline({ run, onSelect }: { readonly run: Run; readonly onSelect: (state: string) => void }) {
  const { t } = useMessages()
  const now = Date.now() / 1_000
  const row = ({ visit, depth, from, width }: Bar) => (
    <button type="button" className="row bar-row" key={visit.id} onClick={() => onSelect(visit.name)}>
      <span style={{ paddingInlineStart: depth * 14 }}>
        <i className={`dot ${visit.status}`} />
        {visit.name.slice(0, 200)}
        {visit.iteration !== undefined && ` [${visit.iteration}]`}
      </span>
      <span>{t(WORD_OF_VISIT[visit.status])}</span>
      <span>{showSpan((visit.endAt ?? now) - visit.startAt)}</span>
      <span className="track">
        <i className={`bar ${visit.status}`} style={{ left: `${from * 100}%`, width: `${width * 100}%` }} />
      </span>
    </button>
  )
  const head = (
    <div className="row bar-row head">
      <span>{t('state')}</span>
      <span>{t('status')}</span>
      <span>{t('duration')}</span>
      <span>{t('timeline')}</span>
    </div>
  )
  return <VirtualList label={t('timeline')} head={head} items={timelineOf(run, now)} row={row} />
}
