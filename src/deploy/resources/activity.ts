/** Activities. Creating one that exists is no change. */
import { SERVICES } from '../../aws/services.ts'

import { tagsOf, physicalName, requiredText, type ResourceType, textAt } from './resource.ts'

export const activity: ResourceType = {
  async deploy({ id, properties }, context) {
    const name = textAt(properties, 'Name') ?? physicalName(context, id, 80)
    const tags = tagsOf(properties)
    const created = await context.aws.json(SERVICES.sfn, 'CreateActivity', {
      name,
      ...(tags.length > 0 && { tags }),
    })
    const arn = requiredText(created, 'activityArn')
    return { ref: arn, attributes: { Arn: arn, Name: name }, change: 'created' }
  },
  async remove(ref, aws) {
    await aws.json(SERVICES.sfn, 'DeleteActivity', { activityArn: ref })
    return undefined
  },
}
