/**
 * Layers: versions of archives whose files functions find beside their own, under `/opt` on AWS.
 * Source: AWS Lambda API reference, PublishLayerVersion and its like; developer guide, "Managing Lambda dependencies with layers".
 */
import { readFile } from 'node:fs/promises'

import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { type CodeOrigin, fetchCode } from './code-source.ts'
import { codePlace, type CodeStore } from './code-store.ts'
import { checkRevision, constraintError, lambdaError } from './errors.ts'
import { archiveOf } from './heavy-work.ts'
import { cutList, type PageAsked, readText, readTexts } from './input.ts'
import { LaidLayers, LAYERS_HOME } from './laid-layers.ts'
import { principalOf, readStatementId } from './permissions.ts'
import { newRevisionId } from './records.ts'
import { layerLink, type Place } from './render.ts'

interface LayerVersion {
  readonly name: string
  readonly version: number
  readonly description: string
  readonly runtimes: readonly string[]
  readonly architectures: readonly string[]
  readonly license: string
  readonly codeSha256: string
  readonly codeSize: number
  readonly directory: string
  readonly createdMs: number
  /** Who may use it, besides its owner. */
  readonly policy?: readonly { readonly sid: string; readonly statement: string }[] | undefined
  readonly policyRevisionId?: string | undefined
}

export interface LayersOptions {
  readonly database: ServicesDatabase
  readonly codeStore: CodeStore
  readonly origin: CodeOrigin
  readonly place: Place
  readonly now: () => number
  readonly log: Log
}

const NAME = /^[a-zA-Z0-9-_]{1,140}$/
const ARN = /^arn:[^:]+:lambda:[^:]*:(\d{12}):layer:([\w-]+):(\d+)$/

/** The folders in which layers' code lies, for those who tidy up. */
export const layerDirectories = (database: ServicesDatabase, root: string): readonly string[] =>
  database
    .prepareValue<[], string>("SELECT record ->> 'directory' FROM lambda_layers WHERE record <> ''")
    .all()
    .map((recorded) => codePlace(root, recorded))

export class Layers {
  readonly #options: LayersOptions
  readonly #sql: ReturnType<typeof prepare>
  readonly #laid: LaidLayers
  readonly #missed = new Set<string>()

  constructor(options: LayersOptions) {
    this.#options = options
    this.#laid = new LaidLayers(options.codeStore.root)
    this.#sql = prepare(options.database)
  }

