/** The service without HTTP, for tests that call its operations. */
import { VirtualClock } from '../../../base/clock.ts'
import type { JsonObject } from '../../../base/json.ts'
import { silentLog } from '../../../base/log.ts'
import { toInstant } from '../../../base/time.ts'

import { openServicesDatabase } from '../../kit/database.ts'
import { DynamoDbService } from '../service.ts'

export const START = Date.UTC(2026, 10, 30, 12)

/** Without a directory, in memory. `close` ends it as a stop does. */
export function openTables(directory?: string, clock = new VirtualClock(toInstant(START))) {
  const database = openServicesDatabase(directory)
  const deps = { database, directory, region: 'us-east-1', account: '123456789012', clock, log: silentLog }
  const service = new DynamoDbService({ ...deps, endpoint: () => 'http://127.0.0.1:8080' })
  const of =
    (operations: DynamoDbService['operations']) =>
    (operation: string, input: object): JsonObject => {
      const found = operations.get(operation)
      if (!found) throw new Error(`there is no ${operation}`)
      return found(JSON.parse(JSON.stringify(input)) as JsonObject)
    }
  return {
    clock,
    database,
    service,
    call: of(service.operations),
    streams: of(service.streamOperations),
    close() {
      service.close()
      database.close()
    },
  }
}
export type TestTables = ReturnType<typeof openTables>

/** A table with the key `pk`, on demand. */
export const simpleTable = (TableName: string, more: object = {}) => ({
  TableName,
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
  ...more,
})

/** What an operation is refused with: `Name: message`. */
export function refusalOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `${String(error.code).replace(/^.*#/, '')}: ${error.message}`
    throw error
  }
  return 'no error'
}
