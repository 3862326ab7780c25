/** One visit of a state, as the history tells it. */
import type { Json } from '../base/json.ts'

import { detailsOf, type HistoryEvent } from '../history/history-event.ts'
import { foldHistory, retriesOf, type Visit } from '../history/visits.ts'

import { pathOfVisit } from './state-path.ts'

export interface StateRun {
  /** `Pay`, `Each[2]/Ship`. */
  readonly path: string
  readonly name: string
  readonly type: string
  readonly status: Visit['status']
  readonly input: Json
  readonly output: Json | undefined
  readonly retries: number
  /** Of its last failed attempt, also where a later one made good for it. */
  readonly error: string | undefined
  readonly cause: string | undefined
  /** What each failed attempt told, in their order. */
  readonly thrown: readonly { readonly error: string; readonly cause: string }[]
  /** Epoch milliseconds. */
  readonly startAt: number
  readonly endAt: number | undefined
}

/** An execution as the history tells it, with the children that its Map Runs have begun. */
export interface Told {
  readonly events: readonly HistoryEvent[]
  /** Of a child: the Map's item that it works on. */
  readonly within: { readonly path: string } | undefined
  readonly mapRunArn: string | undefined
  readonly children: readonly Told[]
}

/** All visits in their order, those of children after their Map. */
export function stateRunsOf({ events, within, children }: Told): readonly StateRun[] {
  return foldHistory(events).visits.flatMap((visit) => {
    const own = stateRunOf(visit, within?.path)
    if (children.length === 0 || visit.mapRunArn === undefined) return [own]
    // A Map that was tried again has had more than one.
    const mapRuns = new Set(visit.events.map((event) => detailsOf(event).mapRunArn))
    return [own, ...children.filter(({ mapRunArn }) => mapRuns.has(mapRunArn)).flatMap(stateRunsOf)]
  })
}

/** Of all children, children's children included. */
export const childrenOf = ({ children }: Told): readonly Told[] => children.flatMap((child) => [child, ...childrenOf(child)])

function stateRunOf(visit: Visit, within: string | undefined): StateRun {
  const { name, type, status, input, output, failure, startAt, endAt } = visit
  const path = pathOfVisit(visit)
  return {
    path: within === undefined ? path : `${within}/${path}`,
    name,
    type,
    status,
    input: input === undefined ? null : (JSON.parse(input) as Json),
    output: output === undefined ? undefined : (JSON.parse(output) as Json),
    retries: retriesOf(visit),
    error: failure?.error,
    cause: failure?.cause,
    thrown: visit.events.filter(isFailure).map((event) => {
      const { error = event.type.endsWith('TimedOut') ? 'States.Timeout' : '', cause = '' } = detailsOf(event)
      return { error, cause }
    }),
    startAt: startAt * 1_000,
    endAt: endAt === undefined ? undefined : endAt * 1_000,
  }
}

const isFailure = ({ type }: HistoryEvent): boolean =>
  /^(?:Task|LambdaFunction|Activity)\w*(?:Failed|TimedOut)$|^MapRunFailed$|^EvaluationFailed$/.test(type)
