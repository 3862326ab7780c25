/**
 * Makes a template true on an AWS endpoint: creates what is missing, updates what differs, leaves the rest. Run it again after
 * a failure; it goes on where it stopped. What cannot be deployed does not hold up what does not refer to it.
 * Source: AWS CloudFormation user guide, "DependsOn", "Pseudo parameters"; AWS SAM specification.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve as resolvePath } from 'node:path'

import { getOwn, isObject, type Json, type JsonObject } from '../base/json.ts'

import { WireError } from '../wire/errors.ts'
import type { Credentials } from '../wire/sigv4.ts'

import { type Aws, openAws } from '../cloudformation/aws.ts'
import { withStored } from '../cloudformation/template/dynamic-references.ts'
import {
  holds,
  importsIn,
  IntrinsicError,
  referencesOf,
  resolve,
  type Scope,
  takenBranches,
  UnsupportedFunctionError,
} from '../cloudformation/template/intrinsics.ts'
import { CycleError, orderByReferences } from '../cloudformation/template/order.ts'
import { chooseParameters } from '../cloudformation/template/parameters.ts'
import { placeIn } from '../cloudformation/place.ts'
import { type Problem, printProblem, TemplateError } from '../cloudformation/problem.ts'
import { resourceTypeNamed } from '../cloudformation/resources/index.ts'
import { isGrant, placeholder } from '../cloudformation/resources/placeholder.ts'
import {
  type DeployContext,
  type Deployed,
  PropertyError,
  type ResourceType,
  uuidOf,
} from '../cloudformation/resources/resource.ts'
import { transformServerless } from '../cloudformation/serverless/transform.ts'
import { readStored } from '../cloudformation/template/stored-parameters.ts'
import { isRetained, readTemplate, type ResourceDeclaration, type Template } from '../cloudformation/template/template.ts'
import type { TemplateFolder } from './folder-context.ts'
import { type FunctionCode, FunctionCodes } from './function-code.ts'
import { nestedStackIn } from './nested-stack.ts'

export interface DeployOptions {
  readonly endpoint: string
  readonly region: string
  readonly account: string
  readonly credentials: Credentials
  readonly partition?: string
  readonly parameters?: Readonly<Record<string, string>>
  /** The name of the template's folder unless told. */
  readonly stackName?: string
  /** What other stacks of the app export, by the names of the exports. */
  readonly imports?: Readonly<Record<string, Json>>
  /** A stack whose imports nobody exports yet is not deployed: MissingImportError. */
  readonly isStrict?: boolean
  /** Folders that belong to no function's code, wherever they lie: a server's data. */
  readonly excluded?: readonly string[]
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

export type Progress =
  | { readonly kind: 'deploying'; readonly id: string; readonly type: string }
  | ({ readonly kind: 'deployed' } & Omit<DeployedResource, 'attributes' | 'anyAttribute'>)
  | { readonly kind: 'removed'; readonly id: string; readonly type: string; readonly ref: string }
  | { readonly kind: 'note' | 'warning'; readonly message: string }

export interface DeployedStack {
  readonly stackName: string
  readonly resources: readonly DeployedResource[]
  readonly outputs: Readonly<Record<string, Json>>
  /** By the names under which other stacks import them. */
  readonly exports: Readonly<Record<string, Json>>
  /** Files and folders that the stack was made from, the template first. */
  readonly sources: readonly string[]
  /** Of functions that may get their code alone. */
  readonly codes: readonly FunctionCode[]
}

export interface DeployedResource extends Deployed {
  readonly id: string
  readonly type: string
  /** Stays when the template no longer has it. */
  readonly isRetained: boolean
}

/** Another stack of the app has to come first. */
export class MissingImportError extends Error {
  override readonly name = 'MissingImportError'
}

/** Throws TemplateError, with file, line and column, for what is wrong with the template or refused by a service. */
export async function deploy(templatePath: string, options: DeployOptions): Promise<DeployedStack> {
  return deployFile(templatePath, openAws(options), options)
}

