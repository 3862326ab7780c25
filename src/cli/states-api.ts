/**
 * The calls on Step Functions and on its logs that the command makes, over the wire to any endpoint: our own server or AWS. What is
 * answered is narrowed here, so that the commands see types.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import type { Credentials } from '../wire/sigv4.ts'
import { callJson } from '../aws/call.ts'
import { type Endpoints, endpointsAt } from '../aws/endpoints.ts'
import { toError } from '../aws/failure.ts'
import { type JsonService, SERVICES } from '../aws/services.ts'
import { type HistoryEvent, readHistory } from '../history/history-event.ts'

import { CliError, EXIT } from './cli-error.ts'

export interface Target {
  readonly endpoint: string
  readonly region: string
  readonly credentials: Credentials
}

export interface ExecutionSummary {
  readonly executionArn: string
  readonly stateMachineArn: string
  readonly status: string
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly stoppedAt: number | undefined
  readonly input: string | undefined
  readonly output: string | undefined
  readonly error: string | undefined
  readonly cause: string | undefined
}

export const ENDED: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'])
const HISTORY_PAGE = 1_000
/** An Express execution that is waited for may take five minutes. */
const TIMEOUT_MS = 330_000

export class StatesApi {
  readonly #target: Target
  readonly #endpoints: Endpoints

  /** `endpoints`: where the credentials are not those of the target. */
  constructor(target: Target, endpoints = endpointsAt(() => target)) {
    this.#target = target
    this.#endpoints = endpoints
  }

  /** Throws WireError for a refusal, CliError where nobody answers. */
  call(action: string, input: JsonObject): Promise<JsonObject> {
    return this.#call(SERVICES.sfn, action, input)
  }

  /** Of CloudWatch Logs. Throws as `call` does. */
  callLogs(action: string, input: JsonObject): Promise<JsonObject> {
    return this.#call(SERVICES.cloudwatchlogs, action, input)
  }

  async #call(service: JsonService, action: string, input: JsonObject): Promise<JsonObject> {
    const called = await callJson(this.#endpoints, service, action, input, { timeoutMs: TIMEOUT_MS })
    if (called.ok) return called.value.body
    if (called.error.kind !== 'transport') throw toError(called.error)
    const { error } = called.error
    const hint = error.kind === 'connect' ? ' Is it running? Start it with: regente start' : ''
    throw new CliError(`No answer from ${this.#target.endpoint}: ${error.message}.${hint}`, EXIT.failed, { cause: error })
  }

  async describe(executionArn: string): Promise<ExecutionSummary> {
    return toSummary(await this.call('DescribeExecution', { executionArn }))
  }

  /** All events, or those after `afterId`; ascending by id. Reads from the end, so what is known is not read again. */
  async history(executionArn: string, afterId = 0): Promise<HistoryEvent[]> {
    const found: HistoryEvent[] = []
    let nextToken: string | undefined
    do {
      const page: JsonObject = await this.call('GetExecutionHistory', {
        executionArn,
        maxResults: HISTORY_PAGE,
        reverseOrder: true,
        ...(nextToken !== undefined && { nextToken }),
      })
      const events = readHistory(arrayAt(page, 'events'))
      const fresh = events.filter((event) => event.id > afterId)
      found.push(...fresh)
      nextToken = fresh.length < events.length ? undefined : textAt(page, 'nextToken')
    } while (nextToken !== undefined)
    return found.reverse()
  }
}

export function toSummary(answer: JsonObject): ExecutionSummary {
  return {
    executionArn: textAt(answer, 'executionArn') ?? '',
    stateMachineArn: textAt(answer, 'stateMachineArn') ?? '',
    status: textAt(answer, 'status') ?? 'UNKNOWN',
    startedAt: instantAt(answer, 'startDate') ?? 0,
    stoppedAt: instantAt(answer, 'stopDate'),
    input: textAt(answer, 'input'),
    output: textAt(answer, 'output'),
    error: textAt(answer, 'error'),
    cause: textAt(answer, 'cause'),
  }
}

export function textAt(object: JsonObject, key: string): string | undefined {
  const value = getOwn(object, key)
  return typeof value === 'string' ? value : undefined
}

/** All pages of a list that goes on by `nextToken`: at most `limit` items. */
export async function allOf(
  ask: (input: JsonObject) => Promise<JsonObject>,
  input: JsonObject,
  member: string,
  limit = Number.POSITIVE_INFINITY,
): Promise<JsonObject[]> {
  const found: JsonObject[] = []
  let nextToken: string | undefined
  do {
    const page: JsonObject = await ask({ ...input, ...(nextToken !== undefined && { nextToken }) })
    found.push(...arrayAt(page, member).filter(isObject))
    nextToken = textAt(page, 'nextToken')
  } while (nextToken !== undefined && found.length < limit)
  return found.slice(0, limit)
}

export function arrayAt(object: JsonObject, key: string): readonly Json[] {
  const value = getOwn(object, key)
  return isArray(value) ? value : []
}

/** Epoch milliseconds. */
export function instantAt(object: JsonObject, key: string): number | undefined {
  const value = getOwn(object, key)
  return typeof value === 'number' ? Math.round(value * 1000) : undefined
}
