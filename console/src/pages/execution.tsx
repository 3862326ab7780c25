/**
 * One execution: what it is, the live graph, what each state took in and gave out, and the way back through time. Tab, state, visit,
 * iterations and place in time stand in the address.
 */
import Alert from '@cloudscape-design/components/alert'
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useMutation } from '@tanstack/react-query'
import { Suspense, useCallback, useEffect, useMemo, useState } from 'react'

import type { HistoryEvent } from '../../../src/history/history-event.ts'
import { statusByState } from '../../../src/history/state-status.ts'
import { foldHistory, type Visit } from '../../../src/history/visits.ts'
import { states } from '../api/client.ts'
import { machineOfExpress } from '../api/express.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { Problem } from '../ui/error.tsx'
import { QuarantineBanner } from '../ui/health.tsx'
import { JsonView } from '../ui/json-view.tsx'
import { lazily } from '../ui/lazily.ts'
import { Loading } from '../ui/loading.tsx'
import { go, pathTo, setQuery } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { EventList } from './event-list.tsx'
import { FailureBanner, SourceNote, WaitingBanner } from './execution-banner.tsx'
import { ExecutionHeader } from './execution-header.tsx'
import { Inspector } from './inspector.tsx'
import { IterationPicker } from './iteration-picker.tsx'
import { MapRunList, progressByState, useMapRuns } from './map-run-list.tsx'
import type { PageProps } from './page.ts'
import { StartDialog } from './start-dialog.tsx'
import { Timeline } from './timeline.tsx'
import { TimeTravel } from './time-travel.tsx'
import { type ExecutionView, isExpressArn, useExecution } from './use-execution.ts'

const StateGraph = lazily(() => import('../graph/state-graph.tsx').then(({ StateGraph }) => ({ default: StateGraph })))

export default function ExecutionPage({ subject: executionArn, query }: PageProps) {
  const { t, language } = useMessages()
  const view = useExecution(executionArn)
  const { description, definition, logGroup, events, error, definitionError } = view
  const [position, setPosition] = usePosition(events, query)
  const [isStarting, setStarting] = useState(false)
  const present = useMemo(() => foldHistory(events), [events])
  const shown = useMemo(() => (position === undefined ? events : events.slice(0, position)), [events, position])
  const run = useMemo(() => (shown === events ? present : foldHistory(shown)), [shown, events, present])
  const iterations = useMemo(() => iterationsIn(query), [query])
  const statuses = useMemo(() => statusByState(run, iterations), [run, iterations])
  const mapRuns = useMapRuns(run)
  const progress = useMemo(() => progressByState(mapRuns, language), [mapRuns, language])
  const facts = useFacts(executionArn, view)
  const tab = query.get('tab') ?? 'graph'
  const selected = query.get('state') ?? undefined
  const select = useCallback((name: string) => setQuery({ state: name, visit: undefined }), [])
  const goTo = ({ name, id }: Visit) => setQuery({ state: name, visit: String(id), iteration: undefined })
  const act = useMutation({
    mutationFn: async (action: 'StopExecution' | 'RedriveExecution'): Promise<unknown> => {
      setPosition(undefined)
      return states(action, { executionArn })
    },
  })
  const isExpress = isExpressArn(executionArn)
  // What the children of a Map Run execute is a part of a machine, and cannot be started alone.
  const machineArn = description?.stateMachineArn?.includes('/') ? undefined : description?.stateMachineArn
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      {description?.status === 'RUNNING' && !isExpress && (
        <ConfirmButton label={t('stop')} question={t('stopSure')} onYes={() => act.mutateAsync('StopExecution')} />
      )}
      {description?.redriveStatus === 'REDRIVABLE' && (
        <Button onClick={() => act.mutate('RedriveExecution')}>{t('redrive')}</Button>
      )}
      {machineArn !== undefined && !isExpress && (
        <Button onClick={() => go(pathTo('compare', executionArn))}>{t('compare')}</Button>
      )}
      {machineArn !== undefined && <Button onClick={() => setStarting(true)}>{t('again')}</Button>}
    </SpaceBetween>
  )
  const inspector = (
    <Inspector
      state={selected}
      visit={numberIn(query, 'visit')}
      status={statuses.get(selected ?? '')}
      run={run}
      isPast={position !== undefined}
      facts={facts}
      input={description?.input}
      output={description?.output}
    />
  )
  const beside = (content: React.ReactNode) => (
    <div className="workbench">
      <div className="panel">{content}</div>
      {inspector}
    </div>
  )
  return (
    <SpaceBetween size="m">
      <Problem error={error ?? act.error} />
      <QuarantineBanner executionArn={executionArn} />
      <ExecutionHeader
        executionArn={executionArn}
        description={description}
        logGroup={logGroup}
        run={present}
        actions={actions}
      />
      <SourceNote view={view} machineArn={machineOfExpress(executionArn)} />
      <FailureBanner
        run={present}
        description={description}
        onGoTo={goTo}
        onRedrive={() => act.mutate('RedriveExecution')}
        onStartAgain={machineArn === undefined ? undefined : () => setStarting(true)}
      />
      <WaitingBanner run={present} onGoTo={goTo} />
      {/* Under the graph the slider says so itself: nothing moves while one drags it. */}
      {position !== undefined && tab !== 'graph' && (
        <Alert type="info" action={<Button onClick={() => setPosition(undefined)}>{t('backToNow')}</Button>}>
          {t('inThePast', { n: position, all: events.length })}
        </Alert>
      )}
      <Tabs
        ariaLabel={t('execution')}
        activeTabId={tab}
        onChange={({ detail }) => setQuery({ tab: detail.activeTabId === 'graph' ? undefined : detail.activeTabId })}
        tabs={[
          {
            id: 'graph',
            label: t('graph'),
            content: beside(
              <>
                <IterationPicker run={run} chosen={iterations} onChoose={chooseIterations} />
                {definitionError !== null && definitionError !== undefined && (
                  <Alert type="warning" header={t('noDefinition')}>
                    {String(definitionError)}
                  </Alert>
                )}
                <Suspense fallback={<Loading />}>
                  {definition !== undefined && (
                    <StateGraph text={definition} statuses={statuses} selected={selected} onSelect={select} progress={progress} />
                  )}
                </Suspense>
                <TimeTravel events={events} position={position} onMove={setPosition} />
              </>,
            ),
          },
          { id: 'table', label: t('table'), content: beside(<Timeline run={run} onSelect={goTo} />) },
          ...(mapRuns.length > 0
            ? [{ id: 'map-runs', label: `${t('mapRuns')} (${mapRuns.length})`, content: <MapRunList runs={mapRuns} /> }]
            : []),
          { id: 'events', label: t('eventsView'), content: <EventList events={shown} run={run} /> },
          { id: 'definition', label: t('definition'), content: <JsonView label={t('definition')} text={definition} /> },
        ]}
      />
      {isStarting && machineArn !== undefined && (
        <StartDialog
          stateMachineArn={machineArn}
          qualifiedArn={description?.stateMachineAliasArn ?? description?.stateMachineVersionArn}
          firstInput={description?.input}
          onClose={() => setStarting(false)}
        />
      )}
    </SpaceBetween>
  )
}

