/**
 * The steps of an operation that are about the whole stack: what it exports, what it is called while it is rolled back, and how
 * it ends. Each may be asked for again after it was done.
 * Source: CloudFormation user guide, "Stack status codes", "Get exported outputs".
 */
import type { Clock } from '../../base/clock.ts'

import { IntrinsicError } from '../../cloudformation/template/intrinsics.ts'

import { answersOf } from './answers.ts'
import type { StackEvents } from './events.ts'
import type { OperationRecord, ResourceRecord, StackRecord, StackStatus } from './records.ts'
import type { StackModels } from './stack-models.ts'
import type { StackStore } from './stack-store.ts'
import { StepFailure } from './steps.ts'

export interface StackStepDeps {
  readonly store: StackStore
  readonly events: StackEvents
  readonly models: StackModels
  readonly region: string
  readonly account: string
  readonly clock: Clock
}

export class StackSteps {
  readonly #deps: StackStepDeps

  constructor(deps: StackStepDeps) {
    this.#deps = deps
  }

  /** All resources are as they are to be: outputs and exports follow. Throws StepFailure. */
  complete(operation: OperationRecord): void {
    const { store, events } = this.#deps
    const stack = this.#stackOf(operation)
    if (stack?.target === undefined) return
    if (operation.cancelled !== undefined) throw new StepFailure(operation.cancelled)
    const { clientToken } = operation
    this.#orFailed(operation, () => {
      const { outputs, imports } = this.#told(stack, operation)
      this.#export(
        stack,
        new Map(outputs.flatMap(({ exportName, value }) => (exportName === undefined ? [] : [[exportName, value]]))),
      )
      store.setImports(stack.id, imports)
      const { target, ...rest } = stack
      const current = target && { ...target, outputs }
      const changed = { ...rest, ...(current && { current }) }
      if (operation.kind === 'create') {
        this.#settle(stack.id)
        events.tellStack(changed, 'CREATE_COMPLETE', { clientToken })
      } else events.tellStack(changed, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', { clientToken })
    })
  }

  /** What an update made needless is gone. */
  end(operation: OperationRecord): void {
    const { store, events } = this.#deps
    const stack = this.#stackOf(operation)
    if (stack?.status !== 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS') return
    const { clientToken, leavesSomething } = operation
    store.transaction(() => {
      this.#settle(stack.id)
      events.tellStack(stack, 'UPDATE_COMPLETE', { clientToken, ...(leavesSomething && { reason: LEFT }) })
    })
  }

  beginRollback(operation: OperationRecord): void {
    const { events } = this.#deps
    const stack = this.#stackOf(operation)
    if (stack === undefined) return
    const status = rollbackStatusOf(stack, operation)
    if (stack.status !== status)
      events.tellStack(stack, status, { reason: failureOf(operation), clientToken: operation.clientToken })
  }

  /** `OnFailure: DO_NOTHING`. */
  giveUp(operation: OperationRecord): void {
    const { events } = this.#deps
    const stack = this.#stackOf(operation)
    if (stack === undefined || !stack.status.endsWith('_IN_PROGRESS')) return
    const status = stack.current === undefined ? 'CREATE_FAILED' : 'UPDATE_FAILED'
    events.tellStack(stack, status, { reason: failureOf(operation), clientToken: operation.clientToken })
  }

  /** All resources of an update that is rolled back are what they were, if they could be made so. */
  completeRollback({ id, stackId, clientToken }: OperationRecord): void {
    const { events } = this.#deps
    const stack = this.#stackOf({ id, stackId })
    if (stack?.status !== 'UPDATE_ROLLBACK_IN_PROGRESS' || this.#failing(stackId, 'UPDATE_FAILED').length > 0) return
    const { target: _, ...rest } = stack
    events.tellStack(rest, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', { clientToken })
  }

  endRollback(operation: OperationRecord): void {
    const { store } = this.#deps
    const stack = this.#stackOf(operation)
    if (stack === undefined || !stack.status.endsWith('_IN_PROGRESS')) return
    store.transaction(() => {
      if (stack.current === undefined) this.#endFirst(stack, operation)
      else this.#endUpdate(stack, operation)
    })
  }

  endDeletion(operation: OperationRecord): void {
    const { store, events, clock } = this.#deps
    const stack = this.#stackOf(operation)
    if (stack === undefined || stack.status !== 'DELETE_IN_PROGRESS') return
    const { clientToken } = operation
    store.transaction(() => {
      const failed = this.#failing(stack.id, 'DELETE_FAILED')
      if (failed.length > 0) {
        const reason = `The following resource(s) failed to delete: [${failed.join(', ')}]. `
        return events.tellStack(stack, 'DELETE_FAILED', { reason, clientToken })
      }
      store.setExports(stack.id, new Map())
      store.setImports(stack.id, [])
      store.removeChangeSets(stack.id)
      return events.tellStack(stack, 'DELETE_COMPLETE', { deletedMs: clock.now(), clientToken })
    })
  }

  /** Its execution is gone: whoever stopped it, nothing goes on by itself. */
  abandon(operation: OperationRecord, reason: string): void {
    const { store, events } = this.#deps
    const stack = this.#stackOf(operation)
    if (stack === undefined || !stack.status.endsWith('_IN_PROGRESS')) return
    const status =
      stack.status === 'DELETE_IN_PROGRESS'
        ? 'DELETE_FAILED'
        : stack.status === 'ROLLBACK_IN_PROGRESS'
          ? 'ROLLBACK_FAILED'
          : stack.current === undefined
            ? 'CREATE_FAILED'
            : stack.status === 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
              ? 'UPDATE_COMPLETE'
              : stack.status === 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'
                ? 'UPDATE_ROLLBACK_COMPLETE'
                : 'UPDATE_ROLLBACK_FAILED'
    store.transaction(() => events.tellStack(stack, status, { reason, clientToken: operation.clientToken }))
  }

  // ---- how it ends

  #endFirst(stack: StackRecord, operation: OperationRecord): void {
    const { events, clock } = this.#deps
    const { clientToken } = operation
    const failed = this.#failing(stack.id, 'DELETE_FAILED')
    const isDeleted = stack.status === 'DELETE_IN_PROGRESS'
    if (failed.length > 0) {
      const reason = `The following resource(s) failed to delete: [${failed.join(', ')}]. `
      events.tellStack(stack, isDeleted ? 'DELETE_FAILED' : 'ROLLBACK_FAILED', { reason, clientToken })
    } else if (isDeleted) events.tellStack(stack, 'DELETE_COMPLETE', { deletedMs: clock.now(), clientToken })
    else events.tellStack(stack, 'ROLLBACK_COMPLETE', { clientToken })
  }

  #endUpdate(stack: StackRecord, { clientToken }: OperationRecord): void {
    const { events } = this.#deps
    if (stack.status === 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS') {
      this.#settle(stack.id)
      events.tellStack(stack, 'UPDATE_ROLLBACK_COMPLETE', { clientToken })
      return
    }
    const reason = `The following resource(s) failed to update: [${this.#failing(stack.id, 'UPDATE_FAILED').join(', ')}]. `
    events.tellStack(stack, 'UPDATE_ROLLBACK_FAILED', { reason, clientToken })
  }

  // ---- what they share

  /** Of a stack that something else is done with by now, nothing is told. */
  #stackOf({ id, stackId }: Pick<OperationRecord, 'id' | 'stackId'>): StackRecord | undefined {
    const stack = this.#deps.store.stack(stackId)
    return stack?.operationId === id ? stack : undefined
  }

  #told(stack: StackRecord, operation: OperationRecord) {
    const { store, models, region, account } = this.#deps
    if (stack.target === undefined) return { outputs: [], imports: [] }
    const model = models.kept(operation.id, stack, stack.target)
    const place = { region, account, partition: 'aws', stackName: stack.name }
    try {
      return {
        outputs: model.outputs(answersOf((id) => store.resource(stack.id, id), place)),
        imports: model.imports(),
      }
    } catch (error) {
      if (!(error instanceof IntrinsicError)) throw error
      throw new StepFailure(`Template error: ${error.message}`)
    }
  }

  #export(stack: StackRecord, exports: ReadonlyMap<string, string>): void {
    const { store } = this.#deps
    for (const { name, value, stackId } of store.exports()) {
      const wanted = exports.get(name)
      if (stackId !== stack.id && wanted !== undefined)
        throw new StepFailure(`Export with name ${name} is already exported by stack ${store.stack(stackId)?.name ?? stackId}.`)
      if (stackId !== stack.id || wanted === value) continue
      const importers = store.importersOf(name)
      if (importers.length > 0) {
        const verb = wanted === undefined ? 'deleted' : 'updated'
        throw new StepFailure(`Export ${name} cannot be ${verb} as it is in use by ${importers.join(', ')}`)
      }
    }
    store.setExports(stack.id, exports)
  }

  /** All of `work` or nothing of it but why. */
  #orFailed(operation: OperationRecord, work: () => void): void {
    const { store } = this.#deps
    try {
      store.transaction(work)
    } catch (error) {
      if (error instanceof StepFailure) store.putOperation({ ...operation, failure: error.message })
      throw error
    }
  }

  /** Nothing is to be rolled back any more. */
  #settle(stackId: string): void {
    const { store } = this.#deps
    for (const resource of store.resources(stackId)) {
      const { previous, isNew, leftover, ...rest } = resource
      if (previous === undefined && isNew === undefined && leftover === undefined) continue
      store.putResource(rest)
    }
  }

  #failing(stackId: string, status: ResourceRecord['status']): readonly string[] {
    const found = this.#deps.store.resources(stackId).filter((resource) => resource.status === status)
    return found.map(({ logicalId }) => logicalId)
  }
}

