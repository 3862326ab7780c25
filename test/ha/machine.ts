/**
 * What the machine itself makes wait: timers and writes that do nothing, side by side with those that are judged. Where these are
 * late, nobody else's are in time.
 */
import { Client } from 'pg'

import type { Bed } from './bed/bed.ts'
import { sleep } from './bed/workspace.ts'
import type { Waited } from './checker.ts'

const TICK_MS = 50
const WRITE_EVERY_MS = 100
const ANSWER_MS = 2_000
/** A write of its own that changes no table: it is durable where all are that are committed then. */
const WRITE = `SELECT pg_logical_emit_message(true, 'test/ha', '')`

export async function watchTimers(seen: Waited[], isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const due = Date.now() + TICK_MS
    await sleep(TICK_MS)
    seen.push({ due, lateMs: Math.max(0, Date.now() - due) })
  }
}

/** Each is made again until it is done: whatever is away meanwhile, it is late. */
export async function watchWrites({ database }: Bed, seen: Waited[], isOver: () => boolean): Promise<void> {
  if (!database) return
  let client: Client | undefined
  const isWritten = async () => {
    try {
      client ??= await connect(database.url)
      await client.query(WRITE)
      return true
    } catch {
      discard(client)
      client = undefined
      return false
    }
  }
  while (!isOver()) {
    const due = Date.now()
    while (!(await isWritten()) && !isOver()) await sleep(TICK_MS)
    seen.push({ due, lateMs: Date.now() - due })
    await sleep(WRITE_EVERY_MS)
  }
  discard(client)
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS })
  // A server that goes away says so here too.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    discard(client)
    throw error
  }
}

/** Nobody waits for a server that does not answer. */
const discard = (client: Client | undefined): void => void client?.end().catch(() => {})
