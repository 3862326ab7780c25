/**
 * The operations on functions, their versions and aliases: what the Lambda API does besides invoking.
 * Source: AWS Lambda API reference.
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import { cutPage } from '../kit/page.ts'
import { addTags, NO_TAGS, removeTags, type Tags, tagsObject, tagsOf } from '../kit/tags.ts'

import { readCanary } from './alias-routing.ts'
import { fetchCode, type CodeOrigin } from './code-source.ts'
import type { CodePackage, CodeStore } from './code-store.ts'
import { checkRevision, lambdaError, TAG_ERRORS } from './errors.ts'
import { type FunctionName, parseFunctionName } from './function-name.ts'
import { cutList, MARKERS, type PageAsked, readText, readTextMap, readTexts, readWhole } from './input.ts'
import { type AliasRecord, type FunctionRecord, type FunctionTable, LATEST, newRevisionId } from './records.ts'
import { archiveLink, functionArn, isLatest, type Place, renderAlias, renderFunction } from './render.ts'
import { DEFAULT_SETTINGS, readSettings } from './settings.ts'

export interface FunctionsOptions {
  readonly table: FunctionTable
  readonly codeStore: CodeStore
  readonly origin: CodeOrigin
  readonly place: Place
  readonly now: () => number
  /** The function's code or configuration has changed, or it is gone. */
  readonly onChange: (functionName: string) => void
}

const PAGE_MAX = 50

export class Functions {
  readonly #options: FunctionsOptions
  readonly #table: FunctionTable
  readonly #place: Place

  constructor(options: FunctionsOptions) {
    this.#options = options
    this.#table = options.table
    this.#place = options.place
  }

  // ---- functions ----

