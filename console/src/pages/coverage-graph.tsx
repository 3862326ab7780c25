/** The workflow painted with what its tests have reached, and beneath it what they have not. */
import Alert from '@cloudscape-design/components/alert'
import { useMemo, useState } from 'react'

import { marksOfEdges, marksOfStates } from '../../../src/testkit/coverage/marks.ts'
import { missingIn } from '../../../src/testkit/coverage/missing.ts'
import type { Point } from '../../../src/testkit/coverage/points.ts'
import { summarize } from '../../../src/testkit/coverage/summary.ts'
import type { WorkflowCoverage } from '../../../src/testkit/coverage/workflow-coverage.ts'
import { StateGraph } from '../graph/state-graph.tsx'
import type { MessageKey } from '../messages/en.ts'
import { useMessages } from '../messages/messages.tsx'
import { findCoverage, type FoundCoverage } from '../model/coverage.ts'
import type { Layout } from '../model/layout.ts'
import { Problem } from '../ui/error.tsx'

interface CoverageGraphProps {
  /** The definition. */
  readonly text: string
  readonly file: { readonly name: string; readonly text: string }
}

export default function CoverageGraph({ text, file }: CoverageGraphProps) {
  const { t } = useMessages()
  const found = useMemo(() => attempt(() => findCoverage(text, file)), [text, file])
  if (found instanceof Error) return <Problem error={found} />
  if (found.kind === 'other')
    return <Alert type="warning">{t('coverageOfOthers', { names: found.names.join(', ').slice(0, NAMES_MAX) })}</Alert>
  return <Painted text={text} coverage={found.coverage} />
}

const NAMES_MAX = 500

function attempt(find: () => FoundCoverage): FoundCoverage | Error {
  try {
    return find()
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** Colours and signs that people know; what they mean here is said beside them. */
const STATUS_OF_MARK = { covered: 'succeeded', partly: 'caught', missing: 'failed' } as const
const WORDS = { succeeded: 'covered', caught: 'coveredInPart', failed: 'notCovered' } as const

function Painted({ text, coverage }: { readonly text: string; readonly coverage: WorkflowCoverage }) {
  const [selected, select] = useState<string>()
  const look = useMemo(() => {
    const marks = marksOfStates(coverage)
    return {
      statuses: new Map([...marks].map(([name, mark]) => [name, { status: STATUS_OF_MARK[mark], visits: [], retries: 0 }])),
      times: new Map(
        coverage.points.flatMap((point) => (point.kind === 'state' ? [[point.state, `×${coverage.hits(point)}`]] : [])),
      ),
      taken: ({ nodes, edges }: Layout) => {
        const ways = marksOfEdges(coverage, { nodes: nodes.map(({ node }) => node), edges })
        return new Set(edges.flatMap((edge, index) => (ways.get(edge) === 'covered' ? [index] : [])))
      },
    }
  }, [coverage])
  return (
    <>
      <StateGraph
        text={text}
        statuses={look.statuses}
        selected={selected}
        onSelect={(name) => select(name === selected ? undefined : name)}
        progress={look.times}
        words={WORDS}
        taken={look.taken}
      />
      <Facts coverage={coverage} />
      <Missing coverage={coverage} selected={selected} />
    </>
  )
}

const KIND_WORDS = {
  states: 'coveredStates',
  transitions: 'coveredTransitions',
  choices: 'coveredChoices',
  catches: 'coveredCatches',
  retries: 'coveredRetries',
  maps: 'coveredMaps',
  timeouts: 'coveredTimeouts',
  heartbeats: 'coveredHeartbeats',
  total: 'coveredTotal',
} as const satisfies Record<string, MessageKey>

function Facts({ coverage }: { readonly coverage: WorkflowCoverage }) {
  const { t } = useMessages()
  const summary = useMemo(() => summarize([coverage]), [coverage])
  return (
    <>
      <h2>{t('coverage')}</h2>
      <ul>
        {(Object.keys(KIND_WORDS) as readonly (keyof typeof KIND_WORDS)[])
          .filter((kind) => summary[kind].total > 0)
          .map((kind) => (
            <li key={kind}>
              {t(KIND_WORDS[kind])}: {summary[kind].percent} % ({summary[kind].covered}/{summary[kind].total})
            </li>
          ))}
      </ul>
    </>
  )
}

/** Of the state that is picked, else of all. */
function Missing({ coverage, selected }: { readonly coverage: WorkflowCoverage; readonly selected: string | undefined }) {
  const { t } = useMessages()
  const missing = useMemo(() => missingIn(coverage), [coverage])
  const shown = missing.filter(({ point }) => selected === undefined || point.state === selected)
  if (shown.length === 0) return <p>{t('coverageComplete')}</p>
  return (
    <>
      <h2>{t('notCovered')}</h2>
      <ul>
        {shown.map(({ point }) => (
          <li key={point.id}>
            {point.path.slice(0, 300)}: {tell(point, t)}
            {coverage.maybe(point) > 0 && ` (${t('notToBeTold')})`}
          </li>
        ))}
      </ul>
    </>
  )
}

/** In the language's own words where it has some. */
function tell({ kind, index = 0, label = '', to = '' }: Point, t: (key: MessageKey) => string): string {
  const told = label === '' ? '' : ` (${label.slice(0, 200)})`
  switch (kind) {
    case 'state':
      return t('neverEntered')
    case 'next':
      return `Next → ${to}`
    case 'end':
      return 'End'
    case 'choice':
      return `Choices[${index}]${told} → ${to}`
    case 'default':
      return `Default → ${to}`
    case 'catch':
      return `Catch[${index}]${told} → ${to}`
    case 'retried':
      return `Retry[${index}]${told}: ${t('retryFired')}`
    case 'exhausted':
      return `Retry[${index}]${told}: ${t('retryExhausted')}`
    case 'none':
      return t('noItems')
    case 'one':
      return t('oneItem')
    case 'many':
      return t('manyItems')
    case 'timeout':
      return 'TimeoutSeconds'
    case 'heartbeat':
      return 'HeartbeatSeconds'
  }
}
