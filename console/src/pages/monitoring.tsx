/** How the executions of a period went, how long they took, and which states took the time. */
import { useQuery } from '@tanstack/react-query'
import { Suspense, useMemo, useState } from 'react'

import { foldHistory } from '../../../src/history/visits.ts'
import { states } from '../api/client.ts'
import type { Execution } from '../api/executions.ts'
import { fetchHistory } from '../api/history.ts'
import { heatOf } from '../model/heat.ts'
import { type Slot, slotsOf, totalOf } from '../model/statistics.ts'
import { every } from '../ui/every.ts'
import { Problem } from '../ui/error.tsx'
import { Facts } from '../ui/facts.tsx'
import { lazily } from '../ui/lazily.ts'
import { Loading } from '../ui/loading.tsx'
import { showSpan, showTime } from '../ui/time.ts'
import { useMessages } from '../messages/messages.tsx'

const Chart = lazily(() => import('../ui/chart.tsx'))
const HeatGraph = lazily(() => import('./heat-graph.tsx'))

const HOUR = 3_600
const RANGES = [
  { word: 'lastHour', seconds: HOUR },
  { word: 'lastDay', seconds: 24 * HOUR },
  { word: 'lastWeek', seconds: 7 * 24 * HOUR },
  { word: 'lastMonth', seconds: 30 * 24 * HOUR },
] as const
const SLOTS = 48
/** More are not read: a busy machine's hour is told by its latest. */
const COUNTED_MAX = 10_000
const REFRESH_MS = 10_000
const FOLDED = 20

export default function Monitoring({
  stateMachineArn,
  definition,
}: {
  readonly stateMachineArn: string
  readonly definition: string
}) {
  const { t, language } = useMessages()
  const [seconds, setSeconds] = useState<number>(HOUR)
  const { data, error } = useQuery({
    queryKey: ['monitoring', stateMachineArn, seconds],
    queryFn: ({ signal }) => readPeriod(stateMachineArn, seconds, signal),
    refetchInterval: every(REFRESH_MS),
  })
  const slots = useMemo(() => (data ? slotsOf(data.executions, { ...data, count: SLOTS }) : []), [data])
  const total = useMemo(() => totalOf(data?.executions ?? []), [data])
  const at = useMemo(() => slots.map((slot) => slot.at), [slots])
  const endings = useMemo(
    () => [
      { label: t('startedCount'), colour: 'aborted', values: slots.map(({ started }) => started) },
      { label: t('succeeded'), colour: 'succeeded', values: slots.map(({ succeeded }) => succeeded) },
      { label: t('failed'), colour: 'failed', values: slots.map(({ failed }) => failed) },
    ],
    [slots, t],
  )
  const durations = useMemo(
    () => [
      { label: 'p50', colour: 'succeeded', values: slots.map(({ p50 }) => p50) },
      { label: 'p95', colour: 'caught', values: slots.map(({ p95 }) => p95) },
      { label: 'p99', colour: 'failed', values: slots.map(({ p99 }) => p99) },
    ],
    [slots],
  )
  if (!data) return error ? <Problem error={error} /> : <Loading />
  const span = (value: number | undefined) => (value === undefined ? '–' : showSpan(value))
  return (
    <>
      <div className="toolbar">
        <label>
          {t('range')}{' '}
          <select value={seconds} onChange={(event) => setSeconds(Number(event.target.value))}>
            {RANGES.map(({ word, seconds }) => (
              <option key={word} value={seconds}>
                {t(word)}
              </option>
            ))}
          </select>
        </label>
        <span>{t(data.isWhole ? 'counted' : 'countedMost', { n: total.started })}</span>
      </div>
      <Facts
        facts={[
          [t('startedCount'), total.started],
          [t('succeeded'), total.succeeded],
          [t('failed'), total.failed],
          [t('aborted'), total.aborted],
          ['p50', span(total.p50)],
          ['p95', span(total.p95)],
          ['p99', span(total.p99)],
        ]}
      />
      <Suspense fallback={<Loading />}>
        <div className="charts">
          <section>
            <h2>{t('endings')}</h2>
            <Chart label={t('endings')} at={at} lines={endings} kind="bars" show={showCount} />
          </section>
          <section>
            <h2>{t('durations')}</h2>
            <Chart label={t('durations')} at={at} lines={durations} kind="lines" show={showSpan} />
          </section>
        </div>
      </Suspense>
      <details>
        <summary>{t('asTable')}</summary>
        <SlotTable slots={slots} language={language} />
      </details>
      <Heat executions={data.executions} definition={definition} />
    </>
  )
}

