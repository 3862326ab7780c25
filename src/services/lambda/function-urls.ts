/**
 * The URLs of functions and aliases: who may call them, which pages may read their answers.
 * Source: AWS Lambda API reference, "FunctionUrlConfig" operations; texts of the service.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { constraintError, lambdaError } from './errors.ts'
import { functionUrlAt, newUrlId } from './function-url-address.ts'
import type { Functions } from './functions.ts'
import { cutList, type PageAsked } from './input.ts'
import { readOneOf } from './kept-settings.ts'
import type { QualifiedSettings, SettingsOf } from './qualified-settings.ts'
import { LATEST } from './records.ts'
import { functionArn, type Place } from './render.ts'

export interface FunctionUrlsDeps {
  readonly database: ServicesDatabase
  readonly settings: QualifiedSettings
  readonly functions: Pick<Functions, 'resolve' | 'known'>
  readonly place: Place
  readonly now: () => number
  readonly endpoint: () => string
}

export interface UrlConfig {
  readonly id: string
  readonly authType: 'NONE' | 'AWS_IAM'
  readonly invokeMode: 'BUFFERED' | 'RESPONSE_STREAM'
  /** As it was given; null for none. */
  readonly cors: JsonObject | null
  readonly createdMs: number
  readonly lastModifiedMs: number
}

/** A URL and what it calls. */
export interface FunctionUrl {
  readonly functionName: string
  readonly qualifier: string | undefined
  readonly config: UrlConfig
}

const AUTH_TYPES = ['NONE', 'AWS_IAM'] as const
const MODES = ['BUFFERED', 'RESPONSE_STREAM'] as const
const METHODS: ReadonlySet<Json> = new Set(['GET', 'PUT', 'HEAD', 'POST', 'PATCH', 'DELETE', '*'])

interface Subject {
  readonly name: string
  readonly qualifier: string | undefined
}

export class FunctionUrls {
  readonly #deps: FunctionUrlsDeps
  readonly #settings: SettingsOf<UrlConfig>
  readonly #byId

  constructor(deps: FunctionUrlsDeps) {
    this.#deps = deps
    this.#settings = deps.settings.of('url')
    this.#byId = deps.database.prepare<[string], { function: string; qualifier: string; record: string }>(
      "SELECT function, qualifier, record FROM lambda_settings WHERE kind = 'url' AND record ->> 'id' = ?",
    )
  }

  create(functionName: string, asked: string | undefined, input: JsonObject): JsonObject {
    const subject = this.#subject(functionName, asked)
    if (this.#get(subject)) {
      throw lambdaError(
        'ResourceConflictException',
        `Failed to create function url config for [functionArn = ${this.#arn(subject)}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
      )
    }
    const now = this.#deps.now()
    return this.#put(subject, {
      id: newUrlId(),
      authType: readOneOf(input, 'AuthType', AUTH_TYPES),
      invokeMode: readMode(input) ?? 'BUFFERED',
      cors: readCors(input) ?? null,
      createdMs: now,
      lastModifiedMs: now,
    })
  }

  get(functionName: string, asked: string | undefined): JsonObject {
    const subject = this.#subject(functionName, asked)
    return this.#render(subject, this.#find(subject))
  }

  update(functionName: string, asked: string | undefined, input: JsonObject): JsonObject {
    const subject = this.#subject(functionName, asked)
    const before = this.#find(subject)
    return this.#put(subject, {
      ...before,
      authType: getOwn(input, 'AuthType') === undefined ? before.authType : readOneOf(input, 'AuthType', AUTH_TYPES),
      invokeMode: readMode(input) ?? before.invokeMode,
      cors: readCors(input) ?? before.cors,
      lastModifiedMs: this.#deps.now(),
    })
  }

  delete(functionName: string, asked: string | undefined): void {
    const subject = this.#subject(functionName, asked)
    this.#find(subject)
    this.#settings.remove(subject.name, subject.qualifier ?? LATEST)
  }

  list(functionName: string, page: PageAsked): JsonObject {
    const { name } = this.#deps.functions.known(functionName)
    const { items, next } = cutList(this.#settings.list(name), page, ({ qualifier }) => qualifier)
    return {
      FunctionUrlConfigs: items.map(({ qualifier, value }) => this.#render({ name, qualifier: named(qualifier) }, value)),
      ...(next !== undefined && { NextMarker: next }),
    }
  }

  /** What is called at that URL. */
  at(id: string): FunctionUrl | undefined {
    const row = this.#byId.get(id)
    return row && { functionName: row.function, qualifier: named(row.qualifier), config: JSON.parse(row.record) as UrlConfig }
  }

  #get({ name, qualifier }: Subject): UrlConfig | undefined {
    return this.#settings.get(name, qualifier ?? LATEST)
  }

  #find(subject: Subject): UrlConfig {
    const config = this.#get(subject)
    if (config) return config
    throw lambdaError('ResourceNotFoundException', 'The resource you requested does not exist.')
  }

  #put(subject: Subject, config: UrlConfig): JsonObject {
    this.#settings.put(subject.name, subject.qualifier ?? LATEST, config)
    return this.#render(subject, config)
  }

  /** A function or one of its aliases: versions have no URLs. */
  #subject(functionName: string, asked: string | undefined): Subject {
    const { record, asked: qualifier } = this.#deps.functions.resolve(functionName, asked)
    if (qualifier !== undefined && /^\d+$|^\$LATEST$/.test(qualifier)) {
      const pattern = '((?!^\\d+$)^[0-9a-zA-Z-_]+$)'
      throw constraintError(qualifier, 'qualifier', `Member must satisfy regular expression pattern: ${pattern}`)
    }
    return { name: record.name, qualifier }
  }

  #arn({ name, qualifier }: Subject): string {
    return functionArn(this.#deps.place, name, qualifier)
  }

  #render(subject: Subject, { id, authType, cors, invokeMode, createdMs, lastModifiedMs }: UrlConfig): JsonObject {
    return {
      FunctionUrl: functionUrlAt(this.#deps.endpoint(), this.#deps.place.region, id),
      FunctionArn: this.#arn(subject),
      AuthType: authType,
      ...(cors !== null && { Cors: cors }),
      CreationTime: new Date(createdMs).toISOString(),
      LastModifiedTime: new Date(lastModifiedMs).toISOString(),
      InvokeMode: invokeMode,
    }
  }
}

const named = (qualifier: string): string | undefined => (qualifier === LATEST ? undefined : qualifier)

const readMode = (input: JsonObject): UrlConfig['invokeMode'] | undefined =>
  (getOwn(input, 'InvokeMode') ?? null) === null ? undefined : readOneOf(input, 'InvokeMode', MODES)

function readCors(input: JsonObject): JsonObject | undefined {
  const cors = getOwn(input, 'Cors')
  if (!isObject(cors)) return undefined
  const methods = getOwn(cors, 'AllowMethods')
  const odd = isArray(methods) ? methods.find((method) => !METHODS.has(method)) : undefined
  if (odd === undefined) return cors
  throw constraintError(
    methods,
    'cors.allowMethods',
    'Member must satisfy enum value set: [GET, PUT, HEAD, POST, PATCH, DELETE, *]',
  )
}
