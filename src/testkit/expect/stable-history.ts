/**
 * A history to be kept as a snapshot: the same wherever and whenever the run was made. Ids of events stay; times are told from the
 * run's start (`+10s`); what is made anew for each run is numbered in the order in which it is seen (`<executionArn:1>`,
 * `<token:1>`, `<uuid:2>`), the same thing by the same mark throughout, the children of Map Runs included.
 *
 * 1. What the definition itself names (functions, queues, activities) keeps its name: of its ARN, account and region go. That another
 *    function is called is to be seen.
 * 2. JSON texts within events are shown as JSON.
 */
import { parseStatesArn } from '../../base/arn.ts'
import type { Json } from '../../base/json.ts'

import type { HistoryEvent } from '../../history/history-event.ts'

import type { TestedRun } from './received.ts'

export interface StableEvent {
  readonly id: number
  readonly previousEventId?: number
  readonly type: string
  /** From the run's start: `+10s`. */
  readonly timestamp: string
  /** The details that its type has, under AWS's name of them. */
  readonly [details: string]: unknown
}

export interface StableHistory {
  readonly events: readonly StableEvent[]
  /** Of the children of its Map Runs, in the order in which they began. */
  readonly children?: readonly (readonly StableEvent[])[]
}

/** Of a run, or of the events of any execution: GetExecutionHistory's answer. */
export function stableHistory(
  of: Pick<TestedRun, 'executionArn' | 'history' | 'children'> | readonly HistoryEvent[],
): StableHistory {
  const isEvents = (value: typeof of): value is readonly HistoryEvent[] => Array.isArray(value)
  const events = isEvents(of) ? of : of.history()
  const children = isEvents(of) ? [] : of.children()
  const marks = new Marks(spanOf([events, ...children]), isEvents(of) ? undefined : of.executionArn)
  return {
    events: events.map((event) => marks.ofEvent(event)),
    ...(children.length > 0 && { children: children.map((child) => child.map((event) => marks.ofEvent(event))) }),
  }
}

interface Span {
  readonly startMs: number
  readonly endMs: number
}

function spanOf(histories: readonly (readonly HistoryEvent[])[]): Span {
  let [start, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { timestamp } of histories.flat()) {
    start = Math.min(start, timestamp)
    end = Math.max(end, timestamp)
  }
  return { startMs: start * 1_000, endMs: end * 1_000 }
}

/** Members whose text is JSON. */
const JSON_TEXTS: ReadonlySet<string> = new Set(['input', 'output', 'parameters'])

const TOKEN = /\b(?:AQC|AAAAKgAAAAI)[\w+/=-]{60,}/g
const ARN = /arn:[\w-]+:([\w-]+):[\w-]*:\d{12}:[^\s"'\\,}\]]+/g
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi
const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g

class Marks {
  readonly #span: Span
  /** What stands for the whole of a text. */
  readonly #names = new Map<string, string>()
  readonly #seen = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  constructor(span: Span, executionArn: string | undefined) {
    this.#span = span
    const parsed = executionArn === undefined ? undefined : parseStatesArn(executionArn)
    if (parsed?.kind !== 'execution' && parsed?.kind !== 'express') return
    this.#names.set(parsed.machine, 'stateMachineName')
    this.#names.set(parsed.name, 'executionName')
  }

  ofEvent({ id, previousEventId, type, timestamp, ...details }: HistoryEvent): StableEvent {
    return {
      id,
      ...(previousEventId !== undefined && { previousEventId }),
      type,
      timestamp: this.#time(timestamp * 1_000),
      ...Object.fromEntries(Object.entries(details).map(([name, value]) => [name, this.#ofDetails(value)])),
    }
  }

  #ofDetails(details: object): Readonly<Record<string, unknown>> {
    const members = Object.entries(details).filter(([name]) => !/^(?:input|output|assignedVariables)Details$/.test(name))
    return Object.fromEntries(
      members.map(([name, value]) => {
        if (name === 'region') return [name, '<region>']
        if (name === 'assignedVariables') return [name, this.#ofJson(eachParsed(value as Readonly<Record<string, string>>))]
        if (name === 'cause') return [name, this.#ofJson(causeOf(value as string))]
        return [name, this.#ofJson(JSON_TEXTS.has(name) ? parsed(value as string) : (value as Json))]
      }),
    )
  }

  #ofJson(value: Json): Json {
    if (typeof value === 'string') return this.#ofText(value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((item: Json) => this.#ofJson(item))
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [this.#ofText(name), this.#ofJson(member as Json)]))
  }

  #ofText(text: string): string {
    const kind = this.#names.get(text)
    if (kind !== undefined) return this.#mark(kind, text)
    return text
      .replaceAll(TOKEN, (token) => this.#mark('token', token))
      .replaceAll(ARN, (arn) => this.#ofArn(arn))
      .replaceAll(UUID, (uuid) => this.#mark('uuid', uuid.toLowerCase()))
      .replaceAll(INSTANT, (instant) => this.#ofInstant(instant))
  }

  #ofArn(arn: string): string {
    const known = parseStatesArn(arn)
    switch (known?.kind) {
      case 'execution':
      case 'express':
        return this.#mark('executionArn', arn)
      case 'stateMachine':
        return this.#mark('stateMachineArn', arn)
      case 'mapRun':
        return this.#mark('mapRunArn', arn)
      case 'activity':
      case undefined: {
        const [scheme, partition, service, region, , ...resource] = arn.split(':')
        return [scheme, partition, service, region === '' ? '' : '<region>', '<account>', ...resource].join(':')
      }
    }
  }

  /** An instant of the run is told from its start; others are data. */
  #ofInstant(text: string): string {
    const at = Date.parse(text)
    const { startMs, endMs } = this.#span
    return at >= Math.floor(startMs) && at <= Math.ceil(endMs) ? `<${this.#time(at)}>` : text
  }

  #time(ms: number): string {
    return `+${Math.round(ms - this.#span.startMs) / 1_000}s`
  }

  #mark(kind: string, value: string): string {
    const key = `${kind} ${value}`
    const known = this.#seen.get(key)
    if (known !== undefined) return known
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    const mark = `<${kind}:${count}>`
    this.#seen.set(key, mark)
    return mark
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}

const eachParsed = (texts: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, parsed(text)]))

/** What a function threw, without the lines of its files. */
function causeOf(text: string): Json {
  const cause = parsed(text)
  if (typeof cause !== 'object' || cause === null || Array.isArray(cause)) return text
  return 'trace' in cause ? { ...cause, trace: ['<trace>'] } : cause
}
