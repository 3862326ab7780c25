/**
 * CloudWatch log groups and their streams. `Fn::GetAtt … Arn` of a group ends in `:*`, as CloudFormation gives it.
 * Source: CloudFormation, AWS::Logs::LogGroup and AWS::Logs::LogStream.
 */
import { isObject, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'

import { type Aws, orUndefined } from '../aws.ts'
import {
  arnOf,
  changeOf,
  claim,
  type Declared,
  droppedFrom,
  listAt,
  numberAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
} from './resource.ts'
import { changeTags, tagMapOf } from './tags.ts'

const LOGS = SERVICES.cloudwatchlogs

export const logGroup: ResourceType = {
  ignores: [
    ...['BearerTokenAuthenticationEnabled', 'DataProtectionPolicy', 'DeletionProtectionEnabled', 'FieldIndexPolicies'],
    'ResourcePolicyDocument',
  ],
  replacedBy: ['LogGroupName'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const name = textAt(properties, 'LogGroupName') ?? physicalName(context, id, 512)
    const found = claim(await find(name, aws), resource, name, context)
    const [logGroupClass, kmsKeyId, tags] = [
      textAt(properties, 'LogGroupClass'),
      textAt(properties, 'KmsKeyId'),
      tagMapOf(properties),
    ]
    if (found === undefined) {
      const created = aws.json(LOGS, 'CreateLogGroup', {
        logGroupName: name,
        ...(logGroupClass !== undefined && { logGroupClass }),
        ...(kmsKeyId !== undefined && { kmsKeyId }),
        ...(Object.keys(tags).length > 0 && { tags }),
      })
      // A function that logs may come first.
      await orUndefined(created, 'ResourceAlreadyExistsException')
    } else if (logGroupClass !== undefined && (textAt(found, 'logGroupClass') ?? 'STANDARD') !== logGroupClass)
      context.warn(`${id}: the log group ${name} exists with another class, and keeps it.`)
    if (found === undefined) context.made(resource, name)
    const arn = arnOf(context, 'logs', `log-group:${name}`)
    const isChanged = [
      await retain(name, resource, found, aws),
      found !== undefined && (await changeGroupTags(resource, arn, aws)),
    ]
    return { ref: name, attributes: { Arn: `${arn}:*` }, change: changeOf(found, ...isChanged) }
  },
  async remove(ref, aws, { withData = false } = {}) {
    if (!withData) return 'what was logged is kept'
    await orUndefined(aws.json(LOGS, 'DeleteLogGroup', { logGroupName: ref }), 'ResourceNotFoundException')
    return undefined
  },
}

async function find(name: string, aws: Aws): Promise<JsonObject | undefined> {
  const told = await aws.json(LOGS, 'DescribeLogGroups', { logGroupNamePrefix: name })
  return listAt(told, 'logGroups')
    .filter(isObject)
    .find((group) => textAt(group, 'logGroupName') === name)
}

/** Whether it keeps events for another time. */
async function retain(name: string, resource: Declared, found: JsonObject | undefined, aws: Aws): Promise<boolean> {
  const days = numberAt(resource.properties, 'RetentionInDays')
  const before = found && numberAt(found, 'retentionInDays')
  if (days === before) return false
  if (days !== undefined) await aws.json(LOGS, 'PutRetentionPolicy', { logGroupName: name, retentionInDays: days })
  else if (droppedFrom(resource, ['RetentionInDays']).length > 0)
    await aws.json(LOGS, 'DeleteRetentionPolicy', { logGroupName: name })
  else return false
  return true
}

const changeGroupTags = (resource: Declared, resourceArn: string, aws: Aws): Promise<boolean> =>
  changeTags(resource, {
    async list() {
      const tags = objectAt(await aws.json(LOGS, 'ListTagsForResource', { resourceArn }), 'tags') ?? {}
      return Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]))
    },
    put: (tags) => aws.json(LOGS, 'TagResource', { resourceArn, tags }),
    remove: (tagKeys) => aws.json(LOGS, 'UntagResource', { resourceArn, tagKeys }),
  })

export const logStream: ResourceType = {
  replacedBy: ['LogGroupName', 'LogStreamName'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const logGroupName = requiredText(properties, 'LogGroupName')
    const name = textAt(properties, 'LogStreamName') ?? physicalName(context, id, 512)
    const told = await aws.json(LOGS, 'DescribeLogStreams', { logGroupName, logStreamNamePrefix: name })
    const known = listAt(told, 'logStreams').find((one) => isObject(one) && textAt(one, 'logStreamName') === name)
    const found = claim(known, resource, name, context)
    if (found === undefined) await aws.json(LOGS, 'CreateLogStream', { logGroupName, logStreamName: name })
    return { ref: name, attributes: {}, change: changeOf(found) }
  },
  async remove(ref, aws, { withData = false, properties } = {}) {
    const logGroupName = properties && textAt(properties, 'LogGroupName')
    if (!withData || logGroupName === undefined) return 'what was logged is kept'
    const removed = aws.json(LOGS, 'DeleteLogStream', { logGroupName, logStreamName: ref })
    await orUndefined(removed, 'ResourceNotFoundException')
    return undefined
  },
}
