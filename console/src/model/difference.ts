/**
 * Where two executions differ, state by state. Visits are matched by their place: the Map or Parallel and iteration around them, the
 * name, and the how-manieth time; in which order branches took turns says nothing. Data are compared as JSON, not as texts.
 */
import type { Run, Visit } from '../../../src/history/visits.ts'
import { isSameJson } from './json-text.ts'

export type DifferenceKind = 'path' | 'status' | 'input' | 'output'

export interface Compared {
  readonly key: string
  /** Undefined where the run did not come by. */
  readonly left: Visit | undefined
  readonly right: Visit | undefined
  /** None: both went alike. */
  readonly kinds: readonly DifferenceKind[]
}

/** Every visit of either, in the order of the left one; what only the right one has comes last. */
export function compareRuns(left: Run, right: Run): readonly Compared[] {
  const [a, b] = [placed(left), placed(right)]
  return [...new Set([...a.keys(), ...b.keys()])].map((key) => {
    const [one, other] = [a.get(key), b.get(key)]
    return { key, left: one, right: other, kinds: kindsOf(one, other) }
  })
}

const ORDER: readonly DifferenceKind[] = ['path', 'status', 'input', 'output']

/** The way first: where it parts, all else follows. */
export function firstDifference(compared: readonly Compared[]): (Compared & { readonly kind: DifferenceKind }) | undefined {
  for (const kind of ORDER) {
    const found = compared.find(({ kinds }) => kinds.includes(kind))
    if (found) return { ...found, kind }
  }
  return undefined
}

function kindsOf(left: Visit | undefined, right: Visit | undefined): readonly DifferenceKind[] {
  if (!left || !right) return ['path']
  const kinds: DifferenceKind[] = []
  if (left.status !== right.status) kinds.push('status')
  if (!isSame(left.input, right.input)) kinds.push('input')
  if (!isSame(left.output, right.output)) kinds.push('output')
  return kinds
}

const isSame = (a: string | undefined, b: string | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && isSameJson(a, b))

/** By place. A state that is left out moves none of those that have other names. */
function placed({ visits }: Run): ReadonlyMap<string, Visit> {
  const keys = new Map<Visit, string>()
  const times = new Map<string, number>()
  const found = new Map<string, Visit>()
  for (const visit of visits) {
    const around = visit.parent ? (keys.get(visit.parent) ?? '') : ''
    const place = JSON.stringify([around, visit.iteration ?? null, visit.name])
    const time = (times.get(place) ?? 0) + 1
    times.set(place, time)
    const key = `${place}${time}`
    keys.set(visit, key)
    found.set(key, visit)
  }
  return found
}
