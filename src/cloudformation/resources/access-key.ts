/** Access keys of users. Their secret is told once, when they are made. Source: CloudFormation, AWS::IAM::AccessKey. */
import { isObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { ask } from './principal.ts'
import { changeOf, listAt, objectAt, requiredText, type ResourceType, textAt, knownRef } from './resource.ts'

export const accessKey: ResourceType = {
  replacedBy: ['Serial', 'UserName'],
  async deploy(resource, context) {
    const { properties, before } = resource
    const id = knownRef(resource)
    const { aws } = context
    const UserName = requiredText(properties, 'UserName')
    const principal = { kind: 'User', name: UserName } as const
    const listed = listAt(await ask(aws, principal, 'ListAccessKeys'), 'AccessKeyMetadata').filter(isObject)
    const known = listed.find((one) => textAt(one, 'AccessKeyId') === id)
    const secret = before?.attributes?.['SecretAccessKey']
    // A key whose secret nobody knows is of no use: it was made, and then somebody was cut short.
    if (known !== undefined && secret === undefined) await ask(aws, principal, 'DeleteAccessKey', { AccessKeyId: id ?? '' })
    const found = secret === undefined ? undefined : known
    const create = async () => objectAt(await ask(aws, principal, 'CreateAccessKey'), 'AccessKey') ?? {}
    const made = found ?? (await create())
    const AccessKeyId = requiredText(made, 'AccessKeyId')
    if (found === undefined) context.made(resource, AccessKeyId)
    const Status = textAt(properties, 'Status') ?? 'Active'
    const isSame = textAt(made, 'Status') === Status
    if (!isSame) await ask(aws, principal, 'UpdateAccessKey', { AccessKeyId, Status })
    const SecretAccessKey = textAt(made, 'SecretAccessKey') ?? secret ?? ''
    return { ref: AccessKeyId, attributes: { Id: AccessKeyId, SecretAccessKey }, change: changeOf(found, !isSame) }
  },
  /** Whose it is, the key itself tells. */
  async remove(ref, aws) {
    const used = aws.query(SERVICES.iam, 'GetAccessKeyLastUsed', { AccessKeyId: ref })
    const owner = textAt((await orUndefined(used, 'AccessDenied', 'NoSuchEntity')) ?? {}, 'UserName')
    if (owner === undefined) return undefined
    await orUndefined(ask(aws, { kind: 'User', name: owner }, 'DeleteAccessKey', { AccessKeyId: ref }), 'NoSuchEntity')
    return undefined
  },
}
