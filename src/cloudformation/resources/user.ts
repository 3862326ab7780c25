/**
 * IAM users and groups, and who is in which.
 * Source: CloudFormation, AWS::IAM::User, AWS::IAM::Group and AWS::IAM::UserToGroupAddition; IAM API reference.
 */
import { isObject, type JsonObject } from '../../base/json.ts'

import { type Aws, orUndefined } from '../aws.ts'
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
  booleanAt,
  changeOf,
  claim,
  type Declared,
  droppedFrom,
  listAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
  textsAt,
} from './resource.ts'

const userNamed = (name: string): Principal => ({ kind: 'User', name })
const groupNamed = (name: string): Principal => ({ kind: 'Group', name })

export const user: ResourceType = {
  replacedBy: ['UserName'],
  async deploy(resource, context) {
    const { aws } = context
    const { id, properties } = resource
    const name = textAt(properties, 'UserName') ?? physicalName(context, id, 64)
    const principal = userNamed(name)
    const found = claim(await find(aws, principal), resource, name, context)
    const input = { ...textsAt(properties, ['Path', 'PermissionsBoundary']), ...iamTags(properties) }
    const made = found ?? objectAt(await ask(aws, principal, 'CreateUser', input), 'User') ?? {}
    if (found === undefined) context.made(resource, name)
    const isChanged = [
      await move(resource, principal, made, aws),
      found !== undefined && (await putBoundary(resource, principal, found, aws)),
      await attachPolicies(resource, principal, aws),
      await putPolicies(resource, principal, aws),
      await putLogin(resource, principal, found, aws),
      await join(resource, name, aws),
      found !== undefined && (await changeIamTags(resource, 'User', { UserName: name }, aws)),
    ]
    const { Arn = null } = (await find(aws, principal)) ?? made
    return { ref: name, attributes: { Arn }, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws) {
    const principal = userNamed(ref)
    const groups = await orUndefined(ask(aws, principal, 'ListGroupsForUser'), 'NoSuchEntity')
    if (groups === undefined) return undefined
    for (const group of namesIn(groups, 'Groups', 'GroupName')) await leave(ref, group, aws)
    await clearPolicies(principal, aws)
    await orUndefined(ask(aws, principal, 'DeleteLoginProfile'), 'NoSuchEntity')
    await orUndefined(ask(aws, principal, 'DeleteUser'), 'NoSuchEntity')
    return undefined
  },
}

export const group: ResourceType = {
  replacedBy: ['GroupName'],
  async deploy(resource, context) {
    const { aws } = context
    const { id, properties } = resource
    const name = textAt(properties, 'GroupName') ?? physicalName(context, id, 128)
    const principal = groupNamed(name)
    const found = claim(await find(aws, principal), resource, name, context)
    const made = found ?? objectAt(await ask(aws, principal, 'CreateGroup', textsAt(properties, ['Path'])), 'Group') ?? {}
    if (found === undefined) context.made(resource, name)
    const isChanged = [
      await move(resource, principal, made, aws),
      await attachPolicies(resource, principal, aws),
      await putPolicies(resource, principal, aws),
    ]
    const { Arn = null } = (await find(aws, principal)) ?? made
    return { ref: name, attributes: { Arn }, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws) {
    const principal = groupNamed(ref)
    const found = await orUndefined(ask(aws, principal, 'GetGroup'), 'NoSuchEntity')
    if (found === undefined) return undefined
    for (const member of namesIn(found, 'Users', 'UserName')) await leave(member, ref, aws)
    await clearPolicies(principal, aws)
    await orUndefined(ask(aws, principal, 'DeleteGroup'), 'NoSuchEntity')
    return undefined
  },
}

export const groupMembers: ResourceType = {
  async deploy(resource, context) {
    const { id, properties, before } = resource
    const { aws } = context
    const name = requiredText(properties, 'GroupName')
    const ref = physicalName(context, id, 128)
    if (before === undefined) context.made(resource, ref)
    const wanted = listAt(properties, 'Users').map(String)
    const members = namesIn(await ask(aws, groupNamed(name), 'GetGroup'), 'Users', 'UserName')
    const missing = wanted.filter((one) => !members.includes(one))
    for (const one of missing) await ask(aws, userNamed(one), 'AddUserToGroup', { GroupName: name })
    const held = textAt(before?.properties ?? {}, 'GroupName')
    const stays = (one: string): boolean => held === name && wanted.includes(one)
    const surplus = listAt(before?.properties ?? {}, 'Users').filter((one) => !stays(String(one)))
    for (const one of surplus) await leave(String(one), held ?? name, aws)
    return { ref, attributes: { Id: ref }, change: changeOf(before, missing.length + surplus.length > 0) }
  },
  async remove(_, aws, { properties } = {}) {
    if (properties === undefined) return 'nobody knows any more who was added to which group'
    for (const one of listAt(properties, 'Users')) await leave(String(one), requiredText(properties, 'GroupName'), aws)
    return undefined
  },
}

const leave = (name: string, GroupName: string, aws: Aws): Promise<unknown> =>
  orUndefined(ask(aws, userNamed(name), 'RemoveUserFromGroup', { GroupName }), 'NoSuchEntity')

const namesIn = (told: JsonObject, list: string, member: string): readonly string[] =>
  listAt(told, list).flatMap((one) => (isObject(one) ? [requiredText(one, member)] : []))

// ---- each answers whether there was something to change

/** To another path. */
async function move({ properties }: Declared, principal: Principal, made: JsonObject, aws: Aws): Promise<boolean> {
  const NewPath = textAt(properties, 'Path') ?? '/'
  if (textAt(made, 'Path') === NewPath) return false
  await ask(aws, principal, `Update${principal.kind}`, { NewPath })
  return true
}

/** Into the groups that it names, and out of those that it named. */
async function join({ properties, before }: Declared, name: string, aws: Aws): Promise<boolean> {
  const wanted = listAt(properties, 'Groups').map(String)
  const held = listAt(before?.properties ?? {}, 'Groups').map(String)
  if (wanted.length === 0 && held.length === 0) return false
  const groups = namesIn(await ask(aws, userNamed(name), 'ListGroupsForUser'), 'Groups', 'GroupName')
  const missing = wanted.filter((one) => !groups.includes(one))
  const surplus = held.filter((one) => !wanted.includes(one) && groups.includes(one))
  for (const GroupName of missing) await ask(aws, userNamed(name), 'AddUserToGroup', { GroupName })
  for (const one of surplus) await leave(name, one, aws)
  return missing.length > 0 || surplus.length > 0
}

/** A password is never told again: it is put when the template says another one. */
async function putLogin(resource: Declared, principal: Principal, found: JsonObject | undefined, aws: Aws): Promise<boolean> {
  const wanted = objectAt(resource.properties, 'LoginProfile')
  if (wanted === undefined) {
    if (droppedFrom(resource, ['LoginProfile']).length === 0) return false
    await orUndefined(ask(aws, principal, 'DeleteLoginProfile'), 'NoSuchEntity')
    return true
  }
  const input = {
    Password: requiredText(wanted, 'Password'),
    PasswordResetRequired: booleanAt(wanted, 'PasswordResetRequired') ?? false,
  }
  const held = objectAt(resource.before?.properties ?? {}, 'LoginProfile') ?? {}
  const profile = found && (await orUndefined(ask(aws, principal, 'GetLoginProfile'), 'NoSuchEntity'))
  if (profile === undefined) await ask(aws, principal, 'CreateLoginProfile', input)
  else if (JSON.stringify(held) === JSON.stringify(wanted)) return false
  else await ask(aws, principal, 'UpdateLoginProfile', input)
  return true
}
