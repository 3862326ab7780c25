/** What the resources of a stack answer to `Ref` and `Fn::GetAtt`. */
import { getOwn, type Json } from '../../base/json.ts'

import { standIn } from '../../cloudformation/resources/placeholder.ts'
import type { DeployContext } from '../../cloudformation/resources/resource.ts'
import type { Answers } from '../../cloudformation/stack-model.ts'

import type { PreviousResource, ResourceRecord } from './records.ts'
import { isStub } from './stub-types.ts'

export type Place = Pick<DeployContext, 'region' | 'account' | 'partition' | 'stackName'>

/** A resource, or what it was before. */
type Answering = Pick<ResourceRecord, 'logicalId'> & Pick<PreviousResource, 'type' | 'ref' | 'detail' | 'generation'>

export const answersOf = (find: (logicalId: string) => ResourceRecord | undefined, place: Place): Answers => ({
  ref: (id) => find(id)?.ref,
  attribute(id, name) {
    const resource = find(id)
    return resource?.ref === undefined ? undefined : attributeOf({ ...resource, ref: resource.ref }, name, place)
  },
})

/** What is of no type that is here has whatever attribute it is asked for. */
export function attributeOf(resource: Answering, name: string, place: Place): Json | undefined {
  const { logicalId: id, type, ref, detail, generation } = resource
  const known = getOwn(detail.attributes, name)
  if (known !== undefined || !isStub(type)) return known
  const declared = { id, type, properties: detail.properties, metadata: detail.metadata, path: [] }
  return standIn(declared, { ...place, suffixOf: () => suffixOf(ref, generation) }).anyAttribute?.(name)
}

/** As the resource's name ends. */
const suffixOf = (ref: string, generation: number): string => ref.split('-').at(-1) ?? String(generation)
