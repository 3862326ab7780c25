/**
 * The way of a request to an API: which API and stage its address names, what is deployed there, and the gateway of its kind. What is
 * deployed is read once: it never changes under its id.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { isObject, type JsonObject } from '../../../base/json.ts'

import { BodyTooLargeError, drainBody } from '../../../wire/http.ts'

import type { ApiAddress } from '../address.ts'
import { memberObject, memberText } from '../document.ts'
import { NO_API, type Records } from '../records.ts'
import { type GatewayAnswer, jsonAnswer, sendAnswer } from './answer.ts'
import { type HttpGateway, type HttpSnapshot, readHttpSnapshot } from './http-gateway.ts'
import { readRequest } from './request.ts'
import type { RestGateway } from './rest-gateway.ts'
import { readRestSnapshot, type RestSnapshot } from './rest-turn.ts'

export interface GatewayDeps {
  readonly records: Records
  readonly rest: RestGateway
  readonly http: HttpGateway
  readonly now: () => number
}

const SNAPSHOTS_MAX = 100

export class Gateway {
  readonly #deps: GatewayDeps
  readonly #restSnapshots = new Snapshots(readRestSnapshot)
  readonly #httpSnapshots = new Snapshots(readHttpSnapshot)

  constructor(deps: GatewayDeps) {
    this.#deps = deps
  }

  async handle(address: ApiAddress, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const answer = await this.#answer(address, req)
    await drainBody(req)
    sendAnswer(res, address.sharesOrigin ? { ...answer, headers: [...answer.headers, APART] } : answer)
  }

  async #answer(address: ApiAddress, req: IncomingMessage): Promise<GatewayAnswer> {
    const { records, now } = this.#deps
    const restApi = records.get(NO_API, 'api', address.id)
    const httpApi = restApi ? undefined : records.get(NO_API, 'httpApi', address.id)
    if (!(restApi ?? httpApi)) return FORBIDDEN
    try {
      const request = await readRequest(req, address, now())
      return restApi ? await this.#rest(address, request) : await this.#http(address, request)
    } catch (error) {
      if (error instanceof BodyTooLargeError) return jsonAnswer(413, { message: 'Request Too Long' })
      throw error
    }
  }

  #rest({ id, path }: ApiAddress, request: Parameters<RestGateway['answer']>[1]): Promise<GatewayAnswer> | GatewayAnswer {
    const [, name = '', rest = ''] = /^\/([^/]*)(\/.*)?$/s.exec(path) ?? []
    const stage = this.#stage(id, name)
    const snapshot = stage && this.#restSnapshots.get(this.#deps.records, id, stage)
    if (!stage || !snapshot) return FORBIDDEN
    // REST APIs keep to themselves how long a body is.
    const sent = request.sent.filter(([header]) => header.toLowerCase() !== 'content-length')
    return this.#deps.rest.answer({ name, variables: textsOf(stage, 'variables'), snapshot }, { ...request, sent }, rest)
  }

  /** The first part of the path where a stage is called so; else the stage that has none. */
  #http({ id, path }: ApiAddress, request: Parameters<HttpGateway['answer']>[1]): Promise<GatewayAnswer> | GatewayAnswer {
    const [, first = '', rest = ''] = /^\/([^/]*)(\/.*)?$/s.exec(path) ?? []
    const named = this.#stage(id, decodeURIComponentOrSelf(first))
    const stage = named ?? this.#stage(id, '$default')
    const snapshot = stage && this.#httpSnapshots.get(this.#deps.records, id, stage)
    if (!stage || !snapshot) return jsonAnswer(404, { message: 'Not Found' })
    const name = memberText(stage, 'stageName') ?? ''
    const variables = textsOf(stage, 'stageVariables')
    return this.#deps.http.answer({ name, variables, snapshot }, request, named ? rest || '/' : path)
  }

  #stage(api: string, name: string): JsonObject | undefined {
    return name === '' ? undefined : this.#deps.records.get(api, 'stage', name)
  }
}

/** What a browser shows of it is of an origin of its own: what some URL answers, say, must not act as our own pages do. */
const APART = ['Content-Security-Policy', 'sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads'] as const

/** Of an API, or a stage, that is not there: nobody is told which. */
const FORBIDDEN = jsonAnswer(403, { message: 'Forbidden' }, [['x-amzn-ErrorType', 'ForbiddenException']])

function decodeURIComponentOrSelf(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function textsOf(stage: JsonObject, member: string): Record<string, string> {
  return Object.fromEntries(Object.entries(memberObject(stage, member)).map(([name, value]) => [name, String(value)]))
}

/** Those that were used last. */
class Snapshots<S extends RestSnapshot | HttpSnapshot> {
  readonly #read: (document: JsonObject) => S
  readonly #known = new Map<string, S>()

  constructor(read: (document: JsonObject) => S) {
    this.#read = read
  }

  get(records: Records, api: string, stage: JsonObject): S | undefined {
    const deployment = memberText(stage, 'deploymentId')
    if (deployment === undefined) return undefined
    const key = `${api}/${deployment}`
    const known = this.#known.get(key) ?? this.#load(records, api, deployment)
    if (!known) return undefined
    this.#known.delete(key)
    this.#known.set(key, known)
    const [oldest] = this.#known.keys()
    if (this.#known.size > SNAPSHOTS_MAX && oldest !== undefined) this.#known.delete(oldest)
    return known
  }

  #load(records: Records, api: string, deployment: string): S | undefined {
    const document = records.get(api, 'snapshot', deployment)
    return isObject(document) ? this.#read(document) : undefined
  }
}
