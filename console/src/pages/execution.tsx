/** One execution: what it is, the live graph, what each state took in and gave out, and the way back through time. */
import Button from '@cloudscape-design/components/button'
import SpaceBetween from '@cloudscape-design/components/space-between'
import Tabs from '@cloudscape-design/components/tabs'
import { useMutation } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useMemo, useState } from 'react'

import { statusByState } from '../../../src/history/state-status.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { states } from '../api/client.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { Problem } from '../ui/error.tsx'
import { QuarantineBanner } from '../ui/health.tsx'
import { JsonView } from '../ui/json-view.tsx'
import { Loading } from '../ui/loading.tsx'
import { go, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import { EventList } from './event-list.tsx'
import { ExecutionHeader, FailureBanner } from './execution-header.tsx'
import type { PageProps } from './page.ts'
import { Inspector } from './inspector.tsx'
import { IterationPicker } from './iteration-picker.tsx'
import { StartDialog } from './start-dialog.tsx'
import { TimeTravel } from './time-travel.tsx'
import { Timeline } from './timeline.tsx'
import { useExecution } from './use-execution.ts'

const StateGraph = lazy(() => import('../graph/state-graph.tsx').then(({ StateGraph }) => ({ default: StateGraph })))

export default function ExecutionPage({ subject: executionArn, query }: PageProps) {
  const { t } = useMessages()
  const { description, definition, roleArn, logGroup, events, error } = useExecution(executionArn)
  const [position, setPosition] = useState<number>()
  const [selected, setSelected] = useState(query.get('state') ?? undefined)
  const [iterations, setIterations] = useState<ReadonlyMap<string, number>>(new Map())
  const [isStarting, setStarting] = useState(false)
  const shown = useMemo(() => (position === undefined ? events : events.slice(0, position)), [events, position])
  const run = useMemo(() => foldHistory(shown), [shown])
  const statuses = useMemo(() => statusByState(run, iterations), [run, iterations])
  const select = useCallback((name: string) => setSelected(name), [])
  const act = useMutation({
    mutationFn: async (action: 'StopExecution' | 'RedriveExecution'): Promise<unknown> => {
      setPosition(undefined)
      return states(action, { executionArn })
    },
  })
  const { input, startDate, stateMachineArn, redriveCount } = description ?? {}
  const facts = useMemo(
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
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      {description?.status === 'RUNNING' && (
        <ConfirmButton label={t('stop')} question={t('stopSure')} onYes={() => act.mutateAsync('StopExecution')} />
      )}
      {description?.redriveStatus === 'REDRIVABLE' && (
        <Button onClick={() => act.mutate('RedriveExecution')}>{t('redrive')}</Button>
      )}
      <Button onClick={() => go(pathTo('compare', executionArn))}>{t('compare')}</Button>
      <Button onClick={() => setStarting(true)}>{t('again')}</Button>
    </SpaceBetween>
  )
  return (
    <SpaceBetween size="m">
      <Problem error={error ?? act.error} />
      <QuarantineBanner executionArn={executionArn} />
      <ExecutionHeader executionArn={executionArn} description={description} logGroup={logGroup} run={run} actions={actions} />
      <FailureBanner
        run={run}
        description={description}
        onGoTo={setSelected}
        onRedrive={() => act.mutate('RedriveExecution')}
        onStartAgain={() => setStarting(true)}
      />
      <Tabs
        ariaLabel={t('execution')}
        tabs={[
          {
            id: 'graph',
            label: t('graph'),
            content: (
              <div className="workbench">
                <div className="panel">
                  <IterationPicker run={run} chosen={iterations} onChoose={setIterations} />
                  <Suspense fallback={<Loading />}>
                    {definition !== undefined && (
                      <StateGraph text={definition} statuses={statuses} selected={selected} onSelect={select} />
                    )}
                  </Suspense>
                  <TimeTravel events={events} position={position} onMove={setPosition} />
                </div>
                <Inspector
                  state={selected}
                  status={statuses.get(selected ?? '')}
                  run={run}
                  facts={facts}
                  output={description?.output}
                />
              </div>
            ),
          },
          { id: 'table', label: t('table'), content: <Timeline run={run} onSelect={select} /> },
          { id: 'events', label: t('eventsView'), content: <EventList events={shown} run={run} /> },
          { id: 'definition', label: t('definition'), content: <JsonView label={t('definition')} text={definition} /> },
        ]}
      />
      {isStarting && description?.stateMachineArn !== undefined && (
        <StartDialog
          stateMachineArn={description.stateMachineArn}
          firstInput={description.input}
          onClose={() => setStarting(false)}
        />
      )}
    </SpaceBetween>
  )
}
