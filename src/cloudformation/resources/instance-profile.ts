/** IAM's instance profiles, of one role each. Source: CloudFormation, AWS::IAM::InstanceProfile. */
import { isObject, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import { changeOf, claim, listAt, objectAt, physicalName, requiredText, type ResourceType, textAt } from './resource.ts'

export const instanceProfile: ResourceType = {
  replacedBy: ['InstanceProfileName', 'Path'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const name = textAt(properties, 'InstanceProfileName') ?? physicalName(context, id, 128)
    const Path = textAt(properties, 'Path') ?? '/'
    const asked = ask(aws, 'GetInstanceProfile', name)
    const found = claim(await orUndefined(asked, 'NoSuchEntity'), resource, name, context)
    const profile = objectAt(found ?? (await ask(aws, 'CreateInstanceProfile', name, { Path })), 'InstanceProfile') ?? {}
    if (found === undefined) context.made(resource, name)
    if (textAt(profile, 'Path') !== Path)
      context.warn(`${id}: the instance profile ${name} exists with another path, and keeps it.`)
    const wanted = listAt(properties, 'Roles').map(String)
    const held = rolesOf(profile)
    for (const RoleName of held.filter((role) => !wanted.includes(role)))
      await ask(aws, 'RemoveRoleFromInstanceProfile', name, { RoleName })
    for (const RoleName of wanted.filter((role) => !held.includes(role)))
      await ask(aws, 'AddRoleToInstanceProfile', name, { RoleName })
    const isSame = [...held].sort().join() === [...wanted].sort().join()
    return { ref: name, attributes: { Arn: requiredText(profile, 'Arn') }, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    const found = await orUndefined(ask(aws, 'GetInstanceProfile', ref), 'NoSuchEntity')
    for (const RoleName of rolesOf(objectAt(found ?? {}, 'InstanceProfile') ?? {}))
      await ask(aws, 'RemoveRoleFromInstanceProfile', ref, { RoleName })
    await orUndefined(ask(aws, 'DeleteInstanceProfile', ref), 'NoSuchEntity')
    return undefined
  },
}

const ask = (aws: Aws, action: string, InstanceProfileName: string, more: JsonObject = {}): Promise<JsonObject> =>
  aws.query(SERVICES.iam, action, { InstanceProfileName, ...more })

const rolesOf = (profile: JsonObject): readonly string[] =>
  listAt(profile, 'Roles').flatMap((role) => (isObject(role) ? [requiredText(role, 'RoleName')] : []))
