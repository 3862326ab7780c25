/**
 * Express executions of this process, for the console: AWS keeps no list and no history of them, and no API tells them. The latest
 * are remembered as long as the server runs, within bounds; those of Map Runs apart, so that a large run does not push the others
 * out. `GET /_regente/express?stateMachineArn=…` lists, `?executionArn=…` tells one with its events, or nothing. What was logged
 * is in its log group.
 */
import type { IncomingMessage } from 'node:http'

import { type Handler, sendJson, targetOf } from '../wire/http.ts'
import {
  type EngineEvent,
  type ExecutionEvent,
  isHistoryEvent,
  isStatusChange,
  payloadChars,
  STATUS_AFTER,
} from '../engine/event.ts'
import type { ExecutionRecord } from '../store/contract.ts'

import { date, present, renderHistory } from './render.ts'

const PATH = '/_regente/express'
const RUNS_MAX = 1_000
const CHARS_MAX = 16 * 1024 * 1024
/** What is left when there is no room for more. */
const RUNS_KEPT = 900
const CHARS_KEPT = 14 * 1024 * 1024
/** Of one execution; what comes after is not remembered, but its end. */
const RUN_CHARS_MAX = 2 * 1024 * 1024
/** What an event costs without its payloads, about. */
const EVENT_CHARS = 300

type Told = Pick<
  ExecutionRecord,
  'arn' | 'name' | 'stateMachineArn' | 'type' | 'startAt' | 'input' | 'versionArn' | 'aliasArn' | 'mapRunKey'
>

interface Run {
  readonly record: Told
  readonly events: EngineEvent[]
  chars: number
}

export function createExpressRuns() {
  const shelves = { own: createShelf(), children: createShelf() }

  const handle: Handler = async (req, res) => {
    const { query } = targetOf(req)
    const [machine, arn] = [query.get('stateMachineArn'), query.get('executionArn')]
    if (machine !== null) {
      const runs = shelves.own.runs().filter(({ record }) => record.stateMachineArn === machine)
      // A list is asked for again and again: outputs are told one by one.
      return sendJson(res, { executions: runs.map((run) => ({ ...renderRun(run), output: undefined })).reverse() })
    }
    const run = shelves.own.find(arn ?? '') ?? shelves.children.find(arn ?? '')
    if (!run) return sendJson(res, {})
    const { input } = run.record
    return sendJson(res, { execution: { ...renderRun(run), input }, events: renderHistory(run.events, true) })
  }

  return {
    /** Takes the events of a turn. Cheap for executions that are not Express. */
    committed(record: Told, events: readonly EngineEvent[]): void {
      if (record.type === 'EXPRESS') shelves[record.mapRunKey === undefined ? 'own' : 'children'].add(record, events)
    },
    /** Undefined where the request is not for it. */
    match: (req: IncomingMessage): Handler | undefined =>
      (req.url ?? '').split('?', 1)[0] === PATH && req.method === 'GET' ? handle : undefined,
  }
}

/** The oldest go first when there is no room. */
function createShelf() {
  const runs = new Map<string, Run>()
  let chars = 0

  function drop(arn: string): void {
    chars -= runs.get(arn)?.chars ?? 0
    runs.delete(arn)
  }

  return {
    find: (arn: string) => runs.get(arn),
    runs: () => [...runs.values()],
    add(record: Told, events: readonly EngineEvent[]): void {
      const run = runs.get(record.arn) ?? { record, events: [], chars: 0 }
      runs.set(record.arn, run)
      for (const event of events) {
        if (!isHistoryEvent(event)) continue
        const cost = EVENT_CHARS + payloadChars(event)
        if (run.chars + cost > RUN_CHARS_MAX && !isStatusChange(event.type)) continue
        run.events.push(event)
        run.chars += cost
        chars += cost
      }
      if (runs.size <= RUNS_MAX && chars <= CHARS_MAX) return
      // Many at once: what a map has lost is passed over each time that it is looked through from its beginning.
      for (const arn of runs.keys()) {
        if (runs.size <= RUNS_KEPT && chars <= CHARS_KEPT) return
        drop(arn)
      }
    },
  }
}

function renderRun({ record, events }: Run) {
  const last = events.findLast((event): event is EngineEvent & ExecutionEvent => isStatusChange(event.type))
  const hasEnded = last !== undefined && last.type !== 'ExecutionStarted' && last.type !== 'ExecutionRedriven'
  return present({
    executionArn: record.arn,
    stateMachineArn: record.stateMachineArn,
    name: record.name,
    status: last ? STATUS_AFTER[last.type] : 'RUNNING',
    startDate: date(record.startAt),
    stopDate: hasEnded ? date(last.at) : undefined,
    output: last?.type === 'ExecutionSucceeded' ? last.output.text : undefined,
    error: last && 'error' in last ? last.error : undefined,
    cause: last && 'cause' in last ? last.cause : undefined,
    stateMachineVersionArn: record.versionArn,
    stateMachineAliasArn: record.aliasArn,
  })
}
