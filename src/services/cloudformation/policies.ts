/**
 * What becomes of a resource that is not wanted any more.
 * Source: CloudFormation user guide, "DeletionPolicy attribute", "UpdateReplacePolicy attribute".
 */
import { getOwn } from '../../base/json.ts'

import type { ResourceDeclaration } from '../../cloudformation/template/template.ts'

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot'

export const deletionPolicyOf = (declaration: ResourceDeclaration | undefined): DeletionPolicy =>
  policyIn(declaration, 'DeletionPolicy')

export const updateReplacePolicyOf = (declaration: ResourceDeclaration): DeletionPolicy =>
  policyIn(declaration, 'UpdateReplacePolicy')

/** There are no snapshots here: what AWS would keep as one goes. */
export const isKept = (policy: DeletionPolicy): boolean => policy === 'Retain' || policy === 'RetainExceptOnCreate'

function policyIn(declaration: ResourceDeclaration | undefined, name: string): DeletionPolicy {
  const written = declaration && getOwn(declaration.attributes, name)
  return written === 'Retain' || written === 'RetainExceptOnCreate' || written === 'Snapshot' ? written : 'Delete'
}
