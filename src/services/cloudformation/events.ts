/**
 * Changes of a stack's and of its resources' status, each with the event that tells it, in one transaction.
 * Source: CloudFormation user guide, "Understand CloudFormation stack creation events".
 */
import type { Clock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'

import type { Notifications } from './notifications.ts'
import type { OperationRecord, ResourceRecord, ResourceStatus, StackRecord, StackStatus } from './records.ts'
import type { StackStore } from './stack-store.ts'

const STACK = 'AWS::CloudFormation::Stack'
/** Of an event's properties. */
const PROPERTIES_CHARS_MAX = 100_000

export type StackChange = Partial<Omit<StackRecord, 'id' | 'name' | 'status' | 'reason' | 'createdMs'>>

export class StackEvents {
  readonly #store: StackStore
  readonly #clock: Clock
  readonly #notifications: Notifications
  /** Of the stacks that are worked on, where they have any. */
  readonly #topics = new Map<string, readonly string[]>()

  constructor(store: StackStore, clock: Clock, notifications: Notifications) {
    this.#store = store
    this.#clock = clock
    this.#notifications = notifications
  }

  /** The stack has this status now. */
  tellStack(
    stack: StackRecord,
    status: StackStatus,
    {
      reason,
      clientToken,
      ...change
    }: StackChange & { readonly reason?: string; readonly clientToken?: string | undefined } = {},
  ): StackRecord {
    return this.#store.transaction(() => {
      const { reason: _, ...rest } = stack
      const changed = this.#store.putStack({ ...rest, ...change, status, ...(reason !== undefined && { reason }) })
      this.#topics.set(stack.id, topicsOf(changed))
      this.#add(stack.id, {
        logicalId: stack.name,
        physicalId: stack.id,
        type: STACK,
        status,
        ...(changed.operationId !== undefined && { operationId: changed.operationId }),
        ...(reason !== undefined && { reason }),
        ...(clientToken !== undefined && { clientToken }),
      })
      if (!status.endsWith('_IN_PROGRESS')) this.#topics.delete(stack.id)
      return changed
    })
  }

  /** The resource has this status now, and is kept so. */
  tellResource(resource: ResourceRecord, status: ResourceStatus, operation: OperationRecord, reason?: string): ResourceRecord {
    return this.#store.transaction(() => {
      const { reason: _, ...rest } = resource
      const updatedMs = this.#clock.now()
      const changed = { ...rest, status, updatedMs, operationId: operation.id, ...(reason !== undefined && { reason }) }
      this.#store.putResource(changed)
      this.tellOnly(changed, status, operation, reason)
      return changed
    })
  }

  /** What happens to a thing that is not the resource any more, or not yet: the record stays. */
  tellOnly(
    { stackId, logicalId, type, ref, detail }: Pick<ResourceRecord, 'stackId' | 'logicalId' | 'type' | 'ref' | 'detail'>,
    status: ResourceStatus,
    { id: operationId, clientToken }: Pick<OperationRecord, 'id' | 'clientToken'>,
    reason?: string,
  ): void {
    const properties = printed(detail.shown ?? detail.properties)
    this.#add(stackId, {
      logicalId,
      physicalId: ref ?? '',
      type,
      status,
      operationId,
      ...(reason !== undefined && { reason }),
      ...(properties !== undefined && { properties }),
      ...(clientToken !== undefined && { clientToken }),
    })
  }

  #add(stackId: string, event: Parameters<StackStore['addEvent']>[1]): void {
    const told = this.#store.addEvent(stackId, event)
    const topics = this.#topics.get(stackId) ?? topicsOf(this.#store.stack(stackId))
    this.#topics.set(stackId, topics)
    this.#notifications.add(topics, stackId, told)
  }
}

const topicsOf = (stack: StackRecord | undefined): readonly string[] => (stack?.target ?? stack?.current)?.notificationArns ?? []

function printed(properties: JsonObject): string | undefined {
  const text = JSON.stringify(properties)
  return text.length > PROPERTIES_CHARS_MAX ? undefined : text
}