  async create(input: JsonObject, archive?: Uint8Array): Promise<JsonObject> {
    const { name } = parseFunctionName(readText(input, 'FunctionName') ?? '')
    const settings = readSettings(input, DEFAULT_SETTINGS)
    if (readText(input, 'Role') === undefined) {
      throw lambdaError('InvalidParameterValueException', 'The role defined for the function cannot be assumed by Lambda.')
    }
    if (settings.handler === '' && !settings.runtime.startsWith('provided')) {
      throw lambdaError('InvalidParameterValueException', 'Handler is mandatory for functions created with deployment packages.')
    }
    this.#refuseTwin(name)
    const code = getOwn(input, 'Code')
    const found = await this.#fetchCode(isObject(code) ? code : {}, name, archive)
    this.#refuseTwin(name)
    const record: FunctionRecord = {
      ...settings,
      ...codeMembers(found),
      ...this.#stamp(),
      name,
      version: LATEST,
      architectures: readTexts(input, 'Architectures') ?? ['x86_64'],
      tags: tagsObject(addTags(NO_TAGS, readTags(input), TAG_ERRORS)),
      policy: [],
    }
    this.#table.put(record)
    this.#options.onChange(name)
    return getOwn(input, 'Publish') === true ? this.publish(name, {}) : renderFunction(this.#place, record)
  }

  get(text: string, qualifier?: string): JsonObject {
    const { record, asked } = this.resolve(text, qualifier)
    const { origin } = this.#options
    return {
      Configuration: renderFunction(this.#place, record, asked),
      Code: record.isLive
        ? { RepositoryType: 'Local', Location: `file://${record.codeDirectory}` }
        : { RepositoryType: 'S3', Location: archiveLink((origin.publicUrl ?? origin.endpoint)(), record) },
      ...(Object.keys(this.#latest(record.name).tags).length > 0 && { Tags: this.#latest(record.name).tags }),
      ...(record.reservedConcurrency !== undefined && {
        Concurrency: { ReservedConcurrentExecutions: record.reservedConcurrency },
      }),
    }
  }

  getConfiguration(text: string, qualifier?: string): JsonObject {
    const { record, asked } = this.resolve(text, qualifier)
    return renderFunction(this.#place, record, asked)
  }

  /** `ofAll`: every version of each, which AWS asks for by `FunctionVersion=ALL`. */
  list({ marker, maxItems }: PageAsked, ofAll = false): JsonObject {
    const limit = Math.min(maxItems ?? PAGE_MAX, PAGE_MAX)
    if (ofAll) return this.#listAll({ marker, maxItems: limit })
    const { items, last } = cutPage(this.#table.list(MARKERS.placeOf(marker), limit + 1), limit)
    const shown = items.map((record) => renderFunction(this.#place, record))
    return pageOf(shown, last && MARKERS.print([last.name]))
  }

  #listAll(page: PageAsked): JsonObject {
    const versions = this.#table.list('', -1).flatMap(({ name }) => this.#table.versions(name))
    const { items, next } = cutList(versions, page, ({ name, version }) => `${name}:${version}`)
    const shown = items.map((record) => renderFunction(this.#place, record, record.version))
    return pageOf(shown, next)
  }

  async updateCode(text: string, input: JsonObject, archive?: Uint8Array): Promise<JsonObject> {
    const { name } = this.known(text)
    const code = await this.#fetchCode(input, name, archive)
    const before = this.#checked(name, input)
    const record = {
      ...before,
      ...codeMembers(code),
      ...this.#stamp(),
      architectures: readTexts(input, 'Architectures') ?? before.architectures,
    }
    if (getOwn(input, 'DryRun') === true) return renderFunction(this.#place, record)
    this.#save(record)
    return getOwn(input, 'Publish') === true ? this.publish(name, {}) : renderFunction(this.#place, record)
  }

  updateConfiguration(text: string, input: JsonObject): JsonObject {
    const { name } = this.known(text)
    const before = this.#checked(name, input)
    const record = { ...before, ...readSettings(input, before), ...this.#stamp() }
    this.#save(record)
    return renderFunction(this.#place, record)
  }

  async delete(text: string, qualifier?: string): Promise<void> {
    const { record, asked } = this.resolve(text, qualifier)
    if (!isLatest(asked)) {
      const alias = this.#table
        .aliases(record.name)
        .find(({ functionVersion, canary }) => functionVersion === record.version || canary?.version === record.version)
      if (alias) throw lambdaError('ResourceConflictException', `Version ${record.version} is pointed to by alias ${alias.name}`)
      return this.#table.delete(record.name, record.version)
    }
    this.#table.delete(record.name)
    this.#options.onChange(record.name)
    await this.#options.codeStore.remove(record.name)
  }

  // ---- versions and aliases ----

  publish(text: string, input: JsonObject): JsonObject {
    const { name } = this.known(text)
    const latest = this.#checked(name, input)
    const sha256 = readText(input, 'CodeSha256')
    if (sha256 !== undefined && sha256 !== latest.codeSha256) {
      throw lambdaError(
        'InvalidParameterValueException',
        `CodeSHA256 (${sha256}) is different from current CodeSHA256 in $LATEST (${latest.codeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
      )
    }
    const published = this.#table.versions(name).filter((record) => record.version !== LATEST)
    const last = published.at(-1)
    if (last && contentOf(last) === contentOf(latest)) return renderFunction(this.#place, last, last.version)
    const { version: _, ...content } = latest
    const record = this.#table.putVersion({
      ...content,
      policy: [],
      revisionId: newRevisionId(),
      description: readText(input, 'Description') ?? latest.description,
    })
    return renderFunction(this.#place, record, record.version)
  }

  listVersions(text: string, page: PageAsked = {}): JsonObject {
    const { name } = this.known(text)
    const { items, next } = cutList(this.#table.versions(name), page, (record) => record.version)
    return {
      Versions: items.map((record) => renderFunction(this.#place, record, record.version)),
      ...(next !== undefined && { NextMarker: next }),
    }
  }

  createAlias(text: string, input: JsonObject): JsonObject {
    const { name } = this.known(text)
    const alias = readText(input, 'Name') ?? ''
    if (!/^(?!^[0-9]+$)[a-zA-Z0-9-_]{1,128}$/.test(alias))
      throw lambdaError('InvalidParameterValueException', `Invalid alias name: ${alias}`)
    if (this.#table.getAlias(name, alias)) {
      throw lambdaError('ResourceConflictException', `Alias already exists: ${functionArn(this.#place, name, alias)}`)
    }
    return this.#putAlias(name, { name: alias, functionVersion: LATEST, description: '', revisionId: '' }, input)
  }

  updateAlias(text: string, aliasName: string, input: JsonObject): JsonObject {
    const { name } = this.known(text)
    const alias = this.#alias(name, aliasName)
    checkRevision(readText(input, 'RevisionId'), alias.revisionId)
    return this.#putAlias(name, alias, input)
  }

  getAlias(text: string, aliasName: string): JsonObject {
    const { name } = this.known(text)
    return renderAlias(this.#place, name, this.#alias(name, aliasName))
  }

  /** Those that point to `version`, or all. */
  listAliases(text: string, version: string | undefined, page: PageAsked = {}): JsonObject {
    const { name } = this.known(text)
    const found = this.#table
      .aliases(name)
      .filter(
        ({ functionVersion, canary }) => version === undefined || functionVersion === version || canary?.version === version,
      )
    const { items, next } = cutList(found, page, (alias) => alias.name)
    return {
      Aliases: items.map((alias) => renderAlias(this.#place, name, alias)),
      ...(next !== undefined && { NextMarker: next }),
    }
  }

  /** With the permissions that were given on it. */
  deleteAlias(text: string, aliasName: string): void {
    const record = this.known(text)
    const policy = record.policy.filter(({ qualifier }) => qualifier !== aliasName)
    if (policy.length < record.policy.length) this.#table.put({ ...record, policy })
    this.#table.deleteAlias(record.name, aliasName)
  }

  // ---- concurrency, account, tags ----

  putConcurrency(text: string, input: JsonObject): JsonObject {
    const reserved = readWhole(input, 'ReservedConcurrentExecutions', 0, 100_000)
    if (reserved === undefined) throw lambdaError('InvalidParameterValueException', 'ReservedConcurrentExecutions is required')
    this.#table.put({ ...this.#latest(this.known(text).name), reservedConcurrency: reserved })
    return { ReservedConcurrentExecutions: reserved }
  }

  getConcurrency(text: string): JsonObject {
    const { reservedConcurrency } = this.known(text)
    return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency }
  }

  deleteConcurrency(text: string): void {
    this.#table.put({ ...this.known(text), reservedConcurrency: undefined })
  }

  accountSettings(): JsonObject {
    const { count, bytes } = this.#table.usage()
    return {
      AccountLimit: {
        TotalCodeSize: 80_530_636_800,
        CodeSizeUnzipped: 262_144_000,
        CodeSizeZipped: 52_428_800,
        ConcurrentExecutions: 1000,
        UnreservedConcurrentExecutions: 1000,
      },
      AccountUsage: { TotalCodeSize: bytes, FunctionCount: count },
    }
  }

  listTags(text: string): JsonObject {
    return { Tags: this.known(text).tags }
  }

  tag(text: string, input: JsonObject): void {
    const record = this.known(text)
    this.#table.put({ ...record, tags: tagsObject(addTags(tagsOf(record.tags), readTags(input), TAG_ERRORS)) })
  }

  untag(text: string, keys: readonly string[]): void {
    const record = this.known(text)
    this.#table.put({ ...record, tags: tagsObject(removeTags(tagsOf(record.tags), keys)) })
  }

  // ---- finding ----

  /**
   * The record that a name and a qualifier (in the name, or apart) mean; of an alias that shares its calls between two versions
   * the first, or with `draw` (uniform in [0, 1)) whichever it falls on. Throws ResourceNotFoundException.
   */
  resolve(text: string, qualifier?: string, draw?: () => number): { record: FunctionRecord; asked: string | undefined } {
    const name = parseFunctionName(text)
    const asked = qualifierOf(name, qualifier)
    const alias = isLatest(asked) ? undefined : this.#table.getAlias(name.name, asked ?? '')
    const isCanary = alias?.canary !== undefined && draw !== undefined && draw() < alias.canary.weight
    const version = (isCanary ? alias.canary?.version : alias?.functionVersion) ?? asked ?? LATEST
    const record = this.#table.get(name.name, version)
    if (!record) throw this.#notFound(name.name, asked)
    return { record, asked }
  }

  /** What a function is now, whatever qualifier it is named with. Throws ResourceNotFoundException. */
  known(text: string): FunctionRecord {
    const { name } = parseFunctionName(text)
    return this.#latest(name)
  }

  #latest(name: string): FunctionRecord {
    const record = this.#table.get(name, LATEST)
    if (!record) throw this.#notFound(name)
    return record
  }

  #notFound(name: string, qualifier?: string) {
    return lambdaError('ResourceNotFoundException', `Function not found: ${functionArn(this.#place, name, qualifier)}`)
  }

  #alias(functionName: string, aliasName: string): AliasRecord {
    const alias = this.#table.getAlias(functionName, aliasName)
    if (alias) return alias
    throw lambdaError('ResourceNotFoundException', `Cannot find alias arn: ${functionArn(this.#place, functionName, aliasName)}`)
  }

  #putAlias(functionName: string, before: AliasRecord, input: JsonObject): JsonObject {
    const functionVersion = readText(input, 'FunctionVersion') ?? before.functionVersion
    if (!this.#table.get(functionName, functionVersion)) throw this.#notFound(functionName, functionVersion)
    const description = readText(input, 'Description', 256) ?? before.description
    const routing = getOwn(input, 'RoutingConfig')
    const canary = isObject(routing) ? readCanary(routing, functionVersion) : before.canary
    if (canary && !this.#table.get(functionName, canary.version)) throw this.#notFound(functionName, canary.version)
    const alias = { name: before.name, functionVersion, canary, description, revisionId: newRevisionId() }
    this.#table.putAlias(functionName, alias)
    return renderAlias(this.#place, functionName, alias)
  }

  #fetchCode(code: JsonObject, name: string, archive: Uint8Array | undefined): Promise<CodePackage> {
    return fetchCode(code, name, this.#options.codeStore, this.#options.origin, archive)
  }

  #refuseTwin(name: string): void {
    if (this.#table.get(name, LATEST)) throw lambdaError('ResourceConflictException', `Function already exist: ${name}`)
  }

  /** The latest record, if the caller's RevisionId (when given) is still current. */
  #checked(name: string, input: JsonObject): FunctionRecord {
    const record = this.#latest(name)
    checkRevision(readText(input, 'RevisionId'), record.revisionId)
    return record
  }

  #save(record: FunctionRecord): void {
    this.#table.put(record)
    this.#options.onChange(record.name)
  }

  #stamp(): Pick<FunctionRecord, 'lastModifiedMs' | 'revisionId'> {
    return { lastModifiedMs: this.#options.now(), revisionId: newRevisionId() }
  }
}

const readTags = (input: JsonObject): Tags => tagsOf(readTextMap(input, 'Tags') ?? {})

function qualifierOf(name: FunctionName, qualifier: string | undefined): string | undefined {
  if (name.qualifier !== undefined && qualifier !== undefined && name.qualifier !== qualifier) {
    throw lambdaError(
      'InvalidParameterValueException',
      'The derived qualifier from the function name does not match the specified qualifier.',
    )
  }
  return qualifier ?? name.qualifier
}

const codeMembers = (code: CodePackage): Pick<FunctionRecord, 'codeSha256' | 'codeSize' | 'codeDirectory' | 'isLive'> => ({
  codeSha256: code.sha256,
  codeSize: code.size,
  codeDirectory: code.directory,
  isLive: code.isLive,
})

/** What a version freezes: publishing the same again gives the same version. */
function contentOf(record: FunctionRecord): string {
  const { version, revisionId, lastModifiedMs, tags, policy, description, reservedConcurrency, ...content } = record
  return stableJson(JSON.parse(JSON.stringify(content)) as JsonObject)
}

/** Apart from the class of that name: within it the compiler takes the member for the class. */
const pageOf = (functions: readonly JsonObject[], marker: string | undefined): JsonObject => ({
  Functions: functions,
  ...(marker !== undefined && { NextMarker: marker }),
})
