/** What one state took in, gave out and is; without a state, what the execution did. */
import { Suspense, useMemo } from 'react'

import type { StateStatus } from '../../../src/history/state-status.ts'
import type { Run, Visit } from '../../../src/history/visits.ts'
import type { ExecutionFacts } from '../model/data-flow.ts'
import { failureJson } from '../model/failure-text.ts'
import { linksOf } from '../model/links.ts'
import { placeText } from '../model/place-of.ts'
import { stateText } from '../model/state-text.ts'
import { variablesAfter, variablesText } from '../model/variables.ts'
import { tokenOf } from '../model/waiting.ts'
import { StatusSign } from '../graph/status-sign.tsx'
import { type CompactTab, CompactTabs } from '../ui/compact-tabs.tsx'
import { type Fact, Facts } from '../ui/facts.tsx'
import { JsonView } from '../ui/json-view.tsx'
import { lazily } from '../ui/lazily.ts'
import { Loading } from '../ui/loading.tsx'
import { WORD_OF_VISIT } from '../ui/status.tsx'
import { showClock, showSpan, showTime } from '../ui/time.ts'
import { useNow } from '../ui/use-now.ts'
import { Link, pathTo, setQuery } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { Answer } from './answer.tsx'
import { Attempts } from './attempts.tsx'

const DataFlow = lazily(() => import('./data-flow.tsx'))

interface InspectorProps {
  readonly state: string | undefined
  /** The id of the visit that is looked at; the last one where it is not there. */
  readonly visit: number | undefined
  readonly status: StateStatus | undefined
  readonly run: Run
  /** The run as it was, not as it is: nothing can be answered. */
  readonly isPast: boolean
  readonly facts: ExecutionFacts | undefined
  /** Of the execution. */
  readonly input: string | undefined
  readonly output: string | undefined
}

export function Inspector({ state, input, output, ...props }: InspectorProps) {
  const { t } = useMessages()
  if (state !== undefined) return <StateInspector key={state} state={state} {...props} />
  const { run } = props
  const text = (label: string, value: string | undefined) => () => <JsonView label={label} text={value} />
  return (
    <section className="panel" aria-label={t('execution')}>
      <p>{t('pick')}</p>
      <CompactTabs
        label={t('execution')}
        tabs={[
          { id: 'input', label: t('input'), content: text(t('input'), input) },
          { id: 'output', label: t('output'), content: text(t('output'), run.status === 'SUCCEEDED' ? output : undefined) },
          { id: 'variables', label: t('variables'), content: text(t('variables'), variablesText(run.variables)) },
        ]}
      />
    </section>
  )
}

type StateInspectorProps = Omit<InspectorProps, 'input' | 'output' | 'state'> & { readonly state: string }

function StateInspector({ state, visit: chosen, status, run, isPast, facts }: StateInspectorProps) {
  const { t } = useMessages()
  const visits = status?.visits ?? []
  const visit = visits.find(({ id }) => id === chosen) ?? visits.at(-1)
  const own = useMemo(() => facts && stateText(facts.definition, state), [facts, state])
  return (
    <section className="panel" aria-label={state.slice(0, 100)}>
      <div className="toolbar">
        <b className="name">{state.slice(0, 200)}</b>
        {visit && (
          <span>
            <StatusSign status={visit.status} />
            {t(WORD_OF_VISIT[visit.status])}
          </span>
        )}
        {visit && visits.length > 1 && <VisitChoice visit={visit} visits={visits} />}
      </div>
      {/* What has failed shows why first; what waits asks for its answer. */}
      <CompactTabs
        key={visit?.failure && visit.status === 'failed' ? 'failed' : 'other'}
        label={state.slice(0, 100)}
        tabs={tabsOf({ visit, run, isPast, facts, own, t })}
      />
    </section>
  )
}

/** More are not to be chosen from a menu; the table has them all. */
const VISITS_MAX = 1_000

function VisitChoice({ visit, visits }: { readonly visit: Visit; readonly visits: readonly Visit[] }) {
  const { t } = useMessages()
  const listed = visits.slice(-VISITS_MAX)
  const all = listed.includes(visit) ? listed : [visit, ...listed]
  return (
    <select aria-label={t('visits')} value={visit.id} onChange={(event) => setQuery({ visit: event.target.value })}>
      {all.map((one, index) => (
        <option key={one.id} value={one.id}>
          {placeText(one) || t('visit', { n: index + 1 })} · {t(WORD_OF_VISIT[one.status])}
        </option>
      ))}
    </select>
  )
}

