/** DynamoDB: tables and items, in DynamoDB's own JSON. */
import { SERVICES } from '../../../src/aws/services.ts'
import type { Page } from '../ui/use-pages.ts'
import { callJson } from './client.ts'

export type Item = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Without ItemCount, which DynamoDB counts only now and then. */
export interface TableFacts {
  readonly TableName: string
  readonly TableStatus?: string
  readonly CreationDateTime?: number
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: string }[]
  readonly AttributeDefinitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[]
  readonly GlobalSecondaryIndexes?: readonly { readonly IndexName: string }[]
}

export const callDynamo = (operation: string, input: object, signal?: AbortSignal): Promise<unknown> =>
  callJson(SERVICES.dynamodb, operation, input, signal)

export async function listTables(token: string | undefined, signal: AbortSignal): Promise<Page<string>> {
  const input = { Limit: 100, ...(token !== undefined && { ExclusiveStartTableName: token }) }
  const { TableNames, LastEvaluatedTableName } = (await callDynamo('ListTables', input, signal)) as {
    TableNames: readonly string[]
    LastEvaluatedTableName?: string
  }
  return { items: TableNames, next: LastEvaluatedTableName }
}

export const describeTable = async (name: string, signal: AbortSignal): Promise<TableFacts> =>
  ((await callDynamo('DescribeTable', { TableName: name }, signal)) as { Table: TableFacts }).Table

/** Fifty items a page, in no order that means anything. */
export async function scanItems(table: string, token: string | undefined, signal: AbortSignal): Promise<Page<Item>> {
  const start = token === undefined ? {} : { ExclusiveStartKey: JSON.parse(token) as Item }
  const { Items, LastEvaluatedKey } = (await callDynamo('Scan', { TableName: table, Limit: 50, ...start }, signal)) as {
    Items: readonly Item[]
    LastEvaluatedKey?: Item
  }
  return { items: Items, next: LastEvaluatedKey && JSON.stringify(LastEvaluatedKey) }
}

/** The members of an item that name it. */
export const keyOf = (table: TableFacts, item: Item): Item =>
  Object.fromEntries(table.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName] ?? {}]))

/** An attribute's value as people read it: `{ "S": "x" }` is x. */
export function showValue(value: Readonly<Record<string, unknown>> | undefined): string {
  const [type, inner] = Object.entries(value ?? {})[0] ?? []
  if (type === undefined) return ''
  return typeof inner === 'string' ? inner : JSON.stringify(inner)
}
