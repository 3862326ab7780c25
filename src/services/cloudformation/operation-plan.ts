/** What an operation has to do to which resources, in which order. */
import { getOwn, type JsonObject } from '../../base/json.ts'

import { type ChangeOptions, changesOf, type KnownResource, type ResourceChange } from '../../cloudformation/changes.ts'
import { resourceTypeNamed } from '../../cloudformation/resources/index.ts'
import { levelsOf, type StackModel } from '../../cloudformation/stack-model.ts'

import { attributeOf, type Place } from './answers.ts'
import type { OperationRecord, ResourceRecord } from './records.ts'
import { deletionPolicyOf } from './policies.ts'

export type Plan = Pick<OperationRecord, 'deploy' | 'remove'>

/** Resources that are there. */
export const isThere = ({ status }: ResourceRecord): boolean => status !== 'DELETE_COMPLETE' && status !== 'DELETE_SKIPPED'

export function changesFor(model: StackModel, resources: readonly ResourceRecord[], place: Place): readonly ResourceChange[] {
  const options: ChangeOptions = {
    model,
    known: new Map(resources.filter(isThere).flatMap((resource) => knownOf(resource, place))),
    replacedBy: (type) => resourceTypeNamed(type)?.replacedBy ?? [],
    policyOf: (id) => deletionPolicyOf(model.resources.get(id)),
    metadataOf: (id): JsonObject => model.resources.get(id)?.metadata ?? {},
  }
  return changesOf(options)
}

function knownOf(resource: ResourceRecord, place: Place): readonly (readonly [string, KnownResource])[] {
  const { logicalId, type, ref, detail } = resource
  if (ref === undefined) return []
  const { properties, metadata, deletionPolicy } = detail
  const attribute = (name: string) => getOwn(detail.attributes, name) ?? attributeOf({ ...resource, ref }, name, place)
  return [[logicalId, { type, ref, properties, metadata, deletionPolicy, attribute }]]
}

/** Of a stack that is made or changed. */
export function planOf(model: StackModel, changes: readonly ResourceChange[], resources: readonly ResourceRecord[]): Plan {
  const deployed = new Set(changes.flatMap(({ action, id }) => (action === 'Remove' ? [] : [id])))
  const gone = new Set(changes.flatMap((change) => (leavesSomething(change) ? [change.id] : [])))
  return { deploy: model.levels(deployed), remove: removalOf(resources.filter(({ logicalId }) => gone.has(logicalId))) }
}

/** A custom resource says itself whether it has made another one. */
const leavesSomething = ({ action, replacement, type }: ResourceChange): boolean =>
  action === 'Remove' ||
  (action === 'Modify' && (replacement !== 'False' || /^(?:Custom::|AWS::CloudFormation::CustomResource$)/.test(type)))

/** In levels: what others stand on goes last. */
export function removalOf(resources: readonly ResourceRecord[]): readonly (readonly string[])[] {
  return levelsOf(new Map(resources.map(({ logicalId, detail }) => [logicalId, detail.requires]))).toReversed()
}
