/**
 * What can be done with stacks, whoever asks for it: the API, a change set, or a stack that holds another one.
 * Source: CloudFormation API reference, CreateStack, UpdateStack, DeleteStack, ContinueUpdateRollback, RollbackStack,
 * CancelUpdateStack.
 */
import { randomUUID } from 'node:crypto'

import type { Clock } from '../../base/clock.ts'

import type { ResourceChange } from '../../cloudformation/changes.ts'
import { stableJson } from '../../base/stable-json.ts'

import { answersOf, type Place } from './answers.ts'
import { alreadyExists, noSuchStack, validationError } from './errors.ts'
import type { StackEvents } from './events.ts'
import { changesFor, isThere, planOf, removalOf } from './operation-plan.ts'
import type { Operations } from './operations.ts'
import type { Prepared } from './preparation.ts'
import type { OperationKind, OperationRecord, ResourceRecord, StackRecord, StackSettings, StackStatus } from './records.ts'
import type { StackStore } from './stack-store.ts'

export interface StacksDeps {
  readonly store: StackStore
  readonly events: StackEvents
  readonly operations: Operations
  readonly region: string
  readonly account: string
  readonly clock: Clock
}

export interface OperationOptions {
  readonly clientToken?: string | undefined
  readonly onFailure?: OperationRecord['onFailure'] | undefined
}

export interface CreateOptions extends OperationOptions {
  readonly isProtected?: boolean
  readonly policy?: string | undefined
  /** Of a nested stack. */
  readonly parent?: StackRecord
}

export interface UpdateOptions extends OperationOptions {
  readonly policy?: string | undefined
}

interface Beginning extends UpdateOptions {
  readonly skip?: readonly string[]
  readonly halts?: string | undefined
  readonly target?: StackSettings
  readonly status: StackStatus
}

/** Their stacks can be changed. */
const SETTLED: ReadonlySet<StackStatus> = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_FAILED',
])
export const NO_UPDATES = 'No updates are to be performed.'
const USER_ASKED = 'User Initiated'

export class Stacks {
  readonly #deps: StacksDeps

  constructor(deps: StacksDeps) {
    this.#deps = deps
  }

  newStackId(name: string): string {
    const { region, account } = this.#deps
    return `arn:aws:cloudformation:${region}:${account}:stack/${name}/${randomUUID()}`
  }

  /** By name or id; by name only one that is not deleted. Throws ValidationError. */
  get(nameOrId: string): StackRecord {
    const stack = this.find(nameOrId)
    if (stack === undefined) throw noSuchStack(nameOrId)
    return stack
  }

  find(nameOrId: string): StackRecord | undefined {
    const { store } = this.#deps
    return nameOrId.startsWith('arn:') ? store.stack(nameOrId) : store.stackNamed(nameOrId)
  }

  /** `stack`: its name and the id that it was prepared for. */
  create(stack: Pick<StackRecord, 'id' | 'name'>, prepared: Prepared, options: CreateOptions = {}): StackRecord {
    const { store, clock } = this.#deps
    return store.transaction(() => {
      const taken = store.stackNamed(stack.name)
      if (taken !== undefined && taken.status !== 'REVIEW_IN_PROGRESS') throw alreadyExists(stack.name)
      if (taken !== undefined && taken.id !== stack.id) store.forgetStack(taken.id)
      const { parent, policy, isProtected = false } = options
      const made: StackRecord = {
        ...(taken?.id === stack.id && { ...taken }),
        id: stack.id,
        name: stack.name,
        status: 'CREATE_IN_PROGRESS',
        createdMs: clock.now(),
        isProtected,
        ...(policy !== undefined && { policy }),
        ...(parent && { parentId: parent.id, rootId: parent.rootId ?? parent.id }),
      }
      const changes = changesFor(prepared.model, [], this.place(made))
      const plan = planOf(prepared.model, changes, [])
      return this.#begin(made, 'create', plan, { ...options, target: prepared.settings, status: 'CREATE_IN_PROGRESS' })
    })
  }

