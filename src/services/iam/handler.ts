/** IAM's door: the Query protocol over tables of actions. */
import type { Log } from '../../base/log.ts'

import { createAwsQueryHandler, type QueryOperation } from '../../wire/aws-query.ts'
import { apiOf } from '../../aws/operations.ts'

import { accountOperations } from './account.ts'
import { boundaryOperations } from './boundaries.ts'
import { entityPolicyOperations } from './entity-policies.ts'
import { groupOperations } from './groups.ts'
import { Iam, type IamDeps } from './iam.ts'
import { instanceProfileOperations } from './instance-profiles.ts'
import { managedPolicyOperations } from './managed-policies.ts'
import { providerOperations } from './providers.ts'
import { roleOperations } from './roles.ts'
import { serviceLinkedRoleOperations } from './service-linked-roles.ts'
import { tagOperations } from './tagging.ts'
import { userOperations } from './users.ts'

const NAMESPACE = 'https://iam.amazonaws.com/doc/2010-05-08/'

export function iamOperations(deps: IamDeps): ReadonlyMap<string, QueryOperation> {
  const iam = new Iam(deps)
  return new Map([
    ...roleOperations(iam),
    ...serviceLinkedRoleOperations(iam),
    ...userOperations(iam),
    ...groupOperations(iam),
    ...managedPolicyOperations(iam),
    ...entityPolicyOperations(iam),
    ...boundaryOperations(iam),
    ...instanceProfileOperations(iam),
    ...providerOperations(iam),
    ...tagOperations(iam),
    ...accountOperations(iam),
  ])
}

export function createIam(deps: IamDeps & { readonly log: Log }) {
  const operations = iamOperations(deps)
  return {
    handler: createAwsQueryHandler(operations, {
      namespace: NAMESPACE,
      log: deps.log,
      internalCode: 'ServiceFailure',
      aws: apiOf('iam'),
    }),
    operations: () => operations.keys(),
    close() {},
  }
}
