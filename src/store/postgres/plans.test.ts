/** No statement reads a large table from end to end: neither as the store asks, nor where the server decides by itself. */
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { asId } from '../../base/id-in-test.ts'
import { ALL_SHARDS } from '../../base/ids.ts'

import type { TurnRecord } from '../contract.ts'
import { isPostgresMissing, needsPostgres, type PostgresServer, startPostgres } from '../testing/postgres.ts'
import { fill, planOf, STATEMENTS } from '../testing/postgres-plans.ts'
import { at, eventsOf, executionOf, firstTurn } from '../testing/records.ts'
import { parseAddress } from './address.ts'
import { connect } from './connect.ts'
import { Fence } from './fence.ts'
import { COMMIT } from './group-commit.ts'
import { argumentsOf, packTurn } from './packed-turns.ts'

const ROWS = 20_000
const WHOLE_TABLE = /Seq Scan on (?:executions|log\w*|map_runs|map_run_log|redrives|inbox)/

describe.skipIf(isPostgresMissing)(needsPostgres('a PostgreSQL server'), () => {
  let server: PostgresServer
  let database: string
  let ours: pg.Client
  beforeAll(async () => {
    server = await startPostgres()
    database = await server.newDatabase()
    ours = await connect({ address: parseAddress(server.url(database)) })
  })
  afterAll(async () => {
    await ours.end()
    await server.discard()
  })

  describe('of a database that is new, and has no statistics', () => {
    test.each(STATEMENTS)('$name: by an index', async (statement) => {
      expect(await planOf(ours, statement)).not.toMatch(WHOLE_TABLE)
    })
  })

  describe(`of ${ROWS} executions`, () => {
    beforeAll(async () => {
      await server.query(fill(ROWS), database)
      await server.query('VACUUM ANALYZE', database)
    })
    test.each(STATEMENTS)('$name: by an index', async (statement) => {
      const plan = await planOf(ours, statement)
      expect(plan).toMatch(/Index/)
      expect(plan).not.toMatch(WHOLE_TABLE)
    })

    test.each(STATEMENTS.filter(({ name }) => /due|busy|ARN|key|machine$|next page|log|history|closed first/.test(name)))(
      '$name: by an index also where the server is free to choose',
      async (statement) => {
        const free = await connect({ address: parseAddress(server.url(database)) })
        await free.query('RESET enable_seqscan; RESET enable_bitmapscan')
        const plan = await planOf(free, statement)
        await free.end()
        expect(plan).not.toMatch(WHOLE_TABLE)
      },
    )

    test('a log is read in the partition of its day alone', async () => {
      for (const { text, values } of STATEMENTS.filter(({ name }) => /a log|a history/.test(name))) {
        const plan = await planOf(ours, { name: '', text, values })
        expect(new Set(plan.match(/(?<= on )log_\w+/g))).toEqual(new Set(['log_moved']))
      }
    })

    test('what is due is read in the order in which it is due, without sorting', async () => {
      for (const statement of STATEMENTS.filter(({ name }) => /due/.test(name)))
        expect(await planOf(ours, statement)).toMatch(/Index (?:Only )?Scan using executions_due/)
      for (const statement of STATEMENTS.filter(({ name }) => /due|newest|busy|page/.test(name)))
        expect(await planOf(ours, statement)).not.toMatch(/Sort/)
    })

    test('a commit touches the rows that it is of', async () => {
      const plans: string[] = []
      const client = await connect({ address: parseAddress(server.url(database)) })
      client.on('notice', ({ message = '' }) => void plans.push(message))
      await client.query(
        `LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
         SET auto_explain.log_level = 'notice'; INSERT INTO nodes (url, alive_until) VALUES ('http://a', now() + interval '1 hour');
         UPDATE shards SET holder = 1, epoch = 1`,
      )
      const fence = new Fence()
      fence.join(1)
      for (const shard of ALL_SHARDS) fence.take(shard, 1)
      const told4 = fence.tell(ALL_SHARDS).values
      for (let round = 0; round < 8; round++) {
        const keys = Array.from({ length: 20 }, (_, i) => 1_000_000 + 20 * round + i)
        const creates = keys.map((key) => packTurn(firstTurn(executionOf(key))))
        const later = (key: number): TurnRecord => ({
          key: asId(key - 20),
          sequence: 2,
          events: eventsOf(1),
          patch: { wakeAt: at(1) },
        })
        const values = argumentsOf(creates, round === 0 ? [] : keys.map((key) => packTurn(later(key))))
        const { rows } = await client.query({ text: COMMIT.text, values: [...told4, ...values], rowMode: 'array' })
        expect(rows).toEqual([['c'.repeat(round === 0 ? 20 : 40)]])
      }
      await client.end()
      const told = plans.join('\n')
      expect(told).toMatch(/Update on executions/)
      expect(told).toMatch(/Index Scan using executions_pkey/)
      expect(told).not.toMatch(WHOLE_TABLE)
      expect(told).not.toMatch(/Hash Join|Merge Join/)
    })
  })
})
