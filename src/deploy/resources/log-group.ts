/** CloudWatch log groups. `Fn::GetAtt … Arn` ends in `:*`, as CloudFormation gives it. */
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import { arnOf, numberAt, physicalName, type ResourceType, textAt } from './resource.ts'

export const logGroup: ResourceType = {
  async deploy({ id, properties }, context) {
    const { aws } = context
    const name = textAt(properties, 'LogGroupName') ?? physicalName(context, id, 512)
    const created = aws.json(SERVICES.cloudwatchlogs, 'CreateLogGroup', { logGroupName: name })
    const isNew = (await orUndefined(created, 'ResourceAlreadyExistsException')) !== undefined
    const days = numberAt(properties, 'RetentionInDays')
    if (days !== undefined) {
      await aws.json(SERVICES.cloudwatchlogs, 'PutRetentionPolicy', { logGroupName: name, retentionInDays: days })
    }
    return {
      ref: name,
      attributes: { Arn: `${arnOf(context, 'logs', `log-group:${name}`)}:*` },
      change: isNew ? 'created' : 'unchanged',
    }
  },
  remove: () => Promise.resolve('what was logged is kept'),
}
