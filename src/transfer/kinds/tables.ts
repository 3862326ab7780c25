/** Schemas of tables, without items. Source: DynamoDB API reference, DescribeTable; CloudFormation, AWS::DynamoDB::Table. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts'

import { SERVICES } from '../../aws/services.ts'
import { listAt, numberAt, objectAt, requiredText, textAt, valuesAt } from '../../cloudformation/resources/resource.ts'

import type { Inventory } from '../inventory.ts'
import type { Source } from '../source.ts'
import { tagsIn } from '../tags.ts'

export async function readTables(source: Source, inventory: Inventory): Promise<void> {
  for (let after: string | undefined = ''; after !== undefined; ) {
    const input = after === '' ? {} : { ExclusiveStartTableName: after }
    const page: JsonObject = await source.json(SERVICES.dynamodb, 'ListTables', input)
    for (const name of listAt(page, 'TableNames').map(String))
      await inventory.attempt('tables', name, () => readTable(name, source, inventory))
    after = textAt(page, 'LastEvaluatedTableName')
  }
}

async function readTable(name: string, source: Source, inventory: Inventory): Promise<void> {
  const dynamodb = (action: string, input: JsonObject) => source.json(SERVICES.dynamodb, action, input)
  const table = objectAt(await dynamodb('DescribeTable', { TableName: name }), 'Table') ?? {}
  const arn = requiredText(table, 'TableArn')
  const expiry = objectAt(await dynamodb('DescribeTimeToLive', { TableName: name }), 'TimeToLiveDescription') ?? {}
  const attribute = /^ENABL/.test(textAt(expiry, 'TimeToLiveStatus') ?? '') ? textAt(expiry, 'AttributeName') : undefined
  const view = textAt(objectAt(table, 'StreamSpecification') ?? {}, 'StreamViewType')
  const stream = view === undefined ? undefined : textAt(table, 'LatestStreamArn')
  const isProvisioned = (throughputOf(table)['ReadCapacityUnits'] ?? 0) !== 0
  const capacity = isProvisioned ? { ProvisionedThroughput: throughputOf(table) } : { BillingMode: 'PAY_PER_REQUEST' }
  inventory.add({
    kind: 'tables',
    type: 'AWS::DynamoDB::Table',
    name,
    properties: {
      TableName: name,
      ...valuesAt(table, ['AttributeDefinitions', 'KeySchema']),
      ...indexesOf(table, 'GlobalSecondaryIndexes', isProvisioned),
      ...indexesOf(table, 'LocalSecondaryIndexes', false),
      ...capacity,
      ...(view !== undefined && { StreamSpecification: { StreamViewType: view } }),
      ...(attribute !== undefined && { TimeToLiveSpecification: { AttributeName: attribute, Enabled: true } }),
      ...tagsIn(await dynamodb('ListTagsOfResource', { ResourceArn: arn })),
    },
    known: { [arn]: 'Arn', ...(stream !== undefined && { [stream]: 'StreamArn' }) },
  })
}

function indexesOf(table: JsonObject, member: string, isProvisioned: boolean): JsonObject {
  const indexes = listAt(table, member)
    .filter(isObject)
    .map((index) => ({
      ...valuesAt(index, ['IndexName', 'KeySchema', 'Projection']),
      ...(isProvisioned && { ProvisionedThroughput: throughputOf(index) }),
    }))
  return indexes.length === 0 ? {} : { [member]: indexes }
}

function throughputOf(table: JsonObject): Record<string, Json> {
  const told = objectAt(table, 'ProvisionedThroughput') ?? {}
  return Object.fromEntries(['ReadCapacityUnits', 'WriteCapacityUnits'].map((name) => [name, numberAt(told, name) ?? 0]))
}
