/** Two executions of one machine side by side, and where they differ: the way first, then state by state. */
import { useQuery } from '@tanstack/react-query'
import { Suspense, useMemo, useState } from 'react'

import { statusByState } from '../../../src/history/state-status.ts'
import { foldHistory, type Run, type Visit } from '../../../src/history/visits.ts'
import { states } from '../api/client.ts'
import { compareRuns, type Compared, type DifferenceKind, firstDifference } from '../model/difference.ts'
import { jsonDiff } from '../model/json-diff.ts'
import { placeText } from '../model/place-of.ts'
import { StatusSign } from '../graph/status-sign.tsx'
import { Problem } from '../ui/error.tsx'
import { lazily } from '../ui/lazily.ts'
import { Loading } from '../ui/loading.tsx'
import { Status, WORD_OF_STATUS, WORD_OF_VISIT } from '../ui/status.tsx'
import { isStatusFilter } from '../ui/status-filter.tsx'
import { showTime } from '../ui/time.ts'
import { go, Link, pathTo } from '../router.tsx'
import { useMessages } from '../messages/messages.tsx'
import type { PageProps } from './page.ts'
import { type ExecutionView, useExecution } from './use-execution.ts'

const WORDS = { path: 'way', status: 'status', input: 'input', output: 'output' } as const satisfies Record<
  DifferenceKind,
  string
>
const LISTED = 100
/** More rows are not drawn. */
const ROWS_MAX = 500

const StateGraph = lazily(() => import('../graph/state-graph.tsx').then(({ StateGraph }) => ({ default: StateGraph })))

export default function ComparePage({ subject: leftArn, query }: PageProps) {
  const { t, language } = useMessages()
  const left = useExecution(leftArn)
  const run = useRun(left.events)
  const stateMachineArn = left.description?.stateMachineArn
  const others = useQuery({
    queryKey: ['executions to compare', stateMachineArn],
    queryFn: async ({ signal }) => {
      const { executions = [] } = await states('ListExecutions', { stateMachineArn, maxResults: LISTED }, signal)
      return executions.filter(({ executionArn }) => executionArn !== leftArn)
    },
    enabled: stateMachineArn !== undefined,
  })
  const rightArn = query.get('with') ?? others.data?.[0]?.executionArn
  return (
    <>
      <h1>{t('compare')}</h1>
      <Problem error={left.error ?? others.error} />
      <div className="toolbar">
        <label>
          {t('compareWith')}{' '}
          <select
            value={rightArn ?? ''}
            onChange={(event) => go(pathTo('compare', leftArn, { with: event.target.value }), { replace: true })}
          >
            {rightArn === undefined && <option value="">{t('chooseOther')}</option>}
            {rightArn !== undefined && !others.data?.some(({ executionArn }) => executionArn === rightArn) && (
              <option value={rightArn}>{rightArn.split(':').at(-1)}</option>
            )}
            {(others.data ?? []).map(({ executionArn, name, status = '', startDate }) => (
              <option key={executionArn} value={executionArn}>
                {name} · {isStatusFilter(status) ? t(WORD_OF_STATUS[status]) : status} · {showTime(startDate, language)}
              </option>
            ))}
          </select>
        </label>
      </div>
      {others.data && rightArn === undefined && (
        <>
          <p>{t('nothingToCompare')}</p>
          <Execution arn={leftArn} view={left} run={run} />
        </>
      )}
      {rightArn !== undefined && <Both key={rightArn} leftArn={leftArn} rightArn={rightArn} />}
    </>
  )
}

function Both({ leftArn, rightArn }: { readonly leftArn: string; readonly rightArn: string }) {
  const { t } = useMessages()
  const [left, right] = [useExecution(leftArn), useExecution(rightArn)]
  const [a, b] = [useRun(left.events), useRun(right.events)]
  const compared = useMemo(() => compareRuns(a, b), [a, b])
  const first = useMemo(() => firstDifference(compared), [compared])
  const [chosenKey, setChosenKey] = useState<string>()
  const chosen = compared.find(({ key }) => key === (chosenKey ?? first?.key))
  const name = (chosen?.left ?? chosen?.right)?.name
  const choose = (state: string) => setChosenKey(compared.find((one) => (one.left ?? one.right)?.name === state)?.key)
  const firstName = (first?.left ?? first?.right)?.name
  return (
    <>
      <Problem error={right.error} />
      <b role="status">
        {first === undefined || firstName === undefined
          ? t('sameRuns')
          : t('firstDifference', { kind: t(WORDS[first.kind]), state: firstName })}
      </b>
      <div className="workbench sides">
        <Execution arn={leftArn} view={left} run={a} selected={name} onSelect={choose} />
        <Execution arn={rightArn} view={right} run={b} selected={name} onSelect={choose} />
      </div>
      <Rows compared={compared} chosen={chosen} onChoose={setChosenKey} />
      {chosen && <Differences compared={chosen} />}
    </>
  )
}

