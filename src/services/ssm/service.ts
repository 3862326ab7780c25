/** Parameter Store's actions. Source: Systems Manager API reference. */
import { getOwn, type JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { WireError } from '../../wire/errors.ts'

import { cutPage } from '../kit/page.ts'
import { pageTokens } from '../kit/page-token.ts'
import type { ServiceDeps } from '../kit/service-deps.ts'
import { addTags, NO_TAGS, removeTags, type Tags, tagList, tagsObject } from '../kit/tags.ts'

import {
  alreadyExists,
  constraintError,
  invalidToken,
  parameterNotFound,
  publicNotFound,
  ssmError,
  TAG_ERRORS,
  typeMismatch,
  validation,
  versionNotFound,
} from './errors.ts'
import { type Filters, isBelow, readFilters } from './filters.ts'
import { readFlag, readOneOf, readTags, readText, readTexts, readWhole, requireText, requireTexts } from './input.ts'
import { checkName, parameterArn, readPath, type Reference, referenceOf } from './names.ts'
import {
  labelsOf,
  ParameterStore,
  type ParameterRow,
  type ParameterType,
  TIERS,
  type Tier,
  TYPES,
  type VersionRow,
} from './parameter-store.ts'
import { NO_POLICIES, type Policies, readPolicies, renderPolicies } from './policies.ts'
import { imageOf, isPublic } from './public-parameters.ts'
import { Vault, type VaultDeps } from './vault.ts'

export type SsmDeps = VaultDeps & Pick<ServiceDeps, 'database' | 'region' | 'account' | 'clock'>

const NAMES_MAX = 10
const LABELS_MAX = 10
const CHARS_MAX = { Standard: 4096, Advanced: 8192 } as const
const DATA_TYPES: ReadonlySet<string> = new Set(['text', 'aws:ec2:image', 'aws:ssm:integration'])
const DEFAULT_KEY = 'alias/aws/ssm'
const SECRETS = '/aws/reference/secretsmanager/'
const TOKENS = pageTokens('ssm', invalidToken)

/** What a parameter has in common with what is read in its place. */
interface Found {
  readonly name: string
  readonly type: ParameterType
  readonly value: string
  readonly version: number
  readonly modifiedMs: number
  readonly dataType: string
  readonly arn: string
  readonly selector?: string | undefined
  readonly source?: string
}

export class SsmService {
  readonly #deps: SsmDeps
  readonly #store: ParameterStore
  readonly #vault: Vault

  constructor(deps: SsmDeps) {
    this.#deps = deps
    this.#store = new ParameterStore(deps.database, deps.clock)
    this.#vault = new Vault(deps)
  }

  hasParameter(name: string): boolean {
    return this.#store.find(name) !== undefined
  }

  /** A String, for whoever sets up an account. */
  createText(name: string, value: string): void {
    const nothing = { keyId: null, description: null, allowedPattern: null, policies: null }
    this.#store.add({ name, type: 'String', value, tier: 'Standard', dataType: 'text', ...nothing }, '{}', null)
  }

  // ---- writing ----

  async putParameter(input: JsonObject): Promise<JsonObject> {
    const { name, selector } = referenceOf(requireText(input, 'Name'))
    if (selector !== undefined) throw validation('Parameter name: a version or label cannot be written to.')
    checkName(name)
    const known = this.#writable(name, readFlag(input, 'Overwrite'))
    const type = readType(input, known)
    const value = readValue(input)
    const tags = addTags(NO_TAGS, readTags(input), TAG_ERRORS)
    if (known && tags.size > 0)
      throw validation(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
      )
    const policies = policiesIn(input, known)
    const tier = readTier(input, known, value, policies)
    const allowedPattern = readText(input, 'AllowedPattern', 1024) ?? known?.allowedPattern ?? null
    checkPattern(value, allowedPattern)
    const keyId = type === 'SecureString' ? (readText(input, 'KeyId', 256) ?? known?.keyId ?? DEFAULT_KEY) : null
    if (keyId === null && readText(input, 'KeyId') !== undefined)
      throw validation('KeyId is not required for String and StringList type parameter.')
    const description = readText(input, 'Description', 1024) ?? known?.description ?? null
    const kept = keyId === null ? value : await this.#vault.close(value, keyId, parameterArn(this.#deps, name))
    const made = {
      name,
      type,
      value: kept,
      keyId,
      description,
      allowedPattern: allowedPattern === '' ? null : allowedPattern,
      tier,
      policies: policies.text,
      dataType: readDataType(input, known),
    }
    // While KMS was asked somebody else may have made it.
    this.#writable(name, readFlag(input, 'Overwrite'))
    const version = this.#store.add(made, known ? undefined : printTags(tags), policies.expiresMs)
    return { Version: version, Tier: tier }
  }

  deleteParameter(input: JsonObject): JsonObject {
    const { name } = referenceOf(requireText(input, 'Name'))
    if (!this.#store.remove(name)) throw parameterNotFound(name)
    return {}
  }

  deleteParameters(input: JsonObject): JsonObject {
    const names = [...new Set(requireTexts(input, 'Names', NAMES_MAX))]
    const deleted = new Set(names.filter((name) => this.#store.remove(referenceOf(name).name)))
    return { DeletedParameters: [...deleted], InvalidParameters: names.filter((name) => !deleted.has(name)) }
  }

  labelParameterVersion(input: JsonObject): JsonObject {
    const { parameter, version } = this.#versionIn(input)
    const labels = requireTexts(input, 'Labels', LABELS_MAX)
    const invalid = labels.filter((label) => !/^(?!\d|aws|ssm)[\w.-]{1,100}$/i.test(label))
    const valid = labels.filter((label) => !invalid.includes(label))
    const all = [...new Set([...labelsOf(version), ...valid])]
    if (all.length > LABELS_MAX)
      throw ssmError(
        'ParameterVersionLabelLimitExceeded',
        `A parameter version can have maximum ${LABELS_MAX} labels. Move one or more labels to another version and try again.`,
      )
    this.#store.transaction(() => {
      for (const other of this.#store.versions(parameter.name)) {
        const left = labelsOf(other).filter((label) => !valid.includes(label))
        if (left.length < labelsOf(other).length) this.#store.setLabels(other, left)
      }
      this.#store.setLabels(version, all)
    })
    return { InvalidLabels: invalid, ParameterVersion: version.version }
  }

  unlabelParameterVersion(input: JsonObject): JsonObject {
    const { version } = this.#versionIn(input)
    const labels = requireTexts(input, 'Labels', LABELS_MAX)
    const known = labelsOf(version)
    this.#store.setLabels(
      version,
      known.filter((label) => !labels.includes(label)),
    )
    const removed = labels.filter((label) => known.includes(label))
    return { RemovedLabels: removed, InvalidLabels: labels.filter((label) => !removed.includes(label)) }
  }

  // ---- reading ----

  async getParameter(input: JsonObject): Promise<JsonObject> {
    const reference = referenceOf(requireText(input, 'Name'))
    const isOpened = readFlag(input, 'WithDecryption')
    return { Parameter: await this.#render(await this.#found(reference, isOpened), isOpened) }
  }

  /** What there is, in the order of the names; the others are named apart. */
  async getParameters(input: JsonObject): Promise<JsonObject> {
    const names = requireTexts(input, 'Names', NAMES_MAX)
    const isOpened = readFlag(input, 'WithDecryption')
    const found: JsonObject[] = []
    const invalid: string[] = []
    for (const name of new Set(names)) {
      const one = await this.#found(referenceOf(name), isOpened).catch(noneWhereNotFound)
      if (one) found.push(await this.#render(one, isOpened))
      else invalid.push(name)
    }
    return { Parameters: found, InvalidParameters: invalid }
  }

  async getParametersByPath(input: JsonObject): Promise<JsonObject> {
    const path = readPath(requireText(input, 'Path'))
    const isRecursive = readFlag(input, 'Recursive')
    const filters = readFilters(input, true)
    const { page, next } = this.#page(input, filters, 10, (name) => isBelow(name, path, isRecursive), path === '/' ? '' : path)
    const isOpened = readFlag(input, 'WithDecryption')
    const shown: JsonObject[] = []
    for (const { version } of page) shown.push(await this.#render(this.#foundOf(version, undefined), isOpened))
    return { Parameters: shown, ...next }
  }

  describeParameters(input: JsonObject): JsonObject {
    const { page, next } = this.#page(input, readFilters(input, false), 50, () => true, '')
    return {
      Parameters: page.map(({ version }) => ({ ...this.#describe(version), ARN: parameterArn(this.#deps, version.name) })),
      ...next,
    }
  }

  async getParameterHistory(input: JsonObject): Promise<JsonObject> {
    const { name } = this.#existing(requireText(input, 'Name'))
    const size = readWhole(input, 'MaxResults', 1, 50) ?? 50
    const after = Number(TOKENS.placeOf(readText(input, 'NextToken')) || 0)
    const { items, last } = cutPage(this.#store.versions(name, after), size)
    const isOpened = readFlag(input, 'WithDecryption')
    const shown: JsonObject[] = []
    for (const version of items) {
      const Value = await this.#valueOf(this.#foundOf(version, undefined), isOpened)
      shown.push({ ...this.#describe(version), Value, Labels: labelsOf(version) })
    }
    return { Parameters: shown, ...nextOf(last && String(last.version)) }
  }

  // ---- tags ----

  addTagsToResource(input: JsonObject): JsonObject {
    const parameter = this.#resource(input)
    this.#store.setTags(parameter.name, printTags(addTags(tagsIn(parameter), readTags(input), TAG_ERRORS)))
    return {}
  }

  removeTagsFromResource(input: JsonObject): JsonObject {
    const parameter = this.#resource(input)
    this.#store.setTags(parameter.name, printTags(removeTags(tagsIn(parameter), readTexts(input, 'TagKeys') ?? [])))
    return {}
  }

  listTagsForResource(input: JsonObject): JsonObject {
    return { TagList: tagList(tagsIn(this.#resource(input))) }
  }

  // ---- shared ----

  #writable(name: string, isOverwrite: boolean): ParameterRow | undefined {
    const known = this.#store.find(name)
    if (known && !isOverwrite) throw alreadyExists()
    return known
  }

  #existing(text: string): ParameterRow {
    const { name } = referenceOf(text)
    const parameter = this.#store.find(name) ?? this.#store.find(`/${name}`)
    if (!parameter) throw parameterNotFound(name)
    return parameter
  }

  #versionIn(input: JsonObject): { readonly parameter: ParameterRow; readonly version: VersionRow } {
    const parameter = this.#existing(requireText(input, 'Name'))
    const wanted = readWhole(input, 'ParameterVersion', 1, Number.MAX_SAFE_INTEGER) ?? parameter.version
    const version = this.#store.version(parameter, `:${wanted}`)
    if (!version) throw versionNotFound(parameter.name, wanted)
    return { parameter, version }
  }

  #resource(input: JsonObject): ParameterRow {
    if (readText(input, 'ResourceType') !== 'Parameter')
      throw ssmError('InvalidResourceType', 'The resource type is not valid: only parameters are here.')
    const name = requireText(input, 'ResourceId')
    // An ARN does not tell whether the name begins with a slash.
    const parameter = this.#store.find(name) ?? this.#store.find(`/${name}`)
    if (!parameter)
      throw ssmError('InvalidResourceId', 'The resource ID is not valid. Verify that you entered the correct ID and try again.')
    return parameter
  }

  async #found(reference: Reference, isOpened: boolean): Promise<Found> {
    const { name, selector } = reference
    if (name.startsWith(SECRETS)) return this.#secret(reference, isOpened)
    if (isPublic(name)) return this.#public(name)
    const parameter = this.#store.find(name) ?? (name.startsWith('/') ? undefined : this.#store.find(`/${name}`))
    if (!parameter) throw parameterNotFound(name)
    const version = this.#store.version(parameter, selector)
    if (!version) throw versionNotFound(name, selector?.slice(1) ?? '')
    return this.#foundOf(version, selector)
  }

  #foundOf(version: VersionRow, selector: string | undefined): Found {
    return { ...version, arn: parameterArn(this.#deps, version.name), selector }
  }

  #public(name: string): Found {
    const value = imageOf(name)
    if (value === undefined) throw publicNotFound(name)
    const arn = `arn:aws:ssm:${this.#deps.region}::parameter${name}`
    return { name, type: 'String', value, version: 1, modifiedMs: this.#deps.clock.now(), dataType: 'aws:ec2:image', arn }
  }

  async #secret({ name, selector }: Reference, isOpened: boolean): Promise<Found> {
    if (!isOpened) throw validation('WithDecryption flag must be True for retrieving a Secret Manager secret.')
    const secret = await this.#vault.secret(name.slice(SECRETS.length), selector?.slice(1))
    return {
      name,
      type: 'SecureString',
      value: String(getOwn(secret, 'SecretString') ?? getOwn(secret, 'SecretBinary') ?? ''),
      version: 0,
      modifiedMs: Number(getOwn(secret, 'CreatedDate') ?? 0) * 1000,
      dataType: 'text',
      arn: parameterArn(this.#deps, name),
      selector,
      source: JSON.stringify(secret),
    }
  }

  async #valueOf({ type, value, arn, source }: Found, isOpened: boolean): Promise<string> {
    return type === 'SecureString' && isOpened && source === undefined ? this.#vault.open(value, arn) : value
  }

  async #render(found: Found, isOpened: boolean): Promise<JsonObject> {
    const { name, type, version, modifiedMs, arn, dataType, selector, source } = found
    return {
      Name: name,
      Type: type,
      Value: await this.#valueOf(found, isOpened),
      Version: version,
      ...(selector !== undefined && { Selector: selector }),
      ...(source !== undefined && { SourceResult: source }),
      LastModifiedDate: modifiedMs / 1000,
      ARN: arn,
      DataType: dataType,
    }
  }

  #describe(version: VersionRow): JsonObject {
    const { name, type, keyId, description, allowedPattern, tier, policies, dataType, modifiedMs } = version
    return {
      Name: name,
      Type: type,
      ...(keyId !== null && { KeyId: keyId }),
      LastModifiedDate: modifiedMs / 1000,
      LastModifiedUser: `arn:aws:iam::${this.#deps.account}:root`,
      ...(description !== null && { Description: description }),
      ...(allowedPattern !== null && { AllowedPattern: allowedPattern }),
      Version: version.version,
      Tier: tier,
      Policies: renderPolicies(policies),
      DataType: dataType,
    }
  }

  #page(input: JsonObject, { matches, label }: Filters, max: number, isWanted: (name: string) => boolean, prefix: string) {
    const size = readWhole(input, 'MaxResults', 1, max) ?? 10
    const after = TOKENS.placeOf(readText(input, 'NextToken', 4096))
    const found: { readonly parameter: ParameterRow; readonly version: VersionRow }[] = []
    for (const parameter of this.#store.below(prefix, after)) {
      if (found.length > size) break
      if (!isWanted(parameter.name)) continue
      const version = label === undefined ? parameter : this.#store.version(parameter, `:${label}`)
      if (version && matches({ parameter, version })) found.push({ parameter, version })
    }
    const { items, last } = cutPage(found, size)
    return { page: items, next: nextOf(last?.parameter.name) }
  }
}

function noneWhereNotFound(error: unknown): undefined {
  if (error instanceof WireError && /^Parameter(?:Version)?NotFound$/.test(error.code)) return undefined
  throw error
}

const nextOf = (last: string | undefined): JsonObject => (last === undefined ? {} : { NextToken: TOKENS.print([last]) })
const printTags = (tags: Tags): string => JSON.stringify(tagsObject(tags))
const tagsIn = ({ tags }: ParameterRow): Tags =>
  new Map(Object.entries(objectOf(tags) ?? {}).map(([key, value]) => [key, String(value)]))

function readType(input: JsonObject, known: ParameterRow | undefined): ParameterType {
  const type = readOneOf(input, 'Type', TYPES) ?? known?.type
  if (type === undefined) throw validation('A parameter type is required when you create a parameter.')
  if (known && known.type !== type) throw typeMismatch()
  return type
}

function readValue(input: JsonObject): string {
  const value = readText(input, 'Value', Number.POSITIVE_INFINITY)
  if (value === undefined) throw constraintError(undefined, 'Value', 'Member must not be null')
  if (value === '') throw constraintError('', 'Value', 'Member must have length greater than or equal to 1.')
  return value
}

function readDataType(input: JsonObject, known: ParameterRow | undefined): string {
  const dataType = readText(input, 'DataType', 128) ?? known?.dataType ?? 'text'
  if (!DATA_TYPES.has(dataType))
    throw validation(`The following data type is not supported: ${dataType} (Data type names are all lowercase.)`)
  return dataType
}

function policiesIn(input: JsonObject, known: ParameterRow | undefined): Policies {
  const text = readText(input, 'Policies', 4096)
  if (text !== undefined) return readPolicies(text)
  return known?.policies ? readPolicies(known.policies) : NO_POLICIES
}

const ADVANCED_LINK = 'https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html'

function readTier(input: JsonObject, known: ParameterRow | undefined, value: string, policies: Policies): Tier {
  const asked = readOneOf(input, 'Tier', TIERS) ?? known?.tier ?? 'Standard'
  const needsMore = value.length > CHARS_MAX.Standard || policies.text !== null || known?.tier === 'Advanced'
  const tier = asked === 'Intelligent-Tiering' ? (needsMore ? 'Advanced' : 'Standard') : asked
  if (tier === 'Standard' && known?.tier === 'Advanced')
    throw validation(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    )
  if (tier === 'Standard' && policies.text !== null)
    throw validation('Parameter policies can be used with parameters of the advanced-parameter tier only.')
  if (value.length > CHARS_MAX[tier])
    throw validation(
      tier === 'Standard'
        ? `Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see ${ADVANCED_LINK}`
        : `Advanced tier parameters support a maximum parameter value of 8192 characters.`,
    )
  return tier
}

function checkPattern(value: string, pattern: string | null): void {
  if (pattern === null || pattern === '') return
  let allowed: RegExp
  try {
    allowed = new RegExp(pattern)
  } catch {
    throw ssmError('InvalidAllowedPatternException', `The request doesn't meet the regular expression requirement: ${pattern}`)
  }
  if (!allowed.test(value))
    throw ssmError('ParameterPatternMismatchException', `Parameter value, cannot be validated against allowedPattern: ${pattern}`)
}
