/**
 * Policies that are put on roles, users and groups from outside: one on several, or one on one.
 * Source: CloudFormation, AWS::IAM::Policy, AWS::IAM::RolePolicy, AWS::IAM::UserPolicy, AWS::IAM::GroupPolicy.
 */
import type { JsonObject } from '../../base/json.ts'

import { documentIn } from './policy-document.ts'
import { deletePolicy, documentOf, type Kind, type Principal, putPolicy } from './principal.ts'
import { changeOf, claim, listAt, physicalName, PropertyError, requiredText, type ResourceType, textAt } from './resource.ts'

const KINDS: readonly Kind[] = ['Role', 'User', 'Group']

export const iamPolicy: ResourceType = {
  async deploy(resource, context) {
    const { id, properties, before } = resource
    const { aws } = context
    const name = requiredText(properties, 'PolicyName')
    const document = documentIn(properties, 'PolicyDocument')
    const wanted = holdersIn(properties)
    if (wanted.length === 0) throw new PropertyError('At least one of [Groups,Roles,Users] must be non-empty.', 'Roles')
    const ref = before?.ref ?? physicalName(context, id, 128)
    if (before === undefined) context.made(resource, ref)
    let isChanged = false
    for (const holder of wanted) {
      const isPut = await putPolicy(holder, name, document, aws)
      isChanged ||= isPut
    }
    const oldName = textAt(before?.properties ?? {}, 'PolicyName') ?? name
    const isHeld = ({ kind, name: holder }: Principal) => wanted.some((one) => one.kind === kind && one.name === holder)
    for (const holder of holdersIn(before?.properties ?? {}).filter((one) => oldName !== name || !isHeld(one))) {
      await deletePolicy(holder, oldName, aws)
      isChanged = true
    }
    return { ref, attributes: { Id: ref }, change: changeOf(before ?? (isChanged ? undefined : ref), isChanged) }
  },
  async remove(_, aws, { properties } = {}) {
    if (properties === undefined) return 'nobody knows any more whom it was put on'
    for (const holder of holdersIn(properties)) await deletePolicy(holder, requiredText(properties, 'PolicyName'), aws)
    return undefined
  },
}

const holdersIn = (properties: JsonObject): readonly Principal[] =>
  KINDS.flatMap((kind) => listAt(properties, `${kind}s`).map((name) => ({ kind, name: String(name) })))

const policyOf = (kind: Kind): ResourceType => ({
  replacedBy: ['PolicyName', `${kind}Name`],
  async deploy(resource, context) {
    const { properties } = resource
    const name = requiredText(properties, 'PolicyName')
    const holder = { kind, name: requiredText(properties, `${kind}Name`) }
    const ref = `${name}|${holder.name}`
    const found = claim(await documentOf(holder, name, context.aws), resource, ref, context)
    const isPut = await putPolicy(holder, name, documentIn(properties, 'PolicyDocument'), context.aws)
    return { ref, attributes: {}, change: changeOf(found, isPut) }
  },
  async remove(ref, aws) {
    const [policy = '', name = ''] = ref.split('|')
    await deletePolicy({ kind, name }, policy, aws)
    return undefined
  },
})

export const rolePolicy = policyOf('Role')
export const userPolicy = policyOf('User')
export const groupPolicy = policyOf('Group')
