/**
 * Settings of functions that are kept and shown, and change nothing here: provisioned concurrency (processes are kept warm as they
 * are), runtime updates (what runs is this machine's own), detection of recursion, and scaling.
 * Source: AWS Lambda API reference; texts of the service.
 */
import { getOwn, type JsonObject } from '../../base/json.ts'

import { constraintError, lambdaError } from './errors.ts'
import type { Functions } from './functions.ts'
import { cutList, type PageAsked, readText, readWhole } from './input.ts'
import type { QualifiedSettings, SettingsOf } from './qualified-settings.ts'
import { LATEST } from './records.ts'
import { functionArn, type Place } from './render.ts'

export interface KeptSettingsDeps {
  readonly settings: QualifiedSettings
  readonly functions: Pick<Functions, 'known' | 'resolve'>
  readonly place: Place
  readonly now: () => number
}

interface Provisioned {
  readonly requested: number
  readonly lastModifiedMs: number
}

export class KeptSettings {
  readonly #deps: KeptSettingsDeps
  readonly #provisioned: SettingsOf<Provisioned>
  readonly #runtime: SettingsOf<JsonObject>
  readonly #recursion: SettingsOf<JsonObject>

  constructor(deps: KeptSettingsDeps) {
    this.#deps = deps
    this.#provisioned = deps.settings.of('provisionedConcurrency')
    this.#runtime = deps.settings.of('runtimeManagement')
    this.#recursion = deps.settings.of('recursion')
  }

  // ---- provisioned concurrency ----

  putProvisioned(functionName: string, asked: string | undefined, input: JsonObject): JsonObject {
    const { name, qualifier } = this.#published(functionName, asked)
    const requested = readWhole(input, 'ProvisionedConcurrentExecutions', 1, 100_000)
    if (requested === undefined) throw constraintError(null, 'provisionedConcurrentExecutions', 'Member must not be null')
    const value = { requested, lastModifiedMs: this.#deps.now() }
    this.#provisioned.put(name, qualifier, value)
    return renderProvisioned(value, 'IN_PROGRESS')
  }

  getProvisioned(functionName: string, asked: string | undefined): JsonObject {
    const { name, qualifier } = this.#published(functionName, asked)
    const found = this.#provisioned.get(name, qualifier)
    if (found) return renderProvisioned(found, 'READY')
    const message = 'No Provisioned Concurrency Config found for this function'
    throw lambdaError('ProvisionedConcurrencyConfigNotFoundException', message)
  }

  deleteProvisioned(functionName: string, asked: string | undefined): void {
    const { name, qualifier } = this.#published(functionName, asked)
    this.#provisioned.remove(name, qualifier)
  }

  listProvisioned(functionName: string, page: PageAsked): JsonObject {
    const { name } = this.#deps.functions.known(functionName)
    const { items, next } = cutList(this.#provisioned.list(name), page, ({ qualifier }) => qualifier)
    return {
      ProvisionedConcurrencyConfigs: items.map(({ qualifier, value }) => ({
        FunctionArn: functionArn(this.#deps.place, name, qualifier),
        ...renderProvisioned(value, 'READY'),
      })),
      ...(next !== undefined && { NextMarker: next }),
    }
  }

  #published(functionName: string, asked: string | undefined): { readonly name: string; readonly qualifier: string } {
    const { name } = this.#deps.functions.known(functionName)
    if (asked === undefined || asked === LATEST) {
      const message = 'Provisioned Concurrency Configs cannot be applied to unpublished function versions.'
      throw lambdaError('InvalidParameterValueException', message)
    }
    this.#deps.functions.resolve(functionName, asked)
    return { name, qualifier: asked }
  }

  // ---- runtime updates, recursion ----

  putRuntimeManagement(functionName: string, asked: string | undefined, input: JsonObject): JsonObject {
    const { record } = this.#deps.functions.resolve(functionName, asked)
    const UpdateRuntimeOn = readOneOf(input, 'UpdateRuntimeOn', ['Auto', 'Manual', 'FunctionUpdate'])
    const RuntimeVersionArn = readText(input, 'RuntimeVersionArn')
    if ((UpdateRuntimeOn === 'Manual') !== (RuntimeVersionArn !== undefined)) {
      throw lambdaError(
        'InvalidParameterValueException',
        'RuntimeVersionArn must be given where UpdateRuntimeOn is Manual, and there alone.',
      )
    }
    const value = { UpdateRuntimeOn, ...(RuntimeVersionArn !== undefined && { RuntimeVersionArn }) }
    this.#runtime.put(record.name, asked ?? LATEST, value)
    return this.getRuntimeManagement(functionName, asked)
  }

  getRuntimeManagement(functionName: string, asked: string | undefined): JsonObject {
    const { record } = this.#deps.functions.resolve(functionName, asked)
    const found = this.#runtime.get(record.name, asked ?? LATEST) ?? { UpdateRuntimeOn: 'Auto' }
    return { ...found, FunctionArn: functionArn(this.#deps.place, record.name, asked ?? LATEST) }
  }

  putRecursion(functionName: string, input: JsonObject): JsonObject {
    const { name } = this.#deps.functions.known(functionName)
    this.#recursion.put(name, LATEST, { RecursiveLoop: readOneOf(input, 'RecursiveLoop', ['Allow', 'Terminate']) })
    return this.getRecursion(functionName)
  }

  getRecursion(functionName: string): JsonObject {
    const { name } = this.#deps.functions.known(functionName)
    return this.#recursion.get(name, LATEST) ?? { RecursiveLoop: 'Terminate' }
  }
}

/** All of it is there as soon as it is asked about. */
const renderProvisioned = ({ requested, lastModifiedMs }: Provisioned, status: 'IN_PROGRESS' | 'READY'): JsonObject => ({
  RequestedProvisionedConcurrentExecutions: requested,
  AvailableProvisionedConcurrentExecutions: status === 'READY' ? requested : 0,
  AllocatedProvisionedConcurrentExecutions: status === 'READY' ? requested : 0,
  Status: status,
  LastModified: new Date(lastModifiedMs).toISOString().replace('Z', '+0000'),
})

export function readOneOf<T extends string>(input: JsonObject, member: string, values: readonly T[]): T {
  const given = getOwn(input, member) ?? null
  const value = values.find((one) => one === given)
  if (value !== undefined) return value
  const shown = `${member.charAt(0).toLowerCase()}${member.slice(1)}`
  throw constraintError(given, shown, `Member must satisfy enum value set: [${values.join(', ')}]`)
}
