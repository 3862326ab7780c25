/** EventBridge's buses. An existing bus is left as it is. */
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { requiredText, type ResourceType, textAt } from './resource.ts'

export const eventBus: ResourceType = {
  ignores: ['EventSourceName', 'KmsKeyIdentifier', 'LogConfig'],
  async deploy({ properties }, { aws }) {
    const name = requiredText(properties, 'Name')
    const describe = () => aws.json(SERVICES.eventbridge, 'DescribeEventBus', { Name: name })
    const found = await orUndefined(describe(), 'ResourceNotFoundException')
    const description = textAt(properties, 'Description')
    if (found === undefined) {
      const input = { Name: name, ...(description !== undefined && { Description: description }) }
      await aws.json(SERVICES.eventbridge, 'CreateEventBus', input)
    }
    const arn = requiredText(found ?? (await describe()), 'Arn')
    return { ref: name, attributes: { Arn: arn, Name: name }, change: found === undefined ? 'created' : 'unchanged' }
  },
  async remove(ref, aws) {
    await aws.json(SERVICES.eventbridge, 'DeleteEventBus', { Name: ref })
    return undefined
  },
}
