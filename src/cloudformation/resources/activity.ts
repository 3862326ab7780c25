/** Activities. Source: CloudFormation, AWS::StepFunctions::Activity. */
import { activityArn } from '../../base/arn.ts'

import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { changeOf, claim, physicalName, type ResourceType, textAt } from './resource.ts'
import { changeStatesTags, encryptionOf, statesTags } from './state-machine-settings.ts'

export const activity: ResourceType = {
  replacedBy: ['Name', 'EncryptionConfiguration'],
  async deploy(resource, context) {
    const { aws } = context
    const { id, properties } = resource
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 80)
    const arn: string = activityArn(context, name)
    const described = aws.json(SERVICES.sfn, 'DescribeActivity', { activityArn: arn })
    const found = claim(await orUndefined(described, 'ActivityDoesNotExist'), resource, name, context)
    if (found === undefined)
      await aws.json(SERVICES.sfn, 'CreateActivity', { name, ...encryptionOf(resource), ...statesTags(properties) })
    const hasOtherTags = await changeStatesTags(resource, arn, aws)
    return { ref: arn, attributes: { Arn: arn, Name: name }, change: changeOf(found, hasOtherTags) }
  },
  async remove(ref, aws) {
    await orUndefined(aws.json(SERVICES.sfn, 'DeleteActivity', { activityArn: ref }), 'ActivityDoesNotExist')
    return undefined
  },
}
