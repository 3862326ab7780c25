/**
 * What is kept of APIs: documents in the members of AWS's API, by API, kind and id. What belongs to no API (keys, usage plans, the APIs
 * themselves) stands under the API `''`.
 */
import { randomInt } from 'node:crypto'

import type { JsonObject } from '../../base/json.ts'

import { applySchema, type ServicesDatabase } from '../kit/database.ts'

import { API_GATEWAY_SCHEMA } from './schema.ts'

export type Kind =
  | 'account'
  | 'api'
  | 'apiKey'
  | 'authorizer'
  | 'deployment'
  | 'gatewayResponse'
  | 'httpApi'
  | 'integration'
  | 'model'
  | 'requestValidator'
  | 'resource'
  | 'route'
  /** What was deployed: all that requests are answered by. */
  | 'snapshot'
  | 'stage'
  | 'usagePlan'
  | 'usagePlanKey'

/** Of what belongs to no API. */
export const NO_API = ''

export class Records {
  readonly #database: ServicesDatabase
  readonly #sql: ReturnType<typeof prepare>

  constructor(database: ServicesDatabase) {
    applySchema(database, API_GATEWAY_SCHEMA)
    this.#database = database
    this.#sql = prepare(database)
  }

  get(api: string, kind: Kind, id: string): JsonObject | undefined {
    const record = this.#sql.get.get(api, kind, id)
    return record === undefined ? undefined : (JSON.parse(record) as JsonObject)
  }

  /** By their ids. */
  list(api: string, kind: Kind): readonly JsonObject[] {
    return this.#sql.list.all(api, kind).map((record) => JSON.parse(record) as JsonObject)
  }

  count(api: string, kind: Kind): number {
    return this.#sql.count.get(api, kind) ?? 0
  }

  put(api: string, kind: Kind, id: string, record: JsonObject): void {
    this.#sql.put.run(api, kind, id, JSON.stringify(record))
  }

  remove(api: string, kind: Kind, id: string): void {
    this.#sql.remove.run(api, kind, id)
  }

  /** All of one kind. */
  clear(api: string, kind: Kind): void {
    this.#sql.clear.run(api, kind)
  }

  /** An API with all that belongs to it. */
  removeApi(api: string, kind: 'api' | 'httpApi'): void {
    this.all(() => {
      this.#sql.removeAll.run(api)
      this.#sql.remove.run(NO_API, kind, api)
    })
  }

  /** All of `work`, or nothing of it when it throws. */
  all<T>(work: () => T): T {
    return this.#database.transaction(work)
  }
}

/** As AWS draws them: small letters and digits. Nobody guesses that of an API. */
export const newId = (chars: number): string => Array.from({ length: chars }, () => randomInt(36).toString(36)).join('')

const prepare = (database: ServicesDatabase) => ({
  get: database.prepareValue<[string, Kind, string], string>(
    'SELECT record FROM apigateway_records WHERE api = ? AND kind = ? AND id = ?',
  ),
  list: database.prepareValue<[string, Kind], string>(
    'SELECT record FROM apigateway_records WHERE api = ? AND kind = ? ORDER BY id',
  ),
  count: database.prepareValue<[string, Kind], number>('SELECT COUNT(*) FROM apigateway_records WHERE api = ? AND kind = ?'),
  put: database.prepare<[string, Kind, string, string]>(
    'INSERT OR REPLACE INTO apigateway_records (api, kind, id, record) VALUES (?, ?, ?, ?)',
  ),
  remove: database.prepare<[string, Kind, string]>('DELETE FROM apigateway_records WHERE api = ? AND kind = ? AND id = ?'),
  clear: database.prepare<[string, Kind]>('DELETE FROM apigateway_records WHERE api = ? AND kind = ?'),
  removeAll: database.prepare<[string]>('DELETE FROM apigateway_records WHERE api = ?'),
})