interface ExecutionProps {
  readonly arn: string
  readonly view: ExecutionView
  readonly run: Run
  readonly selected?: string | undefined
  readonly onSelect?: (state: string) => void
}

function Execution({ arn, view: { description, definition }, run, selected, onSelect = ignore }: ExecutionProps) {
  const statuses = useMemo(() => statusByState(run), [run])
  return (
    <section className="panel" aria-label={description?.name ?? ''}>
      <Link to={pathTo('execution', arn)}>{description?.name ?? arn.split(':').at(-1)}</Link>{' '}
      <Status status={description?.status} />
      <Suspense fallback={<Loading />}>
        {definition !== undefined && <StateGraph text={definition} statuses={statuses} selected={selected} onSelect={onSelect} />}
      </Suspense>
    </section>
  )
}

const ignore = () => {}

const useRun = (events: Parameters<typeof foldHistory>[0]): Run => useMemo(() => foldHistory(events), [events])

interface RowsProps {
  readonly compared: readonly Compared[]
  readonly chosen: Compared | undefined
  readonly onChoose: (key: string) => void
}

function Rows({ compared, chosen, onChoose }: RowsProps) {
  const { t } = useMessages()
  const [isShort, setShort] = useState(false)
  const shown = isShort ? compared.filter(({ kinds }) => kinds.length > 0) : compared
  return (
    <>
      <div className="toolbar">
        <h2>{t('differences')}</h2>
        <button type="button" aria-pressed={isShort} onClick={() => setShort(!isShort)}>
          {t('onlyDifferences')}
        </button>
      </div>
      <section className="list">
        {shown.slice(0, ROWS_MAX).map(({ key, left, right, kinds }) => {
          const visit = left ?? right
          return (
            <button
              type="button"
              key={key}
              className={`row compared${key === chosen?.key ? ' chosen' : ''}`}
              aria-pressed={key === chosen?.key}
              onClick={() => onChoose(key)}
            >
              <span>
                {visit?.name.slice(0, 120)} <small className="soft">{visit && placeText(visit)}</small>
              </span>
              <Side visit={left} />
              <Side visit={right} />
              <span>
                {kinds.length === 0 ? t('sameWay') : t('differs', { kinds: kinds.map((kind) => t(WORDS[kind])).join(', ') })}
              </span>
            </button>
          )
        })}
      </section>
    </>
  )
}

function Side({ visit }: { readonly visit: Visit | undefined }) {
  const { t } = useMessages()
  if (!visit) return <span className="soft">{t('notThere')}</span>
  return (
    <span>
      <StatusSign status={visit.status} />
      {t(WORD_OF_VISIT[visit.status])}
    </span>
  )
}

/** Value by value, of what went in and what came out. */
function Differences({ compared: { left, right } }: { readonly compared: Compared }) {
  const { t } = useMessages()
  const rows = [
    ...jsonDiff(left?.input, right?.input).map((one) => ({ ...one, of: t('input') })),
    ...jsonDiff(left?.output, right?.output).map((one) => ({ ...one, of: t('output') })),
  ]
  if (rows.length === 0) return null
  return (
    <section className="panel scrolls" aria-label={t('differences')}>
      <h3>{(left ?? right)?.name.slice(0, 200)}</h3>
      <table className="plain-table">
        <thead>
          <tr>
            {[t('path'), t('left'), t('right')].map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ of, path, left, right }) => (
            <tr key={`${of} ${path}`}>
              <th scope="row">
                {of} {path}
              </th>
              <td className="pre">{left?.slice(0, 2_000) ?? '–'}</td>
              <td className="pre">{right?.slice(0, 2_000) ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
