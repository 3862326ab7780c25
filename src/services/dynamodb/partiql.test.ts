import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { JsonObject } from '../../base/json.ts'

import { openTables, refusalOf, type TestTables } from './testing/tables.ts'

let tables: TestTables
beforeEach(() => {
  tables = openTables()
  tables.call('CreateTable', {
    TableName: 'music',
    KeySchema: [
      { AttributeName: 'artist', KeyType: 'HASH' },
      { AttributeName: 'song', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['artist', 'song', 'genre'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    BillingMode: 'PAY_PER_REQUEST',
    GlobalSecondaryIndexes: [
      { IndexName: 'by-genre', KeySchema: [{ AttributeName: 'genre', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } },
    ],
  })
  for (const [artist, song, year] of [
    ['a', 'one', 1999],
    ['a', 'two', 2005],
    ['b', 'one', 2010],
  ])
    run(
      `INSERT INTO "music" VALUE {'artist': '${artist}', 'song': '${song}', 'year': ${year}, 'genre': 'rock', 'tags': <<'x', 'y'>>, 'more': {'list': [1, null, true]}}`,
    )
})
afterEach(() => tables.close())

const execute = (Statement: string, more: object = {}): JsonObject => tables.call('ExecuteStatement', { Statement, ...more })
const run = (statement: string, ...Parameters: object[]) =>
  execute(statement, Parameters.length > 0 ? { Parameters } : {})['Items'] as readonly JsonObject[]
const songs = (statement: string, ...parameters: object[]) =>
  run(statement, ...parameters).map((item) => (item['song'] as { S: string }).S)

describe('SELECT', () => {
  it.each([
    [`SELECT * FROM "music" WHERE artist = 'a'`, ['one', 'two']],
    [`SELECT * FROM music WHERE "artist" = 'a' ORDER BY song DESC`, ['two', 'one']],
    [`SELECT * FROM music WHERE artist = 'a' AND song = 'two'`, ['two']],
    [`SELECT * FROM music WHERE artist = 'a' AND begins_with(song, 'o')`, ['one']],
    [`SELECT * FROM music WHERE artist IN ['a', 'c'] AND "year" > 2000`, ['two']],
    [`SELECT * FROM music WHERE "year" BETWEEN 1990 AND 2006 AND NOT song = 'two'`, ['one']],
    [`SELECT * FROM music WHERE artist = 'a' AND (contains(tags, 'z') OR "year" <> 1999)`, ['two']],
    [`SELECT * FROM music WHERE artist = 'b' AND missing IS MISSING AND more.list[1] IS NULL`, ['one']],
    [`SELECT * FROM music WHERE artist = 'b' AND more.list[2] = true AND size(tags) = 2`, ['one']],
    [`SELECT * FROM "music"."by-genre" WHERE genre = 'rock' AND artist = 'b'`, ['one']],
  ])('%s', (statement, found) => expect(songs(statement)).toEqual(found))

  it('shows what is asked for, takes parameters, and pages', () => {
    expect(run(`SELECT song, more.list[0] FROM music WHERE artist = ? AND song = ?`, { S: 'a' }, { S: 'one' })).toEqual([
      { song: { S: 'one' }, more: { M: { list: { L: [{ N: '1' }] } } } },
    ])
    const first = execute(`SELECT * FROM music WHERE artist = 'a'`, { Limit: 1 })
    const { NextToken } = first
    expect([(first['Items'] as unknown[]).length, typeof NextToken]).toEqual([1, 'string'])
    const second = execute(`SELECT * FROM music WHERE artist = 'a'`, { Limit: 2, NextToken })
    expect(second['Items']).toMatchObject([{ song: { S: 'two' } }])
  })
})

describe('INSERT, UPDATE and DELETE', () => {
  it('write one item, and say what it was', () => {
    expect(refusalOf(() => run(`INSERT INTO music VALUE {'artist': 'a', 'song': 'one'}`))).toBe(
      'DuplicateItemException: Duplicate primary key exists in table',
    )
    expect(
      run(
        `UPDATE music SET "year" = "year" + 1 SET tags = set_add(tags, <<'z'>>) REMOVE genre WHERE artist = 'a' AND song = 'one' RETURNING MODIFIED NEW *`,
      ),
    ).toEqual([{ year: { N: '2000' }, tags: { SS: ['x', 'y', 'z'] } }])
    expect(run(`SELECT * FROM "music"."by-genre" WHERE genre = 'rock'`)).toHaveLength(2)
    run(`UPDATE music SET more.list = list_append(more.list, ?) WHERE artist = 'a' AND song = 'one' AND "year" = 2000`, {
      L: [{ S: 'end' }],
    })
    expect(run(`SELECT more.list[3] FROM music WHERE artist = 'a' AND song = 'one'`)).toEqual([
      { more: { M: { list: { L: [{ S: 'end' }] } } } },
    ])
    expect(run(`DELETE FROM music WHERE artist = 'b' AND song = 'one' RETURNING ALL OLD *`)).toMatchObject([
      { year: { N: '2010' } },
    ])
    expect(songs('SELECT * FROM music')).toHaveLength(2)
  })

  it.each([
    [
      `UPDATE music SET x = 1 WHERE artist = 'a'`,
      'ValidationException: Where clause does not contain a mandatory equality on all key attributes',
    ],
    [
      `UPDATE music SET x = 1 WHERE artist = 'n' AND song = 'n'`,
      'ConditionalCheckFailedException: The conditional request failed',
    ],
    [
      `DELETE FROM music WHERE artist = 'a' AND song = 'one' AND "year" = 1`,
      'ConditionalCheckFailedException: The conditional request failed',
    ],
    [`SELECT * FROM none`, 'ResourceNotFoundException: Requested resource not found'],
    [`SELECT * FROM music WHERE artist = ?`, "ValidationException: Number of parameters in request and statement don't match."],
    [`SELECT FROM music`, "ValidationException: Statement wasn't well formed, can't be processed: Unexpected token: music"],
    [`DROP TABLE music`, "ValidationException: Statement wasn't well formed, can't be processed: Unexpected token: DROP"],
    [
      `SELECT * FROM music WHERE ${'('.repeat(3000)}`,
      "ValidationException: Statement wasn't well formed, can't be processed: it is nested too deeply",
    ],
  ])('%s is refused', (statement, refusal) => expect(refusalOf(() => run(statement))).toBe(refusal))
})

describe('several statements', () => {
  it('of a batch succeed or fail by themselves', () => {
    const Statements = [
      { Statement: `INSERT INTO music VALUE {'artist': 'n', 'song': 'n'}` },
      { Statement: `INSERT INTO music VALUE {'artist': 'a', 'song': 'one'}` },
    ]
    expect(tables.call('BatchExecuteStatement', { Statements })).toEqual({
      Responses: [
        { TableName: 'music' },
        { TableName: 'music', Error: { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' } },
      ],
    })
    const reads = [
      { Statement: `SELECT song FROM music WHERE artist = 'n' AND song = 'n'` },
      { Statement: `SELECT * FROM music WHERE artist = 'n'` },
    ]
    expect(tables.call('BatchExecuteStatement', { Statements: reads })).toMatchObject({
      Responses: [{ Item: { song: { S: 'n' } } }, { Error: { Code: 'ValidationError' } }],
    })
  })

  it('of a transaction do all together', () => {
    const statements = (TransactStatements: object[]) => tables.call('ExecuteTransaction', { TransactStatements })
    expect(
      refusalOf(() =>
        statements([
          { Statement: `INSERT INTO music VALUE {'artist': 'n', 'song': 'n'}` },
          { Statement: `EXISTS(SELECT * FROM music WHERE artist = 'a' AND song = 'one' AND "year" = 1)` },
        ]),
      ),
    ).toContain('[None, ConditionalCheckFailed]')
    expect(songs(`SELECT * FROM music WHERE artist = 'n'`)).toEqual([])
    statements([
      { Statement: `DELETE FROM music WHERE artist = 'a' AND song = 'one'` },
      { Statement: `UPDATE music SET x = ? WHERE artist = 'a' AND song = 'two'`, Parameters: [{ N: '1' }] },
    ])
    expect(
      statements([
        { Statement: `SELECT x FROM music WHERE artist = 'a' AND song = 'two'` },
        { Statement: `SELECT x FROM music WHERE artist = 'a' AND song = 'one'` },
      ]),
    ).toEqual({ Responses: [{ Item: { x: { N: '1' } } }, {}] })
  })
})
