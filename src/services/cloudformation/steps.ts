/**
 * The steps of an operation, as its execution asks for them, one resource each. A step may be asked for again after it was
 * begun, or done: what is recorded is not done twice.
 * Source: CloudFormation user guide, "Update behaviors of stack resources", "DeletionPolicy attribute", "UpdateReplacePolicy
 * attribute", "Stack failure options".
 */
import { getOwn, isObject, type JsonObject } from '../../base/json.ts'
import { describeBug, type Log } from '../../base/log.ts'

import { WireError } from '../../wire/errors.ts'

import type { Aws } from '../../cloudformation/aws.ts'
import { sameText } from '../../cloudformation/changes.ts'
import { handlerMessage } from '../../cloudformation/handler-error.ts'
import { suffixOf } from '../../cloudformation/name-suffix.ts'
import { TemplateError } from '../../cloudformation/problem.ts'
import {
  type Declared,
  type DeployContext,
  type Deployed,
  PropertyError,
  type ResourceType,
} from '../../cloudformation/resources/resource.ts'
import type { StackModel } from '../../cloudformation/stack-model.ts'
import { withStored } from '../../cloudformation/template/dynamic-references.ts'
import { IntrinsicError } from '../../cloudformation/template/intrinsics.ts'
import type { ResourceDeclaration } from '../../cloudformation/template/template.ts'

import { answersOf } from './answers.ts'
import type { StackEvents } from './events.ts'
import type { OperationRecord, PreviousResource, ResourceDetail, ResourceRecord, StackRecord, StackSettings } from './records.ts'
import { deletionPolicyOf, isKept, updateReplacePolicyOf } from './policies.ts'
import { masked, secretsOf } from './secrets.ts'
import type { StackModels } from './stack-models.ts'
import type { StackStore } from './stack-store.ts'
import type { StackTask } from './stack-task.ts'
import { isToldStub } from './stub-types.ts'

export interface StepDeps {
  readonly store: StackStore
  readonly events: StackEvents
  readonly models: StackModels
  readonly aws: Aws
  readonly region: string
  readonly account: string
  readonly log: Log
  typeFor(task: StackTask, signal: AbortSignal): ResourceType
}

/** What the execution is told of a step that failed. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure'
}

/** Why a step that is under way is cut off, and nothing of it is to be kept but that. */
export class Cancelled extends StepFailure {
  constructor() {
    super('Cancelled')
  }
}

const PARTITION = 'aws'
const REPLACING = 'Requested update requires the creation of a new physical resource; hence creating one.'
const CANCELLED = { CREATE: 'Resource creation cancelled', UPDATE: 'Resource update cancelled' } as const

export class ResourceSteps {
  readonly #deps: StepDeps

  constructor(deps: StepDeps) {
    this.#deps = deps
  }

  /** Makes the resource what the stack's template says. Throws StepFailure. */
  async deploy(operation: OperationRecord, logicalId: string, signal: AbortSignal): Promise<void> {
    const { store, models } = this.#deps
    const stack = this.#stackOf(operation)
    const settings = stack.target
    if (settings === undefined) return
    if (operation.cancelled !== undefined) throw new StepFailure(operation.cancelled)
    if (operation.hasFailed === true) throw new Cancelled()
    const model = models.kept(operation.id, stack, settings)
    const declaration = model.resources.get(logicalId)
    const found = present(store.resource(stack.id, logicalId))
    if (declaration === undefined) return
    const isBegun = found?.operationId === operation.id
    if (isBegun && found.status.endsWith('_COMPLETE')) return
    if (isBegun && found.status.endsWith('_FAILED')) throw new StepFailure(found.reason ?? found.status)
    const old = isBegun ? found.previous : found && snapshotOf(found)
    const begun = { stack, settings, model, declaration, old, found: isBegun ? found : undefined }
    await this.#bring(operation, begun, signal)
  }

