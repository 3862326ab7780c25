/** HTTP endpoints as targets of rules. Source: CloudFormation, AWS::Events::ApiDestination. */
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { changeOf, claim, numberAt, physicalName, requiredText, type ResourceType, textAt } from './resource.ts'
import { saysAll } from './typed.ts'

const EVENTS = SERVICES.eventbridge
const RATE = 300

export const apiDestination: ResourceType = {
  replacedBy: ['Name'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const Name = textAt(properties, 'Name') ?? physicalName(context, id, 64)
    const describe = () => aws.json(EVENTS, 'DescribeApiDestination', { Name })
    const found = claim(await orUndefined(describe(), 'ResourceNotFoundException'), resource, Name, context)
    const settings = {
      ConnectionArn: requiredText(properties, 'ConnectionArn'),
      HttpMethod: requiredText(properties, 'HttpMethod'),
      InvocationEndpoint: requiredText(properties, 'InvocationEndpoint'),
      InvocationRateLimitPerSecond: numberAt(properties, 'InvocationRateLimitPerSecond') ?? RATE,
      Description: textAt(properties, 'Description') ?? '',
    }
    const isSame = found !== undefined && saysAll({ InvocationRateLimitPerSecond: RATE, ...found }, settings)
    if (!isSame) {
      const action = found === undefined ? 'CreateApiDestination' : 'UpdateApiDestination'
      await aws.json(EVENTS, action, { Name, ...settings })
    }
    const arn = requiredText(await describe(), 'ApiDestinationArn')
    const attributes = { Arn: arn, ArnForPolicy: arn.replace(/\/[^/]*$/, '') }
    return { ref: Name, attributes, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(EVENTS, 'DeleteApiDestination', { Name: ref }), 'ResourceNotFoundException')
    return undefined
  },
}