/** Browsers refuse addresses that change with every step of a slider. */
const ADDRESS_AFTER_MS = 400

/** How many events are seen; undefined is now. In the address it is an event's id. */
function usePosition(events: readonly HistoryEvent[], query: URLSearchParams) {
  const [position, setPosition] = useState(() => numberIn(query, 'event'))
  const at = position === undefined || (position >= events.length && events.length > 0) ? undefined : position
  useEffect(() => {
    const writing = setTimeout(() => setQuery({ event: position === undefined ? undefined : String(position) }), ADDRESS_AFTER_MS)
    return () => clearTimeout(writing)
  }, [position])
  return [at, setPosition] as const
}

function numberIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** `iteration=3@Each`, once for each Map. */
function iterationsIn(query: URLSearchParams): ReadonlyMap<string, number> {
  return new Map(
    query.getAll('iteration').flatMap((text) => {
      const [, index, name] = /^(\d{1,9})@(.*)$/s.exec(text) ?? []
      return index === undefined || name === undefined ? [] : [[name, Number(index)] as const]
    }),
  )
}

const chooseIterations = (chosen: ReadonlyMap<string, number>) =>
  setQuery({ iteration: [...chosen].map(([name, index]) => `${index}@${name}`), visit: undefined })

function useFacts(executionArn: string, { description, definition, roleArn }: ExecutionView) {
  const { input, startDate, stateMachineArn, redriveCount } = description ?? {}
  return useMemo(
    () =>
      definition === undefined || stateMachineArn === undefined
        ? undefined
        : {
            executionArn,
            stateMachineArn,
            definition,
            roleArn: roleArn ?? '',
            input: input ?? '{}',
            startAt: startDate ?? 0,
            redriveCount: redriveCount ?? 0,
          },
    [executionArn, stateMachineArn, definition, roleArn, input, startDate, redriveCount],
  )
}
