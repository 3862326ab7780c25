/**
 * Operations that are told in PartiQL. A WHERE that names the partition key is a query, any other a scan; what changes an item must
 * name its whole key.
 * Source: Amazon DynamoDB API reference, "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"; texts as DynamoDB
 * answers them.
 */
import { objectOf } from '../../base/json-text.ts'
import type { JsonObject } from '../../base/json.ts'

import { WireError } from '../../wire/errors.ts'

import { pageTokens } from '../kit/page-token.ts'

import { type AttributeValue, checkItem, checkValue, type Item } from './attribute-value.ts'
import { consumedCapacities, type Consumed, readUnits } from './capacity.ts'
import { type Condition, conjuncts, equalityOf, isMet } from './condition.ts'
import { project } from './document-path.ts'
import { bareName, dynamoError, validationError } from './errors.ts'
import { onFailure } from './item-input.ts'
import type { ItemStore } from './item-store.ts'
import { parseStatement, type Returning, type Selection, type Statement } from './partiql-parser.ts'
import type { Reads } from './reads.ts'
import { flag, list, readInput, type ReadMembers, struct, text, value, whole } from './shapes.ts'
import { keyBytesOf, keyNames, type Table } from './table.ts'
import type { TableStore } from './table-store.ts'
import type { Transactions } from './transactions.ts'
import { checkSize, type Write, type Writes, type Written } from './writes.ts'

export interface PartiqlDeps {
  readonly store: TableStore
  readonly items: ItemStore
  readonly writes: Writes
  readonly reads: Reads
  readonly transactions: Transactions
}

const capacity = text({ values: ['INDEXES', 'TOTAL', 'NONE'] })
const ONE = {
  Statement: text({ isRequired: true, min: 1, max: 8192 }),
  Parameters: list(value, { min: 1 }),
  ReturnValuesOnConditionCheckFailure: onFailure,
} as const
const EXECUTE = {
  ...ONE,
  ConsistentRead: flag,
  NextToken: text(),
  Limit: whole({ min: 1 }),
  ReturnConsumedCapacity: capacity,
} as const
const BATCH = {
  Statements: list(struct({ ...ONE, ConsistentRead: flag }), { isRequired: true, min: 1, max: 25 }),
  ReturnConsumedCapacity: capacity,
} as const
const TRANSACTION = {
  TransactStatements: list(struct(ONE), { isRequired: true, min: 1, max: 100 }),
  ClientRequestToken: text({ min: 1, max: 36 }),
  ReturnConsumedCapacity: capacity,
} as const

type Given = Pick<ReadMembers<typeof EXECUTE>, 'Statement' | 'Parameters' | 'ReturnValuesOnConditionCheckFailure'>

const TOKENS = pageTokens('partiql', () => validationError('Invalid NextToken'))
const NO_KEY = 'Where clause does not contain a mandatory equality on all key attributes'
const DUPLICATE = 'Duplicate primary key exists in table'

export class Partiql {
  readonly #deps: PartiqlDeps
  readonly operations: ReadonlyMap<string, (input: JsonObject) => JsonObject>

