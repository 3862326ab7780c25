/**
 * The account, the keys of callers, and the plans by which they may call. Quotas and throttles are kept, and hold nobody up.
 * Source: API Gateway REST API reference; developer guide, "Usage plans and API keys"; texts of the service.
 */
import { isObject, type Json, type JsonObject } from '../../../base/json.ts'

import type { Management } from '../deps.ts'
import { memberList, memberText } from '../document.ts'
import { badRequest, conflict, notFound } from '../errors.ts'
import { positioned } from '../page.ts'
import { NO_API, newId } from '../records.ts'
import { operationsOf, patched, readMembers, withMember } from '../shape.ts'
import { readTags } from '../tags.ts'
import { ACCOUNT, API_KEY, API_STAGE, USAGE_PLAN } from './shapes.ts'

const VALUE_CHARS = 40
const VALUE_CHARS_MIN = 20
const VALUE_CHARS_MAX = 128

export class Keys {
  readonly #management: Management

  constructor(management: Management) {
    this.#management = management
  }

  account(): JsonObject {
    const kept = this.#management.records.get(NO_API, 'account', 'account') ?? {}
    const throttleSettings = { burstLimit: 5000, rateLimit: 10_000 }
    return { apiKeyVersion: '4', features: ['UsagePlans'], throttleSettings, ...kept }
  }

  updateAccount(input: JsonObject): JsonObject {
    const kept = this.#management.records.get(NO_API, 'account', 'account') ?? {}
    const changed = patched(kept, input, ACCOUNT)
    // A role that is empty is none.
    const role = changed['cloudwatchRoleArn'] === '' ? withMember(changed, 'cloudwatchRoleArn', undefined) : changed
    this.#management.records.put(NO_API, 'account', 'account', role)
    return this.account()
  }

  createKey(input: JsonObject): JsonObject {
    const { records, now } = this.#management
    const given = readMembers({ ...input, stageKeys: [] }, API_KEY)
    // Terraform sends an empty one where none is asked for.
    const value = memberText(given, 'value') || newId(VALUE_CHARS)
    if (value.length < VALUE_CHARS_MIN) throw badRequest('API Key value should be at least 20 characters')
    if (value.length > VALUE_CHARS_MAX) throw badRequest('API Key value exceeds maximum size of 128 characters')
    if (records.list(NO_API, 'apiKey').some((key) => key['value'] === value)) throw conflict('API Key already exists')
    const id = newId(10)
    const at = Math.floor(now() / 1000)
    const stageKeys = memberList(input, 'stageKeys')
      .filter(isObject)
      .map(({ restApiId, stageName }) => `${restApiId}/${stageName}`)
    const dates = { createdDate: at, lastUpdatedDate: at }
    const record = { name: id, enabled: false, ...given, id, value, stageKeys, ...dates, tags: readTags(input) }
    records.put(NO_API, 'apiKey', id, record)
    return record
  }

