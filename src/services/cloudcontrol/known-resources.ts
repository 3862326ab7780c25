/** Resources by type and identifier: those that stacks have made, and those that were made or changed here. */
import type { Json, JsonObject } from '../../base/json.ts'

import type { Naming } from '../../cloudformation/name-suffix.ts'

export interface KnownResource {
  readonly identifier: string
  readonly properties: JsonObject
  /** What the resource says of itself. */
  readonly attributes: Readonly<Record<string, Json>>
  readonly naming: Naming
}

/** Of a stack. */
export interface StackResource extends KnownResource {
  /** The stack's operation that touched it last. */
  readonly operationId: string
}

/** What the stacks of the account have. */
export interface StackResources {
  find(type: string, identifier: string): StackResource | undefined
  list(type: string): readonly StackResource[]
}

/** As Cloud Control has left it. */
export interface KeptResource extends KnownResource {
  /** Of a resource of a stack: the operation after which it was changed here. A later one of the stack's has the last word. */
  readonly after?: string
}
