import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { WireError } from '../../wire/errors.ts'

import { openTables, refusalOf, simpleTable, type TestTables } from './testing/tables.ts'

let tables: TestTables
beforeEach(() => {
  tables = openTables()
  for (const name of ['one', 'two']) tables.call('CreateTable', simpleTable(name))
})
afterEach(() => tables.close())

const item = (pk: string, n = 0) => ({ pk: { S: pk }, n: { N: String(n) } })
const put = (TableName: string, Item: object, more: object = {}) => ({ Put: { TableName, Item, ...more } })
const write = (TransactItems: object[], more: object = {}) => tables.call('TransactWriteItems', { TransactItems, ...more })
const get = (TableName: string, pk: string) => tables.call('GetItem', { TableName, Key: { pk: { S: pk } } })['Item']
const isNew = { ConditionExpression: 'attribute_not_exists(pk)' }

describe('a transaction', () => {
  it('writes into several tables, each kind of write', () => {
    write([put('one', item('a', 1)), put('two', item('b', 1))])
    write([
      {
        ConditionCheck: {
          TableName: 'one',
          Key: { pk: { S: 'a' } },
          ConditionExpression: 'n = :n',
          ExpressionAttributeValues: { ':n': { N: '1' } },
        },
      },
      {
        Update: {
          TableName: 'two',
          Key: { pk: { S: 'b' } },
          UpdateExpression: 'SET n = n + :n',
          ExpressionAttributeValues: { ':n': { N: '4' } },
        },
      },
      { Delete: { TableName: 'two', Key: { pk: { S: 'none' } } } },
    ])
    expect([get('one', 'a'), get('two', 'b')]).toEqual([item('a', 1), item('b', 5)])
  })

  it('writes nothing where one condition fails, and tells of each write what it failed of', () => {
    tables.call('PutItem', { TableName: 'one', Item: item('there', 7) })
    const failing = [
      put('one', item('new')),
      put('one', item('there'), { ...isNew, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
      put('two', item('x'), { ConditionExpression: 'attribute_exists(pk)' }),
      { Update: { TableName: 'two', Key: { pk: { S: 'y' } }, UpdateExpression: 'SET n = absent' } },
    ]
    const refused = () => write(failing)
    expect(refusalOf(refused)).toBe(
      'TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ConditionalCheckFailed, ValidationError]',
    )
    const error = caught(refused)
    expect(error.detail['CancellationReasons']).toEqual([
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: item('there', 7) },
      { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
      { Code: 'ValidationError', Message: 'The provided expression refers to an attribute that does not exist in the item' },
    ])
    expect([get('one', 'new'), get('one', 'there')]).toEqual([undefined, item('there', 7)])
  })

  it('with a token is done once within ten minutes', () => {
    const add = [
      {
        Update: {
          TableName: 'one',
          Key: { pk: { S: 'c' } },
          UpdateExpression: 'ADD n :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        },
      },
    ]
    for (let i = 0; i < 3; i++) write(add, { ClientRequestToken: 't' })
    expect(get('one', 'c')).toEqual(item('c', 1))
    expect(refusalOf(() => write([put('one', item('d'))], { ClientRequestToken: 't' }))).toContain(
      'IdempotentParameterMismatchException',
    )
    tables.clock.advance(11 * 60_000)
    write(add, { ClientRequestToken: 't' })
    expect(get('one', 'c')).toEqual(item('c', 2))
  })

  it('that was refused leaves its token free', () => {
    const conditional = [put('one', item('e'), { ConditionExpression: 'attribute_exists(pk)' })]
    expect(refusalOf(() => write(conditional, { ClientRequestToken: 'u' }))).toContain('TransactionCanceledException')
    tables.call('PutItem', { TableName: 'one', Item: item('e', 1) })
    write(conditional, { ClientRequestToken: 'u' })
    expect(get('one', 'e')).toEqual(item('e'))
  })

  it('is refused as AWS refuses it', () => {
    expect(refusalOf(() => write([put('one', item('a')), put('one', item('a'))]))).toBe(
      'ValidationException: Transaction request cannot include multiple operations on one item',
    )
    expect(refusalOf(() => write([]))).toContain('Member must have length greater than or equal to 1')
    expect(refusalOf(() => write([{}]))).toContain('TransactItems can only contain one of Check, Put, Update or Delete')
    expect(refusalOf(() => write([put('none', item('a'))]))).toBe('ResourceNotFoundException: Requested resource not found')
    expect(refusalOf(() => write(Array.from({ length: 101 }, (_, i) => put('one', item(`k${i}`)))))).toContain(
      'less than or equal to 100',
    )
  })

  it('reads of one moment, with what is not there left out', () => {
    write([put('one', item('a', 1))])
    const Get = (TableName: string, pk: string, more: object = {}) => ({ Get: { TableName, Key: { pk: { S: pk } }, ...more } })
    const TransactItems = [Get('one', 'a', { ProjectionExpression: 'n' }), Get('two', 'none')]
    expect(tables.call('TransactGetItems', { TransactItems, ReturnConsumedCapacity: 'TOTAL' })).toEqual({
      Responses: [{ Item: { n: { N: '1' } } }, {}],
      ConsumedCapacity: [
        { TableName: 'one', CapacityUnits: 2 },
        { TableName: 'two', CapacityUnits: 2 },
      ],
    })
  })
})

function caught(work: () => unknown): WireError {
  try {
    work()
  } catch (error) {
    if (error instanceof WireError) return error
  }
  throw new Error('it was not refused')
}
