/**
 * How often and how long asynchronous calls of a function are tried: kept with the function. One that was never told has no
 * configuration. Source: AWS Lambda API reference, "FunctionEventInvokeConfig"; texts of the service.
 */
import type { JsonObject } from '../../base/json.ts'

import { lambdaError } from './errors.ts'
import type { Functions } from './functions.ts'
import { readWhole } from './input.ts'
import { type FunctionRecord, type FunctionTable, LATEST } from './records.ts'
import { functionArn, type Place } from './render.ts'

type Config = Pick<FunctionRecord, 'retryAttempts' | 'eventAgeSeconds'>

export class EventInvokeConfigs {
  readonly #table: Pick<FunctionTable, 'put'>
  readonly #functions: Pick<Functions, 'known'>
  readonly #place: Place

  constructor(table: Pick<FunctionTable, 'put'>, functions: Pick<Functions, 'known'>, place: Place) {
    this.#table = table
    this.#functions = functions
    this.#place = place
  }

  /** What the input does not name is as if it had never been told. */
  put(functionName: string, input: JsonObject): JsonObject {
    const config = readConfig(input)
    if (!isConfigured(config)) {
      const message = 'You must specify at least one of error handling or destination setting.'
      throw lambdaError('InvalidParameterValueException', message)
    }
    return this.#put(this.#functions.known(functionName), config)
  }

  /** What the input does not name stays. */
  update(functionName: string, input: JsonObject): JsonObject {
    const record = this.#configured(functionName)
    const { retryAttempts = record.retryAttempts, eventAgeSeconds = record.eventAgeSeconds } = readConfig(input)
    return this.#put(record, { retryAttempts, eventAgeSeconds })
  }

  get(functionName: string): JsonObject {
    return this.#render(this.#configured(functionName))
  }

  list(functionName: string): JsonObject {
    const record = this.#functions.known(functionName)
    return { FunctionEventInvokeConfigs: isConfigured(record) ? [this.#render(record)] : [] }
  }

  delete(functionName: string): void {
    this.#table.put({ ...this.#configured(functionName), retryAttempts: undefined, eventAgeSeconds: undefined })
  }

  #put(record: FunctionRecord, config: Config): JsonObject {
    const changed = { ...record, ...config }
    this.#table.put(changed)
    return this.#render(changed)
  }

  #configured(functionName: string): FunctionRecord {
    const record = this.#functions.known(functionName)
    if (isConfigured(record)) return record
    const arn = functionArn(this.#place, record.name, LATEST)
    throw lambdaError('ResourceNotFoundException', `The function ${arn} doesn't have an EventInvokeConfig`)
  }

  #render({ name, lastModifiedMs, retryAttempts = 2, eventAgeSeconds = 21_600 }: FunctionRecord): JsonObject {
    return {
      FunctionArn: functionArn(this.#place, name, LATEST),
      LastModified: lastModifiedMs / 1000,
      MaximumRetryAttempts: retryAttempts,
      MaximumEventAgeInSeconds: eventAgeSeconds,
    }
  }
}

const isConfigured = ({ retryAttempts, eventAgeSeconds }: Config): boolean =>
  retryAttempts !== undefined || eventAgeSeconds !== undefined

const readConfig = (input: JsonObject): Config => ({
  retryAttempts: readWhole(input, 'MaximumRetryAttempts', 0, 2),
  eventAgeSeconds: readWhole(input, 'MaximumEventAgeInSeconds', 60, 21_600),
})