interface TabsOfState extends Pick<StateInspectorProps, 'run' | 'isPast' | 'facts'> {
  readonly visit: Visit | undefined
  readonly own: string | undefined
  readonly t: ReturnType<typeof useMessages>['t']
}

function tabsOf({ visit, run, isPast, facts, own, t }: TabsOfState): readonly CompactTab[] {
  const text = (label: string, value: string | undefined) => () => <JsonView label={label} text={value} />
  const failure = visit?.status === 'failed' || visit?.status === 'caught' ? visit.failure : undefined
  const token = visit && !isPast ? tokenOf(visit) : undefined
  const failed: CompactTab[] = failure
    ? [{ id: 'failure', label: t('failure'), content: () => <FailureView failure={failure} /> }]
    : []
  const output = visit?.output ?? (failure && failureJson(failure))
  return [
    ...(visit?.status === 'failed' ? failed : []),
    ...(token === undefined ? [] : [{ id: 'answer', label: t('answer'), content: () => <Answer key={token} token={token} /> }]),
    { id: 'input', label: t('input'), content: text(t('input'), visit?.input) },
    { id: 'output', label: t('output'), content: text(t('output'), output) },
    {
      id: 'flow',
      label: t('dataFlow'),
      content: () =>
        visit && facts ? (
          <Suspense fallback={<Loading />}>
            <DataFlow visit={visit} run={run} facts={facts} />
          </Suspense>
        ) : (
          <p>{t('notStarted')}</p>
        ),
    },
    { id: 'details', label: t('details'), content: () => <Details visit={visit} /> },
    ...(visit?.status === 'caught' ? failed : []),
    { id: 'retries', label: t('retries'), content: () => <Attempts visit={visit} /> },
    {
      id: 'variables',
      label: t('variables'),
      content: text(t('variables'), visit && variablesText(variablesAfter(visit))),
    },
    { id: 'definition', label: t('definition'), content: text(t('definition'), own) },
    { id: 'events', label: t('events'), content: () => <Events visit={visit} /> },
  ]
}

/** A cause that is JSON, as a function's is, is laid out. */
function FailureView({ failure: { error, cause } }: { readonly failure: { readonly error: string; readonly cause: string } }) {
  const { t } = useMessages()
  return (
    <>
      <Facts facts={[[t('error'), error === '' ? '–' : error]]} />
      <h3>{t('cause')}</h3>
      <JsonView label={t('cause')} text={cause === '' ? undefined : cause} />
    </>
  )
}

function Details({ visit }: { readonly visit: Visit | undefined }) {
  const { t, language } = useMessages()
  const now = useNow(visit?.status === 'running')
  if (!visit) return <p>{t('notStarted')}</p>
  const links = linksOf(visit)
  const place = placeText(visit)
  const facts: Fact[] = [
    [t('type'), visit.type],
    [t('started'), showTime(visit.startAt, language)],
    [t('duration'), showSpan(Math.max(0, (visit.endAt ?? now) - visit.startAt))],
  ]
  if (place !== '') facts.push([t('iteration'), place])
  if (visit.failure && visit.status !== 'succeeded') facts.push([t('error'), visit.failure.error || '–'])
  return (
    <>
      <Facts facts={facts} />
      {links.length > 0 && (
        <>
          <h3>{t('lookAt')}</h3>
          <ul>
            {links.map(({ page, subject, text }) => (
              <li key={`${page} ${subject}`}>
                <Link to={pathTo(page, subject)}>{page === 'map-run' ? t('mapRunOpen') : text.slice(0, 200)}</Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

const EVENTS_MAX = 200

function Events({ visit }: { readonly visit: Visit | undefined }) {
  const { t, language } = useMessages()
  const events = visit?.events ?? []
  if (events.length === 0) return <p>{t('notStarted')}</p>
  return (
    <ol>
      {events.slice(0, EVENTS_MAX).map(({ id, type, timestamp }) => (
        <li key={id} value={id}>
          {type} · {showClock(timestamp, language)}
        </li>
      ))}
    </ol>
  )
}
