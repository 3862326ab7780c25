/**
 * How PostgreSQL carries out the statements that run on large tables, as Markdown: each with its plan, on a server of its own.
 * Run: node_modules/.bin/node bench/postgres-plans.ts [executions]
 */
import { parseAddress } from '../src/store/postgres/address.ts'
import { connect } from '../src/store/postgres/connect.ts'
import { startPostgres } from '../src/store/testing/postgres.ts'
import { fill, planOf, STATEMENTS } from '../src/store/testing/postgres-plans.ts'

const ROWS = Number(process.argv[2] ?? 100_000)

const server = await startPostgres()
const database = await server.newDatabase()
await server.query(fill(ROWS), database)
await server.query('VACUUM ANALYZE', database)
const client = await connect({ address: parseAddress(server.url(database)) })
try {
  console.log(`Of ${ROWS} executions:\n`)
  for (const statement of STATEMENTS) console.log(`### ${statement.name}\n\n\`\`\`\n${await planOf(client, statement)}\n\`\`\`\n`)
} finally {
  await client.end()
  await server.discard()
}