  async #bring(operation: OperationRecord, begun: Begun, signal: AbortSignal): Promise<void> {
    const { events, store } = this.#deps
    const { stack, model, declaration, old, found } = begun
    const { id: logicalId, type } = declaration
    const verb = old === undefined ? 'CREATE' : 'UPDATE'
    const blank = { ...recordOf(begun, {}, operation), ...(old && { ref: old.ref }) }
    let record: ResourceRecord = found ?? blank
    try {
      const properties = model.propertiesOf(logicalId, this.#answers(stack))
      const wanted = recordOf(begun, properties, operation)
      const resourceType = this.#typeFor(operation, stack, logicalId, type, signal)
      const isReplacing =
        old !== undefined && (old.type !== type || isReplacedBy(resourceType, old.detail.properties, properties))
      if (old !== undefined && !isReplacing && sameText(old.detail.properties) === sameText(properties)) {
        store.putResource({ ...wanted, ref: old.ref, status: 'UPDATE_COMPLETE', generation: old.generation, previous: old })
        return
      }
      const isInPlace = old !== undefined && !isReplacing
      record = {
        ...wanted,
        generation: found?.generation ?? (old === undefined ? 0 : old.generation + (isReplacing ? 1 : 0)),
        detail: { ...wanted.detail, attributes: isInPlace ? old.detail.attributes : {} },
        ...(isInPlace ? { ref: old.ref } : found?.ref !== undefined && { ref: found.ref }),
      }
      if (found === undefined) {
        const warning = isToldStub(type) ? `Regente has no ${type}: a placeholder stands for it.` : undefined
        record = events.tellResource(record, `${verb}_IN_PROGRESS`, operation, isReplacing ? REPLACING : warning)
      }
      const deployed = await this.#call(resourceType, record, declaration, isInPlace ? old : undefined, {
        operation,
        stack,
        mayAdopt: found !== undefined || begun.settings.importsExisting === true,
        made: (ref) => (record = store.putResource({ ...record, ref })),
      })
      record = { ...record, ref: deployed.ref, detail: { ...record.detail, attributes: deployed.attributes } }
      if (verb === 'CREATE') events.tellOnly(record, 'CREATE_IN_PROGRESS', operation, 'Resource creation Initiated')
      events.tellResource(record, `${verb}_COMPLETE`, operation)
    } catch (error) {
      if (isInterrupted(signal)) throw error
      const isCancelled = signal.aborted
      const left = leftBy(error)
      const reason = isCancelled ? CANCELLED[verb] : this.#reasonOf(error, operation)
      events.tellResource({ ...record, ...(left !== undefined && { ref: left }) }, `${verb}_FAILED`, operation, reason)
      if (!isCancelled) this.#noteFailed(operation, verb === 'CREATE' ? 'create' : 'update', logicalId)
      throw new StepFailure(reason, { cause: error })
    }
  }

  /** Takes away what is not wanted any more: a resource that the template has no longer, or the one that was replaced. */
  async cleanUp(operation: OperationRecord, logicalId: string, signal: AbortSignal): Promise<void> {
    const { store, models } = this.#deps
    const stack = this.#stackOf(operation)
    const resource = store.resource(stack.id, logicalId)
    if (resource === undefined || stack.current === undefined) return
    const isWanted = models.kept(operation.id, stack, stack.current).resources.has(logicalId)
    if (isWanted) {
      const { previous } = resource
      if (previous !== undefined && previous.ref !== resource.ref)
        await this.#removeOld(operation, stack, resource, previous, signal)
      return
    }
    const { ref } = resource
    if (present(resource) === undefined) return store.removeResource(stack.id, logicalId)
    if (ref === undefined || isKept(resource.detail.deletionPolicy)) this.#skip(resource, operation)
    else await this.#remove(operation, stack, { ...resource, ref }, signal).catch(ignoreStepFailure)
    store.removeResource(stack.id, logicalId)
  }

  /**
   * Makes the resource what it was before the operation. Of a stack that was never made, all goes at once; of one that was
   * changed, what is new goes when all the others are what they were: `takeBack`. Throws StepFailure.
   */
  async rollBack(operation: OperationRecord, logicalId: string, signal: AbortSignal): Promise<void> {
    const { store } = this.#deps
    const stack = this.#stackOf(operation)
    const resource = present(store.resource(stack.id, logicalId))
    if (resource === undefined || operation.skip.includes(logicalId)) return this.#leave(resource, operation)
    const { previous } = resource
    if (previous !== undefined) return this.#restore(operation, stack, resource, previous, signal)
    if (resource.isNew !== undefined && stack.current === undefined) await this.#unmake(operation, stack, resource, signal)
  }

  /** What an update made, and its rollback left behind. What cannot be taken away is no resource of the stack any more. */
  async takeBack(operation: OperationRecord, logicalId: string, signal: AbortSignal): Promise<void> {
    const { store } = this.#deps
    const stack = this.#stackOf(operation)
    const resource = store.resource(stack.id, logicalId)
    if (resource === undefined || stack.status !== 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS') return
    const { leftover, ...rest } = resource
    if (leftover !== undefined) {
      await this.#takeAway(operation, stack, { ...resource, ...leftover }, signal)
      store.putResource(rest)
    }
    if (resource.isNew === undefined) return
    if (present(resource) !== undefined) await this.#unmake(operation, stack, resource, signal).catch(ignoreStepFailure)
    store.removeResource(stack.id, logicalId)
  }

  async #unmake(operation: OperationRecord, stack: StackRecord, resource: ResourceRecord, signal: AbortSignal): Promise<void> {
    const { ref } = resource
    if (ref === undefined) this.#deps.events.tellResource(resource, 'DELETE_COMPLETE', operation)
    else if (resource.detail.deletionPolicy === 'Retain') this.#skip(resource, operation)
    else await this.#remove(operation, stack, { ...resource, ref }, signal)
  }

  /** Of a stack that is deleted. Throws StepFailure. */
  async delete(operation: OperationRecord, logicalId: string, signal: AbortSignal): Promise<void> {
    const { store, events } = this.#deps
    const stack = this.#stackOf(operation)
    const resource = present(store.resource(stack.id, logicalId))
    if (resource === undefined) return
    const { ref, previous } = resource
    const isLeft = operation.skip.includes(logicalId) || isKept(resource.detail.deletionPolicy)
    if (isLeft) return void events.tellResource(resource, 'DELETE_SKIPPED', operation)
    if (ref === undefined) return void events.tellResource(resource, 'DELETE_COMPLETE', operation)
    if (this.#isNeeded(resource)) return
    if (previous !== undefined && previous.ref !== ref) await this.#removeOld(operation, stack, resource, previous, signal)
    await this.#remove(operation, stack, { ...resource, ref }, signal)
  }

  // ---- what they share

  #stackOf({ stackId }: OperationRecord): StackRecord {
    const stack = this.#deps.store.stack(stackId)
    if (stack === undefined) throw new StepFailure(`Stack with id ${stackId} does not exist`)
    return stack
  }

  #answers(stack: StackRecord) {
    const { store, region, account } = this.#deps
    const place = { region, account, partition: PARTITION, stackName: stack.name }
    return answersOf((id) => present(store.resource(stack.id, id)), place)
  }

  #typeFor(operation: OperationRecord, stack: StackRecord, logicalId: string, resourceType: string, signal: AbortSignal) {
    const task = { stackId: stack.id, stackName: stack.name, operationId: operation.id, logicalId, resourceType }
    return this.#deps.typeFor(task, signal)
  }

  /** `old`: what is changed in place. */
  async #call(
    type: ResourceType,
    record: ResourceRecord,
    { path, metadata }: Pick<ResourceDeclaration, 'path' | 'metadata'>,
    old: PreviousResource | undefined,
    call: {
      readonly operation: OperationRecord
      readonly stack: StackRecord
      readonly mayAdopt: boolean
      readonly made: (ref: string) => void
    },
  ): Promise<Deployed> {
    const { aws, region, account, events, store } = this.#deps
    const { operation, stack, mayAdopt } = call
    const { logicalId: id, generation } = record
    const warn = (message: string): void => events.tellOnly(record, statusUnderWay(old), operation, message)
    const context: DeployContext = {
      aws,
      region,
      account,
      partition: PARTITION,
      stackName: stack.name,
      suffixOf: (name) => suffixOf({ scope: stack.id, generation }, name),
      adopt(declared, name) {
        if (mayAdopt) return
        const owner = store.resourcesWithRef(name).find((other) => other.stackId !== stack.id)
        throw new StepFailure(
          owner === undefined
            ? `Resource of type '${declared.type}' with identifier '${name}' already exists.`
            : `${name} already exists in stack ${owner.stackId}`,
        )
      },
      made: (_, ref) => call.made(ref),
      placeOf: () => ({ file: stack.name }),
      warn,
      note: () => {},
    }
    const properties = await withStored(record.detail.properties, aws, warn)
    const declared: Declared = {
      id,
      type: record.type,
      properties: isObject(properties) ? properties : {},
      metadata,
      path,
      ...beforeOf(old, record),
    }
    return type.deploy(declared, context)
  }

  async #remove(
    operation: OperationRecord,
    stack: StackRecord,
    resource: ResourceRecord & { readonly ref: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { events } = this.#deps
    const telling = events.tellResource(resource, 'DELETE_IN_PROGRESS', operation)
    const reason = await this.#take(operation, stack, resource, signal)
    if (reason === undefined) return void events.tellResource(telling, 'DELETE_COMPLETE', operation)
    events.tellResource(telling, 'DELETE_FAILED', operation, reason)
    this.#noteLeft(operation)
    throw new StepFailure(reason)
  }

  async #removeOld(
    operation: OperationRecord,
    stack: StackRecord,
    resource: ResourceRecord,
    previous: PreviousResource,
    signal: AbortSignal,
  ): Promise<void> {
    const { events, store } = this.#deps
    const old = { ...resource, ...previous }
    if (isKept(previous.detail.updateReplacePolicy)) events.tellOnly(old, 'DELETE_SKIPPED', operation)
    else await this.#takeAway(operation, stack, old, signal)
    const { previous: _, ...rest } = resource
    store.putResource(rest)
  }

  /** What is not the resource: the record stays as it is. */
  async #takeAway(
    operation: OperationRecord,
    stack: StackRecord,
    thing: ResourceRecord & { readonly ref: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { events } = this.#deps
    events.tellOnly(thing, 'DELETE_IN_PROGRESS', operation)
    const reason = await this.#take(operation, stack, thing, signal)
    events.tellOnly(thing, reason === undefined ? 'DELETE_COMPLETE' : 'DELETE_FAILED', operation, reason)
    if (reason !== undefined) this.#noteLeft(operation)
  }

  #noteLeft({ id }: OperationRecord): void {
    const { store } = this.#deps
    const operation = store.operation(id)
    if (operation !== undefined) store.putOperation({ ...operation, leavesSomething: true })
  }

  /** Why it stays, where it does. */
  async #take(
    operation: OperationRecord,
    stack: StackRecord,
    {
      logicalId,
      type,
      ref,
      detail: { properties },
    }: Pick<ResourceRecord, 'logicalId' | 'type' | 'detail'> & { readonly ref: string },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { aws } = this.#deps
    try {
      return await this.#typeFor(operation, stack, logicalId, type, signal).remove?.(ref, aws, { withData: true, properties })
    } catch (error) {
      if (isInterrupted(signal)) throw error
      return this.#reasonOf(error, operation)
    }
  }

  async #restore(
    operation: OperationRecord,
    stack: StackRecord,
    resource: ResourceRecord,
    previous: PreviousResource,
    signal: AbortSignal,
  ): Promise<void> {
    const { events, store } = this.#deps
    const { previous: _, reason: __, ref, ...rest } = resource
    const leftover = ref === undefined || ref === previous.ref ? undefined : { ...snapshotBase(resource), ref }
    const isUnchanged = sameText(resource.detail.properties) === sameText(previous.detail.properties)
    const restored: ResourceRecord = {
      ...rest,
      ...previous,
      status: 'UPDATE_COMPLETE',
      operationId: operation.id,
      ...(leftover && { leftover }),
    }
    if (leftover !== undefined) return void events.tellResource(restored, 'UPDATE_COMPLETE', operation)
    if (ref === undefined || isUnchanged) return void store.putResource(restored)
    events.tellResource({ ...resource, previous }, 'UPDATE_IN_PROGRESS', operation)
    try {
      const current = { ...previous, detail: resource.detail }
      const type = this.#typeFor(operation, stack, resource.logicalId, previous.type, signal)
      const declaration = { path: ['Resources', resource.logicalId], metadata: previous.detail.metadata }
      const deployed = await this.#call(type, restored, declaration, current, {
        operation,
        stack,
        mayAdopt: true,
        made: () => {},
      })
      const detail = { ...previous.detail, attributes: deployed.attributes }
      events.tellResource({ ...restored, ref: deployed.ref, detail }, 'UPDATE_COMPLETE', operation)
    } catch (error) {
      if (isInterrupted(signal)) throw error
      const reason = this.#reasonOf(error, operation)
      events.tellResource({ ...resource, previous }, 'UPDATE_FAILED', operation, reason)
      throw new StepFailure(reason, { cause: error })
    }
  }

  /** What a continued rollback is told to pass over is as it was, as far as the stack knows. */
  #leave(resource: ResourceRecord | undefined, operation: OperationRecord): void {
    if (resource === undefined) return
    const { previous, ...rest } = resource
    this.#deps.events.tellResource({ ...rest, ...previous }, 'UPDATE_COMPLETE', operation)
  }

  #skip(resource: ResourceRecord, operation: OperationRecord): void {
    this.#deps.events.tellResource(resource, 'DELETE_SKIPPED', operation)
  }

  /** What stands on it could not be taken away. */
  #isNeeded({ stackId, logicalId }: ResourceRecord): boolean {
    const others = this.#deps.store.resources(stackId)
    return others.some(({ status, detail }) => status === 'DELETE_FAILED' && detail.requires.includes(logicalId))
  }

  #noteFailed({ id }: OperationRecord, verb: 'create' | 'update', logicalId: string): void {
    const { store } = this.#deps
    const operation = store.operation(id)
    if (operation && !operation.failed.some(([, other]) => other === logicalId))
      store.putOperation({ ...operation, failed: [...operation.failed, [verb, logicalId]] })
  }

  /** As an event tells it. A bug is told in the log, too. */
  #reasonOf(error: unknown, operation: OperationRecord): string {
    const reason = reasonIn(error, operation)
    if (reason !== undefined) return reason
    this.#deps.log.error('a resource of a stack could not be worked on', describeBug(error))
    return `Internal Failure: ${error instanceof Error ? error.message : String(error)}`
  }
}

