/** A Map Run and the world around it, for tests: a dataset, the rows of its children, and what was asked for. */
import { asId } from '../../base/id-in-test.ts'
import type { Json } from '../../base/json.ts'
import { type Instant, toInstant } from '../../base/time.ts'

import type { Item } from '../../items/item.ts'
import { compileDefinition } from '../../asl/compile.ts'

import { applyChild, applyMapRun, foldMapRun } from './apply.ts'
import type { Making } from './children.ts'
import type { MapRunCommand, NewChild } from './command.ts'
import type { Child, ChildEnd, ChildIndex, ChildRows, MapRunEvent, RunBefore } from './event.ts'
import type { MapRunSignalBody } from './signal.ts'
import { type MapRunRequest, type MapRunState, newMapRunState } from './state.ts'
import { beginMapRun, type MapRunStep, stepMapRun } from './step.ts'

const SEED = '0123456789abcdef0123456789abcdef'
const STARTED = toInstant(1_700_000_000_000)

export const requestOf = (over: Partial<MapRunRequest> = {}): MapRunRequest => ({
  mapRunArn: asId('arn:aws:states:us-east-1:1:mapRun:M/Each:run'),
  executionKey: asId(1),
  executionArn: asId('arn:e'),
  executionName: 'e',
  frame: asId(0),
  stateMachineArn: asId('arn:aws:states:us-east-1:1:stateMachine:M'),
  stateMachineName: 'M',
  stateMachineKey: asId(1),
  revisionKey: asId(1),
  mapState: 'Each',
  label: 'Each',
  executionType: 'STANDARD',
  input: {},
  context: {},
  variables: {},
  maxConcurrency: 0,
  toleratedFailureCount: 0,
  toleratedFailurePercentage: 0,
  ...over,
})

/** Of a Map state with that ItemSelector, in JSONata. */
export function makingOf(itemSelector?: string, over: Partial<Making> = {}): Making {
  const Each = {
    Type: 'Map',
    Label: 'Each',
    End: true,
    ...(itemSelector !== undefined && { ItemSelector: itemSelector }),
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'P',
      States: { P: { Type: 'Pass', End: true } },
    },
  }
  const compiled = compileDefinition(JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Each', States: { Each } }))
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
  const state = compiled.value.states.get('Each')
  return {
    itemSelector: state?.type === 'Map' ? state.itemSelector : undefined,
    payloadBytesMax: 262_144,
    workMax: 200_000,
    ...over,
  }
}

export const itemsOf = (values: readonly Json[], from = 0): Item[] =>
  values.map((value, i) => ({ index: from + i, value, source: 'STATE_DATA' }))

interface Row {
  readonly items: number
  readonly input: string
  status: 'PENDING' | 'RUNNING' | ChildEnd
}

/** The run live, with its log and rows as a store would have them. A signal's commands are kept until somebody takes them. */
export class RunInTest {
  readonly request: MapRunRequest
  readonly making: Making
  readonly log: MapRunEvent[] = []
  readonly rows = new Map<ChildIndex, Row>()
  state: MapRunState
  commands: MapRunCommand[] = []
  #now = STARTED

  constructor(request = requestOf(), making = makingOf(), before?: RunBefore) {
    this.request = request
    this.making = making
    this.state = newMapRunState(request, STARTED)
    this.tell(beginMapRun(STARTED, { seed: SEED, ...(before && { before }) }))
    applyMapRun(this.state, this.log[0] as MapRunEvent)
  }

  /** Into the log, as a commit would. */
  tell(...events: readonly MapRunEvent[]): void {
    this.log.push(...events)
  }

  /** The signal's turn, and those that go on with it. */
  send(body: MapRunSignalBody): MapRunStep[] {
    const turns: MapRunStep[] = []
    for (let signal = body; ; signal = { type: 'Continue' }) {
      const turn = stepMapRun(this.state, { ...signal, at: this.tick() }, this.making)
      turns.push(turn)
      this.keep(turn)
      if (!turn.isUnfinished) return turns
    }
  }

  tick(): Instant {
    this.#now = toInstant(this.#now + 1)
    return this.#now
  }

  keep({ events, children, childEvents, commands }: MapRunStep): void {
    this.tell(...events)
    for (const { index, items, input } of children) this.rows.set(index, { items, input, status: 'PENDING' })
    this.commands.push(...commands)
    for (const event of childEvents) {
      if (event.type === 'ChildrenStarted') for (const { child } of event.children) this.row(child).status = 'RUNNING'
      if (event.type === 'ChildEnded') this.row(event.child).status = event.end
    }
  }

  row(child: ChildIndex): Row {
    const row = this.rows.get(child)
    if (!row) throw new Error(`there is no child ${child}`)
    return row
  }

  /** What was asked for since it was last taken. */
  take(): MapRunCommand[] {
    return this.commands.splice(0)
  }

  /** From the log and the rows, as a process that takes the run up would. */
  folded(): MapRunState {
    const state = foldMapRun(newMapRunState(this.request, STARTED), this.log)
    applyChild(state, { type: 'ChildrenRecalled', ...this.childRows() })
    return state
  }

  childRows(): ChildRows {
    const rows = [...this.rows].sort(([a], [b]) => a - b)
    const of = (...statuses: readonly Row['status'][]): Child[] =>
      rows.filter(([, { status }]) => statuses.includes(status)).map(([child, { items }]) => ({ child, items }))
    const count = (children: readonly Child[]) => children.reduce((sum, { items }) => sum + items, 0)
    return {
      running: of('RUNNING'),
      waiting: of('PENDING'),
      endedItems: count(of('SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED')),
      failedItems: count(of('FAILED', 'TIMED_OUT')),
    }
  }
}

/** All that a fold must bring back. */
export function shown({ inHand: _, waiting, nextWaiting, running, request: __, ...state }: MapRunState): Json {
  const children = { waiting: waiting.slice(nextWaiting), running: [...running].sort(([a], [b]) => a - b) }
  return JSON.parse(JSON.stringify({ ...state, ...children })) as Json
}

export const inputsOf = (children: readonly NewChild[]): Json[] => children.map(({ input }) => JSON.parse(input) as Json)
