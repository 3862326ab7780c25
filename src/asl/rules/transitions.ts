/** Every name leads to a state of the same block, some state ends it, and every state can be come to (measured: FL#2735, FL#2786). */
import { isObject } from '../../base/json.ts'

import { isTerminal, transitionsOf, type VisitedBlock } from '../walk.ts'
import type { Report, Rule } from './rule.ts'

const MISSING_TARGET = 'MISSING_TRANSITION_TARGET'

export const transitions: Rule = {
  codes: [MISSING_TARGET, 'MISSING_END_STATE'],
  check({ blocks }, report) {
    for (const block of blocks) {
      if (!isObject(block.document.States)) continue
      if (checkTargets(block, report)) checkReach(block, report)
    }
  },
}

/** AWS says Next, whatever field it is. False when one is missing. */
function checkTargets({ document, states, at }: VisitedBlock, report: Report): boolean {
  const names = new Set(states.map(({ name }) => name))
  let isComplete = true
  const check = (to: string, place: string) => {
    if (names.has(to)) return
    isComplete = false
    report.error(MISSING_TARGET, `Missing 'Next' target: ${to}`, place)
  }
  const startAt = document.StartAt
  if (typeof startAt === 'string') check(startAt, `${at}/StartAt`)
  for (const state of states) for (const { to, place } of transitionsOf(state.document)) check(to, `${state.at}/${place}`)
  return isComplete && typeof startAt === 'string'
}

/** Without a terminal state AWS does not look for states that are not reached. */
function checkReach({ document, states }: VisitedBlock, report: Report): void {
  const byName = new Map(states.map((state) => [state.name, state]))
  const reached = new Set([String(document.StartAt)])
  for (const name of reached) {
    const state = byName.get(name)
    if (state) for (const { to } of transitionsOf(state.document)) reached.add(to)
  }
  if (!states.some(({ name, document }) => reached.has(name) && isTerminal(document))) {
    report.error('MISSING_END_STATE', 'Workflow has no terminal state')
    return
  }
  for (const { name, at } of states) if (!reached.has(name)) report.error(MISSING_TARGET, `State "${name}" is not reachable.`, at)
}