/** Of a template that is broken, all is told that can be known of it, and nothing deployed. */
async function deployFile(path: string, aws: Aws, options: DeployOptions): Promise<DeployedStack> {
  const file = resolvePath(path)
  const { template, problems } = readTemplate(await readText(path), path, options.parameters)
  if (template !== undefined && problems.length === 0) return deployTemplate(template, file, aws, options)
  throw new TemplateError([...problems, ...(template === undefined ? [] : problemsIn(template, file, aws, options))])
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new TemplateError([
      { message: `cannot be read: ${error instanceof Error ? error.message : String(error)}`, file: path },
    ])
  })
}

function problemsIn(
  template: Template,
  file: string,
  aws: Aws,
  { onProgress: _, ...options }: DeployOptions,
): readonly Problem[] {
  try {
    new Stack(template, file, aws, options).check()
    return []
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return error.problems
  }
}

export async function deployTemplate(template: Template, file: string, aws: Aws, options: DeployOptions): Promise<DeployedStack> {
  const stack = new Stack(template, file, aws, options)
  return stack.deploy()
}

/**
 * 1. A resource is deployed after all it refers to (`orderByReferences`), so its scope always knows them.
 * 2. What is neither used nor told (`#used`) is not resolved, and refers to nothing.
 * 3. Each resource fails by itself, with all that refers to it; all failures are told together.
 */
class Stack {
  readonly #template: Template
  readonly #options: DeployOptions
  readonly #parameters: Map<string, Json>
  readonly #scope: Scope
  readonly #context: DeployContext
  readonly #nestedStack: ResourceType
  readonly #declared: ReadonlyMap<string, ResourceDeclaration>
  readonly #deployed = new Map<string, DeployedResource>()
  /** Of templates within this one. */
  readonly #nested: DeployedResource[] = []
  readonly #nestedCodes: FunctionCode[] = []
  readonly #codes = new FunctionCodes()
  readonly #failed = new Set<string>()
  readonly #problems: Problem[] = []
  /** Whether what was resolved last refers to what is not here. */
  #isInert = false
  readonly #sources: Set<string>

