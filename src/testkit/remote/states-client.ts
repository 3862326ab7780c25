/** Step Functions' API where a test runs: a Regente that is up, or AWS. What is refused is a WireError; that nobody answers a TestKitError. */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import { callJson } from '../../aws/call.ts'
import { createEndpoints, type Endpoints, endpointsAt } from '../../aws/endpoints.ts'
import { toError } from '../../aws/failure.ts'
import { SERVICES } from '../../aws/services.ts'
import { type HistoryEvent, readHistory } from '../../history/history-event.ts'

import type { TargetName } from '../target.ts'
import { TestKitError } from '../kit-error.ts'

const LOCAL = 'http://127.0.0.1:4566'
const HISTORY_PAGE = 1_000
/** An Express execution that is waited for may take five minutes. */
const TIMEOUT_MS = 330_000

export class StatesClient {
  readonly #target: TargetName
  readonly #endpoints: Endpoints

  /** `endpoint`: REGENTE_ENDPOINT unless told; else the usual address of a local server, or AWS's own. */
  constructor(target: TargetName, endpoint = process.env['REGENTE_ENDPOINT'] || undefined) {
    this.#target = target
    this.#endpoints = endpointsOf(target, endpoint)
  }

  async call(action: string, input: JsonObject): Promise<JsonObject> {
    const { url, isAws } = this.#endpoints.endpointFor('sfn')
    const isSync = action === 'StartSyncExecution' && isAws
    const called = await callJson(this.#endpoints, SERVICES.sfn, action, input, {
      timeoutMs: TIMEOUT_MS,
      // AWS answers it at a host of its own.
      ...(isSync && { url: url.replace('://', '://sync-') }),
    })
    if (called.ok) return called.value.body
    if (called.error.kind === 'service') throw toError(called.error)
    const hint = this.#target === 'server' ? ' Is it running? regente start, or REGENTE_ENDPOINT for another place.' : ''
    throw new TestKitError(`No answer from ${url}: ${toError(called.error).message}.${hint}`)
  }

  /** All events, from the first on. */
  async history(executionArn: string): Promise<readonly HistoryEvent[]> {
    const pages = await this.all('GetExecutionHistory', { executionArn, maxResults: HISTORY_PAGE }, 'events')
    return readHistory(pages)
  }

  /** Of all pages of a list. */
  async all(action: string, input: JsonObject, member: string): Promise<readonly JsonObject[]> {
    const found: JsonObject[] = []
    for (let token: string | undefined = ''; token !== undefined; ) {
      const page: JsonObject = await this.call(action, { ...input, ...(token !== '' && { nextToken: token }) })
      const list = getOwn(page, member)
      if (isArray(list)) found.push(...list.filter(isObject))
      token = textAt(page, 'nextToken')
    }
    return found
  }
}

function endpointsOf(target: TargetName, endpoint: string | undefined): Endpoints {
  const { env } = process
  const region = env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1'
  if (endpoint !== undefined && !URL.canParse(endpoint))
    throw new TestKitError(`The endpoint must be a URL such as ${LOCAL}, not ${endpoint}.`)
  if (target === 'aws') {
    const others = endpoint ?? 'aws'
    return createEndpoints({ ownUrl: () => LOCAL, region, env, others })
  }
  const { AWS_ACCESS_KEY_ID: accessKeyId = 'test', AWS_SECRET_ACCESS_KEY: secretAccessKey = 'test' } = env
  return endpointsAt(() => ({ endpoint: endpoint ?? LOCAL, region, credentials: { accessKeyId, secretAccessKey } }))
}

export function textAt(object: JsonObject, member: string): string | undefined {
  const value = getOwn(object, member)
  return typeof value === 'string' ? value : undefined
}

export function objectAt(object: JsonObject, member: string): JsonObject {
  const value = getOwn(object, member)
  return isObject(value) ? value : {}
}

export const parsedAt = (object: JsonObject, member: string): Json | undefined => {
  const text = textAt(object, member)
  return text === undefined ? undefined : (JSON.parse(text) as Json)
}
