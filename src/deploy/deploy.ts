/**
 * Makes a template true on an AWS endpoint: creates what is missing, updates what differs, leaves the rest. Nothing is ever
 * deleted, so data outlives a mistake in a template. Run it again after a failure; it goes on where it stopped.
 * Source: AWS CloudFormation user guide, "DependsOn", "Pseudo parameters"; AWS SAM specification.
 */
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve as resolvePath } from 'node:path'

import { isObject, type Json, type JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'
import type { Credentials } from '../wire/sigv4.ts'

import { type Aws, openAws } from './aws.ts'
import { holds, IntrinsicError, referencesOf, resolve, type Scope } from './intrinsics.ts'
import { CycleError, orderByReferences } from './order.ts'
import { chooseParameters } from './parameters.ts'
import { type Problem, TemplateError } from './problem.ts'
import { resourceTypeNamed } from './resources/index.ts'
import { type Change, type DeployContext, type Deployed, physicalName, PropertyError } from './resources/resource.ts'
import { parseTemplate, type ResourceDeclaration, type Template } from './template.ts'

export interface DeployOptions {
  readonly endpoint: string
  readonly region: string
  readonly account: string
  readonly credentials: Credentials
  readonly partition?: string
  readonly parameters?: Readonly<Record<string, string>>
  /** The name of the template's folder unless told. */
  readonly stackName?: string
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

export type Progress =
  | { readonly kind: 'deploying'; readonly id: string; readonly type: string }
  | { readonly kind: 'deployed'; readonly id: string; readonly type: string; readonly change: Change; readonly ref: string }
  | { readonly kind: 'warning'; readonly message: string }

export interface DeployedStack {
  readonly stackName: string
  readonly resources: readonly DeployedResource[]
  readonly outputs: Readonly<Record<string, Json>>
  /** Files and folders that the stack was made from, the template first. */
  readonly sources: readonly string[]
}

export interface DeployedResource extends Deployed {
  readonly id: string
  readonly type: string
}

/** Throws TemplateError, with file, line and column, for what is wrong with the template or refused by a service. */
export async function deploy(templatePath: string, options: DeployOptions): Promise<DeployedStack> {
  const file = resolvePath(templatePath)
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new TemplateError([
      { message: `cannot be read: ${error instanceof Error ? error.message : String(error)}`, file: templatePath },
    ])
  })
  const template = parseTemplate(text, templatePath)
  const aws = openAws(options)
  return deployTemplate(template, file, aws, options)
}

export async function deployTemplate(template: Template, file: string, aws: Aws, options: DeployOptions): Promise<DeployedStack> {
  const stack = new Stack(template, file, aws, options)
  return stack.deploy()
}

/**
 * 1. A resource is deployed after all it refers to (`orderByReferences`), so its scope always knows them.
 * 2. `#skipped` holds what has no counterpart here; whoever refers to it is refused.
 */
class Stack {
  readonly #template: Template
  readonly #options: DeployOptions
  readonly #scope: Scope
  readonly #context: DeployContext
  readonly #deployed = new Map<string, DeployedResource>()
  readonly #skipped = new Map<string, string>()
  readonly #sources: Set<string>

