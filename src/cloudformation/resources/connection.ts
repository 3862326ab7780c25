/**
 * EventBridge's connections, by which an HTTP Task and an API destination prove who they are. Their secrets cannot be read back:
 * they are put again unless the template is known to say the same as before.
 * Source: CloudFormation, AWS::Events::Connection.
 */
import { stableJson } from '../../base/stable-json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { changeOf, claim, physicalName, requiredText, type ResourceType, textAt, valuesAt } from './resource.ts'
import { typedMembers } from './typed.ts'

const EVENTS = SERVICES.eventbridge

export const connection: ResourceType = {
  ignores: ['InvocationConnectivityParameters', 'KmsKeyIdentifier'],
  replacedBy: ['Name'],
  async deploy(resource, context) {
    const { id, properties, before } = resource
    const { aws } = context
    const Name = textAt(properties, 'Name') ?? physicalName(context, id, 64)
    const describe = () => aws.json(EVENTS, 'DescribeConnection', { Name })
    const found = claim(await orUndefined(describe(), 'ResourceNotFoundException'), resource, Name, context)
    const given = valuesAt(properties, ['AuthorizationType', 'AuthParameters'])
    const settings = typedMembers(given, { flags: ['IsValueSecret'] })
    const input = { Name, ...settings, Description: textAt(properties, 'Description') ?? '' }
    const isSame = found !== undefined && before !== undefined && stableJson(before.properties) === stableJson(properties)
    if (!isSame) await aws.json(EVENTS, found === undefined ? 'CreateConnection' : 'UpdateConnection', input)
    if (found === undefined) context.made(resource, Name)
    const shown = await describe()
    const arn = requiredText(shown, 'ConnectionArn')
    const secret =
      textAt(shown, 'SecretArn') ??
      `arn:${context.partition}:secretsmanager:${context.region}:${context.account}:secret:events!connection/${Name}`
    const attributes = { Arn: arn, ArnForPolicy: arn.replace(/\/[^/]*$/, ''), SecretArn: secret }
    return { ref: Name, attributes, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(EVENTS, 'DeleteConnection', { Name: ref }), 'ResourceNotFoundException')
    return undefined
  },
}
