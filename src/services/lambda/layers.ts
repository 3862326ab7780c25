/**
 * Layers: versions of archives whose files functions find beside their own, under `/opt` on AWS. A function's layers are laid one
 * over the other, later ones on top, in a folder that is made when a process first needs it.
 * Source: AWS Lambda API reference, PublishLayerVersion and its like; developer guide, "Managing Lambda dependencies with layers".
 */
import { createHash } from 'node:crypto'
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import type { Log } from '../../base/log.ts'

import type { ServicesDatabase } from '../kit/database.ts'

import { type CodeOrigin, fetchCode } from './code-source.ts'
import type { CodeStore } from './code-store.ts'
import { lambdaError } from './errors.ts'
import { readText, readTexts } from './input.ts'
import type { Place } from './render.ts'

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
}

export interface LayersOptions {
  readonly database: ServicesDatabase
  readonly codeStore: CodeStore
  readonly origin: CodeOrigin
  readonly place: Place
  readonly now: () => number
  readonly log: Log
}

/** Layers' folders stand beside those of functions, whose names hold no dot. */
const HOME = 'layers.'
const NAME = /^[a-zA-Z0-9-_]{1,140}$/
const ARN = /^arn:[^:]+:lambda:[^:]*:(\d{12}):layer:([\w-]+):(\d+)$/

/** The folders in which layers' code lies, for those who tidy up. */
export const layerDirectories = (database: ServicesDatabase): readonly string[] =>
  database.prepareValue<[], string>("SELECT record ->> 'directory' FROM lambda_layers WHERE record <> ''").all()

export class Layers {
  readonly #options: LayersOptions
  readonly #sql: ReturnType<typeof prepare>
  readonly #laid = new Map<string, Promise<string>>()
  readonly #missed = new Set<string>()

  constructor(options: LayersOptions) {
    this.#options = options
    this.#sql = prepare(options.database)
  }

  async publish(name: string, input: JsonObject, archive?: Uint8Array): Promise<JsonObject> {
    if (!NAME.test(name)) throw lambdaError('InvalidParameterValueException', `Invalid layer name: ${name}`)
    const { codeStore, origin, now } = this.#options
    const content = getOwn(input, 'Content')
    const code = await fetchCode(isObject(content) ? content : {}, HOME + name, codeStore, origin, archive)
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

  get(name: string, version: string): JsonObject {
    return this.#render(this.#find(name, Number(version)))
  }

  getByArn(arn: string): JsonObject {
    const [, , name = '', version = ''] = ARN.exec(arn) ?? []
    return this.get(name, version)
  }

  listVersions(name: string): JsonObject {
    return {
      LayerVersions: this.#versionsOf(name)
        .toReversed()
        .map((layer) => this.#summary(layer)),
    }
  }

  list(): JsonObject {
    const latest = new Map(
      this.#sql.all
        .all()
        .map(parse)
        .map((layer) => [layer.name, layer]),
    )
    return {
      Layers: [...latest.values()].map((layer) => ({
        LayerName: layer.name,
        LayerArn: this.#arn(layer.name),
        LatestMatchingVersion: this.#summary(layer),
      })),
    }
  }

  /** Functions that have it keep it until the next start. */
  delete(name: string, version: string): void {
    this.#sql.remove.run(name, Number(version))
  }

  /**
   * Where the files of these layers lie together; undefined where there are none. Layers that are not here are told, and left
   * out.
   */
  async lay(arns: readonly string[]): Promise<string | undefined> {
    const directories = arns.flatMap((arn) => this.#directoryOf(arn) ?? [])
    if (directories.length === 0) return undefined
    const key = createHash('sha256').update(directories.join('\n')).digest('hex').slice(0, 32)
    const place = join(this.#options.codeStore.root, `${HOME}laid`, key)
    const laid = this.#laid.get(key) ?? layOver(directories, place)
    this.#laid.set(key, laid)
    return laid.catch((error: unknown) => {
      this.#laid.delete(key)
      throw error
    })
  }

  #directoryOf(arn: string): string | undefined {
    const [, , name = '', version = ''] = ARN.exec(arn) ?? []
    const record = this.#sql.get.get(name, Number(version))
    if (record !== undefined) return parse(record).directory
    if (!this.#missed.has(arn)) this.#options.log.warn('a layer is not here: functions run without it', { layer: arn })
    this.#missed.add(arn)
    return undefined
  }

  #find(name: string, version: number): LayerVersion {
    const record = this.#sql.get.get(name, version)
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

  #summary(layer: LayerVersion): JsonObject {
    return {
      LayerVersionArn: `${this.#arn(layer.name)}:${layer.version}`,
      Version: layer.version,
      Description: layer.description,
      CreatedDate: new Date(layer.createdMs).toISOString().replace('Z', '+0000'),
      CompatibleRuntimes: layer.runtimes,
      CompatibleArchitectures: layer.architectures,
      LicenseInfo: layer.license,
    }
  }

  #render(layer: LayerVersion): JsonObject {
    const content = { CodeSha256: layer.codeSha256, CodeSize: layer.codeSize }
    return { ...this.#summary(layer), LayerArn: this.#arn(layer.name), Content: content }
  }
}

const parse = (record: string): LayerVersion => JSON.parse(record) as LayerVersion

/** Half of it is never seen under its name. */
async function layOver(directories: readonly string[], place: string): Promise<string> {
  if ((await stat(place).catch(() => undefined))?.isDirectory() === true) return place
  const draft = `${place}.draft`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  for (const directory of directories) await cp(directory, draft, { recursive: true, force: true, verbatimSymlinks: true })
  await rename(draft, place)
  return place
}

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
  remove: database.prepare<[string, number]>("UPDATE lambda_layers SET record = '' WHERE name = ? AND version = ?"),
})
