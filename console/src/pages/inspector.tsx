/** What one state took in, gave out and is; without a state, what the execution did. */
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs'
import Tabs from '@cloudscape-design/components/tabs'
import { useMemo, useState } from 'react'

import { isObject } from '../../../src/base/json.ts'
import { visitMachine } from '../../../src/asl/walk.ts'
import type { Run, Visit } from '../model/history.ts'
import type { StateStatus } from '../model/state-status.ts'
import { JsonView } from '../parts/json-view.tsx'
import { WORD_OF_VISIT } from '../parts/status.tsx'
import { showClock, showSpan, showTime } from '../parts/time.ts'
import { Link, pathTo } from '../router.tsx'
import { useWords } from '../words/words.tsx'
import type { Description } from './execution-header.tsx'

interface InspectorProps {
  readonly state: string | undefined
  readonly status: StateStatus | undefined
  readonly definition: string | undefined
  readonly run: Run
  readonly description: Description | undefined
}

export function Inspector({ state, status, definition, run, description }: InspectorProps) {
  const { t } = useWords()
  const [chosen, setChosen] = useState<number>()
  const visits = status?.visits ?? []
  const visit = visits.find(({ id }) => id === chosen) ?? visits.at(-1)
  const variables = JSON.stringify(Object.fromEntries([...run.variables].map(([name, value]) => [name, parsed(value)])))
  const own = useMemo(() => definitionOf(definition, state), [definition, state])
  if (state === undefined)
    return (
      <section className="panel" aria-label={t('execution')}>
        <p>{t('pick')}</p>
        <Tabs
          tabs={[
            { id: 'input', label: t('input'), content: <JsonView label={t('input')} text={description?.input} /> },
            {
              id: 'output',
              label: t('output'),
              content: <JsonView label={t('output')} text={run.status === 'SUCCEEDED' ? description?.output : undefined} />,
            },
            { id: 'variables', label: t('variables'), content: <JsonView label={t('variables')} text={variables} /> },
          ]}
        />
      </section>
    )
  return (
    <section className="panel" aria-label={state.slice(0, 100)}>
      <div className="toolbar">
        <b>{state.slice(0, 200)}</b>
        {visits.length > 1 && (
          <select aria-label={t('visits')} value={visit?.id} onChange={(event) => setChosen(Number(event.target.value))}>
            {visits.map(({ id, iteration, status }, index) => (
              <option key={id} value={id}>
                {iteration === undefined ? t('visit', { n: index + 1 }) : `${t('iteration')} ${iteration}`} ·{' '}
                {t(WORD_OF_VISIT[status])}
              </option>
            ))}
          </select>
        )}
      </div>
      <Tabs
        tabs={[
          { id: 'input', label: t('input'), content: <JsonView label={t('input')} text={visit?.input} /> },
          { id: 'output', label: t('output'), content: <JsonView label={t('output')} text={visit?.output} /> },
          { id: 'details', label: t('details'), content: <Details visit={visit} /> },
          { id: 'definition', label: t('definition'), content: <JsonView label={t('definition')} text={own} /> },
          { id: 'variables', label: t('variables'), content: <JsonView label={t('variables')} text={variables} /> },
          { id: 'events', label: t('events'), content: <Events visit={visit} /> },
        ]}
      />
    </section>
  )
}

function Details({ visit }: { readonly visit: Visit | undefined }) {
  const { t, language } = useWords()
  if (!visit) return <p>{t('notStarted')}</p>
  const { failure, mapRunArn } = visit
  return (
    <KeyValuePairs
      columns={2}
      items={[
        { label: t('status'), value: t(WORD_OF_VISIT[visit.status]) },
        { label: t('type'), value: visit.type },
        { label: t('started'), value: showTime(visit.startAt, language) },
        { label: t('duration'), value: visit.endAt === undefined ? '–' : showSpan(visit.endAt - visit.startAt) },
        { label: t('retries'), value: Math.max(0, visit.attempts - 1) },
        ...(mapRunArn === undefined
          ? []
          : [{ label: t('mapRun'), value: <Link to={pathTo('map-run', mapRunArn)}>{t('mapRunOpen')}</Link> }]),
        ...(failure
          ? [
              { label: t('error'), value: failure.error },
              { label: t('cause'), value: failure.cause.slice(0, 4_000) },
            ]
          : []),
      ]}
    />
  )
}

function Events({ visit }: { readonly visit: Visit | undefined }) {
  const { language } = useWords()
  return (
    <ol>
      {(visit?.events ?? []).slice(0, 200).map(({ id, type, timestamp }) => (
        <li key={id} value={id}>
          {type} · {showClock(timestamp, language)}
        </li>
      ))}
    </ol>
  )
}

function definitionOf(definition: string | undefined, state: string | undefined): string | undefined {
  if (definition === undefined || state === undefined) return undefined
  const document: unknown = JSON.parse(definition)
  if (!isObject(document)) return undefined
  return JSON.stringify(visitMachine(document, 'STANDARD').states.find(({ name }) => name === state)?.document)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
