/** EventBridge's connections, by which an HTTP Task proves who it is. Their secrets cannot be read back, so they are put each time. */
import type { JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { physicalName, requiredText, type ResourceType, textAt } from './resource.ts'

const MEMBERS = ['AuthorizationType', 'AuthParameters', 'Description'] as const

export const connection: ResourceType = {
  ignores: ['InvocationConnectivityParameters', 'KmsKeyIdentifier'],
  async deploy({ id, properties }, context) {
    const { aws } = context
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 64)
    const found = await orUndefined(
      aws.json(SERVICES.eventbridge, 'DescribeConnection', { Name: name }),
      'ResourceNotFoundException',
    )
    const input: JsonObject = {
      Name: name,
      ...Object.fromEntries(Object.entries(properties).filter(([key]) => MEMBERS.some((member) => member === key))),
    }
    const put = await aws.json(SERVICES.eventbridge, found === undefined ? 'CreateConnection' : 'UpdateConnection', input)
    const arn = requiredText(put, 'ConnectionArn')
    const shown = await aws.json(SERVICES.eventbridge, 'DescribeConnection', { Name: name })
    const secret =
      textAt(shown, 'SecretArn') ??
      `arn:${context.partition}:secretsmanager:${context.region}:${context.account}:secret:events!connection/${name}`
    const attributes = { Arn: arn, ArnForPolicy: arn.replace(/\/[^/]*$/, ''), SecretArn: secret }
    return { ref: name, attributes, change: found === undefined ? 'created' : 'updated' }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(SERVICES.eventbridge, 'DeleteConnection', { Name: ref }), 'ResourceNotFoundException')
    return undefined
  },
}
