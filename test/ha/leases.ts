/** Who holds which shard, as the tables of the cluster tell. */
import type { Bed } from './bed/bed.ts'
import { query } from './bed/database.ts'
import type { RegenteNode } from './bed/nodes.ts'
import type { LeaseSeen } from './checker.ts'

/** The node that drives an execution. Undefined: none does just now, or it is not known. */
export async function holderOf({ database, nodes }: Bed, executionArn: string): Promise<RegenteNode | undefined> {
  if (!database) return nodes[0]
  const [row] = await query(
    database.url,
    `SELECT nodes.url FROM executions JOIN shards ON shards.shard = executions.key % 256
     JOIN nodes ON nodes.number = shards.holder WHERE executions.arn = $1`,
    [executionArn],
  )
  return nodes.find(({ peerUrl }) => peerUrl === row?.['url'])
}

/** How many shards each node holds in the life that it has now. */
export async function shardsOf({ database, nodes }: Bed): Promise<ReadonlyMap<RegenteNode, number>> {
  if (!database) return new Map()
  const text = `SELECT url, count(shard) AS shards FROM (SELECT url, max(number) AS number FROM nodes GROUP BY url) AS lives
    LEFT JOIN shards ON holder = number GROUP BY url`
  const rows = await query(database.url, text)
  return new Map(nodes.map((node) => [node, Number(rows.find(({ url }) => url === node.peerUrl)?.['shards'] ?? 0)]))
}

/** Looks at who holds which shard, again and again, and keeps what has changed. */
export class LeaseWatch {
  readonly seen: LeaseSeen[] = []
  readonly #url: string | undefined
  readonly #last = new Map<number, string>()

  constructor({ database }: Bed) {
    this.#url = database?.url
  }

  async look(): Promise<void> {
    if (this.#url === undefined) return
    try {
      const rows = await query(this.#url, 'SELECT shard, holder, epoch FROM shards WHERE holder IS NOT NULL', [], 2_000)
      for (const row of rows) this.#note(Number(row['shard']), String(row['holder']), Number(row['epoch']))
    } catch {
      // The database is down as well.
    }
  }

  #note(shard: number, holder: string, epoch: number): void {
    const now = `${epoch} ${holder}`
    if (this.#last.get(shard) === now) return
    this.#last.set(shard, now)
    this.seen.push({ at: Date.now(), shard, holder, epoch })
  }
}
