/**
 * dynalite's insides, typed: its store, its input checks and its actions. The package's HTTP server is left out because it
 * rethrows whatever an action reports. For dynalite-worker.ts alone: what its streams throw ends the thread.
 */
import { createRequire } from 'node:module'

import { isObject, type JsonObject } from '../../base/json.ts'

import { toWireError, WireError } from '../../wire/errors.ts'

import { type IndexFunctions, keyNames } from './secondary-indexes.ts'
import { Tables, type TableStore } from './tables.ts'

interface Store extends TableStore {
  readonly tableDb: TableStore['tableDb'] & { awsAccountId: string; awsRegion: string }
  readonly db: { open(): Promise<void>; close(done: (error?: Error | null) => void): void }
}
interface DatabaseModule extends IndexFunctions {
  create(options: { path?: string; createTableMs: number; deleteTableMs: number; updateTableMs: number }): Store
}
interface ValidationsModule {
  checkTypes(input: JsonObject, types: unknown): JsonObject
  checkValidations(input: JsonObject, types: unknown, custom: unknown, store: Store): void
}
interface OperationChecks {
  readonly types: unknown
  readonly custom?: unknown
}
type Action = (store: Store, input: JsonObject, done: (error: unknown, output?: JsonObject) => void) => void

/** What dynalite 4 knows. All else answers UnknownOperationException. */
export const DYNALITE_OPERATIONS: ReadonlySet<string> = new Set([
  ...['BatchGetItem', 'BatchWriteItem', 'CreateTable', 'DeleteItem', 'DeleteTable', 'DescribeTable', 'DescribeTimeToLive'],
  ...['GetItem', 'ListTables', 'ListTagsOfResource', 'PutItem', 'Query', 'Scan', 'TagResource', 'UntagResource'],
  ...['UpdateItem', 'UpdateTable'],
])

export interface Dynalite {
  /** The output of one operation. Rejects with WireError as DynamoDB would answer. */
  call(operation: string, input: JsonObject): Promise<JsonObject>
  close(): Promise<void>
}

export interface DynaliteOptions {
  /** Folder of the LevelDB files; in memory without one. */
  readonly path?: string | undefined
  readonly account: string
  readonly region: string
}

type Load = (name: string) => unknown

/**
 * Rejects with WireError where dynalite or its LevelDB could not be installed, and with LevelDB's error where it cannot open its
 * files.
 */
export async function openDynalite(options: DynaliteOptions, load: Load = createRequire(import.meta.url)): Promise<Dynalite> {
  const database = loadDatabase(load)
  const validations = load('dynalite/validations') as ValidationsModule
  const at = options.path === undefined ? {} : { path: options.path }
  const store = database.create({ ...at, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  await store.db.open()
  store.tableDb.awsAccountId = options.account
  store.tableDb.awsRegion = options.region

  /** As dynalite does it. */
  async function run(operation: string, input: JsonObject): Promise<JsonObject> {
    const file = operation.charAt(0).toLowerCase() + operation.slice(1)
    const checks = load(`dynalite/validations/${file}`) as OperationChecks
    const action = load(`dynalite/actions/${file}`) as Action
    // A copy, because what is not known is taken out of it.
    const checked = validations.checkTypes({ ...input }, checks.types)
    validations.checkValidations(checked, checks.types, checks.custom, store)
    return await new Promise<JsonObject>((resolve, reject) => {
      action(store, checked, (error, output) => (error ? reject(error) : resolve(output ?? {})))
    })
  }

  const tables = new Tables(store, database, run)
  await tables.resume()

  return {
    async call(operation, input) {
      try {
        return await (tables.operations.get(operation)?.(input) ?? run(operation, input))
      } catch (error) {
        throw await withOldItem(toDynamoError(error), input)
      }
    },
    close: () => new Promise((resolve, reject) => store.db.close((error) => (error ? reject(error) : resolve()))),
  }

  /** A condition that fails tells the item that it failed on, to whoever has asked for it. */
  async function withOldItem(error: unknown, input: JsonObject): Promise<unknown> {
    const isAsked = input['ReturnValuesOnConditionCheckFailure'] === 'ALL_OLD'
    if (!isAsked || !(error instanceof WireError) || !error.code.endsWith('ConditionalCheckFailedException')) return error
    const table = await tables.read(String(input['TableName']))
    const given = input['Key'] ?? input['Item']
    const keys = keyNames(table)
    const Key = Object.fromEntries(Object.entries(isObject(given) ? given : {}).filter(([name]) => keys.includes(name)))
    const { Item } = await run('GetItem', { TableName: table.TableName, Key, ConsistentRead: true })
    return Item === undefined ? error : new WireError(error.status, error.code, error.message, { ...error.detail, Item })
  }
}

function loadDatabase(load: Load): DatabaseModule {
  try {
    return load('dynalite/db') as DatabaseModule
  } catch (error) {
    const platform = `${process.platform}-${process.arch}`
    const message = `Regente's own DynamoDB cannot run here: the package dynalite, or LevelDB's binary for ${platform}, is not installed (${messageOf(error)})`
    // Not 500, which clients would try again.
    throw new WireError(501, 'com.amazonaws.dynamodb.v20120810#InternalServerError', message)
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))

/** An error of dynalite that is an answer carries its status and body; anything else is a bug or a broken disk. */
function toDynamoError(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('statusCode' in error) || !('body' in error)) return error
  const { statusCode, body } = error
  if (typeof statusCode !== 'number' || typeof body !== 'object' || body === null) return toWireError(error)
  const { __type: type, message, Message, ...rest } = body as Record<string, unknown>
  const text = message ?? Message
  const detail = Object.fromEntries(Object.entries(rest).filter(([, value]) => typeof value === 'string')) as Record<
    string,
    string
  >
  return new WireError(statusCode, String(type ?? 'InternalServerError'), typeof text === 'string' ? text : '', detail)
}
