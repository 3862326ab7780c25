/** What is kept of a stack: its settings, its resources, what happened to them, and what is being done. */
import type { Json, JsonObject } from '../../base/json.ts'

import type { DeletionPolicy } from './policies.ts'

type Progress = 'IN_PROGRESS' | 'COMPLETE' | 'FAILED'

export type StackStatus =
  | `${'CREATE' | 'DELETE' | 'ROLLBACK' | 'UPDATE_ROLLBACK'}_${Progress}`
  | `UPDATE_${Progress}`
  | 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'
  | 'REVIEW_IN_PROGRESS'

export type ResourceStatus = `${'CREATE' | 'UPDATE' | 'DELETE'}_${Progress}` | 'DELETE_SKIPPED'

export interface StackParameter {
  readonly key: string
  /** As it was given, or the default. */
  readonly value: string
  /** Of a parameter of the Parameter Store: what that held. */
  readonly resolved?: string
  readonly isSecret?: true
}

export interface StackOutput {
  readonly key: string
  readonly value: string
  readonly description?: string
  readonly exportName?: string
}

/** What a stack is to be, or is. */
export interface StackSettings {
  /** As it was given. */
  readonly template: string
  /** The same after its transforms, as JSON. */
  readonly processed: string
  readonly parameters: readonly StackParameter[]
  readonly tags: readonly Tag[]
  readonly capabilities: readonly string[]
  readonly notificationArns: readonly string[]
  readonly roleArn?: string
  readonly timeoutMinutes?: number
  readonly disableRollback: boolean
  /** What is there already under a resource's name becomes the stack's. */
  readonly importsExisting?: true
  readonly description?: string
  /** Known when all resources are. */
  readonly outputs: readonly StackOutput[]
  readonly changeSetId?: string
}

export interface Tag {
  readonly key: string
  readonly value: string
}

export interface StackRecord {
  readonly id: string
  readonly name: string
  readonly status: StackStatus
  readonly reason?: string
  /** Of a nested stack. */
  readonly parentId?: string
  readonly rootId?: string
  readonly createdMs: number
  readonly updatedMs?: number
  readonly deletedMs?: number
  readonly isProtected: boolean
  /** Who may change which resource, as it was set; kept alone. */
  readonly policy?: string
  /** Undefined until the stack has been made once. */
  readonly current?: StackSettings
  /** While it is made or changed: what it is to be. */
  readonly target?: StackSettings
  readonly operationId?: string
}

/** What a resource was made of, and what it answers. */
export interface ResourceDetail {
  /** Resolved. */
  readonly properties: JsonObject
  /** The same as events show them, where they hold secrets. */
  readonly shown?: JsonObject
  readonly attributes: Readonly<Record<string, Json>>
  readonly metadata: JsonObject
  readonly deletionPolicy: DeletionPolicy
  readonly updateReplacePolicy: DeletionPolicy
  /** Logical ids of what it refers to: it goes before them. */
  readonly requires: readonly string[]
}

export interface ResourceRecord {
  readonly stackId: string
  readonly logicalId: string
  readonly type: string
  /** The physical id. Undefined while it is not known that there is anything. */
  readonly ref?: string
  readonly status: ResourceStatus
  readonly reason?: string
  readonly updatedMs: number
  /** Counts replacements: each has a name of its own. */
  readonly generation: number
  /** That touched it last. */
  readonly operationId: string
  readonly detail: ResourceDetail
  /** While an operation is not over: what it was before. */
  readonly previous?: PreviousResource
  /** While an operation is not over: that it was not there before. */
  readonly isNew?: true
  /** What an update made in its place, until the update's rollback has taken it away. */
  readonly leftover?: PreviousResource
}

export interface PreviousResource {
  readonly type: string
  readonly ref: string
  readonly generation: number
  readonly detail: ResourceDetail
}

export interface StackEvent {
  readonly eventId: string
  readonly logicalId: string
  readonly physicalId: string
  readonly type: string
  readonly atMs: number
  readonly status: StackStatus | ResourceStatus
  readonly reason?: string
  /** JSON text. */
  readonly properties?: string
  /** Of which it is a part: the name of its execution. */
  readonly operationId?: string
  readonly clientToken?: string
}

export interface ChangeSetRecord {
  readonly id: string
  readonly stackId: string
  readonly name: string
  readonly createdMs: number
  readonly kind: 'CREATE' | 'UPDATE' | 'IMPORT'
  readonly status: 'CREATE_COMPLETE' | 'FAILED'
  readonly reason?: string
  readonly execution: 'AVAILABLE' | 'UNAVAILABLE' | 'EXECUTE_IN_PROGRESS' | 'EXECUTE_COMPLETE' | 'OBSOLETE'
  readonly description?: string
  readonly settings: StackSettings
  readonly onStackFailure?: string
  readonly includesNested: boolean
  /** As DescribeChangeSet shows them. */
  readonly changes: readonly JsonObject[]
}

export type OperationKind = 'create' | 'update' | 'delete' | 'rollback'

/** What is to be done, in levels: of a level all can be done at once, each level after the one before. */
export interface OperationRecord {
  readonly id: string
  readonly stackId: string
  readonly isOver: boolean
  readonly kind: OperationKind
  readonly startedMs: number
  /** Logical ids of what is made or changed. */
  readonly deploy: readonly (readonly string[])[]
  /** Of what is taken away at the end; of a deletion all. */
  readonly remove: readonly (readonly string[])[]
  readonly onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING'
  /** Logical ids that a rollback or a deletion leaves as they are. */
  readonly skip: readonly string[]
  readonly clientToken?: string
  /** Logical ids of what failed, by what could not be done with it. */
  readonly failed: readonly (readonly [verb: 'create' | 'update', logicalId: string])[]
  /** Something that is no resource of the stack any more could not be taken away. */
  readonly leavesSomething?: true
  /** Why it failed, where no resource did. */
  readonly failure?: string
  /** Asked for from outside, or its time is over: what is not begun yet is not done. As the stack's reason tells it. */
  readonly cancelled?: string
  /** What it made is taken back, or left as it is: nothing more is made. */
  readonly hasFailed?: true
  /** When it is cancelled. */
  readonly dueMs?: number
  /** The operation that is ended first where it is; what is to be removed is known only then. */
  readonly halts?: string
}