  /** Throws ValidationError where there is nothing to change. */
  update(stack: StackRecord, prepared: Prepared, options: UpdateOptions = {}): StackRecord {
    const { store } = this.#deps
    return store.transaction(() => {
      const current = store.stack(stack.id) ?? stack
      this.requireSettled(current)
      const changes = this.changes(current, prepared)
      if (!this.hasChanges(current, prepared, changes)) throw validationError(NO_UPDATES)
      const plan = planOf(prepared.model, changes, store.resources(stack.id))
      this.#outdateChangeSets(stack, prepared)
      return this.#begin(current, 'update', plan, { ...options, target: prepared.settings, status: 'UPDATE_IN_PROGRESS' })
    })
  }

  /** What they would do is not known any more. */
  #outdateChangeSets({ id }: StackRecord, { settings }: Prepared): void {
    const { store } = this.#deps
    for (const changeSet of store.changeSets(id))
      if (changeSet.id !== settings.changeSetId && changeSet.execution === 'AVAILABLE')
        store.putChangeSet({ ...changeSet, execution: 'OBSOLETE' })
  }

  changes(stack: StackRecord, { model }: Prepared): readonly ResourceChange[] {
    return changesFor(model, this.#deps.store.resources(stack.id), this.place(stack))
  }

  /** Resources, or what else there is to a stack. */
  hasChanges({ id, current }: StackRecord, { model, settings }: Prepared, changes: readonly ResourceChange[]): boolean {
    if (changes.length > 0 || current === undefined) return true
    const { store } = this.#deps
    const answers = answersOf((logicalId) => store.resource(id, logicalId), this.place({ name: '' }))
    const rest = ({ tags, notificationArns, roleArn }: StackSettings) =>
      stableJson([sorted(tags), notificationArns, roleArn ?? null])
    return rest(settings) !== rest(current) || JSON.stringify(model.outputs(answers)) !== JSON.stringify(current.outputs)
  }

  /** Undefined where there is none. */
  delete(
    nameOrId: string,
    {
      retain = [],
      force = false,
      ...options
    }: OperationOptions & { readonly retain?: readonly string[]; readonly force?: boolean } = {},
  ): StackRecord | undefined {
    const { store } = this.#deps
    const stack = this.find(nameOrId)
    if (stack === undefined || stack.status === 'DELETE_COMPLETE' || stack.status === 'DELETE_IN_PROGRESS') return stack
    if (stack.status === 'REVIEW_IN_PROGRESS') {
      store.forgetStack(stack.id)
      return undefined
    }
    if (stack.isProtected) throw validationError(`Stack [${stack.name}] cannot be deleted while TerminationProtection is enabled`)
    if (retain.length > 0 && stack.status !== 'DELETE_FAILED')
      throw validationError(
        `Invalid operation on stack [${stack.id}]. When you specify RetainResources, the stack must be in the DELETE_FAILED state.`,
      )
    if (/^UPDATE_.*IN_PROGRESS$/.test(stack.status))
      throw validationError(`Stack [${stack.id}] cannot be deleted while in status ${stack.status}`)
    return store.transaction(() => {
      const used = store.exports().find(({ name, stackId }) => stackId === stack.id && store.importersOf(name).length > 0)
      if (used !== undefined) return this.#cancelDeletion(stack, used.name, options)
      const resources = store.resources(stack.id).filter(isThere)
      const unknown = retain.find((id) => !resources.some(({ logicalId }) => logicalId === id))
      if (unknown !== undefined) throw validationError(`The specified resources to retain are not in the stack: [${unknown}]`)
      const plan = { deploy: [], remove: removalOf(resources) }
      const skip = force ? resources.flatMap(({ logicalId, status }) => (status === 'DELETE_FAILED' ? [logicalId] : [])) : retain
      const halts = this.#takenOver(stack)
      return this.#begin(stack, 'delete', plan, { ...options, skip, halts, status: 'DELETE_IN_PROGRESS' })
    })
  }

  /** It goes back to what it was. */
  #cancelDeletion(stack: StackRecord, exported: string, { clientToken }: OperationOptions): StackRecord {
    const { store, events } = this.#deps
    const deleting = events.tellStack(stack, 'DELETE_IN_PROGRESS', { reason: USER_ASKED, clientToken })
    const importers = store.importersOf(exported).join(' and ')
    const reason = `Delete canceled. Cannot delete export ${exported} as it is in use by ${importers}.`
    return events.tellStack(deleting, stack.status, { reason, clientToken })
  }

  /** What is under way ends here: the operation that follows halts it first. */
  #takenOver({ operationId }: StackRecord): string | undefined {
    const { store } = this.#deps
    const operation = operationId === undefined ? undefined : store.operation(operationId)
    if (operation === undefined || operation.isOver) return undefined
    store.putOperation({ ...operation, isOver: true, cancelled: 'Resource creation cancelled' })
    return operation.id
  }

  /** After an update that could not be rolled back, or one that was told to stay as it failed. */
  rollBack(stack: StackRecord, { skip = [], ...options }: OperationOptions & { readonly skip?: readonly string[] }): StackRecord {
    const { store } = this.#deps
    return store.transaction(() => {
      const resources = store.resources(stack.id).filter(isThere)
      const unknown = skip.find((id) => !resources.some(({ logicalId }) => logicalId === id))
      if (unknown !== undefined) throw validationError(`The following resource(s) to skip are not in the stack: [${unknown}]`)
      const touched = resources.filter(({ previous, isNew }) => previous !== undefined || isNew !== undefined)
      const plan = { deploy: removalOf(touched).toReversed(), remove: [] }
      const status = stack.current === undefined ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS'
      return this.#begin(stack, 'rollback', plan, { ...options, skip, status })
    })
  }

  cancelUpdate(stack: StackRecord): void {
    const { store, operations } = this.#deps
    const operation = stack.operationId === undefined ? undefined : store.operation(stack.operationId)
    if (stack.status !== 'UPDATE_IN_PROGRESS' || operation === undefined)
      throw validationError(`CancelUpdateStack cannot be called from current stack status`)
    operations.cancel(operation.id, USER_ASKED)
  }

  place({ name: stackName }: Pick<StackRecord, 'name'>): Place {
    const { region, account } = this.#deps
    return { region, account, partition: 'aws', stackName }
  }

  requireSettled({ id, status }: StackRecord): void {
    if (!SETTLED.has(status)) throw validationError(`Stack:${id} is in ${status} state and can not be updated.`)
  }

  /** Within a transaction; the execution is started when that is committed. */
  #begin(
    stack: StackRecord,
    kind: OperationKind,
    plan: Pick<OperationRecord, 'deploy' | 'remove'>,
    { clientToken, onFailure = 'ROLLBACK', skip = [], halts, policy, target, status }: Beginning,
  ): StackRecord {
    const { store, events, operations, clock } = this.#deps
    const operation = store.putOperation({
      id: randomUUID(),
      stackId: stack.id,
      isOver: false,
      kind,
      startedMs: clock.now(),
      ...plan,
      onFailure,
      skip,
      failed: [],
      ...(halts !== undefined && { halts }),
      ...(kind === 'create' && target?.timeoutMinutes && { dueMs: clock.now() + target.timeoutMinutes * 60_000 }),
      ...(clientToken !== undefined && { clientToken }),
    })
    const begun = events.tellStack(stack, status, {
      operationId: operation.id,
      ...(kind === 'update' && { updatedMs: clock.now() }),
      ...(target && { target }),
      ...(policy !== undefined && { policy }),
      reason: kind === 'rollback' ? 'Rollback requested by user.' : USER_ASKED,
      clientToken,
    })
    queueMicrotask(() => operations.launch(operation))
    return begun
  }
}

const sorted = (tags: StackSettings['tags']) =>
  tags.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ key, value }) => [key, value])

export const resourceOf = (store: StackStore, stack: StackRecord, logicalId: string): ResourceRecord => {
  const found = store.resource(stack.id, logicalId)
  if (found === undefined) throw validationError(`Resource ${logicalId} does not exist for stack ${stack.name}`)
  return found
}
