/**
 * IAM roles with their trust, their own policies and the managed ones that they name.
 * Source: CloudFormation, AWS::IAM::Role and AWS::IAM::ServiceLinkedRole; IAM API reference.
 */
import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { documentIn, isSameDocument } from './policy-document.ts'
import {
  ask,
  attachPolicies,
  changeIamTags,
  clearPolicies,
  find,
  iamTags,
  type Principal,
  putBoundary,
  putPolicies,
} from './principal.ts'
import {
  changeOf,
  claim,
  type Declared,
  numberAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
  textsAt,
  knownRef,
} from './resource.ts'

const SESSION_SECONDS = 3600
const roleNamed = (name: string): Principal => ({ kind: 'Role', name })

export const role: ResourceType = {
  replacedBy: ['Path', 'RoleName'],
  async deploy(resource, context) {
    const { aws } = context
    const name = textAt(resource.properties, 'RoleName') ?? physicalName(context, resource.id, 64)
    const principal = roleNamed(name)
    const found = claim(await find(aws, principal), resource, name, context)
    const made = found ?? objectAt(await ask(aws, principal, 'CreateRole', inputOf(resource)), 'Role') ?? {}
    if (found === undefined) context.made(resource, name)
    const path = textAt(resource.properties, 'Path') ?? '/'
    if (textAt(made, 'Path') !== path) context.warn(`${resource.id}: the role ${name} exists with another path, and keeps it.`)
    const isChanged = [
      found !== undefined && (await changeSettings(resource, principal, found, aws)),
      found !== undefined && (await putBoundary(resource, principal, found, aws)),
      await attachPolicies(resource, principal, aws),
      await putPolicies(resource, principal, aws),
      found !== undefined && (await changeIamTags(resource, 'Role', { RoleName: name }, aws)),
    ]
    const attributes = { Arn: requiredText(made, 'Arn'), RoleId: requiredText(made, 'RoleId') }
    return { ref: name, attributes, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws) {
    const principal = roleNamed(ref)
    await clearPolicies(principal, aws)
    await orUndefined(ask(aws, principal, 'DeleteRole'), 'NoSuchEntity')
    return undefined
  },
}

function inputOf({ properties }: Declared): JsonObject {
  return {
    AssumeRolePolicyDocument: documentIn(properties, 'AssumeRolePolicyDocument'),
    ...textsAt(properties, ['Path', 'Description', 'MaxSessionDuration', 'PermissionsBoundary']),
    ...iamTags(properties),
  }
}

/** Whether there was something to change. */
async function changeSettings({ properties }: Declared, principal: Principal, found: JsonObject, aws: Aws): Promise<boolean> {
  const trust = documentIn(properties, 'AssumeRolePolicyDocument')
  const hasOtherTrust = !isSameDocument(textAt(found, 'AssumeRolePolicyDocument'), trust)
  if (hasOtherTrust) await ask(aws, principal, 'UpdateAssumeRolePolicy', { PolicyDocument: trust })

  const Description = textAt(properties, 'Description') ?? ''
  const MaxSessionDuration = numberAt(properties, 'MaxSessionDuration') ?? SESSION_SECONDS
  const seconds = numberAt(found, 'MaxSessionDuration') ?? SESSION_SECONDS
  const hasOthers = Description !== (textAt(found, 'Description') ?? '') || MaxSessionDuration !== seconds
  if (hasOthers) await ask(aws, principal, 'UpdateRole', { Description, MaxSessionDuration })
  return hasOtherTrust || hasOthers
}

/** IAM names it after its service: a second one of that name is refused. */
export const serviceLinkedRole: ResourceType = {
  replacedBy: ['AWSServiceName', 'CustomSuffix'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const ref = knownRef(resource)
    const known = ref === undefined ? undefined : await find(aws, roleNamed(ref))
    const input = textsAt(properties, ['AWSServiceName', 'CustomSuffix', 'Description'])
    const create = async () => objectAt(await aws.query(SERVICES.iam, 'CreateServiceLinkedRole', input), 'Role') ?? {}
    const name = requiredText(known ?? (await create()), 'RoleName')
    if (known === undefined) context.made(resource, name)
    const Description = textAt(properties, 'Description') ?? ''
    const isSame = known === undefined || Description === (textAt(known, 'Description') ?? '')
    if (!isSame) await ask(aws, roleNamed(name), 'UpdateRoleDescription', { Description })
    return { ref: name, attributes: { RoleName: name }, change: changeOf(known, !isSame) }
  },
  async remove(ref, aws) {
    await orUndefined(ask(aws, roleNamed(ref), 'DeleteServiceLinkedRole'), 'NoSuchEntity')
    return undefined
  },
}
