/** The resources that stacks have, for those who ask by type and physical id. */
import type { Json, JsonObject } from '../../base/json.ts'

import type { Naming } from '../../cloudformation/name-suffix.ts'

import { isThere } from './operation-plan.ts'
import type { ResourceRecord } from './records.ts'
import type { StackStore } from './stack-store.ts'

export interface FoundResource {
  readonly identifier: string
  readonly properties: JsonObject
  readonly attributes: Readonly<Record<string, Json>>
  readonly naming: Naming
  /** That touched it last. */
  readonly operationId: string
}

export interface StackResourceReader {
  find(type: string, identifier: string): FoundResource | undefined
  list(type: string): readonly FoundResource[]
}

export function stackResourcesIn(store: StackStore): StackResourceReader {
  const ofType = (type: string, records: readonly ResourceRecord[]): readonly FoundResource[] =>
    records.flatMap((record) => (record.type === type && isThere(record) ? foundIn(record, store) : []))
  return {
    find: (type, identifier) => ofType(type, store.resourcesWithRef(identifier))[0],
    list: (type) => store.stacks().flatMap(({ id }) => ofType(type, store.resources(id))),
  }
}

function foundIn(record: ResourceRecord, store: StackStore): readonly FoundResource[] {
  const { ref: identifier, operationId, stackId: scope, logicalId: id, generation } = record
  const { properties, attributes } = record.detail
  const stackName = store.stack(scope)?.name
  if (identifier === undefined || stackName === undefined) return []
  return [{ identifier, properties, attributes, operationId, naming: { stackName, id, scope, generation } }]
}
