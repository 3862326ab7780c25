/** Makes a recording of an execution's history. */
import type { Json } from '../../base/json.ts'

import { type ExecutionEvent, isStatusChange, STATUS_AFTER } from '../../engine/event.ts'
import { detailsOf, type HistoryEvent } from '../../history/history-event.ts'
import { foldHistory, type Visit } from '../../history/visits.ts'

import { pathOfVisit } from '../state-path.ts'
import { TestKitError } from '../kit-error.ts'
import { callsOf } from './recorded-calls.ts'
import { type EndStatus, type Recording, type RecordedCall, RECORDING_VERSION } from './recording.ts'

export interface RecordedExecution {
  /** All events, in any order: what GetExecutionHistory answers. */
  readonly history: readonly HistoryEvent[]
  /** Of each Map Run, by its ARN, and of those of its children: the children's histories, in the order in which they began. */
  readonly children?: ChildHistories
  /** As text. */
  readonly definition?: string
  /** STANDARD unless told. */
  readonly type?: 'STANDARD' | 'EXPRESS'
  /** The execution's ARN, or a file. */
  readonly source?: string
  /** The execution's name; the last part of `source`'s ARN unless told. */
  readonly name?: string
}

/** A Map Run that is not named is one whose children's histories are not at hand. */
export type ChildHistories = Readonly<Record<string, readonly (readonly HistoryEvent[])[]>>

/** Throws TestKitError where the history is none, goes on, or was read without its data. */
export function recordingOf(execution: RecordedExecution): Recording {
  const { children = {}, definition, type = 'STANDARD', source = 'a history' } = execution
  const { events, notes } = beforeRedrives(execution.history)
  const input = inputOf(events, source)
  const status = statusOf(events, source)
  const tape = new Tape(notes)
  tape.take(events, '', children)
  const last = events.at(-1)
  const { output, outputDetails, error, cause } = last ? detailsOf(last) : {}
  const isTold = output !== undefined && outputDetails?.truncated !== true
  if (status === 'SUCCEEDED' && !isTold) notes.push('The history does not tell the output whole: it is not compared.')
  const startedAt = (events[0]?.timestamp ?? 0) * 1_000
  return {
    version: RECORDING_VERSION,
    source,
    type,
    definition,
    name: execution.name ?? nameIn(source) ?? 'recorded',
    startedAt: new Date(startedAt).toISOString(),
    input,
    calls: Object.fromEntries(tape.calls),
    children: Object.fromEntries(tape.children),
    expect: {
      status,
      ...(status === 'SUCCEEDED' && isTold && { output: JSON.parse(output) as Json }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
      path: tape.path,
      ms: Math.round((last?.timestamp ?? 0) * 1_000 - startedAt),
    },
    notes,
  }
}

/** What is read off the histories of an execution and of its children. */
class Tape {
  readonly calls = new Map<string, RecordedCall[]>()
  readonly children = new Map<string, Json[] | null>()
  readonly path: string[] = []
  readonly #notes: string[]

  constructor(notes: string[]) {
    this.#notes = notes
  }

  /** `within`: of a child, the item of the Map that it works on. */
  take(events: readonly HistoryEvent[], within: string, children: ChildHistories): void {
    const lastAt = events.at(-1)?.timestamp ?? 0
    const { visits } = foldHistory(events)
    for (const visit of visits) {
      const path = `${within}${pathOfVisit(visit)}`
      this.path.push(path)
      const calls = callsOf(visit, lastAt)
      if (calls.length > 0) listAt(this.calls, path).push(...calls)
      if (calls.some(({ outcome }) => outcome === 'untold'))
        this.#notes.push(`The history does not tell the result of ${path} whole: a replay cannot go on from there.`)
    }
    for (const visit of visits) this.#takeChildren(visit, `${within}${pathOfVisit(visit)}`, children)
  }

  #takeChildren(visit: Visit, path: string, children: ChildHistories): void {
    const runs = visit.events.flatMap((event) => detailsOf(event).mapRunArn ?? [])
    if (runs.length === 0) return
    if (runs.some((run) => !Object.hasOwn(children, run))) {
      this.children.set(path, null)
      this.#notes.push(`The histories of the children of ${path} were not at hand: its calls have no answers.`)
      return
    }
    const inputs = this.children.get(path) ?? []
    this.children.set(path, inputs)
    for (const history of runs.flatMap((run) => children[run] ?? [])) {
      const { events, notes } = beforeRedrives(history)
      this.#notes.push(...notes.map((note) => `${path}[${inputs.length}]: ${note}`))
      const within = `${path}[${inputs.length}]/`
      inputs.push(inputOf(events, `Child ${inputs.length} of ${path}`))
      this.take(events, within, children)
    }
  }
}

function listAt<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? []
  lists.set(key, list)
  return list
}

/** Who redrives is no part of the workflow: what came before the first time is a whole execution. */
function beforeRedrives(history: readonly HistoryEvent[]): {
  readonly events: readonly HistoryEvent[]
  readonly notes: string[]
} {
  const events = history.toSorted((a, b) => a.id - b.id)
  const redrive = events.findIndex(({ type }) => type === 'ExecutionRedriven')
  if (redrive === -1) return { events, notes: [] }
  return {
    events: events.slice(0, redrive),
    notes: ['The execution was redriven. Recorded is what it came to before its first redrive.'],
  }
}

function inputOf(events: readonly HistoryEvent[], source: string): Json {
  const [first] = events
  if (first?.type !== 'ExecutionStarted')
    throw new TestKitError(
      `${source} does not begin with ExecutionStarted: it is no whole history. Read all pages of GetExecutionHistory.`,
    )
  const { input, inputDetails } = detailsOf(first)
  if (input === undefined)
    throw new TestKitError(
      `${source} has no data: it was read with includeExecutionData false. Read it again without: aws stepfunctions get-execution-history --include-execution-data.`,
    )
  if (inputDetails?.truncated === true)
    throw new TestKitError(`${source} has its input truncated: an execution cannot be taken again without its whole input.`)
  return JSON.parse(input) as Json
}

function statusOf(events: readonly HistoryEvent[], source: string): EndStatus {
  const last = events.findLast((event): event is HistoryEvent & { type: ExecutionEvent['type'] } => isStatusChange(event.type))
  const status = last && STATUS_AFTER[last.type]
  if (status === undefined || status === 'RUNNING')
    throw new TestKitError(`${source} has not ended. Record it when it has: what it comes to is what a replay compares with.`)
  return status
}

const nameIn = (source: string): string | undefined => /:execution:[^:]+:([^:]+)$/.exec(source)?.[1]
