/** AWS::Serverless::SimpleTable: a table with a key of one attribute. Source: AWS SAM developer guide. */
import { getOwn, isObject } from '../../base/json.ts'

import { textAt } from '../resources/resource.ts'
import { type SamResource, tagsWith } from './draft.ts'

const TYPES: Readonly<Record<string, string>> = { String: 'S', Number: 'N', Binary: 'B' }

export function makeSimpleTable(resource: SamResource): void {
  const given = resource.at('PrimaryKey')
  const key = isObject(given) ? given : {}
  const AttributeName = getOwn(key, 'Name') ?? 'id'
  const type = textAt(key, 'Type') ?? 'String'
  const AttributeType = TYPES[type]
  if (AttributeType === undefined) resource.refuse(`Invalid 'Type' "${type}".`, 'PrimaryKey')
  const throughput = resource.at('ProvisionedThroughput')
  const tags = resource.at('Tags')
  resource.become('AWS::DynamoDB::Table', {
    TableName: resource.at('TableName'),
    KeySchema: [{ AttributeName, KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName, AttributeType: AttributeType ?? 'S' }],
    ProvisionedThroughput: throughput,
    BillingMode: throughput === undefined ? 'PAY_PER_REQUEST' : undefined,
    PointInTimeRecoverySpecification: resource.at('PointInTimeRecoverySpecification'),
    SSESpecification: resource.at('SSESpecification'),
    Tags: tags === undefined ? undefined : tagsOnly(tags),
  })
}

/** Tables have no tag of SAM's. */
const tagsOnly = (tags: Parameters<typeof tagsWith>[1]) => {
  const [, ...own] = [tagsWith('', tags)].flat()
  return own
}
