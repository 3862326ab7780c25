/**
 * Code signing configurations, and which function has which: kept and shown. No code is checked against them here.
 * Source: AWS Lambda API reference, "CodeSigningConfig"; texts of the service.
 */
import { randomBytes } from 'node:crypto'

import { getOwn, isObject, type JsonObject } from '../../base/json.ts'

import type { ServicesDatabase } from '../kit/database.ts'
import { addTags, NO_TAGS, removeTags, tagsObject, tagsOf } from '../kit/tags.ts'

import { constraintError, lambdaError, TAG_ERRORS } from './errors.ts'
import type { Functions } from './functions.ts'
import { cutList, type PageAsked, readText, readTextMap } from './input.ts'
import { readOneOf } from './kept-settings.ts'
import type { QualifiedSettings, SettingsOf } from './qualified-settings.ts'
import { LATEST } from './records.ts'
import { functionArn, type Place } from './render.ts'

export interface CodeSigningDeps {
  readonly database: ServicesDatabase
  readonly settings: QualifiedSettings
  readonly functions: Pick<Functions, 'known'>
  readonly place: Place
  readonly now: () => number
}

interface Config {
  readonly id: string
  readonly arn: string
  readonly description: string
  readonly publishers: readonly string[]
  readonly policy: string
  readonly lastModifiedMs: number
  readonly tags: Readonly<Record<string, string>>
}

interface Use {
  readonly arn: string
}

export class CodeSigning {
  readonly #deps: CodeSigningDeps
  readonly #uses: SettingsOf<Use>
  readonly #sql: ReturnType<typeof prepare>

  constructor(deps: CodeSigningDeps) {
    this.#deps = deps
    this.#uses = deps.settings.of('codeSigning')
    this.#sql = prepare(deps.database)
  }

  create(input: JsonObject): JsonObject {
    const { region, account } = this.#deps.place
    const id = `csc-${randomBytes(9).toString('hex').slice(0, 17)}`
    const config = {
      id,
      arn: `arn:aws:lambda:${region}:${account}:code-signing-config:${id}`,
      description: readText(input, 'Description', 256) ?? '',
      publishers: readPublishers(input) ?? [],
      policy: readPolicy(input) ?? 'Warn',
      lastModifiedMs: this.#deps.now(),
      tags: tagsObject(addTags(NO_TAGS, tagsOf(readTextMap(input, 'Tags') ?? {}), TAG_ERRORS)),
    }
    if (config.publishers.length === 0) throw constraintError(null, 'allowedPublishers', 'Member must not be null')
    return this.#put(config)
  }

  get(arn: string): JsonObject {
    return render(this.#find(arn))
  }

  list(page: PageAsked): JsonObject {
    const all = this.#sql.all.all().map(parse)
    const { items, next } = cutList(all, page, ({ id }) => id)
    const CodeSigningConfigs = items.map((config) => render(config)['CodeSigningConfig'] ?? null)
    return { CodeSigningConfigs, ...(next !== undefined && { NextMarker: next }) }
  }

  update(arn: string, input: JsonObject): JsonObject {
    const before = this.#find(arn)
    return this.#put({
      ...before,
      description: readText(input, 'Description', 256) ?? before.description,
      publishers: readPublishers(input) ?? before.publishers,
      policy: readPolicy(input) ?? before.policy,
      lastModifiedMs: this.#deps.now(),
    })
  }

  delete(arn: string): void {
    const { id } = this.#find(arn)
    if (this.#uses.all().some(({ value }) => value.arn === arn))
      throw lambdaError(
        'ResourceConflictException',
        'The code signing configuration is used by a function: take it away there first.',
      )
    this.#sql.remove.run(id)
  }

  /** The functions that have it. */
  listFunctions(arn: string, page: PageAsked): JsonObject {
    this.#find(arn)
    const names = this.#uses.all().filter(({ value }) => value.arn === arn)
    const { items, next } = cutList(names, page, ({ functionName }) => functionName)
    const FunctionArns = items.map(({ functionName }) => functionArn(this.#deps.place, functionName))
    return { FunctionArns, ...(next !== undefined && { NextMarker: next }) }
  }

  /** `{}` where the function has none. */
  getOf(functionName: string): JsonObject {
    const { name } = this.#deps.functions.known(functionName)
    const use = this.#uses.get(name, LATEST)
    return use ? { CodeSigningConfigArn: use.arn, FunctionName: name } : {}
  }

  putOf(functionName: string, input: JsonObject): JsonObject {
    const { name } = this.#deps.functions.known(functionName)
    const { arn } = this.#find(readText(input, 'CodeSigningConfigArn') ?? '')
    this.#uses.put(name, LATEST, { arn })
    return this.getOf(functionName)
  }

  deleteOf(functionName: string): void {
    this.#uses.remove(this.#deps.functions.known(functionName).name, LATEST)
  }

  listTags(arn: string): JsonObject {
    return { Tags: this.#find(arn).tags }
  }

  tag(arn: string, input: JsonObject): void {
    const config = this.#find(arn)
    const tags = addTags(tagsOf(config.tags), tagsOf(readTextMap(input, 'Tags') ?? {}), TAG_ERRORS)
    this.#put({ ...config, tags: tagsObject(tags) })
  }

  untag(arn: string, keys: readonly string[]): void {
    const config = this.#find(arn)
    this.#put({ ...config, tags: tagsObject(removeTags(tagsOf(config.tags), keys)) })
  }

  #put(config: Config): JsonObject {
    this.#sql.put.run(config.id, JSON.stringify(config))
    return render(config)
  }

  #find(arn: string): Config {
    const record = this.#sql.get.get(arn.split(':').at(-1) ?? '')
    const config = record === undefined ? undefined : parse(record)
    if (config?.arn === arn) return config
    throw lambdaError(
      'CodeSigningConfigNotFoundException',
      `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${arn}.`,
    )
  }
}

export const isCodeSigningArn = (text: string): boolean => /^arn:[^:]+:lambda:[^:]*:[^:]*:code-signing-config:/.test(text)

const parse = (record: string): Config => JSON.parse(record) as Config

function readPublishers(input: JsonObject): readonly string[] | undefined {
  const publishers = getOwn(input, 'AllowedPublishers')
  const arns = isObject(publishers) ? getOwn(publishers, 'SigningProfileVersionArns') : undefined
  return Array.isArray(arns) ? arns.map(String) : undefined
}

function readPolicy(input: JsonObject): string | undefined {
  const policies = getOwn(input, 'CodeSigningPolicies')
  return isObject(policies) ? readOneOf(policies, 'UntrustedArtifactOnDeployment', ['Warn', 'Enforce']) : undefined
}

const render = ({ id, arn, description, publishers, policy, lastModifiedMs }: Config): JsonObject => ({
  CodeSigningConfig: {
    CodeSigningConfigId: id,
    CodeSigningConfigArn: arn,
    Description: description,
    AllowedPublishers: { SigningProfileVersionArns: publishers },
    CodeSigningPolicies: { UntrustedArtifactOnDeployment: policy },
    LastModified: new Date(lastModifiedMs).toISOString().replace('Z', '+0000'),
  },
})

const prepare = (database: ServicesDatabase) => ({
  all: database.prepareValue<[], string>('SELECT record FROM lambda_code_signing ORDER BY id'),
  get: database.prepareValue<[string], string>('SELECT record FROM lambda_code_signing WHERE id = ?'),
  put: database.prepare<[string, string]>('INSERT OR REPLACE INTO lambda_code_signing (id, record) VALUES (?, ?)'),
  remove: database.prepare<[string]>('DELETE FROM lambda_code_signing WHERE id = ?'),
})
