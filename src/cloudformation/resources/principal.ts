/**
 * What roles, users and groups have in common: policies of their own, managed ones that they name, tags. What is attached to
 * them besides stays: other resources attach too, and so do people.
 * Source: IAM API reference, PutRolePolicy, AttachRolePolicy and their kin.
 */
import { isObject, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { documentIn, isSameDocument } from './policy-document.ts'
import { type Declared, listAt, objectAt, PropertyError, requiredText, tagsOf, textAt } from './resource.ts'
import { changeTags, tagList, tagMapOf } from './tags.ts'

export type Kind = 'Role' | 'User' | 'Group'

export interface Principal {
  readonly kind: Kind
  readonly name: string
}

export const ask = (aws: Aws, { kind, name }: Principal, action: string, more: JsonObject = {}): Promise<JsonObject> =>
  aws.query(SERVICES.iam, action, { [`${kind}Name`]: name, ...more })

/** Undefined where there is none. */
export async function find(aws: Aws, principal: Principal): Promise<JsonObject | undefined> {
  const { kind } = principal
  return objectAt((await orUndefined(ask(aws, principal, `Get${kind}`), 'NoSuchEntity')) ?? {}, kind)
}

/** `Tags` of what is created. */
export function iamTags(properties: JsonObject): JsonObject {
  const Tags = tagList(tagMapOf(properties))
  return Tags.length === 0 ? {} : { Tags }
}

/** `noun` as the actions have it; `key`: what tells them which. */
export const changeIamTags = (resource: Declared, noun: string, key: JsonObject, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    async list() {
      const told = await aws.query(SERVICES.iam, `List${noun}Tags`, key)
      return Object.fromEntries(tagsOf(told).map((tag) => [tag.key, tag.value]))
    },
    put: (tags) => aws.query(SERVICES.iam, `Tag${noun}`, { ...key, Tags: tagList(tags) }),
    remove: (TagKeys) => aws.query(SERVICES.iam, `Untag${noun}`, { ...key, TagKeys }),
  })

// ---- each answers whether there was something to change

/** The managed policies that it names. */
export async function attachPolicies({ properties, before }: Declared, principal: Principal, aws: Aws): Promise<boolean> {
  const { kind } = principal
  const wanted = listAt(properties, 'ManagedPolicyArns').map(String)
  const held = listAt(before?.properties ?? {}, 'ManagedPolicyArns').map(String)
  if (wanted.length === 0 && held.length === 0) return false
  const attached = (await attachedTo(principal, aws)) ?? []
  const missing = wanted.filter((arn) => !attached.includes(arn))
  const surplus = held.filter((arn) => !wanted.includes(arn) && attached.includes(arn))
  for (const PolicyArn of missing) await ask(aws, principal, `Attach${kind}Policy`, { PolicyArn })
  for (const PolicyArn of surplus) await ask(aws, principal, `Detach${kind}Policy`, { PolicyArn })
  return missing.length > 0 || surplus.length > 0
}

/** Undefined where it is not there. */
async function attachedTo(principal: Principal, aws: Aws): Promise<readonly string[] | undefined> {
  const answer = await orUndefined(ask(aws, principal, `ListAttached${principal.kind}Policies`), 'NoSuchEntity')
  return answer && listAt(answer, 'AttachedPolicies').flatMap((one) => (isObject(one) ? [requiredText(one, 'PolicyArn')] : []))
}

/** Its own policies. */
export async function putPolicies({ properties, before }: Declared, principal: Principal, aws: Aws): Promise<boolean> {
  let isChanged = false
  const wanted = policiesIn(properties)
  for (const policy of wanted) {
    const isPut = await putPolicy(principal, requiredText(policy, 'PolicyName'), documentIn(policy, 'PolicyDocument'), aws)
    isChanged ||= isPut
  }
  for (const old of policiesIn(before?.properties ?? {})) {
    const PolicyName = requiredText(old, 'PolicyName')
    if (wanted.some((policy) => textAt(policy, 'PolicyName') === PolicyName)) continue
    await deletePolicy(principal, PolicyName, aws)
    isChanged = true
  }
  return isChanged
}

function policiesIn(properties: JsonObject): readonly JsonObject[] {
  return listAt(properties, 'Policies').map((policy) => {
    if (isObject(policy)) return policy
    throw new PropertyError('A policy is an object of PolicyName and PolicyDocument.', 'Policies')
  })
}

export async function putPolicy(principal: Principal, PolicyName: string, PolicyDocument: string, aws: Aws): Promise<boolean> {
  if (isSameDocument(await documentOf(principal, PolicyName, aws), PolicyDocument)) return false
  await ask(aws, principal, `Put${principal.kind}Policy`, { PolicyName, PolicyDocument })
  return true
}

export async function documentOf(principal: Principal, PolicyName: string, aws: Aws): Promise<string | undefined> {
  const found = await orUndefined(ask(aws, principal, `Get${principal.kind}Policy`, { PolicyName }), 'NoSuchEntity')
  return found && textAt(found, 'PolicyDocument')
}

export async function deletePolicy(principal: Principal, PolicyName: string, aws: Aws): Promise<void> {
  await orUndefined(ask(aws, principal, `Delete${principal.kind}Policy`, { PolicyName }), 'NoSuchEntity')
}

/** The policy that bounds what it may be permitted. `found`: as it was told. */
export async function putBoundary(resource: Declared, principal: Principal, found: JsonObject, aws: Aws): Promise<boolean> {
  const { kind } = principal
  const PermissionsBoundary = textAt(resource.properties, 'PermissionsBoundary')
  const boundary = textAt(objectAt(found, 'PermissionsBoundary') ?? {}, 'PermissionsBoundaryArn')
  if (PermissionsBoundary === boundary) return false
  if (PermissionsBoundary === undefined) await ask(aws, principal, `Delete${kind}PermissionsBoundary`)
  else await ask(aws, principal, `Put${kind}PermissionsBoundary`, { PermissionsBoundary })
  return true
}

/** All policies, of its own and attached: nothing that has some can be deleted. */
export async function clearPolicies(principal: Principal, aws: Aws): Promise<void> {
  const { kind } = principal
  for (const PolicyArn of (await attachedTo(principal, aws)) ?? [])
    await ask(aws, principal, `Detach${kind}Policy`, { PolicyArn })
  const inline = await orUndefined(ask(aws, principal, `List${kind}Policies`), 'NoSuchEntity')
  for (const name of listAt(inline ?? {}, 'PolicyNames')) await deletePolicy(principal, String(name), aws)
}