const LEFT = 'Update successful. One or more resources could not be deleted.'

const rollbackStatusOf = ({ current }: StackRecord, { onFailure }: OperationRecord): StackStatus =>
  current !== undefined ? 'UPDATE_ROLLBACK_IN_PROGRESS' : onFailure === 'DELETE' ? 'DELETE_IN_PROGRESS' : 'ROLLBACK_IN_PROGRESS'

/** Who asked for what follows the failure of a stack that was to be made. */
const ASKED = { ROLLBACK: 'Rollback requested by user.', DELETE: 'Delete requested by user.', DO_NOTHING: '' } as const

/** As the stack's reason tells it. Source: recorded events of stacks, whose sentences end with a blank. */
function failureOf(operation: OperationRecord): string {
  const asked = operation.kind === 'create' ? ASKED[operation.onFailure] : ''
  const told = operation.cancelled ?? operation.failure
  return told === undefined || asked === '' ? `${causeOf(operation)}${asked}` : `${told} ${asked}`
}

/** What went wrong, whoever asked for what follows. */
export function causeOf({ failed, failure, cancelled }: OperationRecord): string {
  const sentences = (['create', 'update'] as const).flatMap((verb) => {
    const ids = failed.flatMap(([how, id]) => (how === verb ? [id] : []))
    return ids.length === 0 ? [] : [`The following resource(s) failed to ${verb}: [${ids.join(', ')}]. `]
  })
  return cancelled ?? failure ?? sentences.join('')
}