  getKey(id: string, query: URLSearchParams): JsonObject {
    return shown(this.#key(id), query.get('includeValue') === 'true')
  }

  listKeys(query: URLSearchParams): JsonObject {
    const [name, customerId] = [query.get('name') ?? '', query.get('customerId')]
    const found = this.#management.records
      .list(NO_API, 'apiKey')
      .filter((key) => String(key['name']).startsWith(name) && (customerId === null || key['customerId'] === customerId))
      .map((key) => shown(key, query.get('includeValues') === 'true'))
    return positioned(found, query, ({ id }) => String(id))
  }

  updateKey(id: string, input: JsonObject): JsonObject {
    const changed = patched(this.#key(id), input, API_KEY)
    const dated = { ...changed, lastUpdatedDate: Math.floor(this.#management.now() / 1000) }
    this.#management.records.put(NO_API, 'apiKey', id, dated)
    return shown(dated, false)
  }

  deleteKey(id: string): void {
    const { records } = this.#management
    this.#key(id)
    records.all(() => {
      records.remove(NO_API, 'apiKey', id)
      for (const plan of records.list(NO_API, 'usagePlan')) records.remove(String(plan['id']), 'usagePlanKey', id)
    })
  }

  createPlan(input: JsonObject): JsonObject {
    const given = readMembers(input, USAGE_PLAN)
    if (memberText(given, 'name') === undefined) throw badRequest('Usage plan must have a name')
    const apiStages = memberList(input, 'apiStages').map((one) => readMembers(isObject(one) ? one : {}, API_STAGE))
    for (const stage of apiStages) this.#checkStage(stage)
    const record = { ...given, id: newId(6), apiStages, tags: readTags(input) }
    this.#management.records.put(NO_API, 'usagePlan', record.id, record)
    return record
  }

  getPlan(id: string): JsonObject {
    const plan = this.#management.records.get(NO_API, 'usagePlan', id)
    if (!plan) throw notFound('Invalid Usage Plan ID specified')
    return plan
  }

  listPlans(query: URLSearchParams): JsonObject {
    const key = query.get('keyId')
    const { records } = this.#management
    const all = records.list(NO_API, 'usagePlan')
    const found = key === null ? all : all.filter(({ id }) => records.get(String(id), 'usagePlanKey', key) !== undefined)
    return positioned(found, query, ({ id }) => String(id))
  }

  /** Stages come and go by `API:STAGE`; what is said of them goes by paths below it. */
  updatePlan(id: string, input: JsonObject): JsonObject {
    let plan = this.getPlan(id)
    for (const { op, path, value, pathText } of operationsOf(input)) {
      const [member, named, ...rest] = path
      const one = { patchOperations: [{ op, path: pathText, ...(value !== undefined && { value }) }] }
      const stages = memberList(plan, 'apiStages').filter(isObject)
      plan =
        member === 'apiStages'
          ? { ...plan, apiStages: this.#patchedStages(stages, op, named ?? value ?? '', rest, value) }
          : patched(plan, one, USAGE_PLAN)
    }
    this.#management.records.put(NO_API, 'usagePlan', id, plan)
    return plan
  }

  deletePlan(id: string): void {
    const { records } = this.#management
    const plan = this.getPlan(id)
    if (memberList(plan, 'apiStages').length > 0)
      throw badRequest(`Cannot delete Usage Plan ${id} because it has API stages associated. Please remove them and try again.`)
    records.all(() => {
      records.clear(id, 'usagePlanKey')
      records.remove(NO_API, 'usagePlan', id)
    })
  }

  createPlanKey(planId: string, input: JsonObject): JsonObject {
    this.getPlan(planId)
    const key = this.#key(memberText(input, 'keyId') ?? '')
    const id = String(key['id'])
    if (this.#management.records.get(planId, 'usagePlanKey', id)) throw conflict('Usage plan key already exists')
    this.#management.records.put(planId, 'usagePlanKey', id, { id })
    return planKey(key)
  }

  getPlanKey(planId: string, id: string): JsonObject {
    if (!this.#management.records.get(planId, 'usagePlanKey', id)) throw notFound('Invalid Usage Plan Key identifier specified')
    return planKey(this.#key(id))
  }

  listPlanKeys(planId: string, query: URLSearchParams): JsonObject {
    this.getPlan(planId)
    const { records } = this.#management
    const keys = records.list(planId, 'usagePlanKey').map(({ id }) => planKey(this.#key(String(id))))
    return positioned(keys, query, ({ id }) => String(id))
  }

  deletePlanKey(planId: string, id: string): void {
    this.getPlanKey(planId, id)
    this.#management.records.remove(planId, 'usagePlanKey', id)
  }

  /** The key of a caller that may call this stage, by a plan of his. */
  keyFor(value: string, api: string, stage: string): JsonObject | undefined {
    const { records } = this.#management
    const key = records.list(NO_API, 'apiKey').find((one) => one['value'] === value && one['enabled'] === true)
    if (!key) return undefined
    if (memberList(key, 'stageKeys').includes(`${api}/${stage}`)) return key
    const isOfStage = (one: Json) => isObject(one) && one['apiId'] === api && one['stage'] === stage
    const mayCall = records
      .list(NO_API, 'usagePlan')
      .some(
        (plan) =>
          memberList(plan, 'apiStages').some(isOfStage) && records.get(String(plan['id']), 'usagePlanKey', String(key['id'])),
      )
    return mayCall ? key : undefined
  }

  #key(id: string): JsonObject {
    const key = this.#management.records.get(NO_API, 'apiKey', id)
    if (!key) throw notFound('Invalid API Key identifier specified')
    return key
  }

  #checkStage({ apiId, stage }: JsonObject): void {
    if (!this.#management.records.get(String(apiId), 'stage', String(stage))) throw notFound('API Stage not found')
  }

  #patchedStages(
    stages: readonly JsonObject[],
    op: string,
    name: string,
    rest: readonly string[],
    value: string | undefined,
  ): Json {
    const [apiId = '', stage = ''] = name.split(':')
    const isIt = (one: JsonObject) => one['apiId'] === apiId && one['stage'] === stage
    if (rest.length > 0) {
      const path = `/${rest.map((part) => part.replaceAll('/', '~1')).join('/')}`
      const patch = { patchOperations: [{ op, path, ...(value !== undefined && { value }) }] }
      return stages.map((one) => (isIt(one) ? patched(one, patch, API_STAGE) : one))
    }
    if (op === 'remove') return stages.filter((one) => !isIt(one))
    this.#checkStage({ apiId, stage })
    return stages.some(isIt) ? stages : [...stages, { apiId, stage }]
  }
}

const shown = (key: JsonObject, withValue: boolean): JsonObject => (withValue ? key : withMember(key, 'value', undefined))

const planKey = ({ id = null, name = null, value = null }: JsonObject): JsonObject => ({ id, type: 'API_KEY', name, value })
