import type { WrittenState } from '../document/written.ts'
import { transitionsOf, type VisitedBlock, type VisitedState } from '../walk.ts'
import type { Rule } from './rule.ts'
import { assignedBy } from './variables.ts'

export const unboundedWaitLoop: Rule = {
  codes: ['UNBOUNDED_WAIT_LOOP'],
  isAdvice: true,
  check({ document, blocks }, report) {
    if (document.TimeoutSeconds !== undefined) return
    for (const block of blocks) {
      for (const state of block.states) {
        if (state.document.Type !== 'Wait') continue
        const loop = loopOf(state, block)
        if (loop && !loop.some(counts)) {
          report.warning(
            'UNBOUNDED_WAIT_LOOP',
            'This Wait stands in a loop that nothing ends but what it waits for: count its rounds, or give the machine TimeoutSeconds.',
            state.at,
          )
        }
      }
    }
  },
}

/** The states on some way from the state back to itself. */
function loopOf(state: VisitedState, { states }: VisitedBlock): readonly VisitedState[] | undefined {
  const byName = new Map(states.map((one) => [one.name, one]))
  const after = reach(state, (one) => transitionsOf(one.document).flatMap(({ to }) => byName.get(to) ?? []))
  if (!after.has(state)) return undefined
  const before = reach(state, (one) => states.filter(({ document }) => transitionsOf(document).some(({ to }) => to === one.name)))
  return [...after].filter((one) => before.has(one))
}

function reach(from: VisitedState, next: (state: VisitedState) => readonly VisitedState[]): Set<VisitedState> {
  const found = new Set(next(from))
  for (const state of found) for (const further of next(state)) found.add(further)
  return found
}

/** A state that may count: it assigns a variable, or works out new data. */
const counts = (state: VisitedState): boolean => assignedBy(state).length > 0 || isWorkedOut(state.document)

const isWorkedOut = (state: WrittenState): boolean =>
  state.Type === 'Pass' && (state.Parameters !== undefined || state.Output !== undefined)