  constructor(template: Template, file: string, aws: Aws, options: DeployOptions) {
    const folder = dirname(file)
    const stackName = options.stackName ?? defaultStackName(file)
    const partition = options.partition ?? 'aws'
    this.#template = template
    this.#options = options
    this.#sources = new Set([file])
    const pseudo = new Map([
      ['AWS::Region', options.region],
      ['AWS::AccountId', options.account],
      ['AWS::Partition', partition],
      ['AWS::URLSuffix', 'amazonaws.com'],
      ['AWS::StackName', stackName],
      ['AWS::StackId', `arn:${partition}:cloudformation:${options.region}:${options.account}:stack/${stackName}/local`],
      ['AWS::NotificationARNs', ''],
    ])
    this.#scope = {
      template,
      parameters: chooseParameters(template, options.parameters ?? {}),
      pseudo,
      ref: (id) => this.#find(id)?.ref,
      attribute: (id, name) => this.#find(id)?.attributes[name],
    }
    this.#context = {
      aws,
      region: options.region,
      account: options.account,
      partition,
      stackName,
      folder,
      globals: {},
      warn: (message) => options.onProgress?.({ kind: 'warning', message }),
      watch: (path) => this.#sources.add(path),
    }
  }

  async deploy(): Promise<DeployedStack> {
    const wanted = this.#wanted()
    for (const id of this.#order(wanted)) {
      this.#options.signal?.throwIfAborted()
      const resource = wanted.get(id)
      if (resource !== undefined) await this.#deployResource(resource)
    }
    return {
      stackName: this.#context.stackName,
      resources: [...this.#deployed.values()],
      outputs: this.#outputs(),
      sources: [...this.#sources],
    }
  }

  /** Resources whose condition holds. */
  #wanted(): Map<string, ResourceDeclaration> {
    const wanted = new Map<string, ResourceDeclaration>()
    for (const [id, resource] of this.#template.resources) {
      const { condition } = resource
      if (condition === undefined || this.#at(['Resources', id], () => holds(condition, this.#scope))) wanted.set(id, resource)
    }
    return wanted
  }

  #order(wanted: ReadonlyMap<string, ResourceDeclaration>): string[] {
    const problems: Problem[] = []
    const known = (name: string) =>
      this.#template.resources.has(implicitOwner(name, this.#template)) ||
      this.#scope.parameters.has(name) ||
      name.startsWith('AWS::')
    const dependencies = new Map<string, Set<string>>()
    for (const [id, resource] of wanted) {
      const names = referencesOf(resource.properties)
      for (const name of resource.dependsOn) names.add(name)
      const owners = new Set<string>()
      for (const name of names) {
        if (!known(name))
          problems.push(this.#problem(`${id} refers to ${name}, which is neither a parameter nor a resource.`, ['Resources', id]))
        const owner = implicitOwner(name, this.#template)
        if (owner !== id) owners.add(owner)
      }
      dependencies.set(id, owners)
    }
    if (problems.length > 0) throw new TemplateError(problems)
    try {
      return orderByReferences(dependencies)
    } catch (error) {
      if (!(error instanceof CycleError)) throw error
      throw new TemplateError([this.#problem(`${error.message}.`, ['Resources', error.cycle[0] ?? ''])])
    }
  }

  async #deployResource({ id, type, properties, metadata }: ResourceDeclaration): Promise<void> {
    const resourceType = resourceTypeNamed(type)
    if (resourceType === undefined) {
      this.#skipped.set(id, type)
      this.#context.warn(`${id}: resources of type ${type} are not supported and skipped.`)
      return
    }
    this.#options.onProgress?.({ kind: 'deploying', id, type })
    const path = ['Resources', id, 'Properties']
    const resolved = this.#at(path, () => resolve(properties, this.#scope)) as JsonObject
    const globals = this.#at(['Globals'], () => resolve(this.#template.globals, this.#scope)) as JsonObject
    try {
      const deployed = await resourceType.deploy({ id, type, properties: resolved, metadata }, { ...this.#context, globals })
      this.#deployed.set(id, { id, type, ...deployed })
      this.#options.onProgress?.({ kind: 'deployed', id, type, change: deployed.change, ref: deployed.ref })
    } catch (error) {
      throw this.#explained(error, id, type, path)
    }
  }

  #explained(error: unknown, id: string, type: string, path: readonly string[]): unknown {
    if (error instanceof PropertyError) {
      return new TemplateError([this.#problem(`${id}: ${error.message}`, [...path, ...error.path])], { cause: error })
    }
    if (error instanceof WireError) {
      return new TemplateError([this.#problem(`${id} (${type}): ${error.code}: ${error.message}`, path)], { cause: error })
    }
    return error
  }

  #outputs(): Record<string, Json> {
    const outputs: Record<string, Json> = {}
    for (const [name, output] of this.#template.outputs) {
      const condition = output['Condition']
      const path = ['Outputs', name]
      if (typeof condition === 'string' && !this.#at(path, () => holds(condition, this.#scope))) continue
      outputs[name] = this.#at(path, () => resolve(output['Value'] ?? null, this.#scope))
    }
    return outputs
  }

  /** A resource, or the role that SAM makes for it (`FunctionRole` for `Function`). */
  #find(id: string): Pick<Deployed, 'ref' | 'attributes'> | undefined {
    const skippedType = this.#skipped.get(id)
    if (skippedType !== undefined)
      throw new IntrinsicError(`${id} is of type ${skippedType}, which is not supported; nothing can refer to it.`)
    const found = this.#deployed.get(id)
    if (found !== undefined) return found
    const owner = implicitOwner(id, this.#template)
    if (owner === id || !this.#template.resources.has(owner)) return undefined
    const name = physicalName(this.#context, id, 64)
    return { ref: name, attributes: { Arn: `arn:${this.#context.partition}:iam::${this.#context.account}:role/${name}` } }
  }

  #at<T>(path: readonly string[], compute: () => T): T {
    try {
      return compute()
    } catch (error) {
      if (!(error instanceof IntrinsicError)) throw error
      throw new TemplateError([this.#problem(error.message, this.#blame(path, error))], { cause: error })
    }
  }

  /** The member below `path` that cannot be resolved on its own, so that the position points at it. */
  #blame(path: readonly string[], error: IntrinsicError): readonly string[] {
    const value = path.reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), this.#root())
    if (!isObject(value)) return path
    for (const [key, member] of Object.entries(value)) {
      try {
        resolve(member, this.#scope)
      } catch (inner) {
        if (inner instanceof IntrinsicError && inner.message === error.message) return this.#blame([...path, key], error)
      }
    }
    return path
  }

  #root(): JsonObject {
    const resources = [...this.#template.resources].map(([id, { properties }]): [string, Json] => [
      id,
      { Properties: properties },
    ])
    return {
      Resources: Object.fromEntries(resources),
      Outputs: Object.fromEntries(this.#template.outputs),
      Globals: this.#template.globals,
    }
  }

  #problem(message: string, path: readonly string[]): Problem {
    return { message, file: this.#template.file, position: this.#template.locate(path) }
  }
}

/** `ProcessRole` belongs to `Process` when the template declares only the latter, as a SAM resource. */
function implicitOwner(name: string, template: Template): string {
  if (template.resources.has(name) || !name.endsWith('Role')) return name
  const owner = name.slice(0, -'Role'.length)
  return template.resources.get(owner)?.type.startsWith('AWS::Serverless::') === true ? owner : name
}

/** The folder's name, or of a CDK assembly the file's own; only what a stack's name may have. */
export function defaultStackName(file: string): string {
  const isAssembly = /\.template\.json$/i.test(file)
  const name = isAssembly ? basename(file).replace(/\.template\.json$/i, '') : basename(dirname(file))
  const clean = name.replace(/[^A-Za-z0-9-]+/g, '-').replace(/^[^A-Za-z]+|-+$/g, '')
  return clean === '' ? 'stack' : clean.slice(0, 100)
}