const showCount = (value: number): string => (Number.isInteger(value) ? String(value) : '')

async function readPeriod(stateMachineArn: string, seconds: number, signal: AbortSignal) {
  const to = Date.now() / 1_000
  const from = to - seconds
  const executions: Execution[] = []
  let nextToken: string | undefined
  do {
    const page = await states('ListExecutions', { stateMachineArn, maxResults: 1_000, nextToken }, signal)
    const inside = (page.executions ?? []).filter(({ startDate = 0 }) => startDate >= from)
    executions.push(...inside)
    // The latest come first.
    nextToken = inside.length === page.executions?.length ? page.nextToken : undefined
  } while (nextToken !== undefined && executions.length < COUNTED_MAX)
  return { from, to, executions, isWhole: nextToken === undefined }
}

function SlotTable({ slots, language }: { readonly slots: readonly Slot[]; readonly language: 'en' | 'pt-BR' }) {
  const { t } = useMessages()
  const span = (value: number | undefined) => (value === undefined ? '–' : showSpan(value))
  return (
    <table className="plain-table">
      <thead>
        <tr>
          {[t('time'), t('startedCount'), t('succeeded'), t('failed'), t('aborted'), 'p50', 'p95', 'p99'].map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {slots
          .filter(({ started }) => started > 0)
          .map(({ at, started, succeeded, failed, aborted, p50, p95, p99 }) => (
            <tr key={at}>
              <td>{showTime(at, language)}</td>
              <td>{started}</td>
              <td>{succeeded}</td>
              <td>{failed}</td>
              <td>{aborted}</td>
              <td>{span(p50)}</td>
              <td>{span(p95)}</td>
              <td>{span(p99)}</td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}

function Heat({ executions, definition }: { readonly executions: readonly Execution[]; readonly definition: string }) {
  const { t } = useMessages()
  const arns = executions.slice(0, FOLDED).flatMap(({ executionArn }) => (executionArn === undefined ? [] : [executionArn]))
  const { data, error } = useQuery({
    queryKey: ['heat', arns],
    queryFn: async ({ signal }) => {
      const runs = []
      for (const arn of arns) runs.push(foldHistory(await fetchHistory(arn, [], signal)))
      return heatOf(runs)
    },
    enabled: arns.length > 0,
  })
  const heat = useMemo(() => {
    const most = data?.[0]?.share ?? 0
    return new Map((data ?? []).map(({ name, share }) => [name, most === 0 ? 0 : share / most]))
  }, [data])
  if (arns.length === 0) return null
  return (
    <>
      <h2>{t('heat')}</h2>
      <Problem error={error} />
      <p>{t('heatText', { n: arns.length })}</p>
      <div className="workbench even">
        <div className="panel">
          <Suspense fallback={<Loading />}>
            <HeatGraph
              text={definition}
              heat={heat}
              failing={new Set((data ?? []).filter((one) => one.failures > 0).map((one) => one.name))}
            />
          </Suspense>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
        <section className="panel scrolls" aria-label={t('heat')} tabIndex={0}>
          <table className="plain-table">
            <thead>
              <tr>
                {(['state', 'visitsCount', 'failures', 'retries', 'meanTime', 'slowTime', 'timeShare'] as const).map((word) => (
                  <th key={word} scope="col">
                    {t(word)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {(data ?? []).map(({ name, visits, failures, retries, mean, p95, share }) => (
                <tr key={name}>
                  <th scope="row">{name.slice(0, 120)}</th>
                  <td>{visits}</td>
                  <td>{failures}</td>
                  <td>{retries}</td>
                  <td>{showSpan(mean)}</td>
                  <td>{showSpan(p95)}</td>
                  <td>{Math.round(share * 100)} %</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </div>
    </>
  )
}
