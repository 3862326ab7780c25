/**
 * A template on its way through SAM's transform: each of SAM's resources puts what CloudFormation is to make in its place.
 * What belongs to all that is made for a resource (its condition, its deletion policy) is handed on here.
 */
import { createHash } from 'node:crypto'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../../base/json.ts'
import { stableJson } from '../../base/stable-json.ts'

import type { Problem } from '../problem.ts'
import type { ResourceDeclaration, Template } from '../template/template.ts'
import type { Route } from './routes.ts'

export interface TransformOptions {
  /** By name, as far as they are known: SAM looks at some of them. */
  readonly parameters: ReadonlyMap<string, Json>
  readonly partition: string
  /** Code and definitions that lie beside the template stay as paths, where SAM itself refuses them. */
  readonly keepsPaths: boolean
}

export class Draft {
  readonly template: Template
  readonly locate: Template['locate']
  readonly options: TransformOptions
  readonly resources: Map<string, ResourceDeclaration>
  readonly conditions: Map<string, Json>
  readonly problems: Problem[] = []
  readonly warnings: Problem[] = []
  /** What is referred to by another name: `Fn.Alias`, and layers, whose own ids change. */
  readonly names = new Map<string, string>()
  /** By the logical ids of APIs. */
  readonly routes = new Map<string, Route[]>()

  /** `locate`: where a value of what SAM makes stands in what was written. */
  constructor(template: Template, locate: Template['locate'], options: TransformOptions) {
    this.template = template
    this.locate = locate
    this.options = options
    this.resources = new Map(template.resources)
    this.conditions = new Map(template.conditions)
  }

  /** The value of a parameter where `value` refers to one. */
  known(value: Json | undefined): Json | undefined {
    const name = isObject(value) && Object.keys(value).length === 1 ? getOwn(value, 'Ref') : undefined
    return typeof name === 'string' ? (this.options.parameters.get(name) ?? value) : value
  }
}

interface Making {
  /** What it is made for; the whole resource unless told. */
  readonly path?: readonly string[]
  readonly dependsOn?: readonly string[]
  readonly condition?: string | undefined
  /** Made without being asked for: nothing of it is told. */
  readonly isImplied?: boolean
  readonly attributes?: JsonObject
}

/** A resource of SAM's, with what the globals say of it. */
export class SamResource {
  readonly id: string
  readonly properties: JsonObject
  readonly draft: Draft
  readonly #declared: ResourceDeclaration

  constructor(declared: ResourceDeclaration, draft: Draft) {
    this.id = declared.id
    this.properties = declared.properties
    this.draft = draft
    this.#declared = declared
  }

  get type(): string {
    return this.#declared.type
  }

  get condition(): string | undefined {
    return this.#declared.condition
  }

  at(name: string): Json | undefined {
    return getOwn(this.properties, name)
  }

  /** Where a property stands. */
  pathOf(...names: readonly string[]): readonly string[] {
    return [...this.#declared.path, 'Properties', ...names]
  }

  /** The resource itself, as CloudFormation has it. `id`: where that is not its own. */
  become(type: string, properties: Members, { id = this.id, ...making }: Making & { readonly id?: string } = {}): void {
    const { resources, names } = this.draft
    if (id !== this.id) {
      resources.delete(this.id)
      names.set(this.id, id)
    }
    const { dependsOn, metadata, attributes } = this.#declared
    const { Connectors: _, ...kept } = attributes
    const made = this.#made(id, type, properties, making)
    const all = { ...kept, ...making.attributes }
    resources.set(id, { ...made, dependsOn: [...dependsOn, ...made.dependsOn], metadata, attributes: all, isImplied: false })
  }

  /** Something beside it. */
  make(id: string, type: string, properties: Members, making: Making = {}): void {
    this.draft.resources.set(id, this.#made(id, type, properties, making))
  }

  /** `reason` as SAM tells it. */
  refuse(reason: string, ...path: readonly string[]): void {
    const message = `Resource with id [${this.id}] is invalid. ${reason}`
    this.draft.problems.push(this.#told(message, path))
  }

  /** What has no effect here. */
  warn(message: string, ...path: readonly string[]): void {
    this.draft.warnings.push(this.#told(`${this.id}: ${message}`, path))
  }

  #told(message: string, path: readonly string[]): Problem {
    const { template, locate } = this.draft
    return { message, file: template.file, position: locate(this.pathOf(...path)) }
  }

  #made(id: string, type: string, properties: Members, making: Making): ResourceDeclaration {
    const { path, condition } = this.#declared
    return {
      id,
      type,
      properties: present(properties),
      dependsOn: making.dependsOn ?? [],
      condition: making.condition ?? condition,
      metadata: {},
      attributes: { ...handedOn(this.#declared), ...making.attributes },
      path: making.path ?? path,
      isImplied: making.isImplied ?? false,
    }
  }
}

export type Members = Readonly<Record<string, Json | undefined>>

/** Without the members that are undefined. */
export const present = (members: Members): JsonObject =>
  Object.fromEntries(Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined))

export const only = (properties: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)))

const handedOn = ({ attributes }: ResourceDeclaration): JsonObject => only(attributes, ['DeletionPolicy', 'UpdateReplacePolicy'])

export const FUNCTION_TAG = 'lambda:createdBy'

export const ref = (id: string): JsonObject => ({ Ref: id })
export const attributeOf = (id: string, name: string): JsonObject => ({ 'Fn::GetAtt': [id, name] })

/** `{ Ref: … }`, `{ 'Fn::…': … }`. */
export const isIntrinsic = (value: Json | undefined): boolean => {
  if (!isObject(value)) return false
  const [key, ...others] = Object.keys(value)
  return key !== undefined && others.length === 0 && (key === 'Ref' || key === 'Condition' || key.startsWith('Fn::'))
}

export const isNoValue = (value: Json | undefined): boolean => isObject(value) && getOwn(value, 'Ref') === 'AWS::NoValue'

export const asList = (value: Json | undefined): readonly Json[] => (value === undefined ? [] : isArray(value) ? value : [value])

/** True for what YAML and parameters write for it. */
export const isTrue = (value: Json | undefined): boolean => String(value).toLowerCase() === 'true'

/** What ends the logical id of what is made anew whenever `value` is another. */
export const sha10 = (value: Json): string => sha1(value).slice(0, 10)

export const sha1 = (value: Json): string =>
  createHash('sha1')
    .update(typeof value === 'string' ? value : stableJson(value))
    .digest('hex')

/** SAM's own tag, then those of the resource, which are a map. */
export function tagsWith(key: string, tags: Json | undefined): Json {
  const own = isObject(tags) ? Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) : asList(tags)
  return [{ Key: key, Value: 'SAM' }, ...own]
}
