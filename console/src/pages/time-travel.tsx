/** A slider over the history. `position`: how many events are seen; undefined is now. */
import type { HistoryEvent } from '../../../src/history/history-event.ts'
import { useMessages } from '../messages/messages.tsx'

interface TimeTravelProps {
  readonly events: readonly HistoryEvent[]
  readonly position: number | undefined
  readonly onMove: (position: number | undefined) => void
}

export function TimeTravel({ events, position, onMove }: TimeTravelProps) {
  const { t } = useMessages()
  const all = events.length
  const at = position ?? all
  const move = (to: number) => onMove(to >= all ? undefined : Math.max(1, to))
  return (
    <fieldset className="travel" aria-label={t('timeTravel')} style={{ border: 0, padding: 0, marginInline: 0 }}>
      <button type="button" aria-label={t('stepBack')} disabled={at <= 1} onClick={() => move(at - 1)}>
        ◀
      </button>
      <input
        type="range"
        min={1}
        max={Math.max(all, 1)}
        value={at}
        aria-label={t('timeTravel')}
        aria-valuetext={`${t('eventOf', { n: at, all })} ${events[at - 1]?.type ?? ''}`}
        onChange={(event) => move(Number(event.target.value))}
      />
      <button type="button" aria-label={t('stepOn')} disabled={position === undefined} onClick={() => move(at + 1)}>
        ▶
      </button>
      <span>{position === undefined ? t('now') : `${t('eventOf', { n: at, all })} · ${events[at - 1]?.type ?? ''}`}</span>
      {position !== undefined && (
        <button type="button" onClick={() => onMove(undefined)}>
          {t('backToNow')}
        </button>
      )}
    </fieldset>
  )
}
