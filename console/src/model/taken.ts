/** The ways that were gone: from a state to the next one, within the iterations that are looked at. */
import type { StateStatus } from '../../../src/history/state-status.ts'
import type { Layout } from './layout.ts'

/** Indexes into the layout's edges. */
export function takenEdges({ nodes, edges }: Layout, statuses: ReadonlyMap<string, StateStatus>): ReadonlySet<number> {
  const byId = new Map(nodes.map(({ node }) => [node.id, node]))
  const gone = new Set<string>()
  const last = new Set<string>()
  for (const [name, { visits }] of statuses) {
    if (visits.some(({ status }) => status === 'succeeded')) last.add(name)
    for (const { previous } of visits) gone.add(wayOf(previous?.name, name))
  }
  const taken = new Set<number>()
  for (const [index, { from, to }] of edges.entries()) {
    const [start, end] = [byId.get(from), byId.get(to)]
    if (!start || !end) continue
    const isTaken =
      end.kind === 'end' ? last.has(start.name) : gone.has(wayOf(start.kind === 'start' ? undefined : start.name, end.name))
    if (isTaken) taken.add(index)
  }
  return taken
}

const wayOf = (from: string | undefined, to: string): string => JSON.stringify([from ?? null, to])
