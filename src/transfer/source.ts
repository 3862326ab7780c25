/**
 * Where things are read from: an AWS account, or any endpoint. It has no call that changes anything. What is told to come again
 * later (throttling, troubles of the service's own) is asked again a few times.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { assert } from '../base/assert.ts'
import { isObject, type JsonObject } from '../base/json.ts'
import type { Result } from '../base/result.ts'

import { WireError } from '../wire/errors.ts'
import { type Answer, callJson, callQuery, callRestJson } from '../aws/call.ts'
import type { Endpoints } from '../aws/endpoints.ts'
import { type CallFailure, isTransient, orThrow } from '../aws/failure.ts'
import { type AwsService, type JsonService, type QueryService, type RestService, SERVICES } from '../aws/services.ts'
import { listAt, requiredText, textAt } from '../cloudformation/resources/resource.ts'

export interface Place {
  readonly partition: string
  readonly region: string
  readonly account: string
}

const ATTEMPTS_MAX = 5
const FIRST_PAUSE_MS = 200
const DOWNLOAD_MS = 300_000
/** As large as an archive may be. */
const ARCHIVE_BYTES_MAX = 256 * 1024 * 1024
const READING = /^(?:Describe|Get|List)[A-Z]/

export class Source {
  readonly #endpoints: Endpoints

  constructor(endpoints: Endpoints) {
    this.#endpoints = endpoints
  }

  /** Throws WireError for a refusal, as all these do. */
  json(service: JsonService, action: string, input: JsonObject): Promise<JsonObject> {
    assert(READING.test(action), `${action} only reads`)
    return this.#ask(service, () => callJson(this.#endpoints, service, action, input))
  }

  query(service: QueryService, action: string, input: JsonObject): Promise<JsonObject> {
    assert(READING.test(action), `${action} only reads`)
    return this.#ask(service, () => callQuery(this.#endpoints, service, action, input))
  }

  get(service: RestService, path: string, query?: URLSearchParams): Promise<JsonObject> {
    return this.#ask(service, () => callRestJson(this.#endpoints, service, 'GET', path, undefined, { query }))
  }

  async #ask(service: AwsService, ask: () => Promise<Result<Answer, CallFailure>>): Promise<JsonObject> {
    for (let attempt = 1, pauseMs = FIRST_PAUSE_MS; ; attempt++, pauseMs *= 2) {
      const called = await ask()
      if (called.ok || attempt === ATTEMPTS_MAX || !isTransient(service, called.error)) return orThrow(called).body
      await sleep(pauseMs)
    }
  }

  /** What a link of Lambda's leads to. Throws WireError where there is nothing. */
  async download(url: string): Promise<Buffer> {
    try {
      return await readAt(url)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new WireError(502, 'DownloadFailed', `its code cannot be read: ${reason}`)
    }
  }

  /** The account and the partition are whose credentials these are; the region is the default bus's. */
  async place(): Promise<Place> {
    const identity = await this.query(SERVICES.sts, 'GetCallerIdentity', {})
    const bus = await this.json(SERVICES.eventbridge, 'DescribeEventBus', {})
    const [, partition = 'aws', , region = ''] = requiredText(bus, 'Arn').split(':')
    return { partition, region, account: requiredText(identity, 'Account') }
  }
}

async function readAt(url: string): Promise<Buffer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) })
  if (!response.ok) throw new Error(`HTTP ${response.status}`)
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > ARCHIVE_BYTES_MAX) throw new Error('it is larger than code may be')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** The members of all pages of a list. `next`: the token, as it is told and as it is asked for. */
export async function pagesOf(
  ask: (token: JsonObject) => Promise<JsonObject>,
  member: string,
  [told, asked]: readonly [told: string, asked: string],
): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = []
  let token: string | undefined
  do {
    const page: JsonObject = await ask(token === undefined ? {} : { [asked]: token })
    found.push(...listAt(page, member).filter(isObject))
    token = textAt(page, told)
  } while (token !== undefined && token !== '')
  return found
}

/** As a query string has them. */
export const queryOf = (parameters: JsonObject): URLSearchParams =>
  new URLSearchParams(Object.entries(parameters).map(([name, value]): [string, string] => [name, String(value)]))
