/**
 * What tests can reach in a definition: each state, each way out of it (Next, End, each Choice rule, Default, each catcher), each
 * retrier fired and exhausted, Maps with none, one and many items, time-outs and heartbeats of the tasks that declare them.
 * Read off the document alone, so that a coverage file can be shown without anything being run.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { pointerOf } from '../../base/json-pointer.ts'
import { numberOf } from '../../base/numeral.ts'

import type { Key } from '../../source/tree.ts'
import { describeRule } from '../../asl/graph.ts'
import { type VisitedState, visitMachine } from '../../asl/walk.ts'

export type PointKind =
  | 'state'
  | 'next'
  | 'end'
  | 'choice'
  | 'default'
  | 'catch'
  /** A retrier has had its state tried again; a retrier's attempts were used up. */
  | 'retried'
  | 'exhausted'
  /** A Map with no items, one, and more. */
  | 'none'
  | 'one'
  | 'many'
  | 'timeout'
  | 'heartbeat'

export interface Point {
  /** A JSON pointer to where it stands, or to a name of ours below that: `/States/Pay/Catch/0`, `/States/Pay/Retry/0/exhausted`. */
  readonly id: string
  readonly kind: PointKind
  readonly state: string
  /** Through the Maps and Parallels around it: `Each/Ship`. */
  readonly path: string
  /** To where it stands in the definition. */
  readonly place: readonly Key[]
  /** Of a rule, a catcher, a retrier: which one, from 0. */
  readonly index: number | undefined
  /** A rule's condition, the errors of a catcher or a retrier. */
  readonly label: string | undefined
  /** The state that a way leads to. */
  readonly to: string | undefined
}

/** All of them, a state before its own, outer states before inner ones. */
export const pointsOf = (document: JsonObject): readonly Point[] =>
  visitMachine(document, 'STANDARD').states.flatMap(pointsOfState)

/** Whoever tries more often than this is meant to try for ever: there is nothing to be used up. */
const ATTEMPTS_WITHOUT_END = 1_000

function pointsOfState(visited: VisitedState): readonly Point[] {
  const { name: state, path: place } = visited
  // Read by name: a state of no known type may hold any field.
  const document: JsonObject = visited.document
  const path = pathOf(visited)
  const points: Point[] = []
  const add = (kind: PointKind, id: readonly Key[], { at = id, index, label, to }: Particulars = {}): void => {
    points.push({ id: pointerOf([...place, ...id]), kind, state, path, place: [...place, ...at], index, label, to })
  }
  add('state', [])
  const next = getOwn(document, 'Next')
  if (typeof next === 'string') add('next', ['Next'], { to: next })
  if (getOwn(document, 'End') === true) add('end', ['End'])
  for (const [index, rule] of objectsIn(document, 'Choices'))
    add('choice', ['Choices', index], { index, label: describeRule(rule), to: textIn(rule, 'Next') })
  const otherwise = getOwn(document, 'Default')
  if (typeof otherwise === 'string') add('default', ['Default'], { to: otherwise })
  for (const [index, catcher] of objectsIn(document, 'Catch'))
    add('catch', ['Catch', index], { index, label: errorsOf(catcher), to: textIn(catcher, 'Next') })
  for (const [index, retrier] of objectsIn(document, 'Retry')) {
    const more = { at: ['Retry', index], index, label: errorsOf(retrier) }
    const attempts = numberOf(getOwn(retrier, 'MaxAttempts')) ?? 3
    if (attempts !== 0) add('retried', ['Retry', index, 'retried'], more)
    if (typeof attempts === 'number' && attempts <= ATTEMPTS_WITHOUT_END) add('exhausted', ['Retry', index, 'exhausted'], more)
  }
  const type = getOwn(document, 'Type')
  if (type === 'Map') for (const kind of ['none', 'one', 'many'] as const) add(kind, ['Items', kind], { at: [] })
  if (type === 'Task')
    for (const [kind, field] of [
      ['timeout', 'TimeoutSeconds'],
      ['heartbeat', 'HeartbeatSeconds'],
    ] as const) {
      const written = [field, `${field}Path`].find((name) => Object.hasOwn(document, name))
      if (written !== undefined) add(kind, [field], { at: [written] })
    }
  return points
}

interface Particulars {
  /** Where it stands; at its id unless told. */
  readonly at?: readonly Key[]
  readonly index?: number
  readonly label?: string
  readonly to?: string | undefined
}

function pathOf({ name, block }: VisitedState): string {
  return block.parent ? `${pathOf(block.parent)}/${name}` : name
}

function objectsIn(document: JsonObject, field: string): readonly (readonly [number, JsonObject])[] {
  const list: Json | undefined = getOwn(document, field)
  return isArray(list) ? list.flatMap((one, index) => (isObject(one) ? [[index, one] as const] : [])) : []
}

function textIn(document: JsonObject, field: string): string | undefined {
  const value = getOwn(document, field)
  return typeof value === 'string' ? value : undefined
}

const errorsOf = (document: JsonObject): string => [getOwn(document, 'ErrorEquals') ?? []].flat().join(', ')
