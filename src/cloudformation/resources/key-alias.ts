/** Names of KMS's keys. Source: CloudFormation, AWS::KMS::Alias. */
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { claim, objectAt, requiredText, type ResourceType, textAt } from './resource.ts'

export const keyAlias: ResourceType = {
  replacedBy: ['AliasName'],
  async deploy(resource, context) {
    const { properties } = resource
    const { aws } = context
    const AliasName = requiredText(properties, 'AliasName')
    const TargetKeyId = requiredText(properties, 'TargetKeyId')
    const keyBehind = async (KeyId: string): Promise<string | undefined> => {
      const described = await orUndefined(aws.json(SERVICES.kms, 'DescribeKey', { KeyId }), 'NotFoundException')
      return textAt(objectAt(described ?? {}, 'KeyMetadata') ?? {}, 'KeyId')
    }
    const before = claim(await keyBehind(AliasName), resource, AliasName, context)
    const done = (change: 'created' | 'updated' | 'unchanged') => ({ ref: AliasName, attributes: {}, change })
    if (before === undefined) {
      await aws.json(SERVICES.kms, 'CreateAlias', { AliasName, TargetKeyId })
      return done('created')
    }
    if (before === (await keyBehind(TargetKeyId))) return done('unchanged')
    await aws.json(SERVICES.kms, 'UpdateAlias', { AliasName, TargetKeyId })
    return done('updated')
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(SERVICES.kms, 'DeleteAlias', { AliasName: ref }), 'NotFoundException')
    return undefined
  },
}