  async publish(named: string, input: JsonObject, archive?: Uint8Array): Promise<JsonObject> {
    const name = layerName(named)
    if (!NAME.test(name)) throw lambdaError('InvalidParameterValueException', `Invalid layer name: ${name}`)
    const { codeStore, origin, now } = this.#options
    const content = getOwn(input, 'Content')
    const code = await fetchCode(isObject(content) ? content : {}, LAYERS_HOME + name, codeStore, origin, archive)
    const layer: LayerVersion = {
      name,
      version: (this.#sql.lastVersion.get(name) ?? 0) + 1,
      description: readText(input, 'Description', 256) ?? '',
      runtimes: readTexts(input, 'CompatibleRuntimes') ?? [],
      architectures: readTexts(input, 'CompatibleArchitectures') ?? [],
      license: readText(input, 'LicenseInfo', 512) ?? '',
      codeSha256: code.sha256,
      codeSize: code.size,
      directory: code.directory,
      createdMs: now(),
    }
    this.#sql.put.run(name, layer.version, JSON.stringify(layer))
    return this.#render(layer)
  }

  get(named: string, version: string): JsonObject {
    return this.#render(this.#find(layerName(named), version))
  }

  getByArn(arn: string): JsonObject {
    const [, , name = '', version = ''] = ARN.exec(arn) ?? []
    if (name === '') throw constraintError(arn, 'arn', 'Member must be the ARN of a version of a layer')
    return this.get(name, version)
  }

  /** The latest first. */
  listVersions(named: string, wanted: LayersWanted = {}): JsonObject {
    const found = this.#versionsOf(layerName(named)).toReversed().filter(matcherOf(wanted))
    const { items, next } = cutList(found, wanted, ({ version }) => String(version))
    return { LayerVersions: items.map((layer) => this.#summary(layer)), ...(next !== undefined && { NextMarker: next }) }
  }

  list(wanted: LayersWanted = {}): JsonObject {
    const all = this.#sql.all.all().map(parse).filter(matcherOf(wanted))
    const latest = new Map(all.map((layer) => [layer.name, layer]))
    const { items, next } = cutList([...latest.values()], wanted, ({ name }) => name)
    return {
      Layers: items.map((layer) => ({
        LayerName: layer.name,
        LayerArn: this.#arn(layer.name),
        LatestMatchingVersion: this.#summary(layer),
      })),
      ...(next !== undefined && { NextMarker: next }),
    }
  }

  // ---- who may use a version ----

  addPermission(named: string, version: string, input: JsonObject, revisionId: string | undefined): JsonObject {
    const layer = this.#find(layerName(named), version)
    checkRevision(revisionId, layer.policyRevisionId ?? '')
    const sid = readStatementId(input)
    if (layer.policy?.some((statement) => statement.sid === sid)) {
      throw lambdaError(
        'ResourceConflictException',
        `The statement id (${sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      )
    }
    const statement = JSON.stringify(layerStatement(input, sid, this.#versionArn(layer)))
    const policyRevisionId = newRevisionId()
    this.#replace({ ...layer, policy: [...(layer.policy ?? []), { sid, statement }], policyRevisionId })
    return { Statement: statement, RevisionId: policyRevisionId }
  }

  getPolicy(named: string, version: string): JsonObject {
    const { policy = [], policyRevisionId = '' } = this.#find(layerName(named), version)
    if (policy.length === 0) throw lambdaError('ResourceNotFoundException', NO_POLICY)
    const Policy = `{"Version":"2012-10-17","Id":"default","Statement":[${policy.map(({ statement }) => statement).join(',')}]}`
    return { Policy, RevisionId: policyRevisionId }
  }

  removePermission(named: string, version: string, sid: string, revisionId: string | undefined): void {
    const layer = this.#find(layerName(named), version)
    const policy = (layer.policy ?? []).filter((statement) => statement.sid !== sid)
    if (policy.length === (layer.policy ?? []).length)
      throw lambdaError('ResourceNotFoundException', `Statement ${sid} is not found in resource policy.`)
    checkRevision(revisionId, layer.policyRevisionId ?? '')
    this.#replace({ ...layer, policy, policyRevisionId: newRevisionId() })
  }

  /** Its archive, as it was uploaded. Throws ResourceNotFoundException. */
  archive(named: string, version: string): Promise<Buffer> {
    const { directory } = this.#find(layerName(named), version)
    return readFile(archiveOf(codePlace(this.#options.codeStore.root, directory)))
  }

  /** Functions that have it keep it until the next start. */
  delete(named: string, version: string): void {
    this.#sql.remove.run(layerName(named), Number(version))
  }

  /** Where the files of these layers lie together; undefined where there are none. */
  lay(arns: readonly string[]): Promise<string | undefined> {
    return this.#laid.lay(this.directoriesOf(arns))
  }

  /** Where the files of each lie. Layers that are not here are told, and left out. */
  directoriesOf(arns: readonly string[]): readonly string[] {
    return arns.flatMap((arn) => this.#directoryOf(arn) ?? [])
  }

  #directoryOf(arn: string): string | undefined {
    const [, , name = '', version = ''] = ARN.exec(arn) ?? []
    const record = this.#sql.get.get(name, Number(version))
    if (record !== undefined) return codePlace(this.#options.codeStore.root, parse(record).directory)
    if (!this.#missed.has(arn)) this.#options.log.warn('a layer is not here: functions run without it', { layer: arn })
    this.#missed.add(arn)
    return undefined
  }

  #replace(layer: LayerVersion): void {
    this.#sql.replace.run(JSON.stringify(layer), layer.name, layer.version)
  }

  #find(name: string, version: string): LayerVersion {
    const record = this.#sql.get.get(name, Number(version))
    if (record === undefined) throw lambdaError('ResourceNotFoundException', 'The resource you requested does not exist.')
    return parse(record)
  }

  #versionsOf(name: string): readonly LayerVersion[] {
    return this.#sql.versions.all(name).map(parse)
  }

  #arn(name: string): string {
    const { region, account } = this.#options.place
    return `arn:aws:lambda:${region}:${account}:layer:${name}`
  }

  #versionArn({ name, version }: LayerVersion): string {
    return `${this.#arn(name)}:${version}`
  }

  #summary(layer: LayerVersion): JsonObject {
    return {
      LayerVersionArn: this.#versionArn(layer),
      Version: layer.version,
      Description: layer.description,
      CreatedDate: new Date(layer.createdMs).toISOString().replace('Z', '+0000'),
      CompatibleRuntimes: layer.runtimes,
      CompatibleArchitectures: layer.architectures,
      LicenseInfo: layer.license,
    }
  }

  #render(layer: LayerVersion): JsonObject {
    const { origin } = this.#options
    const Location = layerLink((origin.publicUrl ?? origin.endpoint)(), layer.name, layer.version)
    const content = { CodeSha256: layer.codeSha256, CodeSize: layer.codeSize, Location }
    return { ...this.#summary(layer), LayerArn: this.#arn(layer.name), Content: content }
  }
}

export interface LayersWanted extends PageAsked {
  readonly runtime?: string | undefined
  readonly architecture?: string | undefined
}

/** What names no runtime or architecture is for all of them. */
const matcherOf =
  ({ runtime, architecture }: LayersWanted) =>
  ({ runtimes, architectures }: LayerVersion): boolean =>
    (runtime === undefined || runtimes.includes(runtime)) && (architecture === undefined || architectures.includes(architecture))

/** A path names a layer by its name or its ARN. */
const layerName = (named: string): string => /^arn:[^:]+:lambda:[^:]*:\d{12}:layer:([\w-]+)$/.exec(named)?.[1] ?? named

const NO_POLICY = 'No policy is associated with the given resource.'

function layerStatement(input: JsonObject, Sid: string, Resource: string): JsonObject {
  const Action = readText(input, 'Action') ?? ''
  if (Action !== 'lambda:GetLayerVersion')
    throw constraintError(Action, 'action', 'Member must satisfy regular expression pattern: lambda:GetLayerVersion')
  const principal = readText(input, 'Principal') ?? ''
  if (!/^(\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root)$/.test(principal)) {
    const pattern = '\\d{12}|\\*|arn:(aws[a-zA-Z-]*):iam::\\d{12}:root'
    throw constraintError(principal, 'principal', `Member must satisfy regular expression pattern: ${pattern}`)
  }
  const organization = readText(input, 'OrganizationId')
  const Condition = { StringEquals: { 'aws:PrincipalOrgID': organization ?? '' } }
  const Principal = principalOf(principal)
  return { Sid, Effect: 'Allow', Principal, Action, Resource, ...(organization !== undefined && { Condition }) }
}

const parse = (record: string): LayerVersion => JSON.parse(record) as LayerVersion

/** Of a version that was deleted the row stays, without its record: its number is not used again. */
const prepare = (database: ServicesDatabase) => ({
  all: database.prepareValue<[], string>("SELECT record FROM lambda_layers WHERE record <> '' ORDER BY name, version"),
  versions: database.prepareValue<[string], string>(
    "SELECT record FROM lambda_layers WHERE name = ? AND record <> '' ORDER BY version",
  ),
  get: database.prepareValue<[string, number], string>(
    "SELECT record FROM lambda_layers WHERE name = ? AND version = ? AND record <> ''",
  ),
  lastVersion: database.prepareValue<[string], number>(
    'SELECT version FROM lambda_layers WHERE name = ? ORDER BY version DESC LIMIT 1',
  ),
  put: database.prepare<[string, number, string]>('INSERT INTO lambda_layers (name, version, record) VALUES (?, ?, ?)'),
  replace: database.prepare<[string, string, number]>('UPDATE lambda_layers SET record = ? WHERE name = ? AND version = ?'),
  remove: database.prepare<[string, number]>("UPDATE lambda_layers SET record = '' WHERE name = ? AND version = ?"),
})
