/**
 * What a resource type is to a deployment: it makes a declared resource true on the endpoint, and tells what `Ref` and
 * `Fn::GetAtt` give for it. Doing it twice changes nothing.
 */
import { createHash } from 'node:crypto'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'

import type { Aws } from '../aws.ts'
import type { Problem } from '../problem.ts'

export interface DeployContext {
  readonly aws: Aws
  readonly region: string
  readonly account: string
  readonly partition: string
  readonly stackName: string
  /** What lies beside the template on a disk; a service has nothing there. */
  readonly local?: LocalFiles
  /** What ends the name of a resource that the template does not name: the same for the same resource, however often it is asked. */
  suffixOf(id: string): string
  /**
   * Called where a resource is to be made and one of its name is there: throws where that is somebody else's.
   * `name`: as it is told.
   */
  adopt(resource: Declared, name: string): void
  /** Called as soon as a new resource is there, where calls that may fail still follow: so that it can be taken away again. */
  made(resource: Declared, ref: string): void
  /** Where a value of the template stands. */
  placeOf(path: readonly string[]): Pick<Problem, 'file' | 'position'>
  warn(message: string): void
  /** Tells what takes its time. */
  note(message: string): void
}

/** Files of the template's own folder. Each is undefined where the resource names none. */
export interface LocalFiles {
  readCode(resource: Declared, context: DeployContext): Promise<Code | undefined>
  /** Of a layer. */
  readContent(resource: Declared, context: DeployContext): Promise<Buffer | undefined>
  readDefinition(resource: Declared, context: DeployContext): Promise<DefinitionFile | undefined>
}

export interface Code {
  readonly zip: Buffer
  /** What it wants in its environment, where the template says nothing else. */
  readonly variables: Readonly<Record<string, string>>
}

export interface DefinitionFile {
  /** As it is shown. */
  readonly file: string
  readonly content: string
}

export interface Declared {
  readonly id: string
  readonly type: string
  /** Resolved: no intrinsic function is left. */
  readonly properties: JsonObject
  readonly metadata: JsonObject
  /** Where it stands in the template. */
  readonly path: readonly string[]
  /** What it was before, where that is known. */
  readonly before?: Existing
  /** What an attempt that was cut short has told as made: it is gone on with. */
  readonly begun?: string
}

/** A resource that was deployed. */
export interface Existing {
  readonly ref: string
  readonly type: string
  /** As they were resolved then. */
  readonly properties: JsonObject
  /** As they were told then: some are never told again, as the secret of an access key is not. */
  readonly attributes?: Readonly<Record<string, Json>>
}

export type Change = 'created' | 'updated' | 'unchanged' | 'recorded'

export interface Deployed {
  readonly ref: string
  readonly attributes: Readonly<Record<string, Json>>
  /** Of what has whatever attribute it is asked for. */
  readonly anyAttribute?: (name: string) => Json
  readonly change: Change
}

export interface ResourceType {
  /** Properties that have no effect here, which is told. Neither they nor what they refer to are looked at. */
  readonly ignores?: readonly string[]
  /**
   * Properties whose change makes another resource in its place; `*` is all of them.
   * Source: CloudFormation template reference, "Update requires: Replacement".
   */
  readonly replacedBy?: readonly string[]
  deploy(resource: Declared, context: DeployContext): Promise<Deployed>
  /** Takes away what the template no longer has. Answers why it stays, where it does. Nothing where it is gone already. */
  remove?(ref: string, aws: Aws, options?: RemoveOptions): Promise<string | undefined>
}

export interface RemoveOptions {
  /** A table or a log group goes with what it holds. */
  readonly withData?: boolean
  /** As the resource was declared, where that is known. */
  readonly properties?: JsonObject
}

/** A property that a resource type cannot do with. Names the property so that the caller can point at it. */
export class PropertyError extends Error {
  override readonly name = 'PropertyError'
  readonly path: readonly string[]

  constructor(message: string, ...path: string[]) {
    super(message)
    this.path = path
  }
}

