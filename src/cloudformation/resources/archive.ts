/** Archives of what comes on a bus. They go with what they hold. Source: CloudFormation, AWS::Events::Archive. */
import { SERVICES } from '../../aws/services.ts'

import { orUndefined } from '../aws.ts'
import {
  changeOf,
  claim,
  droppedFrom,
  numberAt,
  objectAt,
  physicalName,
  requiredText,
  type ResourceType,
  textAt,
} from './resource.ts'
import { saysAll } from './typed.ts'

const EVENTS = SERVICES.eventbridge

export const archive: ResourceType = {
  ignores: ['KmsKeyIdentifier'],
  replacedBy: ['ArchiveName', 'SourceArn'],
  async deploy(resource, context) {
    const { id, properties } = resource
    const { aws } = context
    const ArchiveName = textAt(properties, 'ArchiveName') ?? physicalName(context, id, 48)
    const describe = () => aws.json(EVENTS, 'DescribeArchive', { ArchiveName })
    const found = claim(await orUndefined(describe(), 'ResourceNotFoundException'), resource, ArchiveName, context)
    const pattern = objectAt(properties, 'EventPattern')
    const isDropped = droppedFrom(resource, ['EventPattern']).length > 0
    const EventPattern =
      pattern === undefined ? (textAt(properties, 'EventPattern') ?? (isDropped ? '' : undefined)) : JSON.stringify(pattern)
    const settings = {
      Description: textAt(properties, 'Description') ?? '',
      RetentionDays: numberAt(properties, 'RetentionDays') ?? 0,
      ...(EventPattern !== undefined && { EventPattern }),
    }
    const isSame = found !== undefined && saysAll(found, settings)
    if (found === undefined) {
      const input = { ArchiveName, EventSourceArn: requiredText(properties, 'SourceArn'), ...settings }
      await aws.json(EVENTS, 'CreateArchive', input)
    } else if (!isSame) await aws.json(EVENTS, 'UpdateArchive', { ArchiveName, ...settings })
    const arn = requiredText(await describe(), 'ArchiveArn')
    return { ref: ArchiveName, attributes: { Arn: arn, ArchiveName }, change: changeOf(found, !isSame) }
  },
  async remove(ref, aws, { withData = false } = {}) {
    const found = await orUndefined(aws.json(EVENTS, 'DescribeArchive', { ArchiveName: ref }), 'ResourceNotFoundException')
    if (found === undefined) return undefined
    if (!withData && (numberAt(found, 'EventCount') ?? 0) > 0) return 'it is not empty'
    await orUndefined(aws.json(EVENTS, 'DeleteArchive', { ArchiveName: ref }), 'ResourceNotFoundException')
    return undefined
  },
}