  constructor(template: Template, file: string, aws: Aws, options: DeployOptions) {
    const stackName = options.stackName ?? defaultStackName(file)
    const partition = options.partition ?? 'aws'
    const warn = (message: string): void => options.onProgress?.({ kind: 'warning', message })
    this.#parameters = chooseParameters(template, options.parameters ?? {})
    this.#template = transformServerless(template, { parameters: this.#parameters, partition, keepsPaths: true })
    for (const { message, position } of this.#template.warnings)
      warn(`${template.file}:${position?.line ?? 1}:${position?.column ?? 1}: ${message}`)
    this.#options = options
    this.#declared = this.#template.resources
    this.#sources = new Set([file])
    const pseudo = pseudoParameters(options, partition, stackName)
    this.#scope = {
      template: this.#template,
      parameters: this.#parameters,
      pseudo,
      ref: (id) => this.#find(id)?.ref,
      attribute: (id, name) => this.#attribute(id, name),
      imported: (name) => this.#imported(name),
    }
    const place: TemplateFolder = {
      folder: dirname(file),
      excluded: options.excluded ?? [],
      watch: (path) => this.#sources.add(path),
    }
    this.#context = {
      aws,
      region: options.region,
      account: options.account,
      partition,
      stackName,
      local: this.#codes.filesIn(place),
      suffixOf: (id) => suffixFor(stackName, id),
      // What is there already is taken over: a deployment may be run again, whatever became of the last one.
      adopt: () => {},
      made: () => {},
      placeOf: (path) => placeIn(this.#template, path),
      warn,
      note: (message) => options.onProgress?.({ kind: 'note', message }),
    }
    this.#nestedStack = nestedStackIn(place, async (templateFile, parameters, id) => {
      const onProgress = (step: Progress): void => options.onProgress?.('id' in step ? { ...step, id: `${id}/${step.id}` } : step)
      const nested = { ...options, parameters, stackName: `${stackName}-${id}`, onProgress }
      const deployed = await deployFile(templateFile, aws, nested)
      for (const source of deployed.sources) this.#sources.add(source)
      this.#nestedCodes.push(...deployed.codes)
      this.#nested.push(...deployed.resources.map((resource) => ({ ...resource, id: `${id}/${resource.id}` })))
      return deployed
    })
  }

  #typeNamed(name: string): ResourceType | undefined {
    return name === 'AWS::CloudFormation::Stack' ? this.#nestedStack : resourceTypeNamed(name)
  }

  /** Throws TemplateError for what is wrong without asking anyone. */
  check(): void {
    this.#order(this.#wanted())
  }

  async deploy(): Promise<DeployedStack> {
    try {
      await this.#readStored()
      const wanted = this.#wanted()
      if (this.#options.isStrict === true) this.#requireImports(wanted)
      const { order, dependencies } = this.#order(wanted)
      for (const id of order) {
        this.#options.signal?.throwIfAborted()
        const resource = wanted.get(id)
        const cause = [...(dependencies.get(id) ?? [])].find((other) => this.#failed.has(other))
        if (cause !== undefined) this.#failed.add(id)
        else if (resource !== undefined) await this.#deployResource(resource)
      }
      if (this.#problems.length > 0) throw new TemplateError(this.#problems)
      const { outputs, exports } = this.#outputs()
      const resources = [...this.#nested, ...this.#deployed.values()]
      const codes = [...this.#nestedCodes, ...this.#codesAlone(wanted)]
      return { stackName: this.#context.stackName, resources, outputs, exports, sources: [...this.#sources], codes }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error
      throw new TemplateError(error.problems, { cause: error.cause, sources: [...this.#sources, ...error.sources] })
    }
  }

  /** From here on, parameters that name one of the Parameter Store hold its value. */
  async #readStored(): Promise<void> {
    const stored = await readStored(this.#template, this.#declared, this.#parameters, this.#context.aws)
    for (const [name, value] of stored) this.#parameters.set(name, value)
  }

  /** A function of which versions are published is more than its code: each code is to be a version. */
  #codesAlone(wanted: ReadonlyMap<string, ResourceDeclaration>): readonly FunctionCode[] {
    const versions = [...wanted.values()].filter(({ type }) => type === 'AWS::Lambda::Version')
    const published = new Set(versions.flatMap(({ properties }) => [...referencesOf(properties)]))
    return [...this.#deployed.values()].flatMap(({ id, ref }) => (published.has(id) ? [] : (this.#codes.of(id, ref) ?? [])))
  }

  /** Resources whose condition holds. */
  #wanted(): Map<string, ResourceDeclaration> {
    const wanted = new Map<string, ResourceDeclaration>()
    for (const [id, resource] of this.#declared) {
      const { condition, path } = resource
      if (condition === undefined || this.#at(path, () => holds(condition, this.#scope))) wanted.set(id, resource)
    }
    return wanted
  }

  #requireImports(wanted: ReadonlyMap<string, ResourceDeclaration>): void {
    const values = [...wanted.values()].map((resource) => this.#used(resource))
    for (const argument of [...values, ...this.#template.outputs.values()].flatMap(importsIn)) {
      const name = this.#nameOfImport(argument)
      if (name !== undefined && !Object.hasOwn(this.#options.imports ?? {}, name)) throw new MissingImportError(name)
    }
  }

  /** Undefined where it is not known before anything is deployed. */
  #nameOfImport(argument: Json): string | undefined {
    try {
      return String(resolve(argument, this.#scope))
    } catch {
      return undefined
    }
  }

  #order(wanted: ReadonlyMap<string, ResourceDeclaration>) {
    const problems: Problem[] = []
    const dependencies = new Map<string, ReadonlySet<string>>()
    for (const [id, resource] of wanted) {
      const owners = new Set<string>()
      for (const name of [...this.#referredBy(resource), ...resource.dependsOn]) {
        if (!this.#isKnown(name))
          problems.push(this.#problem(`${id} refers to ${name}, which is neither a parameter nor a resource.`, resource.path))
        if (name !== id) owners.add(name)
      }
      dependencies.set(id, owners)
    }
    if (problems.length > 0) throw new TemplateError(problems)
    try {
      return { order: orderByReferences(dependencies), dependencies }
    } catch (error) {
      if (!(error instanceof CycleError)) throw error
      throw new TemplateError([this.#problem(`${error.message}.`, ['Resources', error.cycle[0] ?? ''])])
    }
  }

  /** A placeholder needs nobody. */
  #referredBy(resource: ResourceDeclaration): ReadonlySet<string> {
    if (this.#typeNamed(resource.type) === undefined) return new Set()
    const used = this.#used(resource)
    return referencesOf(this.#at([...resource.path, 'Properties'], () => takenBranches(used, this.#scope)))
  }

  #isKnown(name: string): boolean {
    return this.#declared.has(name) || this.#scope.parameters.has(name) || name.startsWith('AWS::')
  }

  /** The properties that have an effect here. */
  #used({ type, properties }: ResourceDeclaration): JsonObject {
    const unused = new Set(this.#ignoredBy(type))
    return Object.fromEntries(Object.entries(properties).filter(([name]) => !unused.has(name)))
  }

  async #deployResource(resource: ResourceDeclaration): Promise<void> {
    const { id, type, metadata, path } = resource
    const resourceType = this.#typeNamed(type)
    if (resourceType === undefined) return this.#standIn(resource)
    this.#options.onProgress?.({ kind: 'deploying', id, type })
    for (const name of this.#ignoredBy(type).filter((ignored) => Object.hasOwn(resource.properties, ignored)))
      this.#context.warn(`${id}: the property ${name} of ${type} has no effect here.`)
    this.#isInert = false
    try {
      const resolved = this.#at([...path, 'Properties'], () => resolve(this.#used(resource), this.#scope))
      const properties = await withStored(resolved, this.#context.aws, (message) => this.#context.warn(`${id}: ${message}`))
      const declared = { id, type, properties: isObject(properties) ? properties : {}, metadata, path }
      const deployed = await resourceType.deploy(declared, this.#context)
      const { change, ref } = deployed
      const done = { id, type, isRetained: isRetained(resource) }
      this.#deployed.set(id, { ...done, ...deployed })
      this.#options.onProgress?.({ kind: 'deployed', ...done, change, ref })
    } catch (error) {
      const isRefused = this.#isInert && error instanceof WireError && error.status < 500
      if (isRefused) return this.#standIn(resource, `it refers to what is not here (${error.message})`)
      if (isUnsupported(error)) return this.#standIn(resource, `${error.cause.functionName} is not supported`)
      this.#failed.add(id)
      this.#problems.push(...this.#explained(error, resource))
    }
  }

  async #standIn(resource: ResourceDeclaration, reason = `${resource.type} is not here`): Promise<void> {
    const { id, type, metadata, path, isImplied } = resource
    if (!isGrant(type) && !isImplied) this.#context.warn(`${id}: ${reason}; a placeholder stands for it.`)
    const known = Object.entries(resource.properties).flatMap(([name, value]): [string, Json][] => {
      try {
        return [[name, resolve(value, this.#scope)]]
      } catch {
        return []
      }
    })
    const declared = { id, type, properties: Object.fromEntries(known), metadata, path }
    this.#deployed.set(id, { id, type, isRetained: false, ...(await placeholder.deploy(declared, this.#context)) })
  }

  /** Rethrows what is no fault of the template's. */
  #explained(error: unknown, { id, type, path }: ResourceDeclaration): readonly Problem[] {
    const properties = [...path, 'Properties']
    if (error instanceof TemplateError) {
      for (const source of error.sources) this.#sources.add(source)
      return error.problems
    }
    if (error instanceof PropertyError) return [this.#problem(`${id}: ${error.message}`, [...properties, ...error.path])]
    if (error instanceof WireError) return [this.#problem(`${id} (${type}): ${error.code}: ${error.message}`, properties)]
    throw error
  }

  #outputs() {
    const outputs: Record<string, Json> = {}
    const exports: Record<string, Json> = {}
    for (const [name, output] of this.#template.outputs) {
      try {
        const { value, exported } = this.#output(['Outputs', name], output) ?? {}
        if (value === undefined) continue
        outputs[name] = value
        if (exported !== undefined) exports[exported] = value
      } catch (error) {
        if (!isUnsupported(error)) throw error
        const message = `${error.cause.functionName} is not supported. The output ${name} is left out.`
        this.#context.warn(printProblem({ ...error.problems[0], message }))
      }
    }
    return { outputs, exports }
  }

  /** Undefined where its condition does not hold. */
  #output(path: readonly string[], output: JsonObject): { value: Json; exported?: string } | undefined {
    const condition = output['Condition']
    if (typeof condition === 'string' && !this.#at(path, () => holds(condition, this.#scope))) return undefined
    const value = this.#at(path, () => resolve(output['Value'] ?? null, this.#scope))
    const exported = getOwn(output, 'Export')
    if (!isObject(exported)) return { value }
    return { value, exported: String(this.#at(path, () => resolve(exported['Name'] ?? null, this.#scope))) }
  }

  #ignoredBy(type: string): readonly string[] {
    return this.#typeNamed(type)?.ignores ?? []
  }

  #find(id: string): Pick<Deployed, 'ref' | 'attributes' | 'anyAttribute'> | undefined {
    const found = this.#deployed.get(id)
    if (found?.anyAttribute !== undefined) this.#isInert = true
    return found
  }

  #attribute(id: string, name: string): Json | undefined {
    const found = this.#find(id)
    return found && (getOwn(found.attributes, name) ?? found.anyAttribute?.(name))
  }

  #imported(name: string): Json {
    const { imports = {} } = this.#options
    const value = Object.hasOwn(imports, name) ? imports[name] : undefined
    if (value !== undefined) return value
    this.#isInert = true
    this.#context.warn(`No stack that is deployed here exports ${name}: its name stands for the value.`)
    return name
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
    const resources = [...this.#declared].map(([id, { properties }]): [string, Json] => [id, { Properties: properties }])
    return { Resources: Object.fromEntries(resources), Outputs: Object.fromEntries(this.#template.outputs) }
  }

  #problem(message: string, path: readonly string[]): Problem {
    return { message, ...placeIn(this.#template, path) }
  }
}

interface Unsupported extends TemplateError {
  readonly problems: readonly [Problem]
  readonly cause: UnsupportedFunctionError
}

const isUnsupported = (error: unknown): error is Unsupported =>
  error instanceof TemplateError && error.cause instanceof UnsupportedFunctionError

/** Source: CloudFormation template reference, "Pseudo parameters". */
function pseudoParameters({ region, account }: DeployOptions, partition: string, stackName: string): ReadonlyMap<string, string> {
  const stackArn = `arn:${partition}:cloudformation:${region}:${account}:stack/${stackName}`
  return new Map([
    ['AWS::Region', region],
    ['AWS::AccountId', account],
    ['AWS::Partition', partition],
    ['AWS::URLSuffix', 'amazonaws.com'],
    ['AWS::StackName', stackName],
    ['AWS::StackId', `${stackArn}/${uuidOf(stackArn)}`],
    ['AWS::NotificationARNs', ''],
  ])
}

/** It follows from the two, so that the next deployment finds the resource again. */
const suffixFor = (stackName: string, id: string): string =>
  createHash('sha256').update(`${stackName}\n${id}`).digest('hex').slice(0, 10)

/** The folder's name, or of a CDK assembly the file's own; only what a stack's name may have. */
export function defaultStackName(file: string): string {
  const isAssembly = /\.template\.json$/i.test(file)
  const name = isAssembly ? basename(file).replace(/\.template\.json$/i, '') : basename(dirname(file))
  const clean = name.replace(/[^A-Za-z0-9-]+/g, '-').replace(/^[^A-Za-z]+|-+$/g, '')
  return clean === '' ? 'stack' : clean.slice(0, 100)
}
