/**
 * Which operations of AWS are here, service by service, as the tables say that dispatch them; and which resource types of
 * CloudFormation.
 */
import type { IncomingMessage } from 'node:http'

import { isObject } from '../base/json.ts'
import { objectOf } from '../base/json-text.ts'

import { drainBody, type Handler, sendJson, targetOf } from '../wire/http.ts'
import { OPERATION_NAMES } from '../aws/operation-names.ts'
import { type ApiName, apiOf } from '../aws/operations.ts'

export interface Coverage {
  readonly services: Readonly<Record<string, ServiceCoverage>>
  /** Those that are more than kept by their name. */
  readonly resourceTypes: readonly string[]
}

export interface ServiceCoverage {
  /** The service as people call it. */
  readonly title: string
  readonly implemented: readonly string[]
  /** What AWS has besides. */
  readonly absent: readonly string[]
}

/** What a server has, as it tells its engine. */
export interface Inventory {
  readonly operations: { readonly [Service in ApiName]?: Iterable<string> }
  readonly resourceTypes?: Iterable<string>
}

/** By the alphabet. */
export function coverageOf({ operations, resourceTypes = [] }: Inventory): Coverage {
  const names = Object.keys(operations).filter(isApiName).toSorted()
  const services = names.map((name) => [name, serviceCoverage(name, new Set(operations[name]))] as const)
  return { services: Object.fromEntries(services), resourceTypes: [...new Set(resourceTypes)].toSorted() }
}

/** The inventory that the services of an engine have told. */
export function readInventory(text: string): Inventory {
  const { operations, resourceTypes } = objectOf(text) ?? {}
  const entries = isObject(operations) ? Object.entries(operations).map(([name, told]) => [name, textsOf(told)] as const) : []
  return { operations: Object.fromEntries(entries), resourceTypes: textsOf(resourceTypes) }
}

export const printInventory = ({ operations, resourceTypes = [] }: Inventory): string =>
  JSON.stringify({
    operations: Object.fromEntries(Object.entries(operations).map(([name, here]) => [name, [...here]])),
    resourceTypes: [...resourceTypes],
  })

/** `GET /_regente/coverage`. Undefined where the request is for something else. */
export function createCoverageMatch(inventory: () => Inventory | Promise<Inventory>) {
  const handle: Handler = async (req, res) => {
    await drainBody(req)
    try {
      sendJson(res, coverageOf(await inventory()))
    } catch (error) {
      const message = `The embedded services cannot be reached: ${error instanceof Error ? error.message : String(error)}`
      sendJson(res, { message }, { status: 503 })
    }
  }
  return (req: IncomingMessage): Handler | undefined =>
    req.method === 'GET' && targetOf(req).path === COVERAGE_PATH ? handle : undefined
}

const COVERAGE_PATH = '/_regente/coverage'

const isApiName = (name: string): name is ApiName => Object.hasOwn(OPERATION_NAMES, name)

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])

function serviceCoverage(service: ApiName, here: ReadonlySet<string>): ServiceCoverage {
  const { title, names } = apiOf(service)
  return { title, implemented: [...here].toSorted(), absent: names.filter((name) => !here.has(name)) }
}