interface Begun {
  readonly stack: StackRecord
  readonly settings: StackSettings
  readonly model: StackModel
  readonly declaration: ResourceDeclaration
  /** What it was before. */
  readonly old: PreviousResource | undefined
  /** Where the step was begun already. */
  readonly found: ResourceRecord | undefined
}

/** Cut off, and to be asked for again: nothing is known of it yet. */
export const isInterrupted = ({ aborted, reason }: AbortSignal): boolean => aborted && !(reason instanceof Cancelled)

/** What was deleted is not there. */
const present = (resource: ResourceRecord | undefined): ResourceRecord | undefined =>
  resource?.status === 'DELETE_COMPLETE' || resource?.status === 'DELETE_SKIPPED' ? undefined : resource

const snapshotBase = ({ type, generation, detail }: ResourceRecord) => ({ type, generation, detail })

const snapshotOf = (resource: ResourceRecord): PreviousResource | undefined =>
  resource.ref === undefined ? undefined : { ...snapshotBase(resource), ref: resource.ref }

function recordOf(begun: Begun, properties: JsonObject, operation: OperationRecord): ResourceRecord {
  const { stack, settings, model, declaration, old } = begun
  const { id, type, metadata } = declaration
  const secrets = secretsOf(settings)
  const detail: ResourceDetail = {
    properties,
    ...(secrets.length > 0 && { shown: masked(properties, secrets) }),
    attributes: old?.detail.attributes ?? {},
    metadata,
    deletionPolicy: deletionPolicyOf(declaration),
    updateReplacePolicy: updateReplacePolicyOf(declaration),
    requires: [...(model.dependencies.get(id) ?? [])],
  }
  return {
    stackId: stack.id,
    logicalId: id,
    type,
    status: old === undefined ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS',
    updatedMs: operation.startedMs,
    generation: old?.generation ?? 0,
    operationId: operation.id,
    detail,
    ...(old === undefined ? { isNew: true } : { previous: old }),
  }
}

