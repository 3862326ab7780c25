/** What an operation would have cost, for whoever asks. Source: Amazon DynamoDB developer guide, "Provisioned capacity mode". */
import type { JsonObject } from '../../base/json.ts'

const READ_BYTES = 4096
const WRITE_BYTES = 1024

/** In units; an item that is not there costs one. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_BYTES))
export const readUnits = (bytes: number, isConsistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / READ_BYTES)) * (isConsistent ? 1 : 0.5)

export interface Consumed {
  readonly table: string
  readonly units: number
  readonly index?: { readonly name: string; readonly isGlobal: boolean } | undefined
}

/** Nothing unless it was asked for. */
export function consumedCapacity(asked: string | undefined, { table, units, index }: Consumed): JsonObject {
  if (asked !== 'TOTAL' && asked !== 'INDEXES') return {}
  return { ConsumedCapacity: capacityTold(asked, table, units, index) }
}

/** Of operations on several tables: one for each. */
export function consumedCapacities(asked: string | undefined, all: readonly Consumed[]): JsonObject {
  if (asked !== 'TOTAL' && asked !== 'INDEXES') return {}
  const sums = new Map<string, number>()
  for (const { table, units } of all) sums.set(table, (sums.get(table) ?? 0) + units)
  return { ConsumedCapacity: [...sums].map(([table, units]) => capacityTold(asked, table, units, undefined)) }
}

function capacityTold(asked: string, TableName: string, units: number, index: Consumed['index']): JsonObject {
  const whole = { TableName, CapacityUnits: units }
  if (asked === 'TOTAL') return whole
  if (!index) return { ...whole, Table: { CapacityUnits: units } }
  const kind = index.isGlobal ? 'GlobalSecondaryIndexes' : 'LocalSecondaryIndexes'
  return { ...whole, Table: { CapacityUnits: 0 }, [kind]: { [index.name]: { CapacityUnits: units } } }
}
