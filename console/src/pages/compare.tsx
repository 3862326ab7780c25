/** Two executions of one machine side by side, and where they begin to differ. */
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo } from 'react'

import { statusByState } from '../../../src/history/state-status.ts'
import { foldHistory } from '../../../src/history/visits.ts'
import { states } from '../api/client.ts'
import { firstDifference } from '../model/difference.ts'
import { JsonView } from '../ui/json-view.tsx'
import { Loading } from '../ui/loading.tsx'
import { Status } from '../ui/status.tsx'
import { go, Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import type { PageProps } from './page.ts'
import { useExecution } from './use-execution.ts'

const WORDS = { none: 'sameRuns', path: 'way', status: 'status', input: 'input', output: 'output' } as const

const StateGraph = lazy(() => import('../graph/state-graph.tsx').then(({ StateGraph }) => ({ default: StateGraph })))

export default function ComparePage({ subject: leftArn, query }: PageProps) {
  const { t } = useMessages()
  const rightArn = query.get('with') ?? leftArn
  const [left, right] = [useExecution(leftArn), useExecution(rightArn)]
  const [a, b] = [
    useMemo(() => foldHistory(left.events), [left.events]),
    useMemo(() => foldHistory(right.events), [right.events]),
  ]
  const difference = firstDifference(a, b)
  const stateMachineArn = left.description?.stateMachineArn
  const others = useQuery({
    queryKey: ['executions to compare', stateMachineArn],
    queryFn: ({ signal }) => states('ListExecutions', { stateMachineArn, maxResults: 100 }, signal),
    enabled: stateMachineArn !== undefined,
  })
  const name = difference.kind === 'none' ? undefined : (difference.left ?? difference.right)?.name
  return (
    <>
      <h1>{t('compare')}</h1>
      <div className="toolbar">
        <label>
          {t('compareWith')}{' '}
          <select
            value={rightArn}
            onChange={(event) => go(pathTo('compare', leftArn, { with: event.target.value }), { replace: true })}
          >
            {(others.data?.executions ?? []).map(({ executionArn, name, status }) => (
              <option key={executionArn} value={executionArn}>
                {name} · {status}
              </option>
            ))}
          </select>
        </label>
        <b role="status">
          {name === undefined ? t('sameRuns') : t('firstDifference', { kind: t(WORDS[difference.kind]), state: name })}
        </b>
      </div>
      <div className="workbench" style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 420px), 1fr))' }}>
        {[
          { side: left, run: a, arn: leftArn, visit: 'left' in difference ? difference.left : undefined },
          { side: right, run: b, arn: rightArn, visit: 'right' in difference ? difference.right : undefined },
        ].map(({ side, run, arn, visit }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a left and a right one, always
          <section className="panel" key={index} aria-label={side.description?.name ?? ''}>
            <Link to={pathTo('execution', arn)}>{side.description?.name}</Link> <Status status={run.status} />
            <Suspense fallback={<Loading />}>
              {side.definition !== undefined && (
                <StateGraph text={side.definition} statuses={statusByState(run)} selected={name} onSelect={() => {}} />
              )}
            </Suspense>
            {visit && (
              <>
                <JsonView label={t('input')} text={visit.input} />
                <JsonView label={t('output')} text={visit.output} />
              </>
            )}
          </section>
        ))}
      </div>
    </>
  )
}