  constructor(deps: PartiqlDeps) {
    this.#deps = deps
    this.operations = new Map<string, (input: JsonObject) => JsonObject>([
      ['ExecuteStatement', (input) => this.#execute(readInput(EXECUTE, input))],
      ['BatchExecuteStatement', (input) => this.#batch(readInput(BATCH, input))],
      ['ExecuteTransaction', (input) => this.#transaction(readInput(TRANSACTION, input), input)],
    ])
  }

  // ---- one statement

  #execute(input: ReadMembers<typeof EXECUTE>): JsonObject {
    const statement = parse(input)
    if (statement.kind === 'exists') throw validationError('EXISTS is only supported in ExecuteTransaction')
    if (statement.kind === 'select') return this.#select(statement, input)
    const write = this.#writeOf(statement, input)
    const written = this.#commit(statement, write)
    const shown = 'returning' in statement ? shownOf(statement.returning, statement, written) : undefined
    const consumed = [{ table: write.table.name, units: written.units }]
    return { Items: shown ? [shown] : [], ...consumedOne(input.ReturnConsumedCapacity, consumed) }
  }

  #commit(statement: Statement, write: Write): Written {
    try {
      const [written] = this.#deps.writes.commitAll([write])
      if (!written) throw new Error('nothing was written')
      return written
    } catch (error) {
      throw statement.kind === 'insert' && isFailedCondition(error) ? dynamoError('DuplicateItemException', DUPLICATE) : error
    }
  }

  #select(selection: Selection, input: ReadMembers<typeof EXECUTE>): JsonObject {
    const { table: TableName, index, condition, paths, order } = selection
    const [first] = order
    const start = input.NextToken === undefined ? undefined : objectOf(TOKENS.placeOf(input.NextToken))
    const page = this.#deps.reads.select({
      TableName,
      IndexName: index,
      ConsistentRead: input.ConsistentRead,
      condition,
      paths,
      limit: input.Limit,
      start: start && checkItem(start as Item),
      order: first,
    })
    const consumed = [{ table: TableName, units: page.units }]
    return {
      Items: page.items,
      ...(page.last && { NextToken: TOKENS.print([JSON.stringify(page.last)]), LastEvaluatedKey: page.last }),
      ...consumedOne(input.ReturnConsumedCapacity, consumed),
    }
  }

  /** Of a statement that changes one item, or asks of one. */
  #writeOf(statement: Statement, { ReturnValuesOnConditionCheckFailure: onFailed }: Given): Write {
    const { writes } = this.#deps
    if (statement.kind === 'insert') {
      const item = checkItem(statement.item)
      checkSize(item)
      const table = writes.require(statement.table)
      const isNew: Condition = {
        kind: 'function',
        name: 'attribute_not_exists',
        args: [{ kind: 'path', path: [table.hash.name] }],
      }
      return writes.putOf(statement.table, item, isNew, onFailed)
    }
    const table = writes.require(statement.table)
    const { key, rest } = keyIn(table, statement.condition)
    if (statement.kind === 'delete') return writes.keyedOf('delete', statement.table, key, rest, onFailed)
    const isThere: Condition = { kind: 'function', name: 'attribute_exists', args: [{ kind: 'path', path: [table.hash.name] }] }
    const condition: Condition = rest ? { kind: 'and', left: isThere, right: rest } : isThere
    if (statement.kind === 'update') return writes.updateOf(statement.table, key, statement.actions, condition, onFailed)
    return writes.keyedOf('check', statement.table, key, condition, onFailed)
  }

  // ---- several statements

  #batch({ Statements, ReturnConsumedCapacity }: ReadMembers<typeof BATCH>): JsonObject {
    const statements = Statements.map((given) => ({ given, statement: parse(given) }))
    const isRead = statements.every(({ statement }) => statement.kind === 'select')
    if (!isRead && statements.some(({ statement }) => statement.kind === 'select' || statement.kind === 'exists'))
      throw validationError('BatchExecuteStatement must contain all reads or all writes.')
    const consumed: Consumed[] = []
    const Responses = statements.map(({ given, statement }): JsonObject => {
      const TableName = statement.table
      try {
        const answer = this.#one(statement, given, given.ConsistentRead === true)
        consumed.push({ table: TableName, units: answer.units })
        return { TableName, ...(answer.item && { Item: answer.item }) }
      } catch (error) {
        return { TableName, Error: statementError(error) }
      }
    })
    return { Responses, ...consumedCapacities(ReturnConsumedCapacity, consumed) }
  }

  #one(statement: Statement, given: Given, isConsistent: boolean): { readonly item: Item | undefined; readonly units: number } {
    if (statement.kind === 'select') {
      const { item, bytes } = this.#getByKey(statement)
      return { item, units: readUnits(bytes, isConsistent) }
    }
    const { units } = this.#commit(statement, this.#writeOf(statement, given))
    return { item: undefined, units }
  }

  #getByKey({ table: name, condition, paths, index }: Selection): { readonly item: Item | undefined; readonly bytes: number } {
    const table = this.#deps.writes.require(name)
    if (index !== undefined) throw validationError('Select statements here must not name an index')
    const { key, rest } = keyIn(table, condition)
    const found = this.#deps.items.get(table, keyBytesOf(table, key))
    if (!found || (rest && !isMet(rest, found.item))) return { item: undefined, bytes: found?.bytes ?? 0 }
    return { item: paths ? project(found.item, paths) : found.item, bytes: found.bytes }
  }

  #transaction(input: ReadMembers<typeof TRANSACTION>, given: JsonObject): JsonObject {
    const statements = input.TransactStatements.map((one) => ({ one, statement: parse(one) }))
    const selects = statements.flatMap(({ statement }) => (statement.kind === 'select' ? [statement] : []))
    if (selects.length === statements.length) {
      const found = selects.map((statement) => ({ table: statement.table, ...this.#getByKey(statement) }))
      const consumed = found.map(({ table, bytes }) => ({ table, units: readUnits(bytes, true) * 2 }))
      const Responses = found.map(({ item }) => (item ? { Item: item } : {}))
      return { Responses, ...consumedCapacities(input.ReturnConsumedCapacity, consumed) }
    }
    if (selects.length > 0) throw validationError('Transactions must contain all reads or all writes.')
    const writes = statements.map(({ one, statement }) => this.#writeOf(statement, one))
    const asked = input.ReturnConsumedCapacity
    return { Responses: [], ...this.#deps.transactions.carryOut(writes, { token: input.ClientRequestToken, asked, given }) }
  }
}

const parse = ({ Statement: statement, Parameters = [] }: Given): Statement =>
  parseStatement(
    statement,
    Parameters.map((one) => checkValue(one)),
  )

/** Of one table; as operations on one item tell it. */
function consumedOne(asked: string | undefined, consumed: readonly Consumed[]): JsonObject {
  const { ConsumedCapacity: all } = consumedCapacities(asked, consumed) as { ConsumedCapacity?: readonly JsonObject[] }
  const [one] = all ?? []
  return one ? { ConsumedCapacity: one } : {}
}

/** The key that a condition names, and what else it asks. Throws ValidationException where it does not name all of it. */
function keyIn(table: Table, condition: Condition | undefined): { readonly key: Item; readonly rest: Condition | undefined } {
  const names = keyNames(table)
  const found = new Map<string, AttributeValue>()
  const rest = conjuncts(condition).filter((test) => {
    const equality = equalityOf(test)
    if (!equality || !names.includes(equality.name) || found.has(equality.name)) return true
    found.set(equality.name, equality.value)
    return false
  })
  if (found.size < names.length) throw validationError(NO_KEY)
  const [first, ...others] = rest
  return {
    key: Object.fromEntries(found),
    rest: first && others.reduce((left, right): Condition => ({ kind: 'and', left, right }), first),
  }
}

function shownOf(returning: Returning | undefined, statement: Statement, { before, after }: Written): Item | undefined {
  const paths = statement.kind === 'update' ? statement.actions.map(({ path }) => path) : []
  switch (returning) {
    case undefined:
      return undefined
    case 'ALL OLD':
      return before
    case 'ALL NEW':
      return after
    case 'MODIFIED OLD':
      return before && project(before, paths)
    case 'MODIFIED NEW':
      return after && project(after, paths)
  }
}

const isFailedCondition = (error: unknown): boolean =>
  error instanceof WireError && bareName(error) === 'ConditionalCheckFailedException'

/** What became of one statement among others. */
function statementError(error: unknown): JsonObject {
  if (!(error instanceof WireError) || error.status >= 500) throw error
  const name = bareName(error)
  const Code = name === 'ValidationException' ? 'ValidationError' : name.replace(/Exception$/, '')
  const Item = Object.hasOwn(error.detail, 'Item') ? error.detail['Item'] : undefined
  return { Code, Message: error.message, ...(Item !== undefined && { Item }) }
}