export function textAt(object: JsonObject, name: string): string | undefined {
  const value = getOwn(object, name)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

export function requiredText(object: JsonObject, name: string): string {
  const value = textAt(object, name)
  if (value === undefined) throw new PropertyError(`The property ${name} is required.`, name)
  return value
}

export function numberAt(object: JsonObject, name: string): number | undefined {
  const text = textAt(object, name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || Number.isNaN(value)) throw new PropertyError(`The property ${name} must be a number.`, name)
  return value
}

export function booleanAt(object: JsonObject, name: string): boolean | undefined {
  const text = textAt(object, name)
  return text === undefined ? undefined : ['true', 'yes', 'on'].includes(text.toLowerCase())
}

export function objectAt(object: JsonObject, name: string): JsonObject | undefined {
  const value = getOwn(object, name)
  return isObject(value) ? value : undefined
}

export function listAt(object: JsonObject, name: string): readonly Json[] {
  const value = getOwn(object, name)
  return isArray(value) ? value : []
}

/** Those of `names` that are there, as texts. */
export function textsAt(object: JsonObject, names: readonly string[]): Record<string, string> {
  return pickedBy(names, (name) => textAt(object, name))
}

/** Those of `names` that are there. Throws PropertyError for what is no number. */
export function numbersAt(object: JsonObject, names: readonly string[]): Record<string, number> {
  return pickedBy(names, (name) => numberAt(object, name))
}

/** Those of `names` that are there, as they are. */
export function valuesAt(object: JsonObject, names: readonly string[]): Record<string, Json> {
  return pickedBy(names, (name) => getOwn(object, name))
}

function pickedBy<T>(names: readonly string[], read: (name: string) => T | undefined): Record<string, T> {
  const picked: Record<string, T> = {}
  for (const name of names) {
    const value = read(name)
    if (value !== undefined) picked[name] = value
  }
  return picked
}

/** Those of `names` that the resource had when it was last deployed, and has no more. */
export function droppedFrom({ properties, before }: Declared, names: readonly string[]): readonly string[] {
  return names.filter((name) => Object.hasOwn(before?.properties ?? {}, name) && !Object.hasOwn(properties, name))
}

/** What a resource that has no name of its own is known by. */
export const knownRef = ({ before, begun }: Declared): string | undefined => before?.ref ?? begun

/** What is there under the name of a resource that is new to its stack is somebody else's, unless it is adopted. */
export function claim<T>(found: T | undefined, resource: Declared, name: string, context: DeployContext): T | undefined {
  if (found !== undefined && resource.before === undefined) context.adopt(resource, name)
  return found
}

/** What became of a resource: `found` is what was there before. */
export function changeOf(found: unknown, ...isChanged: readonly boolean[]): 'created' | 'updated' | 'unchanged' {
  if (found === undefined) return 'created'
  return isChanged.includes(true) ? 'updated' : 'unchanged'
}

/** The name of a resource that the template does not name, as CloudFormation makes it: `stack-LogicalId-suffix`. */
export function physicalName(context: Pick<DeployContext, 'stackName' | 'suffixOf'>, id: string, charsMax: number): string {
  const suffix = context.suffixOf(id)
  const stem = `${context.stackName}-${id}`.slice(0, charsMax - suffix.length - 1).replace(/-$/, '')
  return `${stem}-${suffix}`
}

/** As UUIDs look, the same for the same text. */
export function uuidOf(text: string): string {
  const digits = createHash('sha256').update(text).digest('hex')
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
}

export function arnOf(
  context: Pick<DeployContext, 'partition' | 'region' | 'account'>,
  service: string,
  resource: string,
): string {
  return `arn:${context.partition}:${service}:${context.region}:${context.account}:${resource}`
}

/** A name stands for the role of that name. */
export function roleArnOf(context: DeployContext, { properties }: Declared, property: string): string {
  const given = requiredText(properties, property)
  const name = given.replaceAll(/[^\w+=,.@-]/g, '-')
  return given.startsWith('arn:') ? given : `arn:${context.partition}:iam::${context.account}:role/${name}`
}

/** Most types write tags as a list of Key and Value, some as a map. */
export function tagsOf(properties: JsonObject): { key: string; value: string }[] {
  const tags = getOwn(properties, 'Tags')
  if (isObject(tags)) return Object.entries(tags).map(([key, value]) => ({ key, value: String(value) }))
  if (!isArray(tags)) return []
  return tags.filter(isObject).map((tag) => ({ key: textAt(tag, 'Key') ?? '', value: textAt(tag, 'Value') ?? '' }))
}
