/**
 * How often and how long asynchronous calls are tried, and who is told what came of them: kept for a function, a version or an
 * alias. One that was never told has no configuration.
 * Source: AWS Lambda API reference, "FunctionEventInvokeConfig"; texts of the service.
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import { constraintError, lambdaError } from './errors.ts'
import type { Functions } from './functions.ts'
import { cutList, type PageAsked, readText, readWhole } from './input.ts'
import type { QualifiedSettings, SettingsOf } from './qualified-settings.ts'
import { LATEST } from './records.ts'
import { functionArn, type Place } from './render.ts'

export interface EventInvokeConfig {
  readonly retryAttempts?: number | undefined
  readonly eventAgeSeconds?: number | undefined
  /** ARNs of those who are told. */
  readonly onSuccess?: string | undefined
  readonly onFailure?: string | undefined
}

type Kept = EventInvokeConfig & { readonly lastModifiedMs: number }

export interface EventInvokeConfigsDeps {
  readonly settings: QualifiedSettings
  readonly functions: Pick<Functions, 'resolve' | 'known'>
  readonly place: Place
  readonly now: () => number
}

interface Subject {
  readonly name: string
  readonly qualifier: string
}

export class EventInvokeConfigs {
  readonly #deps: EventInvokeConfigsDeps
  readonly #settings: SettingsOf<Kept>

  constructor(deps: EventInvokeConfigsDeps) {
    this.#deps = deps
    this.#settings = deps.settings.of('eventInvoke')
  }

  /** What the input does not name is as if it had never been told. */
  put(functionName: string, asked: string | undefined, input: JsonObject): JsonObject {
    const subject = this.#subject(functionName, asked)
    return this.#put(subject, readConfig(input, {}, this.#arn(subject)))
  }

  /** What the input does not name stays. */
  update(functionName: string, asked: string | undefined, input: JsonObject): JsonObject {
    const subject = this.#subject(functionName, asked)
    return this.#put(subject, readConfig(input, this.#configured(subject), this.#arn(subject)))
  }

  get(functionName: string, asked: string | undefined): JsonObject {
    const subject = this.#subject(functionName, asked)
    return this.#render(subject, this.#configured(subject))
  }

  list(functionName: string, page: PageAsked): JsonObject {
    const { name } = this.#deps.functions.known(functionName)
    const { items, next } = cutList(this.#settings.list(name), page, ({ qualifier }) => qualifier)
    return {
      FunctionEventInvokeConfigs: items.map(({ qualifier, value }) => this.#render({ name, qualifier }, value)),
      ...(next !== undefined && { NextMarker: next }),
    }
  }

  delete(functionName: string, asked: string | undefined): void {
    const subject = this.#subject(functionName, asked)
    this.#configured(subject)
    this.#settings.remove(subject.name, subject.qualifier)
  }

  /** What holds for a call that named the function so. */
  of(functionName: string, qualifier: string): EventInvokeConfig {
    return this.#settings.get(functionName, qualifier) ?? {}
  }

  #put(subject: Subject, config: EventInvokeConfig): JsonObject {
    const { retryAttempts, eventAgeSeconds, onSuccess, onFailure } = config
    if ([retryAttempts, eventAgeSeconds, onSuccess, onFailure].every((member) => member === undefined)) {
      const message = 'You must specify at least one of error handling or destination setting.'
      throw lambdaError('InvalidParameterValueException', message)
    }
    const kept = { retryAttempts, eventAgeSeconds, onSuccess, onFailure, lastModifiedMs: this.#deps.now() }
    this.#settings.put(subject.name, subject.qualifier, kept)
    return this.#render(subject, kept)
  }

  #subject(functionName: string, asked: string | undefined): Subject {
    const { record, asked: qualifier = LATEST } = this.#deps.functions.resolve(functionName, asked)
    return { name: record.name, qualifier }
  }

  #configured(subject: Subject): Kept {
    const found = this.#settings.get(subject.name, subject.qualifier)
    if (found) return found
    throw lambdaError('ResourceNotFoundException', `The function ${this.#arn(subject)} doesn't have an EventInvokeConfig`)
  }

  #arn({ name, qualifier }: Subject): string {
    return functionArn(this.#deps.place, name, qualifier)
  }

  #render(subject: Subject, { lastModifiedMs, retryAttempts, eventAgeSeconds, onSuccess, onFailure }: Kept): JsonObject {
    return {
      FunctionArn: this.#arn(subject),
      LastModified: lastModifiedMs / 1000,
      ...(typeof retryAttempts === 'number' && { MaximumRetryAttempts: retryAttempts }),
      ...(typeof eventAgeSeconds === 'number' && { MaximumEventAgeInSeconds: eventAgeSeconds }),
      DestinationConfig: {
        OnSuccess: onSuccess === undefined ? {} : { Destination: onSuccess },
        OnFailure: onFailure === undefined ? {} : { Destination: onFailure },
      },
    }
  }
}

function readConfig(input: JsonObject, before: EventInvokeConfig, arn: string): EventInvokeConfig {
  const given = getOwn(input, 'DestinationConfig')
  const destinations = isObject(given) ? given : undefined
  return {
    retryAttempts: readWhole(input, 'MaximumRetryAttempts', 0, 2) ?? before.retryAttempts,
    eventAgeSeconds: readWhole(input, 'MaximumEventAgeInSeconds', 60, 21_600) ?? before.eventAgeSeconds,
    onSuccess: destinations ? readDestination(destinations, 'OnSuccess', arn) : before.onSuccess,
    onFailure: destinations ? readDestination(destinations, 'OnFailure', arn) : before.onFailure,
  }
}

/** What a result can be told to. */
const DESTINATION_ARN = /^arn:[^:]+:(sqs|sns|lambda|events|s3):/

/** The ARN of one who is told; undefined for nobody. */
export function readDestination(destinations: JsonObject, member: 'OnSuccess' | 'OnFailure', arn: string): string | undefined {
  const given = getOwn(destinations, member)
  const destination = isObject(given) ? readText(given, 'Destination', 350) : undefined
  if (destination === undefined || destination === '') return undefined
  const service = DESTINATION_ARN.exec(destination)?.[1]
  if (service === undefined) {
    const path = `destinationConfig.${member === 'OnSuccess' ? 'onSuccess' : 'onFailure'}.destination`
    throw constraintError(destination, path, 'Member must be an ARN of SQS, SNS, Lambda, EventBridge or S3')
  }
  const refuse = (text: string) => lambdaError('InvalidParameterValueException', text)
  if (service === 's3' && member === 'OnSuccess')
    throw refuse(
      `The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=${destination}), onFailure=null) is invalid.`,
    )
  if (service === 'sqs' && destination.endsWith('.fifo')) throw refuse(`A FIFO queue cannot be a destination: ${destination}`)
  if (destination === arn || `${destination}:${LATEST}` === arn)
    throw refuse("You can't specify the function as a destination for itself.")
  return destination
}
