/**
 * Variables as a visit found and left them: those around its Map or Parallel, then what each visit before it assigned.
 * Source: ASL, "Assign": an inner scope sees the outer one's variables as they were when it began.
 */
import { ancestors, type Visit } from '../../../src/history/visits.ts'
import { objectText } from './json-text.ts'

/** Name to JSON text. */
export type Variables = ReadonlyMap<string, string>

export function variablesBefore(visit: Visit): Variables {
  const chain: Visit[] = []
  for (let at: Visit | undefined = visit; at; at = at.previous ?? at.parent) if (at !== visit) chain.push(at)
  const around = new Set(ancestors(visit))
  const variables = new Map<string, string>()
  for (const earlier of chain.reverse()) {
    // The container itself has assigned nothing while its inner states run.
    if (earlier.endAt === undefined || around.has(earlier)) continue
    for (const [name, value] of Object.entries(earlier.assigned)) variables.set(name, value)
  }
  return variables
}

export function variablesAfter(visit: Visit): Variables {
  return new Map([...variablesBefore(visit), ...Object.entries(visit.assigned)])
}

/** As one JSON object, for a person to read. */
export const variablesText = (variables: Variables): string => objectText(variables)
