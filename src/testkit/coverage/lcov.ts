/**
 * Coverage as lcov has it, for what shows coverage of code: a state is a function, and each state, rule, catcher and retrier is the
 * line where it stands in the file of the definition; its ways, attempts, items and time-outs are the branches of that line.
 * Source: geninfo(1), "Files". Workflows whose file is not known have no lines, and are left out.
 */
import type { Coverage } from './coverage.ts'
import { type Lines, linesOf } from './lines.ts'
import type { PointKind } from './points.ts'
import type { WorkflowCoverage } from './workflow-coverage.ts'

export async function lcovOf({ workflows }: Coverage): Promise<string> {
  const records = await Promise.all(
    workflows.map(async (coverage) => {
      const lines = await linesOf(coverage.workflow)
      return lines ? recordOf(coverage, lines) : ''
    }),
  )
  return records.join('')
}

/** What is a line of its own; all else is a branch alone. */
const LINES: ReadonlySet<PointKind> = new Set<PointKind>(['state', 'choice', 'default', 'catch', 'retried'])

function recordOf(coverage: WorkflowCoverage, { file, lineOf }: Lines): string {
  const { points } = coverage
  const states = points.filter(({ kind }) => kind === 'state')
  const branches = points.filter(({ kind }) => kind !== 'state')
  const indexes = new Map(states.map(({ state }, index) => [state, index]))
  const entered = new Set(states.filter((point) => coverage.isCovered(point)).map(({ state }) => state))
  const lines = new Map<number, number>()
  for (const point of points) {
    if (!LINES.has(point.kind)) continue
    const line = lineOf(point)
    lines.set(line, Math.max(lines.get(line) ?? 0, coverage.hits(point)))
  }
  const counters = new Map<string, number>()
  const branchOf = (state: string) => {
    const index = counters.get(state) ?? 0
    counters.set(state, index + 1)
    return index
  }
  return [
    'TN:',
    `SF:${oneLine(file)}`,
    ...states.map((point) => `FN:${lineOf(point)},${oneLine(point.path)}`),
    ...states.map((point) => `FNDA:${coverage.hits(point)},${oneLine(point.path)}`),
    `FNF:${states.length}`,
    `FNH:${entered.size}`,
    ...branches.map((point) => {
      const taken = entered.has(point.state) ? coverage.hits(point) : '-'
      return `BRDA:${lineOf(point)},${indexes.get(point.state) ?? 0},${branchOf(point.state)},${taken}`
    }),
    `BRF:${branches.length}`,
    `BRH:${branches.filter((point) => coverage.isCovered(point)).length}`,
    ...[...lines].toSorted(([a], [b]) => a - b).map(([line, hits]) => `DA:${line},${hits}`),
    `LF:${lines.size}`,
    `LH:${[...lines.values()].filter((hits) => hits > 0).length}`,
    'end_of_record\n',
  ].join('\n')
}

const oneLine = (text: string): string => text.replaceAll(/[\u0000-\u001F\u007F]/g, ' ')
