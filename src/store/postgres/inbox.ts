/** Messages that nodes leave each other, and secrets that they share. */
import type { ExecutionKey, Shard } from '../../base/ids.ts'

import { bytes, nullable, row } from '../../sqlite/row.ts'

import type { InboxMessage } from '../contract.ts'
import { arrayOf } from './binary-array.ts'
import type { Query } from './channel.ts'
import { key, text } from './shape.ts'
import { nothing, only, prepared } from './statement.ts'

const PUT = prepared('INSERT INTO inbox (id, key, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', nothing)
/** For each shard by its own part of the index. */
export const MESSAGES = prepared(
  `SELECT id, key, body FROM unnest($1::int4[]) AS wanted (shard) CROSS JOIN LATERAL (
     SELECT place, id, key, body FROM inbox WHERE key % 256 = wanted.shard::int8 AND answer IS NULL ORDER BY place LIMIT $2
   ) AS found ORDER BY place LIMIT $2`,
  row({ id: text, key: key<ExecutionKey>(), body: text }),
)
const ANSWER = prepared('UPDATE inbox SET answer = $2 WHERE id = $1', nothing)
const ANSWER_OF = prepared('SELECT answer FROM inbox WHERE id = $1', only(nullable(text)))
const REMOVE = prepared('DELETE FROM inbox WHERE id = $1', nothing)
const REMOVE_OLD = prepared(`DELETE FROM inbox WHERE at < clock_timestamp() - $1 * interval '1 millisecond'`, nothing)
const KEEP_SECRET = prepared("INSERT INTO secrets (name, secret) VALUES ($1, decode($2, 'hex')) ON CONFLICT DO NOTHING", nothing)
const SECRET = prepared('SELECT secret FROM secrets WHERE name = $1', only(bytes))

export const inboxOperations = (query: Query) => ({
  async putMessage({ id, key, body }: InboxMessage): Promise<void> {
    await query(PUT, id, key, body)
  },
  messages: async (shards: readonly Shard[], limit: number): Promise<readonly InboxMessage[]> =>
    shards.length === 0 ? [] : query(MESSAGES, arrayOf('int4', shards), limit),
  async answerMessage(id: string, answer: string): Promise<void> {
    await query(ANSWER, id, answer)
  },
  messageAnswer: async (id: string): Promise<string | undefined> => (await query(ANSWER_OF, id))[0] ?? undefined,
  async removeMessage(id: string): Promise<void> {
    await query(REMOVE, id)
  },
  async removeOldMessages(ageMs: number): Promise<void> {
    await query(REMOVE_OLD, ageMs)
  },
  async secret(name: string, make: () => Buffer): Promise<Buffer> {
    const [kept] = await query(SECRET, name)
    if (kept) return Buffer.from(kept)
    await query(KEEP_SECRET, name, make().toString('hex'))
    const [secret] = await query(SECRET, name)
    if (!secret) throw new Error(`Assertion failed: the secret ${name} is kept`)
    return Buffer.from(secret)
  },
})