const statusUnderWay = (old: PreviousResource | undefined) => (old === undefined ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS')

function isReplacedBy({ replacedBy = [] }: ResourceType, before: JsonObject, after: JsonObject): boolean {
  const names = replacedBy.includes('*') ? new Set([...Object.keys(before), ...Object.keys(after)]) : replacedBy
  return [...names].some((name) => sameText(getOwn(before, name)) !== sameText(getOwn(after, name)))
}

/** Of a resource whose making failed though something is there that has to be taken away. */
const leftBy = (error: unknown): string | undefined =>
  error instanceof Error && 'ref' in error && typeof error.ref === 'string' ? error.ref : undefined

function ignoreStepFailure(error: unknown): void {
  if (!(error instanceof StepFailure)) throw error
}

/** Undefined for a bug. */
function reasonIn(error: unknown, { id }: OperationRecord): string | undefined {
  if (error instanceof WireError) return handlerMessage(error, id)
  if (error instanceof PropertyError) return `Properties validation failed for resource: ${error.message}`
  if (error instanceof TemplateError) return error.problems.map(({ message }) => message).join('\n')
  if (error instanceof IntrinsicError) return `Template error: ${error.message}`
  if (error instanceof Error && /^(?:StepFailure|CustomResourceFailure|WaitConditionFailure)$/.test(error.name))
    return error.message
  return undefined
}

/** What is changed in place; or what an attempt that was cut short has made, of which nobody knows how far it came. */
function beforeOf(old: PreviousResource | undefined, { ref }: ResourceRecord): Pick<Declared, 'before' | 'begun'> {
  if (old === undefined) return ref === undefined ? {} : { begun: ref }
  const { properties, attributes } = old.detail
  return { before: { ref: old.ref, type: old.type, properties, attributes } }
}
