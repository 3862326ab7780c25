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
  /** Folder of the template: what CodeUri and DefinitionUri are relative to. */
  readonly folder: string
  /** Folders that belong to no function's code. */
  readonly excluded: readonly string[]
  /** Where a value of the template stands. */
  placeOf(path: readonly string[]): Pick<Problem, 'file' | 'position'>
  /** Another template as a stack of its own. Throws TemplateError. */
  deployNested(
    templateFile: string,
    parameters: Readonly<Record<string, string>>,
    id: string,
  ): Promise<{
    readonly stackName: string
    readonly outputs: Readonly<Record<string, Json>>
    readonly resources: readonly Pick<Deployed, 'change'>[]
  }>
  warn(message: string): void
  /** Tells what takes its time. */
  note(message: string): void
  /** Tells what a resource reads besides the template, for those who watch. */
  watch(path: string): void
}

export interface Declared {
  readonly id: string
  readonly type: string
  /** Resolved: no intrinsic function is left. */
  readonly properties: JsonObject
  readonly metadata: JsonObject
  /** Where it stands in the template. */
  readonly path: readonly string[]
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
  deploy(resource: Declared, context: DeployContext): Promise<Deployed>
  /** Takes away what the template no longer has. Answers why it stays, where it does. Nothing where it is gone already. */
  remove?(ref: string, aws: Aws): Promise<string | undefined>
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

/**
 * The name of a resource that the template does not name, as CloudFormation makes it (`stack-LogicalId-suffix`), but with
 * a suffix that follows from the two, so that the next deployment finds the resource again.
 */
export function physicalName(context: Pick<DeployContext, 'stackName'>, id: string, charsMax: number): string {
  const suffix = createHash('sha256').update(`${context.stackName}\n${id}`).digest('hex').slice(0, 10)
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

/** The role that SAM would make, or CloudFormation demands; nothing here checks it. A name stands for the role of that name. */
export function roleArnOf(context: DeployContext, { id, properties }: Declared, property: string): string {
  const given = textAt(properties, property) ?? physicalName(context, `${id}Role`, 64)
  const name = given.replaceAll(/[^\w+=,.@-]/g, '-')
  return given.startsWith('arn:') ? given : `arn:${context.partition}:iam::${context.account}:role/${name}`
}

/** SAM writes tags as a map, CloudFormation as a list of Key and Value. */
export function tagsOf(properties: JsonObject): { key: string; value: string }[] {
  const tags = getOwn(properties, 'Tags')
  if (isObject(tags)) return Object.entries(tags).map(([key, value]) => ({ key, value: String(value) }))
  if (!isArray(tags)) return []
  return tags.filter(isObject).map((tag) => ({ key: textAt(tag, 'Key') ?? '', value: textAt(tag, 'Value') ?? '' }))
}
