/** What one state took in, gave out and is; without a state, what the execution did. */
import { lazy, Suspense, useMemo, useState } from 'react'

import { isObject } from '../../../src/base/json.ts'
import { visitMachine } from '../../../src/asl/walk.ts'
import { attemptsOf } from '../../../src/history/attempts.ts'
import type { StateStatus } from '../../../src/history/state-status.ts'
import type { Run, Visit } from '../../../src/history/visits.ts'
import type { ExecutionFacts } from '../model/data-flow.ts'
import { linksOf } from '../model/links.ts'
import { variablesAfter, variablesText } from '../model/variables.ts'
import { CompactTabs } from '../ui/compact-tabs.tsx'
import { type Fact, Facts } from '../ui/facts.tsx'
import { JsonView } from '../ui/json-view.tsx'
import { Loading } from '../ui/loading.tsx'
import { WORD_OF_VISIT } from '../ui/status.tsx'
import { showClock, showSpan, showTime } from '../ui/time.ts'
import { Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'

const DataFlow = lazy(() => import('./data-flow.tsx'))

interface InspectorProps {
  readonly state: string | undefined
  readonly status: StateStatus | undefined
  readonly run: Run
  readonly facts: ExecutionFacts | undefined
  readonly output: string | undefined
}

export function Inspector({ state, status, run, facts, output }: InspectorProps) {
  const { t } = useMessages()
  if (state !== undefined) return <StateInspector key={state} state={state} status={status} run={run} facts={facts} />
  const text = (label: string, value: string | undefined) => () => <JsonView label={label} text={value} />
  return (
    <section className="panel" aria-label={t('execution')}>
      <p>{t('pick')}</p>
      <CompactTabs
        label={t('execution')}
        tabs={[
          { id: 'input', label: t('input'), content: text(t('input'), facts?.input) },
          { id: 'output', label: t('output'), content: text(t('output'), run.status === 'SUCCEEDED' ? output : undefined) },
          { id: 'variables', label: t('variables'), content: text(t('variables'), variablesText(run.variables)) },
        ]}
      />
    </section>
  )
}

type StateInspectorProps = Omit<InspectorProps, 'output' | 'state'> & { readonly state: string }

function StateInspector({ state, status, run, facts }: StateInspectorProps) {
  const { t } = useMessages()
  const [chosen, setChosen] = useState<number>()
  const visits = status?.visits ?? []
  const visit = visits.find(({ id }) => id === chosen) ?? visits.at(-1)
  const own = useMemo(() => definitionOf(facts?.definition, state), [facts?.definition, state])
  const text = (label: string, value: string | undefined) => () => <JsonView label={label} text={value} />
  return (
    <section className="panel" aria-label={state.slice(0, 100)}>
      <div className="toolbar">
        <b className="name">{state.slice(0, 200)}</b>
        {visit && (
          <span>
            <i className={`dot ${visit.status}`} />
            {t(WORD_OF_VISIT[visit.status])}
          </span>
        )}
        {visits.length > 1 && (
          <select aria-label={t('visits')} value={visit?.id} onChange={(event) => setChosen(Number(event.target.value))}>
            {visits.slice(-VISITS_MAX).map(({ id, iteration, status }, index) => (
              <option key={id} value={id}>
                {iteration === undefined ? t('visit', { n: index + 1 }) : `${t('iteration')} ${iteration}`} ·{' '}
                {t(WORD_OF_VISIT[status])}
              </option>
            ))}
          </select>
        )}
      </div>
      <CompactTabs
        label={state.slice(0, 100)}
        tabs={[
          { id: 'input', label: t('input'), content: text(t('input'), visit?.input) },
          { id: 'output', label: t('output'), content: text(t('output'), visit?.output) },
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
          { id: 'retries', label: t('retries'), content: () => <Attempts visit={visit} /> },
          {
            id: 'variables',
            label: t('variables'),
            content: text(t('variables'), visit && variablesText(variablesAfter(visit))),
          },
          { id: 'definition', label: t('definition'), content: text(t('definition'), own) },
          { id: 'events', label: t('events'), content: () => <Events visit={visit} /> },
        ]}
      />
    </section>
  )
}

/** More are not to be chosen from a menu; the table has them all. */
const VISITS_MAX = 1_000

function Details({ visit }: { readonly visit: Visit | undefined }) {
  const { t, language } = useMessages()
  if (!visit) return <p>{t('notStarted')}</p>
  const { failure } = visit
  const links = linksOf(visit)
  const facts: Fact[] = [
    [t('type'), visit.type],
    [t('started'), showTime(visit.startAt, language)],
    [t('duration'), visit.endAt === undefined ? '–' : showSpan(visit.endAt - visit.startAt)],
  ]
  if (visit.iteration !== undefined) facts.push([t('iteration'), visit.iteration])
  if (failure)
    facts.push(
      [t('error'), failure.error],
      [
        t('cause'),
        <span key="cause" className="pre">
          {failure.cause.slice(0, 4_000)}
        </span>,
      ],
    )
  return (
    <>
      <Facts facts={facts} />
      {links.length > 0 && (
        <>
          <h3>{t('lookAt')}</h3>
          <ul>
            {links.map(({ page, subject, text }) => (
              <li key={`${page} ${subject}`}>
                <Link to={pathTo(page, subject)}>{text.slice(0, 200)}</Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function Attempts({ visit }: { readonly visit: Visit | undefined }) {
  const { t, language } = useMessages()
  const attempts = visit ? attemptsOf(visit) : []
  if (attempts.length === 0) return <p>{t('noAttempts')}</p>
  return (
    <ol className="steps">
      {attempts.map(({ number, startAt, endAt, outcome, error, cause, waited }) => (
        <li key={number}>
          <b>
            <i className={`dot ${outcome}`} />
            {t('attempt', { n: number })} · {t(outcome)}
          </b>
          <div>
            {showClock(startAt, language)}
            {endAt !== undefined && ` · ${showSpan(endAt - startAt)}`}
            {waited !== undefined && ` · ${t('afterWaiting', { span: showSpan(waited) })}`}
          </div>
          {error !== undefined && (
            <div className="pre">
              {error}
              {cause !== undefined && `: ${cause.slice(0, 1_000)}`}
            </div>
          )}
        </li>
      ))}
    </ol>
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

function definitionOf(definition: string | undefined, state: string): string | undefined {
  if (definition === undefined) return undefined
  const document: unknown = JSON.parse(definition)
  if (!isObject(document)) return undefined
  return JSON.stringify(visitMachine(document, 'STANDARD').states.find(({ name }) => name === state)?.document)
}
