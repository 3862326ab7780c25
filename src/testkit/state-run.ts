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

/** All visits in their order. `within`: the path of the Map's item whose execution it is. */
export const stateRunsOf = (events: readonly HistoryEvent[], within?: string): readonly StateRun[] =>
  foldHistory(events).visits.map((visit) => stateRunOf(visit, within))

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
