/** Resources and requests in the database, as JSON. */
import type { Json, JsonObject } from '../../base/json.ts'

import type { Column } from '../../sqlite/row.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'

import type { KeptResource, KnownResource, StackResources } from './known-resources.ts'
import { CLOUD_CONTROL_SCHEMA } from './schema.ts'

/** AWS shows requests so long. */
const KEPT_MS = 7 * 86_400_000

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE'
export type RequestStatus = 'IN_PROGRESS' | 'SUCCESS' | 'FAILED' | 'CANCEL_IN_PROGRESS' | 'CANCEL_COMPLETE'

export interface ResourceRequest {
  readonly token: string
  readonly clientToken?: string
  /** A digest of what was asked for, to tell another request under the same client token. */
  readonly asked: string
  readonly operation: Operation
  readonly type: string
  readonly identifier?: string
  /** What it is to be; kept until the request is over. */
  readonly properties: JsonObject
  /** What it was. */
  readonly before?: KnownResource
  readonly status: RequestStatus
  readonly message?: string
  readonly errorCode?: string
  readonly createdMs: number
  readonly updatedMs: number
}

const json = <T>(): Column<T> => ({
  kind: 'JSON',
  read: (value) => (typeof value === 'string' ? (JSON.parse(value) as T) : undefined),
})

export class CloudControlStore {
  readonly #sql: ReturnType<typeof prepare>
  readonly #stacks: StackResources

  constructor(database: ServicesDatabase, stacks: StackResources, nowMs: number) {
    applySchema(database, CLOUD_CONTROL_SCHEMA)
    this.#sql = prepare(database)
    this.#stacks = stacks
    this.#sql.forget.run(nowMs - KEPT_MS)
  }

  // ---- resources

  find(type: string, identifier: string): KnownResource | undefined {
    const kept = this.#sql.resource.get(type, identifier)
    const ofStack = this.#stacks.find(type, identifier)
    if (kept === undefined || isCurrent(kept, ofStack)) return kept ?? ofStack
    this.removeResource(type, identifier)
    return ofStack
  }

  /** By their identifiers. */
  list(type: string): readonly KnownResource[] {
    const found = new Map<string, KnownResource>(this.#stacks.list(type).map((one) => [one.identifier, one]))
    for (const kept of this.#sql.resources.all(type)) {
      const current = this.find(type, kept.identifier)
      if (current !== undefined) found.set(kept.identifier, current)
    }
    return [...found.values()].toSorted((a, b) => (a.identifier < b.identifier ? -1 : 1))
  }

  putResource(type: string, resource: KnownResource): void {
    const after = this.#stacks.find(type, resource.identifier)?.operationId
    const kept: KeptResource = { ...resource, ...(after !== undefined && { after }) }
    this.#sql.putResource.run(type, resource.identifier, JSON.stringify(kept))
  }

  removeResource(type: string, identifier: string): void {
    this.#sql.removeResource.run(type, identifier)
  }

  // ---- requests

  request(token: string): ResourceRequest | undefined {
    return this.#sql.request.get(token)
  }

  requestOfClient(clientToken: string): ResourceRequest | undefined {
    return this.#sql.requestOfClient.get(clientToken)
  }

  /** The newest first: at most `limit` of those after the first `from`. */
  requests(from: number, limit: number): readonly ResourceRequest[] {
    return this.#sql.requests.all(limit, from)
  }

  openRequests(): readonly ResourceRequest[] {
    return this.#sql.openRequests.all()
  }

  putRequest(request: ResourceRequest): ResourceRequest {
    const { token, clientToken, createdMs } = request
    const isOver = isRequestOver(request) ? 1 : 0
    this.#sql.putRequest.run(token, clientToken ?? null, isOver, createdMs, JSON.stringify(request))
    return request
  }
}

export const isRequestOver = ({ status }: ResourceRequest): boolean => status !== 'IN_PROGRESS' && status !== 'CANCEL_IN_PROGRESS'

/** Of a resource that its stack has deleted, or has touched since, the stack knows better. */
const isCurrent = (kept: KeptResource, ofStack: { readonly operationId: string } | undefined): boolean =>
  kept.after === ofStack?.operationId

/** What a resource shows of itself: what it was told to be, and what it says besides. */
export function modelOf({ properties, attributes }: KnownResource): JsonObject {
  const said = Object.entries(attributes).filter(([name]) => !name.includes('.') && !Object.hasOwn(properties, name))
  return { ...properties, ...Object.fromEntries<Json>(said) }
}

function prepare(database: ServicesDatabase) {
  const resource = json<KeptResource>()
  const request = json<ResourceRequest>()
  const REQUESTS = 'SELECT body FROM cloudcontrol_requests'
  return {
    resource: database.prepareValue<[string, string], KeptResource>(
      'SELECT body FROM cloudcontrol_resources WHERE type = ? AND identifier = ?',
      resource,
    ),
    resources: database.prepareValue<[string], KeptResource>('SELECT body FROM cloudcontrol_resources WHERE type = ?', resource),
    putResource: database.prepare<[string, string, string]>(
      'INSERT OR REPLACE INTO cloudcontrol_resources (type, identifier, body) VALUES (?, ?, ?)',
    ),
    removeResource: database.prepare<[string, string]>('DELETE FROM cloudcontrol_resources WHERE type = ? AND identifier = ?'),
    request: database.prepareValue<[string], ResourceRequest>(`${REQUESTS} WHERE token = ?`, request),
    requestOfClient: database.prepareValue<[string], ResourceRequest>(`${REQUESTS} WHERE clientToken = ?`, request),
    requests: database.prepareValue<[number, number], ResourceRequest>(
      `${REQUESTS} ORDER BY createdMs DESC, token LIMIT ? OFFSET ?`,
      request,
    ),
    openRequests: database.prepareValue<[], ResourceRequest>(`${REQUESTS} WHERE isOver = 0`, request),
    putRequest: database.prepare<[string, string | null, number, number, string]>(
      'INSERT OR REPLACE INTO cloudcontrol_requests (token, clientToken, isOver, createdMs, body) VALUES (?, ?, ?, ?, ?)',
    ),
    forget: database.prepare<[number]>('DELETE FROM cloudcontrol_requests WHERE createdMs < ? AND isOver = 1'),
  }
}
