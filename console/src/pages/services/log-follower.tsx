/** The events of a log group, newest first; new ones come by themselves, and a message opens in full. */
import Modal from '@cloudscape-design/components/modal'
import { useEffect, useRef, useState } from 'react'

import { ApiError } from '../../api/client.ts'
import { followLog, type LogEvent, type LogPage, type LogTail, NO_LOG } from '../../api/log-tail.ts'
import { callLogs } from '../../api/logs.ts'
import { prettyMessage } from '../../model/log-message.ts'
import { Problem } from '../../ui/error.tsx'
import { JsonView } from '../../ui/json-view.tsx'
import { showClock, showTime } from '../../ui/time.ts'
import { VirtualList } from '../../ui/virtual-list.tsx'
import { useMessages } from '../../messages/messages.tsx'

interface Wanted {
  readonly group: string
  readonly stream: string | undefined
  readonly pattern: string
  /** How far back, in minutes; 0 is everything. */
  readonly minutes: number
}

const ROUND_MS = 1_500
const TYPING_MS = 400
const PAGE = 1_000
const SPANS = [15, 60, 1_440, 0]

interface LogFollowerProps {
  readonly group: string
  readonly stream?: string | undefined
  readonly firstPattern?: string
}

export function LogFollower({ group, stream, firstPattern = '' }: LogFollowerProps) {
  const { t, language } = useMessages()
  const [pattern, setPattern] = useState(firstPattern)
  const [minutes, setMinutes] = useState(60)
  const [isLive, setLive] = useState(true)
  const [open, setOpen] = useState<LogEvent>()
  const { tail, error, isReady } = useLogTail({ group, stream, pattern, minutes }, isLive)
  const span = (n: number) => {
    if (n === 0) return t('everything')
    return n < 60 ? t('lastMinutes', { n }) : t('lastHours', { n: n / 60 })
  }
  return (
    <>
      <div className="form">
        <label>
          {t('filterPattern')}{' '}
          <input
            value={pattern}
            spellCheck={false}
            placeholder={'ERROR  ·  "two messages"  ·  { $.level = "error" }'}
            onChange={(event) => setPattern(event.target.value)}
          />
        </label>
        <label>
          {t('span')}{' '}
          <select value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
            {SPANS.map((n) => (
              <option key={n} value={n}>
                {span(n)}
              </option>
            ))}
          </select>
        </label>
        <label className="check">
          <input type="checkbox" checked={isLive} onChange={(event) => setLive(event.target.checked)} /> {t('tail')}
        </label>
      </div>
      <Problem error={error} />
      <p role="status">{isReady ? t('eventsShown', { n: tail.events.length }) : t('loading')}</p>
      {isReady && tail.events.length === 0 ? (
        <p>{t('noEvents')}</p>
      ) : (
        <VirtualList
          label={t('events')}
          head={null}
          items={tail.events.toReversed()}
          row={(event) => (
            <button type="button" className="row log" key={event.eventId} onClick={() => setOpen(event)}>
              <span>{showClock(event.timestamp / 1_000, language)}</span>
              <bdi>{event.message.slice(0, 300)}</bdi>
            </button>
          )}
        />
      )}
      {open && (
        <Modal
          visible
          size="large"
          header={showTime(open.timestamp / 1_000, language)}
          closeAriaLabel={t('close')}
          onDismiss={() => setOpen(undefined)}
        >
          <p className="arn">{open.logStreamName}</p>
          <JsonView label={t('body')} text={prettyMessage(open.message)} />
        </Modal>
      )}
    </>
  )
}

/** Rounds while it is wanted: the next one begins when the last one has ended. */
function useLogTail({ group, stream, pattern, minutes }: Wanted, isLive: boolean) {
  const [state, setState] = useState<{ tail: LogTail; error: unknown; isReady: boolean }>(START)
  const known = useRef(NO_LOG)
  useEffect(() => {
    known.current = NO_LOG
    setState(START)
    const stopper = new AbortController()
    const since = minutes === 0 ? 0 : Date.now() - minutes * 60_000
    const read = (startTime: number, token: string | undefined) =>
      callLogs(
        'FilterLogEvents',
        {
          logGroupName: group,
          startTime,
          limit: PAGE,
          ...(stream !== undefined && { logStreamNames: [stream] }),
          ...(pattern !== '' && { filterPattern: pattern }),
          ...(token !== undefined && { nextToken: token }),
        },
        stopper.signal,
      ) as Promise<LogPage>
    const round = async () => {
      let error: unknown
      try {
        known.current = await followLog(known.current, { since, now: Date.now() }, read)
      } catch (problem) {
        error = problem
      }
      if (stopper.signal.aborted) return
      setState((before) =>
        before.isReady && before.tail.events === known.current.events && before.error === error
          ? before
          : { tail: known.current, error, isReady: true },
      )
      // A refusal stays one until the pattern is mended; a server that is away comes back.
      if (error instanceof ApiError) return
      if (isLive || known.current.next) timer = setTimeout(round, known.current.next && !error ? 0 : ROUND_MS)
    }
    let timer = setTimeout(round, pattern === '' ? 0 : TYPING_MS)
    return () => {
      stopper.abort()
      clearTimeout(timer)
    }
  }, [group, stream, pattern, minutes, isLive])
  return state
}

const START = { tail: NO_LOG, error: undefined, isReady: false } as const
